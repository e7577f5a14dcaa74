// Mending the text of Graphviz's SVG files.
#pragma once

#include <string>
#include <string_view>

namespace wengert::viz::detail {

/// The drawing with the lines of text in each node centred in it. Graphviz places each line by its left end and the width that it has in a
/// font of this computer, so that in a browser with another font all of them would be off the middle. What does not look as expected
/// stays as it is.
std::string centred_texts(std::string_view svg);

}  // namespace wengert::viz::detail
