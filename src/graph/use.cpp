// Parameters, arrays and numbers as leaves of the tape of the Var beside them.
#include <wengert/graph/use.hpp>

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
  return Var<T>(AnyVar::of_node(tape, tape.append_leaf(value, NodeKind::constant, number_type<T>)));
}

template <Real T>
std::vector<Var<T>> on_one_tape(std::string_view who, std::initializer_list<Operand<T>> operands) {
  using Kind = typename Operand<T>::Kind;
  TapeState* tape = nullptr;
  for (const auto& operand : operands) {
    if (operand.kind() != Kind::var) continue;
    TapeState::checked_node(who, operand.var());
    if (tape == nullptr) {
      tape = &TapeState::of(operand.var());
      tape->check_usable(who);
    } else if (tape != &TapeState::of(operand.var())) {
      throw GraphError(std::string(who) + ": the operands are on two tapes; all Vars of an operation must be on one (use value() to carry one over as a constant)");
    }
  }
  if (tape == nullptr) throw GraphError(std::string(who) + ": no operand is on a tape; at least one must be a Var of a tape (tape.variable, tape.constant, tape.use)");
  const std::uint32_t before = tape->used;
  std::vector<Var<T>> vars;
  try {
    vars.reserve(operands.size());
    for (const auto& operand : operands) vars.push_back(operand.kind() == Kind::var ? operand.var() : leaf_for(who, *tape, operand));
  } catch (...) {
    vars.clear();
    tape->truncate(before);
    throw;
  }
  return vars;
}

template Var<float> leaf_for(std::string_view, TapeState&, const Operand<float>&);
template Var<double> leaf_for(std::string_view, TapeState&, const Operand<double>&);
template std::vector<Var<float>> on_one_tape(std::string_view, std::initializer_list<Operand<float>>);
template std::vector<Var<double>> on_one_tape(std::string_view, std::initializer_list<Operand<double>>);

}  // namespace detail

template Var<float> use(const Parameter<float>&, const Var<float>&);
template Var<double> use(const Parameter<double>&, const Var<double>&);

}  // namespace wengert
