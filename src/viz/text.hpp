// Numbers and names as pictures show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <wengert/array/array.hpp>

namespace wengert::viz::detail {

/// Three significant digits, whatever the locale: "0.731", "-12", "1.5e-07".
std::string short_number(double number);

/// An array in a few short lines: its elements where they are few, else mean and range.
std::vector<std::string> summary(const Array<double>& array);

/// A name that a user gave, of one line and at most `longest` characters, as valid UTF-8: control characters and broken bytes are replaced.
std::string shown_name(std::string_view name, std::size_t longest = 40);

}  // namespace wengert::viz::detail
