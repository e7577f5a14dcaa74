// Pictures of a recorded graph, whole and step by step.
#include <wengert/viz/graph.hpp>

#include <vector>

#include "viz/circuit.hpp"

namespace wengert::viz {

std::string graph_text(const wengert::detail::AnyVar& output, const Gradients& gradients) { return detail::circuit_text(graph_of(output, gradients, "graph_text")); }

void write_graph(const std::string& file, const wengert::detail::AnyVar& output, const Gradients& gradients) {
  constexpr std::string_view who = "write_graph";
  detail::check_extension(who, file);
  const auto graph = graph_of(output, gradients, who);
  detail::check_drawable(who, file, graph.size());
  detail::write_circuit(who, file, detail::circuit_text(graph));
}

}  // namespace wengert::viz
