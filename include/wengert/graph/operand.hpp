// What may stand beside a Var in an operation: a Var, a Parameter, an Array, a number, an xtensor expression.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

namespace detail {

template <class X>
struct NumberOf {
  using type = void;
};
template <Real T>
struct NumberOf<Var<T>> {
  using type = T;
};
template <Real T>
struct NumberOf<Array<T>> {
  using type = T;
};
template <Real T>
struct NumberOf<Parameter<T>> {
  using type = T;
};

template <class X>
using number_of_one = typename NumberOf<std::remove_cvref_t<X>>::type;

/// The one number type among these, void if there are none or several.
template <class... X>
struct CommonNumber {
  using type = void;
};
template <class X>
struct CommonNumber<X> {
  using type = number_of_one<X>;
};
template <class X, class Y, class... More>
struct CommonNumber<X, Y, More...> {
  using first = number_of_one<X>;
  using rest = typename CommonNumber<Y, More...>::type;
  using type = std::conditional_t<std::is_void_v<first>, rest, std::conditional_t<std::is_void_v<rest> || std::is_same_v<first, rest>, first, void>>;
};

template <class... X>
using number_of = typename CommonNumber<X...>::type;

template <class X>
inline constexpr bool is_var = false;
template <Real T>
inline constexpr bool is_var<Var<T>> = true;
template <class X>
inline constexpr bool is_array = false;
template <Element T>
inline constexpr bool is_array<Array<T>> = true;
template <class X>
inline constexpr bool is_parameter = false;
template <Real T>
inline constexpr bool is_parameter<Parameter<T>> = true;

/// An xtensor expression whose numbers are T, or integers.
template <class X, class T>
concept ExpressionOf = XtensorExpression<X> && (std::is_same_v<typename std::remove_cvref_t<X>::value_type, T> || std::is_integral_v<typename std::remove_cvref_t<X>::value_type>);

/// Whether X can stand in an operation of number type T.
template <class X, class T>
inline constexpr bool fits_operation = std::is_same_v<number_of_one<X>, T> || std::is_arithmetic_v<std::remove_cvref_t<X>> || ExpressionOf<X, T>;

}  // namespace detail

/// A value that is, or can be, differentiated: what a function generic over plain arrays and recorded variables takes.
template <class X>
concept Tensor = detail::is_var<std::remove_cvref_t<X>> || (detail::is_array<std::remove_cvref_t<X>> && Real<typename std::remove_cvref_t<X>::value_type>);

/// Operands of one operation: at least one is a Var, an Array or a Parameter, all of one number type; beside them numbers and
/// xtensor expressions.
template <class... X>
concept Operands = Real<detail::number_of<X...>> && (detail::fits_operation<X, detail::number_of<X...>> && ...);

/// An operand as an operation sees it, for the length of the call.
template <Real T>
class Operand {
 public:
  enum class Kind : std::uint8_t { var, parameter, array, number };

  Operand(const Var<T>& var) noexcept : kind_(var.is_literal() ? Kind::number : Kind::var), what_(&var) {  // NOLINT: implicit by design
    if (var.is_literal()) number_ = var.template literal<T>();
  }
  /// A Var that the operation may take over: what nobody else names or reads may then be written over.
  Operand(Var<T>&& var) noexcept : Operand(static_cast<const Var<T>&>(var)) { is_taken_ = true; }  // NOLINT
  Operand(const Parameter<T>& parameter) noexcept : kind_(Kind::parameter), what_(&parameter) {}  // NOLINT
  Operand(const Array<T>& array) noexcept : kind_(Kind::array), what_(&array) {}                  // NOLINT
  template <class N>
    requires std::is_arithmetic_v<N>
  Operand(N number) noexcept : kind_(Kind::number), number_(static_cast<T>(number)) {}  // NOLINT

  Kind kind() const noexcept { return kind_; }
  /// Whether var() may be moved from.
  bool is_taken() const noexcept { return is_taken_; }
  const Var<T>& var() const noexcept { return *static_cast<const Var<T>*>(what_); }
  const Parameter<T>& parameter() const noexcept { return *static_cast<const Parameter<T>*>(what_); }
  const Array<T>& array() const noexcept { return *static_cast<const Array<T>*>(what_); }
  T number() const noexcept { return number_; }

 private:
  Kind kind_;
  bool is_taken_ = false;
  const void* what_ = nullptr;
  T number_ = 0;
};

namespace detail {

/// An operand as it can be handed on for the length of a call: itself, or the evaluated array of an xtensor expression.
template <Real T, class X>
decltype(auto) lifted(X&& x) {
  if constexpr (XtensorExpression<X>) {
    return Array<T>(x);
  } else if constexpr (std::is_arithmetic_v<std::remove_cvref_t<X>>) {
    return static_cast<T>(x);
  } else {
    return std::forward<X>(x);
  }
}

/// The array of a value, on a tape or not.
template <Real T>
Array<T> value_of(const Var<T>& x) {
  return x.value();
}
template <Real T>
const Array<T>& value_of(const Array<T>& x) {
  return x;
}

/// Whether an operation on these is recorded (a Var or a Parameter is among them) or evaluated at once.
template <class... X>
inline constexpr bool is_recorded = ((is_var<std::remove_cvref_t<X>> || is_parameter<std::remove_cvref_t<X>>) || ...);

}  // namespace detail
}  // namespace wengert
