// A parameter's leaf on the tape of a Var.
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

template Var<float> use(const Parameter<float>&, const Var<float>&);
template Var<double> use(const Parameter<double>&, const Var<double>&);

}  // namespace wengert
