// Parameters, arrays and numbers as leaves of the tape of the Var beside them.
#include <wengert/graph/use.hpp>

#include <algorithm>
#include <cstddef>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

template <Real T>
Var<T> use(const Parameter<T>& parameter, const std::type_identity_t<Var<T>>& x) {
  if (x.is_literal()) throw GraphError("use: the Var is a plain number: it is on no tape; give a Var that a tape has made");
  detail::TapeState::checked_node("use", x);
  detail::TapeState& tape = detail::TapeState::of(x);
  tape.check_usable("use");
  return Var<T>(detail::AnyVar::of_node(tape, tape.leaf_of(parameter.state(), detail::number_type<T>)));
}

namespace detail {

void refuse_nothing(std::string_view who) {
  throw GraphError(std::string(who) + ": an operand holds nothing: it was default-constructed or moved from; an array is needed");
}

template <Real T>
Var<T> leaf_for(std::string_view who, TapeState& tape, const Operand<T>& operand) {
  using Kind = typename Operand<T>::Kind;
  if (operand.kind() == Kind::parameter) return Var<T>(AnyVar::of_node(tape, tape.leaf_of(operand.parameter().state(), number_type<T>)));
  if (operand.kind() == Kind::array && operand.array().is_nothing()) refuse_nothing(who);
  const Handle value = operand.kind() == Kind::array ? operand.array().handle() : Handle::number(operand.number());
  return Var<T>(tape.leaf(value, NodeKind::constant, number_type<T>));
}

/// The tape of the first Var, all of which must agree; nullptr where there is none. No operand holds nothing.
template <Real T>
TapeState* tape_of(std::string_view who, std::span<const Operand<T>> operands) {
  using Kind = typename Operand<T>::Kind;
  TapeState* tape = nullptr;
  for (const auto& operand : operands) {
    if (operand.kind() == Kind::array && operand.array().is_nothing()) refuse_nothing(who);
    if (operand.kind() != Kind::var) continue;
    TapeState::checked_node(who, operand.var());
    if (tape == nullptr) {
      tape = &TapeState::of(operand.var());
      tape->check_usable(who);
    } else if (tape != &TapeState::of(operand.var())) {
      throw GraphError(std::string(who) + ": the operands are on two tapes; all Vars of an operation must be on one (use value() to carry one over as a constant)");
    }
  }
  return tape;
}

[[noreturn]] void refuse_no_tape(std::string_view who) {
  throw GraphError(std::string(who) + ": no operand is on a tape; at least one must be a Var of a tape (tape.variable, tape.constant, tape.use)");
}

template <Real T>
void check_one_tape(std::string_view who, std::span<const Operand<T>> operands) {
  if (tape_of(who, operands) != nullptr) return;
  for (const auto& operand : operands)
    if (operand.kind() == Operand<T>::Kind::parameter) refuse_no_tape(who);
}

template <Real T>
void on_one_tape(std::string_view who, std::span<const Operand<T>> operands, Var<T>* vars) {
  TapeState* const tape = tape_of(who, operands);
  if (tape == nullptr) refuse_no_tape(who);
  const std::uint32_t before = tape->used;
  try {
    for (std::size_t i = 0; i < operands.size(); ++i) vars[i] = operands[i].kind() == Operand<T>::Kind::var ? operands[i].var() : leaf_for(who, *tape, operands[i]);
  } catch (...) {
    std::fill_n(vars, operands.size(), Var<T>());
    tape->truncate(before);
    throw;
  }
}

template Var<float> leaf_for(std::string_view, TapeState&, const Operand<float>&);
template Var<double> leaf_for(std::string_view, TapeState&, const Operand<double>&);
template void check_one_tape(std::string_view, std::span<const Operand<float>>);
template void check_one_tape(std::string_view, std::span<const Operand<double>>);
template void on_one_tape(std::string_view, std::span<const Operand<float>>, Var<float>*);
template void on_one_tape(std::string_view, std::span<const Operand<double>>, Var<double>*);

}  // namespace detail

template Var<float> use(const Parameter<float>&, const Var<float>&);
template Var<double> use(const Parameter<double>&, const Var<double>&);

}  // namespace wengert
