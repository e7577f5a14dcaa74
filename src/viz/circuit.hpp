// A recorded graph as a circuit: its text for Graphviz, and the files that are made of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wengert/graph/inspect.hpp>

namespace wengert::viz::detail {

/// What one picture of a series shows besides; all by a node's place in the graph, and empty where it holds for no node.
struct Step {
  std::vector<std::vector<std::string>> notes = {};  ///< lines that have their room in a node's box
  std::vector<bool> is_hidden = {};                  ///< its gradient has room, and is not shown
  std::optional<std::size_t> highlighted = {};       ///< has a colour of its own, and shows its notes
};

/// Graphviz's text: boxes for operations, and on each line between them value over gradient.
std::string circuit_text(const std::vector<GraphNode>& graph, const Step& step = {});

/// ValueError in `who`'s name for a file that is no .dot, .gv, .svg or .png.
void check_extension(std::string_view who, const std::string& file);
/// ValueError for so many nodes that a drawing, in a file of this name, would take minutes.
void check_drawable(std::string_view who, const std::string& file, std::size_t nodes);
/// Writes the text, or what Graphviz draws of it, as the file's extension says. FileError.
void write_circuit(std::string_view who, const std::string& file, std::string_view text);

}  // namespace wengert::viz::detail
