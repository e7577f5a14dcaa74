// The pictures of a backward pass: what is known after each step, and what the step computes.
#include <wengert/viz/frames.hpp>

#include <filesystem>
#include <limits>

#include <wengert/base/errors.hpp>

#include "array/reduce.hpp"
#include "viz/circuit.hpp"
#include "viz/text.hpp"

namespace wengert::viz {

namespace {

constexpr std::string_view who = "write_frames";

/// An array in one line: -4, or (1  2; 3  4).
std::string line_of(const Array<double>& array) {
  const auto lines = detail::summary(array);
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text.append(i == 0 ? "" : "; ").append(lines[i]);
  return array.size() == 1 ? text : std::string("(").append(text).append(")");
}

/// Upstream times local, zero where upstream is, and summed over what the input was stretched along.
Array<double> product(const Array<double>& upstream, const Array<double>& local, const Shape& to) {
  const Array<double> whole = Array<double>::build(upstream.shape(), [&](std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = upstream.data()[i] == 0 ? 0 : upstream.data()[i] * local.data()[i];
  });
  return whole.shape() == to ? whole : Array<double>(wengert::detail::sum_to<double>(whole.handle(), to));
}

/// The lines in an operation's box: for each input that has a gradient, where what comes from here comes from.
std::vector<std::string> notes_of(const std::vector<GraphNode>& graph, std::size_t at, const std::vector<Array<double>>& locals) {
  std::vector<std::string> notes;
  const GraphNode& node = graph[at];
  for (std::size_t i = 0; i < locals.size(); ++i) {
    if (node.inputs[i].number || !graph[node.inputs[i].node].gradient) continue;
    const GraphNode& input = graph[node.inputs[i].node];
    const std::string name = input.name.empty() ? "input " + std::to_string(i) : detail::shown_name(input.name, 12);
    notes.push_back(name + ": " + line_of(*node.gradient) + " \xC3\x97 " + line_of(locals[i]) + " = " + line_of(product(*node.gradient, locals[i], input.shape)));
  }
  return notes;
}

/// f.svg, 3 of at most 12: f_03.svg.
std::string frame_name(const std::string& file, const std::string& extension, std::size_t number, std::size_t last) {
  const std::string digits = std::to_string(number);
  return file.substr(0, file.size() - std::filesystem::path(file).extension().string().size()) + "_" + std::string(std::to_string(last).size() - digits.size(), '0') + digits + extension;
}

}  // namespace

template <Real T>
std::vector<std::string> write_frames(const std::string& file, const Var<T>& output, Tape& tape) {
  const std::string given = std::filesystem::path(file).extension().string(), extension = given.empty() ? ".svg" : given;
  detail::check_extension(who, given.empty() ? file + extension : file);
  if (tape.options().retain != Retain::everything)
    throw GraphError(std::string(who) + ": the tape keeps what backward needs alone; values and gradients of all steps are on a tape with {.retain = Retain::everything}");
  const auto graph = graph_of(output, tape.backward(output), who);
  detail::check_drawable(who, file + extension, graph.size());
  const auto locals = local_derivatives_of(tape, graph);

  // A gradient is known when the first of the operations that read the node, the last one on the way back, has had its step.
  std::vector<std::size_t> first_reader(graph.size(), graph.size());
  for (std::size_t at = graph.size(); at-- > 0;)
    for (const GraphInput& input : graph[at].inputs)
      if (!input.number && graph[at].gradient) first_reader[input.node] = at;
  std::vector<std::size_t> steps;
  for (std::size_t at = graph.size(); at-- > 0;)
    if (!graph[at].is_leaf && graph[at].gradient) steps.push_back(at);

  detail::Step frame{.notes = std::vector<std::vector<std::string>>(graph.size()), .is_hidden = std::vector<bool>(graph.size(), true)};
  for (const std::size_t at : steps) frame.notes[at] = notes_of(graph, at, locals[at]);
  std::vector<std::string> files;
  const auto write = [&] {
    files.push_back(frame_name(file, extension, files.size(), steps.size() + 1));
    detail::write_circuit(who, files.back(), detail::circuit_text(graph, frame));
  };
  write();
  frame.is_hidden.back() = false;
  write();
  for (const std::size_t at : steps) {
    for (std::size_t i = 0; i < graph.size(); ++i)
      if (first_reader[i] == at) frame.is_hidden[i] = false;
    frame.highlighted = at;
    write();
  }
  return files;
}

template std::vector<std::string> write_frames(const std::string&, const Var<float>&, Tape&);
template std::vector<std::string> write_frames(const std::string&, const Var<double>&, Tape&);

}  // namespace wengert::viz
