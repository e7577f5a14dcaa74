// What a backward pass asks of its output before it starts, and of what pullbacks return.
#include <optional>
#include <string>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

/// Marks what `output` depends on and finds a node among it that has been consumed.
std::optional<std::uint32_t> consumed_below(const TapeState& tape, std::uint32_t output) {
  PoolVector<std::uint8_t> reached(output + 1, 0);
  reached[output] = 1;
  for (std::uint32_t id = output + 1; id-- > 0;) {
    const Node& node = tape.node(id);
    if (!reached[id] || !node.is.differentiable || node.kind != NodeKind::operation) continue;
    if (node.is.consumed) return id;
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i)) reached[node.inputs()[i]] = 1;
  }
  return std::nullopt;
}

}  // namespace

void check_pulled(std::string_view who, std::size_t i, bool given, const Shape& got, const Shape& wanted, bool number_will_do) {
  if (!given) throw GraphError(std::string(who) + ": the pullback returned nothing for input " + std::to_string(i) + " (an empty or moved-from handle); a cotangent of shape " + to_string(wanted) + " is needed");
  if (got != wanted && !(number_will_do && got.empty()))
    throw ShapeError(std::string(who) + ": the pullback returned shape " + to_string(got) + " for input " + std::to_string(i) + "; it must be the input's shape " + to_string(wanted));
}

Node& check_output(std::string_view who, TapeState& tape, const AnyVar& output, const Shape* cotangent) {
  if (output.is_taped() && output.head() != &tape) throw GraphError(std::string(who) + ": the output is of another tape; call " + std::string(who) + " on the tape that recorded it");
  Node& node = TapeState::checked_node(who, output);
  tape.check_usable(who);
  if (tape.quiet) throw GraphError(std::string(who) + ": this tape records nothing (Recording::off); use a tape that records");
  if (tape.sweeping) throw GraphError(std::string(who) + ": a backward pass of this tape is on its way; a pullback may use another tape, not this one");
  if (cotangent == nullptr && node.shape->elements() != 1)
    throw GraphError(std::string(who) + ": the output is not one number: shape " + to_string(*node.shape) + "; sum it, or give a cotangent of that shape: {.cotangent = c}");
  if (cotangent != nullptr && *cotangent != *node.shape && !cotangent->empty())
    throw ShapeError(std::string(who) + ": the cotangent is not of the output's shape: " + to_string(*cotangent) + "; it must be " + to_string(*node.shape));
  if (tape.any_consumed) {
    if (const auto consumed = consumed_below(tape, output.id()))
      throw GraphError(std::string(who) + ": the saved values of \"" + std::string(tape.name_of(tape.node(*consumed))) +
                       "\" have been consumed by an earlier backward; call that one with {.keep_tape = true}, or record again");
  }
  return node;
}

}  // namespace wengert::detail
