// Pictures of a recorded graph.
#pragma once

#include <string>

#include <wengert/base/export.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::viz {

/// Draws what `output` was computed from, as a circuit from left to right: each operation with its name, what the user called
/// it, and its shape (a number has none); over the line that leaves it its value, under it the gradient that `gradients` has of it. Small arrays are
/// written out, of large ones mean and range are shown; three significant digits. On a tape that retains everything
/// ({.retain = Retain::everything}) all values and gradients are there, on others what is left.
/// The file's extension chooses the form: .dot is Graphviz's text; .svg and .png are drawn by Graphviz's program `dot`.
/// FileError where the file cannot be written or `dot` is not installed; ValueError for another extension, or for a graph of more
/// than 1,000 nodes that would have to be drawn.
WENGERT_API void write_graph(const std::string& file, const wengert::detail::AnyVar& output, const Gradients& gradients = {});

/// The same as Graphviz's text.
WENGERT_API std::string graph_text(const wengert::detail::AnyVar& output, const Gradients& gradients = {});

}  // namespace wengert::viz
