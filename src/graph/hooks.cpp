// Callbacks that see the cotangents of a backward pass, and may put others in their place.
#include <wengert/graph/tape.hpp>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

using detail::Handle;
using detail::Node;
using detail::NumberType;
using detail::TapeState;

void Tape::hook(const detail::AnyVar& x, std::function<Handle(const Handle&)> callback) {
  TapeState& tape = TapeState::of_tape(*this, "on_gradient");
  const Node& node = TapeState::checked_node("on_gradient", x);
  if (x.head() != &tape) throw GraphError("on_gradient: the Var is of another tape; ask the tape that recorded it");
  if (tape.quiet) throw GraphError("on_gradient: this tape records nothing (Recording::off); use a tape that records");
  if (tape.sweeping) throw GraphError("on_gradient: a backward pass of this tape is on its way; name callbacks before it");
  if (!node.is.differentiable)
    throw GraphError("on_gradient: the Var is a constant or depends on constants alone: \"" + std::string(tape.name_of(node)) + "\" of shape " + to_string(*node.shape) +
                     "; make it of a leaf from tape.variable or tape.use");
  tape.hooks.emplace(x.id(), std::move(callback));
}

Handle Tape::checked_answer(Handle answer) {
  if (!answer) throw GraphError("on_gradient: the callback returned an empty or moved-from Array; return an array of the cotangent's shape, or nothing at all");
  return answer;
}

namespace detail {

Handle hooked(const TapeState& tape, std::uint32_t id, Handle g) {
  const auto [first, last] = tape.hooks.equal_range(id);
  if (first == last) return g;
  const Node& node = tape.node(id);
  const Shape& shape = *node.shape;
  if (g.is_number() && !shape.empty())  // one number for a constant array: callbacks see the array
    g = node.type == NumberType::float32 ? full<float>(shape, g.as<float>()).handle() : full<double>(shape, g.as<double>()).handle();
  for (auto each = first; each != last; ++each) {
    Handle other = each->second(g);
    if (!other) continue;
    if (other.shape() != shape)
      throw ShapeError("on_gradient: the callback for " + std::string(tape.name_of(node)) + (tape.given_name(id).empty() ? "" : " \"" + tape.given_name(id) + "\"") + " returned shape " +
                       to_string(other.shape()) + "; it must be the cotangent's shape " + to_string(shape));
    g = std::move(other);
    if (tape.guarded) check_cotangent(tape, "on_gradient", "the cotangent that a callback returned", id, g);
  }
  return g;
}

}  // namespace detail

}  // namespace wengert
