// Looking at a recorded graph from outside, node by node: what pictures and tables are made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// One input of a recorded operation: a node, or a plain number.
struct GraphInput {
  std::size_t node = 0;                // position in the list of nodes
  std::optional<double> number = {};  // instead of a node
};

/// One node of a recorded graph.
struct GraphNode {
  std::string operation;  ///< the card's name; "variable", "parameter" or "constant" for leaves
  std::string name;       ///< what the user called it; empty if nothing
  Shape shape;
  std::optional<Array<double>> value;     ///< where the tape still has it
  std::optional<Array<double>> gradient;  ///< where the Gradients have it
  std::vector<GraphInput> inputs;
  bool is_leaf = false;
  std::size_t id = 0;  ///< its place on the tape, as tables and messages count
};

/// The nodes on which `output` depends, itself last, in order of execution; with gradients where `gradients` has them.
WENGERT_API std::vector<GraphNode> graph_of(const detail::AnyVar& output, const Gradients& gradients = {}, std::string_view who = "graph_of");

/// The local derivatives of these nodes of graph_of on their tape, in their order, one Array per input; none of what is no elementwise operation.
WENGERT_API std::vector<std::vector<Array<double>>> local_derivatives_of(Tape& tape, const std::vector<GraphNode>& graph);

/// The line that recorded x, of a tape with {.check = Check::finite}: "train.cpp:12 (in train_step)", or that the program lacks
/// debug information; empty on other tapes, which note no lines, and where the library was built without the means.
WENGERT_API std::string source_line(const detail::AnyVar& x);

/// A table of all that the tape has recorded: id, operation, name, inputs (#id, or a plain number), shape, the bytes that later
/// pullbacks will read, the value where the tape still has it and it has at most four elements, and what backward has consumed.
WENGERT_API std::string to_string(const Tape& tape);

}  // namespace wengert
