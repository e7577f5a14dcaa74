// Parameters and whatever else beside a tensor: for code that is generic over recorded variables and plain arrays.
#pragma once

#include <initializer_list>
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

/// What can be the weights of an operation on X: a tensor or a parameter of the same number type.
template <class W, class X>
concept WeightsOf = (Tensor<W> || detail::is_parameter<std::remove_cvref_t<W>>) && Operands<X, W>;

namespace detail {

/// The operands as Vars of the tape of the first Var among them; GraphError in `who`'s name without one.
template <Real T>
WENGERT_API std::vector<Var<T>> on_one_tape(std::string_view who, std::initializer_list<Operand<T>> operands);

/// GraphError in `who`'s name: an operand holds nothing.
[[noreturn]] WENGERT_API void refuse_nothing(std::string_view who);

/// The shape of an operand, before it is put on a tape. GraphError in `who`'s name where it holds nothing.
template <class X>
Shape operand_shape(std::string_view who, const X& x) {
  if constexpr (std::is_arithmetic_v<X>) {
    return {};
  } else {
    if constexpr (is_var<X> || is_array<X>) {
      if (x.is_nothing()) refuse_nothing(who);
    }
    if constexpr (is_var<X>) {
      if (x.is_literal()) return {};
    }
    return Shape(x.shape().begin(), x.shape().end());
  }
}

/// The operands of one operation as values of one kind: Vars where one of them is a Var or a Parameter, Arrays otherwise.
template <class... X>
  requires Operands<X...>
auto as_tensors(std::string_view who, const X&... x) {
  using T = number_of<X...>;
  if constexpr (is_recorded<X...>) {
    return on_one_tape<T>(who, {Operand<T>(lifted<T>(x))...});
  } else {
    return std::vector<Array<T>>{Array<T>(lifted<T>(x))...};
  }
}

/// Weights as a tensor: themselves, or a parameter's leaf on the tape of the first Var among the other operands, its value where there is none.
template <class W>
decltype(auto) tensor_of(const W& weights) {
  if constexpr (is_parameter<W>) return weights.value(); else return (weights);
}
template <class W, class X, class... More>
decltype(auto) tensor_of(const W& weights, const X& other, const More&... more) {
  if constexpr (is_parameter<W> && is_var<X>) {
    return use(weights, other);
  } else {
    return tensor_of(weights, more...);
  }
}

}  // namespace detail

}  // namespace wengert
