// A tape as a table that people read.
#include <wengert/graph/inspect.hpp>

#include <ostream>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>

#include "base/source_line.hpp"
#include "base/text_table.hpp"
#include "graph/tape_state.hpp"

namespace wengert {

using detail::Handle;
using detail::Node;
using detail::NodeKind;
using detail::NumberType;
using detail::TapeState;

namespace {

std::string id_text(std::uint32_t id) { return std::string("#").append(std::to_string(id)); }

constexpr std::size_t most_elements = 4;

template <Real T>
std::string elements_of(const Handle& value) {
  const T* const first = static_cast<const T*>(value.address());
  if (value.shape().empty()) return detail::general(static_cast<double>(*first), 6);
  std::string text = "[";
  for (std::size_t i = 0; i < value.elements(); ++i) text.append(i == 0 ? "" : " ").append(detail::general(static_cast<double>(first[i]), 6));
  return text + "]";
}

std::string value_of(const Node& node) {
  if (!node.value || node.value.elements() > most_elements) return {};
  return node.type == NumberType::float32 ? elements_of<float>(node.value) : elements_of<double>(node.value);
}

std::string inputs_of(const Node& node) {
  std::string text;
  for (std::uint32_t i = 0; node.kind == NodeKind::operation && i < node.arity; ++i) {
    if (i > 0) text += ' ';
    text += is_number(node, i) ? detail::general(detail::number_operand(node), 6) : id_text(node.inputs()[i]);
  }
  return text;
}

}  // namespace

std::string to_string(const Tape& tape) {
  const TapeState& state = TapeState::of_tape(tape, "to_string");
  if (state.quiet) throw GraphError("to_string: the tape records nothing: Recording::off; a tape with Recording::on has a table of its nodes");
  detail::TextTable table({"id", "operation", "name", "inputs", "shape", "value", "kept bytes", "consumed"}, 6);
  for (std::uint32_t id = 0; id < state.used; ++id) {
    const Node& node = state.node(id);
    table.add({id_text(id), std::string(state.name_of(node)), state.given_name(id), inputs_of(node), to_string(*node.shape), value_of(node),
               std::to_string(TapeState::kept_bytes(node)), node.is.consumed ? "yes" : "no"});
  }
  return table.text();
}

void Tape::print(std::ostream& out) const { out << to_string(*this); }

std::string source_line(const detail::AnyVar& x) {
  if (x.is_literal()) return {};
  TapeState::checked_node("source_line", x);
  const TapeState& tape = TapeState::of(x);
  return x.id() < tape.stacks.size() ? detail::source_line(tape.stacks[x.id()]) : std::string();
}

}  // namespace wengert
