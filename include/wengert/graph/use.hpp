// Parameters and whatever else beside a tensor: for code that is generic over recorded variables and plain arrays.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// The parameter's leaf on the tape of x, as tape.use(parameter) gives it. GraphError when x is on no tape.
template <Real T>
WENGERT_API Var<T> use(const Parameter<T>& parameter, const std::type_identity_t<Var<T>>& x);

/// Beside a plain array: the parameter's value.
template <Real T>
Array<T> use(const Parameter<T>& parameter, const std::type_identity_t<Array<T>>&) {
  return parameter.value();
}

/// What can be the weights of an operation on X: a tensor or a parameter of the same number type. As in every operation a parameter needs a Var
/// beside it, whose tape it joins (GraphError without one); beside plain arrays name its value(), or use(parameter, x).
template <class W, class X>
concept WeightsOf = (Tensor<W> || detail::is_parameter<std::remove_cvref_t<W>>) && Operands<X, W>;

namespace detail {

/// What compositions ask of their operands before they record anything. GraphError in `who`'s name: one holds nothing, a Var is from before its
/// tape's clear(), the Vars are on two tapes, or there is a Parameter and no tape.
template <Real T>
WENGERT_API void check_one_tape(std::string_view who, std::span<const Operand<T>> operands);

/// The operands as Vars of the tape of the first Var among them; GraphError in `who`'s name without one.
template <Real T>
WENGERT_API void on_one_tape(std::string_view who, std::span<const Operand<T>> operands, Var<T>* vars);

/// GraphError in `who`'s name: an operand holds nothing.
[[noreturn]] WENGERT_API void refuse_nothing(std::string_view who);
template <class X>
void check_not_nothing(std::string_view who, const X& x) {
  if constexpr (is_var<X> || is_array<X>) {
    if (x.is_nothing()) refuse_nothing(who);
  }
}

/// An operand to be checked only: an xtensor expression, which cannot fail there, is not evaluated.
template <Real T, class X>
Operand<T> unread_operand(const X& x) {
  if constexpr (XtensorExpression<X>) return Operand<T>(T(0)); else return Operand<T>(x);
}

/// The same of operands one by one.
template <class... X>
  requires Operands<X...>
void check_operands(std::string_view who, const X&... x) {
  using T = number_of<X...>;
  const Operand<T> operands[] = {unread_operand<T>(x)...};
  check_one_tape<T>(who, operands);
}
/// The same of those in a list.
template <Tensor X>
void check_operands(std::string_view who, std::span<const X> list) {
  using T = typename X::value_type;
  const std::vector<Operand<T>> operands(list.begin(), list.end());
  check_one_tape<T>(who, operands);
}

/// The shape of an operand, which is checked, before it is put on a tape. Labels are operands too.
template <class X>
Shape operand_shape(std::string_view who, const X& x) {
  if constexpr (std::is_arithmetic_v<X>) {
    return {};
  } else {
    if constexpr (is_var<X>) check_operands(who, x); else check_not_nothing(who, x);
    return Shape(x.shape().begin(), x.shape().end());
  }
}

/// The operands of one operation as values of one kind: Vars where one of them is a Var or a Parameter, Arrays otherwise.
template <class... X>
  requires Operands<X...>
auto as_tensors(std::string_view who, const X&... x) {
  using T = number_of<X...>;
  if constexpr (is_recorded<X...>) {
    std::array<Var<T>, sizeof...(X)> vars;
    on_one_tape<T>(who, std::initializer_list<Operand<T>>{Operand<T>(lifted<T>(x))...}, vars.data());
    return vars;
  } else {
    return std::array<Array<T>, sizeof...(X)>{Array<T>(lifted<T>(x))...};
  }
}

}  // namespace detail

}  // namespace wengert
