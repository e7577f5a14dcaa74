// Comparisons: where a relation holds, as an array of bool. Never differentiated; NaN compares false, except that it is unequal.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// Where a comparison of Vars holds: an Array<bool> that remembers the tape, so that where(x > Var(0), Var(1), Var(0)) has one to
/// put its numbers on.
template <Real T>
class Mask {
 public:
  Mask(Array<bool> values, Var<T> compared) noexcept : values_(std::move(values)), compared_(std::move(compared)) {}

  const Array<bool>& values() const noexcept { return values_; }
  operator const Array<bool>&() const noexcept { return values_; }  // NOLINT: implicit by design
  /// One of the Vars that were compared.
  const Var<T>& compared() const noexcept { return compared_; }

 private:
  Array<bool> values_;
  Var<T> compared_;
};

namespace detail {

enum class Relation : std::uint8_t { greater, less, equal, greater_equal, less_equal, not_equal };

/// The name of the function that says where it holds.
WENGERT_API std::string_view name_of(Relation relation) noexcept;
/// Where `a relation b` holds, both stretched to one shape; ShapeError where they cannot be. T is float, double or int64.
template <class T>
WENGERT_API Array<bool> compared(Relation relation, const Array<T>& a, const Array<T>& b);

template <class X>
inline constexpr bool is_integer_array = std::is_same_v<std::remove_cvref_t<X>, Array<std::int64_t>>;
template <class X>
inline constexpr bool fits_integers = is_integer_array<X> || std::integral<std::remove_cvref_t<X>>;

/// The elements of an operand of a comparison; GraphError where it holds nothing.
template <Element T, class X>
Array<T> values_of(Relation relation, const X& x) {
  check_not_nothing(name_of(relation), x);
  if constexpr (is_var<X> || is_parameter<X>) {
    return x.value();
  } else if constexpr (std::is_arithmetic_v<X>) {
    return Array<T>(static_cast<T>(x));
  } else {
    return Array<T>(x);
  }
}

template <class A, class B>
auto comparison(Relation relation, const A& a, const B& b) {
  if constexpr (is_integer_array<A> || is_integer_array<B>) {
    return compared<std::int64_t>(relation, values_of<std::int64_t>(relation, a), values_of<std::int64_t>(relation, b));
  } else {
    using T = number_of<A, B>;
    Array<bool> holds = compared<T>(relation, values_of<T>(relation, a), values_of<T>(relation, b));
    if constexpr (is_var<A> && is_var<B>) {
      return Mask<T>(std::move(holds), a.is_taped() ? a : b);
    } else if constexpr (is_var<A>) {
      return Mask<T>(std::move(holds), a);
    } else if constexpr (is_var<B>) {
      return Mask<T>(std::move(holds), b);
    } else {
      return holds;
    }
  }
}

}  // namespace detail

/// What can be compared: operands of one operation, or integer arrays with one another and with integers.
template <class A, class B>
concept Comparable = Operands<A, B> || (detail::fits_integers<A> && detail::fits_integers<B> && (detail::is_integer_array<A> || detail::is_integer_array<B>));

/// The same with operators: Parameters left out, for which == means the same parameter.
template <class A, class B>
concept ComparableByOperator = Comparable<A, B> && !detail::is_parameter<std::remove_cvref_t<A>> && !detail::is_parameter<std::remove_cvref_t<B>>;

// ---- by name ----

/// Where a > b: an Array<bool>, a Mask where a Var is compared. Operands are stretched as in arithmetic; ShapeError.
template <class A, class B>
  requires Comparable<A, B>
auto greater(const A& a, const B& b) {
  return detail::comparison(detail::Relation::greater, a, b);
}

/// Where a < b.
template <class A, class B>
  requires Comparable<A, B>
auto less(const A& a, const B& b) {
  return detail::comparison(detail::Relation::less, a, b);
}

/// Where a = b; nowhere where either is NaN.
template <class A, class B>
  requires Comparable<A, B>
auto equal(const A& a, const B& b) {
  return detail::comparison(detail::Relation::equal, a, b);
}

/// Where a >= b.
template <class A, class B>
  requires Comparable<A, B>
auto greater_equal(const A& a, const B& b) {
  return detail::comparison(detail::Relation::greater_equal, a, b);
}

/// Where a <= b.
template <class A, class B>
  requires Comparable<A, B>
auto less_equal(const A& a, const B& b) {
  return detail::comparison(detail::Relation::less_equal, a, b);
}

/// Where a and b differ; everywhere where either is NaN.
template <class A, class B>
  requires Comparable<A, B>
auto not_equal(const A& a, const B& b) {
  return detail::comparison(detail::Relation::not_equal, a, b);
}

// ---- operators, element by element; taken as xtensor takes its own, and more constrained, so that beside our types these win ----

/// What the functions above say: a > b is greater(a, b).
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator>(A&& a, B&& b) {
  return detail::comparison(detail::Relation::greater, a, b);
}
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator<(A&& a, B&& b) {
  return detail::comparison(detail::Relation::less, a, b);
}
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator==(A&& a, B&& b) {
  return detail::comparison(detail::Relation::equal, a, b);
}
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator>=(A&& a, B&& b) {
  return detail::comparison(detail::Relation::greater_equal, a, b);
}
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator<=(A&& a, B&& b) {
  return detail::comparison(detail::Relation::less_equal, a, b);
}
template <class A, class B>
  requires ComparableByOperator<A, B>
auto operator!=(A&& a, B&& b) {
  return detail::comparison(detail::Relation::not_equal, a, b);
}

}  // namespace wengert
