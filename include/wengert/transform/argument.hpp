// What a function is differentiated by, what its derivatives are taken along, and what transforms refuse.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>

namespace wengert {

/// What a transform differentiates by: an Array or a Var of float or double, a number, an xtensor expression of numbers. Other arguments
/// (labels, masks, options) are handed on to the function as they are.
template <class X>
concept Argument = Tensor<X> || (std::floating_point<std::remove_cvref_t<X>> && Real<std::remove_cvref_t<X>>) ||
                   (XtensorExpression<X> && Real<typename std::remove_cvref_t<X>::value_type>);

namespace detail {

template <class X>
struct ArgumentNumber {
  using type = typename X::value_type;
};
template <std::floating_point X>
struct ArgumentNumber<X> {
  using type = X;
};
/// The number type of an argument.
template <class X>
using argument_number = typename ArgumentNumber<std::remove_cvref_t<X>>::type;

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;

/// A point as a tuple of its arguments.
template <class X>
auto packed(const X& x) {
  if constexpr (is_tuple<X>) {
    return std::apply([](const auto&... each) { return std::tie(each...); }, x);
  } else {
    return std::tie(x);
  }
}

template <class Tuple>
inline constexpr bool has_var = false;
template <class... X>
inline constexpr bool has_var<std::tuple<X...>> = (is_var<std::remove_cvref_t<X>> || ...);

template <class Tuple>
inline constexpr std::size_t argument_count = 0;
template <class... X>
inline constexpr std::size_t argument_count<std::tuple<X...>> = ((Argument<X> ? 1 : 0) + ... + 0);

/// The number types of a point's arguments, in their order.
template <class Point>
struct ArgumentNumbers;
template <class... X>
struct ArgumentNumbers<std::tuple<X...>> {
  template <class One>
  static auto number() {
    if constexpr (Argument<One>) {
      return std::tuple<std::type_identity<argument_number<One>>>();
    } else {
      return std::tuple<>();
    }
  }
  using type = decltype(std::tuple_cat(number<X>()...));
};

template <class X>
auto array_of(const X& x) {
  using T = argument_number<X>;
  if constexpr (is_var<X>) {
    return x.value();
  } else {
    return Array<T>(x);
  }
}

/// ShapeError in `who`'s name: not one number, where the derivative of one is asked for.
WENGERT_API void check_one_number(std::string_view who, const Shape& result);
[[noreturn]] WENGERT_API void refuse_foreign_result(std::string_view who);
[[noreturn]] WENGERT_API void refuse_unlisted_parameter(std::string_view name);
/// ShapeError in `who`'s name unless `what` has the shape that it stands for.
WENGERT_API void check_same_shape(std::string_view who, std::string_view what, const Shape& got, const Shape& wanted);
/// The extent of a batch's first axis; ShapeError in `who`'s name for a number.
WENGERT_API std::size_t rows_in(std::string_view who, const Shape& shape);
/// ShapeError in `who`'s name unless it has so many rows.
WENGERT_API void check_batch(std::string_view who, const Shape& shape, std::size_t count);
/// ShapeError in `who`'s name unless there is one for each.
WENGERT_API void check_same_count(std::string_view who, std::string_view what, std::size_t got, std::size_t wanted);

/// A tangent or a cotangent of this shape: of the number type T, or a number, which stands for all elements.
template <Real T, class C>
Array<T> seed_array(std::string_view who, std::string_view what, const C& given, const Shape& shape) {
  Array<T> array;
  if constexpr (std::is_arithmetic_v<C>) {
    array = Array<T>(static_cast<T>(given));
  } else {
    static_assert(std::is_same_v<argument_number<C>, T>, "a tangent has the number type of its argument, a cotangent that of the result: cast<T>() brings one to the other");
    array = array_of(given);
  }
  if (array.shape().empty()) return full<T>(shape, array.item());
  check_same_shape(who, what, array.shape(), shape);
  return array;
}

}  // namespace detail
}  // namespace wengert
