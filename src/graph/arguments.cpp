// What a transform of a function on a tape needs beside passes: nodes for its arguments, and a way back when it fails.
#include <wengert/base/errors.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/record.hpp>

#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

/// y = x.   dx = g.   A value under a second id: what depends on y is told from what depends on x by other ways.
struct Argument {
  static constexpr std::string_view name = "argument";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;

  template <class T>
  Array<T> forward(Inputs<T> in) const {
    return in[0];
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return s.g;
  }
};

template <Real T>
AnyVar argument_of(const Var<T>& x, const Node& node, TapeState& tape) {
  if (node.is.differentiable) return record(Argument{}, x);
  return tape.leaf(node.value, NodeKind::variable, number_type<T>);
}

}  // namespace

AnyVar argument(std::string_view who, const AnyVar& x) {
  const Node& node = TapeState::checked_node(who, x);
  TapeState& tape = TapeState::of(x);
  tape.check_usable(who);
  if (!node.value) tape.compute_postponed(x.id());
  return node.type == NumberType::float32 ? argument_of(Var<float>(x), node, tape) : argument_of(Var<double>(x), node, tape);
}

template <Real T>
Var<T> leaf_beside(const AnyVar& x, Array<T> value, NodeKind kind) {
  return Var<T>(TapeState::of(x).leaf(std::move(value).handle(), kind, number_type<T>));
}

TapeHead& tape_of_all(std::string_view who, std::span<const AnyVar* const> vars) {
  TapeState* tape = nullptr;
  for (const AnyVar* var : vars) {
    TapeState::checked_node(who, *var);
    if (tape != nullptr && tape != &TapeState::of(*var))
      throw GraphError(std::string(who) + ": the arguments are on two tapes; all Vars must be on one (use value() to carry one over as a constant)");
    tape = &TapeState::of(*var);
    tape->check_usable(who);
  }
  if (tape == nullptr) throw GraphError(std::string(who) + ": no argument is on a tape; give Arrays, or Vars of a tape");
  return *tape;
}

void check_still_there(std::string_view who, const AnyVar& x) {
  if (!x.head()->is_alive() || x.generation() != x.head()->generation)
    throw GraphError(std::string(who) + ": the tape was cleared or ended within the function; do so afterwards");
}

bool is_differentiable(const AnyVar& x) noexcept { return x.is_taped() && x.head()->node(x.id()).is.differentiable; }

void hold_other_parameters(Tape& tape) { TapeState::of(tape.head()).holds_parameters = true; }

Attempt::Attempt(TapeHead& tape) noexcept : tape_(tape), first_(tape.used), generation_(tape.generation) {}

Attempt::~Attempt() {
  if (!is_kept_) forget_nodes(tape_, generation_, first_);
}

template Var<float> leaf_beside(const AnyVar&, Array<float>, NodeKind);
template Var<double> leaf_beside(const AnyVar&, Array<double>, NodeKind);

}  // namespace wengert::detail
