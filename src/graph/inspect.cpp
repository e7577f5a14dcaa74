// A recorded graph as a list that anybody can read: nodes, edges, values, gradients.
#include <wengert/graph/inspect.hpp>

#include <algorithm>
#include <string>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

namespace {

using detail::AnyVar;
using detail::Handle;
using detail::Node;
using detail::NodeKind;
using detail::NumberType;
using detail::TapeState;

Array<double> as_doubles(const Handle& held, NumberType type) {
  if (type == NumberType::float64) return Array<double>(held);
  const Array<float> narrow(held);
  return Array<double>::build(narrow.shape(), [&](std::span<double> out) { std::copy(narrow.begin(), narrow.end(), out.begin()); });
}

template <Real T>
std::optional<Array<double>> gradient_of(const AnyVar& any, const Gradients& gradients, NumberType type) {
  if (!gradients.contains(any)) return std::nullopt;
  return as_doubles(gradients[Var<T>(any)].handle(), type);
}

}  // namespace

std::vector<GraphNode> graph_of(const AnyVar& output, const Gradients& gradients, std::string_view who) {
  if (output.is_literal()) throw GraphError(std::string(who) + ": the Var is a plain number: it is on no tape; name the result of an operation");
  TapeState::checked_node(who, output);
  TapeState& tape = TapeState::of(output);
  tape.check_usable(who);
  if (tape.quiet) throw GraphError(std::string(who) + ": the tape records nothing: Recording::off; record the graph on a tape with Recording::on");

  // Inputs stand before what uses them: one walk back marks what the output depends on.
  std::vector<std::uint8_t> reached(output.id() + 1, 0);
  reached[output.id()] = 1;
  for (std::uint32_t id = output.id() + 1; id-- > 0;) {
    const Node& node = tape.node(id);
    if (reached[id] == 0 || node.kind != NodeKind::operation) continue;
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i)) reached[node.inputs()[i]] = 1;
  }

  std::vector<GraphNode> graph;
  std::vector<std::size_t> position(output.id() + 1, 0);
  for (std::uint32_t id = 0; id <= output.id(); ++id) {
    if (reached[id] == 0) continue;
    const Node& node = tape.node(id);
    GraphNode shown;
    shown.operation = tape.name_of(node);
    shown.name = tape.given_name(id);
    shown.shape = *node.shape;
    shown.id = id;
    shown.is_leaf = node.kind != NodeKind::operation;
    if (node.value) shown.value = as_doubles(node.value, node.type);
    const AnyVar handle = AnyVar::of_node(tape, id);
    shown.gradient = node.type == NumberType::float32 ? gradient_of<float>(handle, gradients, node.type) : gradient_of<double>(handle, gradients, node.type);
    for (std::uint32_t i = 0; node.kind == NodeKind::operation && i < node.arity; ++i) {
      if (is_number(node, i)) {
        shown.inputs.push_back({.node = 0, .number = detail::number_operand(node)});
      } else {
        shown.inputs.push_back({.node = position[node.inputs()[i]], .number = std::nullopt});
      }
    }
    position[id] = graph.size();
    graph.push_back(std::move(shown));
  }
  return graph;
}

std::vector<std::vector<Array<double>>> local_derivatives_of(Tape& tape, const std::vector<GraphNode>& graph) {
  TapeState& state = TapeState::of_tape(tape, "local_derivatives_of");
  std::vector<std::vector<Array<double>>> all(graph.size());
  for (std::size_t i = 0; i < graph.size(); ++i) {
    if (graph[i].id >= state.used) throw GraphError("local_derivatives_of: the graph is not of this tape, or of before its clear(); ask with a new graph_of");
    const auto id = static_cast<std::uint32_t>(graph[i].id);
    const Node& node = state.node(id);
    if (node.kind != NodeKind::operation || !node.rules->is_elementwise) continue;
    if (node.type == NumberType::float32) {
      for (const auto& local : tape.local_derivatives(Var<float>(AnyVar::of_node(state, id)))) all[i].push_back(as_doubles(local.handle(), node.type));
    } else {
      all[i] = tape.local_derivatives(Var<double>(AnyVar::of_node(state, id)));
    }
  }
  return all;
}

}  // namespace wengert
