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
};

/// The nodes on which `output` depends, itself last, in order of execution; with gradients where `gradients` has them.
WENGERT_API std::vector<GraphNode> graph_of(const detail::AnyVar& output, const Gradients& gradients = {}, std::string_view who = "graph_of");

}  // namespace wengert
