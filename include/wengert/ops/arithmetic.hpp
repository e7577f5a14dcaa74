// Arithmetic with broadcasting: operators and functions on any mix of Var, Array, Parameter, number and xtensor expression.
// Operands are aligned at their last axis; extents must be equal or 1 (ShapeError), and each gradient has its operand's shape.
#pragma once

#include <cstddef>
#include <utility>

#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Arithmetic, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Arithmetic, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Piecewise, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Piecewise, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::StrongZero, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::StrongZero, double>(std::size_t place) noexcept;
}  // namespace detail

// The operators take their operands as xtensor's own do, and are more constrained: beside one of our types they win, so that no
// lazy xtensor expression ever refers to a Var.

// ---- operators ----

/// y = a + b.   da = g,   db = g.
template <class A, class B>
  requires Operands<A, B>
auto operator+(A&& a, B&& b) {
  return detail::record_library<cards::Add>(std::forward<A>(a), std::forward<B>(b));
}

/// y = a - b.   da = g,   db = -g.
template <class A, class B>
  requires Operands<A, B>
auto operator-(A&& a, B&& b) {
  return detail::record_library<cards::Subtract>(std::forward<A>(a), std::forward<B>(b));
}

/// y = a b, elementwise.   da = g b,   db = g a.
template <class A, class B>
  requires Operands<A, B>
auto operator*(A&& a, B&& b) {
  return detail::record_library<cards::Multiply>(std::forward<A>(a), std::forward<B>(b));
}

/// y = a / b.   da = g / b,   db = -g a / b^2.   Division by zero follows IEEE.
template <class A, class B>
  requires Operands<A, B>
auto operator/(A&& a, B&& b) {
  return detail::record_library<cards::Divide>(std::forward<A>(a), std::forward<B>(b));
}

/// y = -x.   dx = -g.
template <class X>
  requires Operands<X>
auto operator-(X&& x) {
  return detail::record_library<cards::Negative>(std::forward<X>(x));
}

/// y = x.
template <class X>
  requires Tensor<X>
std::remove_cvref_t<X> operator+(X&& x) {
  return std::forward<X>(x);
}

// ---- functions ----

/// y = -x.   dx = -g.
template <class X>
  requires Operands<X>
auto negative(X&& x) {
  return detail::record_library<cards::Negative>(std::forward<X>(x));
}

/// y = x^2.   dx = g 2 x.
template <class X>
  requires Operands<X>
auto square(X&& x) {
  return detail::record_library<cards::Square>(std::forward<X>(x));
}

/// y = 1 / x.   dx = -g y^2.   At 0: inf of the sign of x, slope -inf.
template <class X>
  requires Operands<X>
auto reciprocal(X&& x) {
  return detail::record_library<cards::Reciprocal>(std::forward<X>(x));
}

/// y = a b + c, rounded once.   da = g b,   db = g a,   dc = g.
template <class A, class B, class C>
  requires Operands<A, B, C>
auto fma(A&& a, B&& b, C&& c) {
  return detail::record_library<cards::Fma>(std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}

/// y = the larger of a and b; NaN if either is.   The gradient goes to the larger, in equal halves at a tie; NaN gives NaN to both.
template <class A, class B>
  requires Operands<A, B>
auto maximum(A&& a, B&& b) {
  return detail::record_library<cards::Maximum>(std::forward<A>(a), std::forward<B>(b));
}

/// y = the smaller of a and b; NaN if either is.   The gradient goes to the smaller, in equal halves at a tie; NaN gives NaN to both.
template <class A, class B>
  requires Operands<A, B>
auto minimum(A&& a, B&& b) {
  return detail::record_library<cards::Minimum>(std::forward<A>(a), std::forward<B>(b));
}

/// y = |x|.   dx = g sign(x), 0 at x = 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto abs(X&& x) {
  return detail::record_library<cards::Abs>(std::forward<X>(x));
}

/// y = -1, 0 or 1.   dx = 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto sign(X&& x) {
  return detail::record_library<cards::Sign>(std::forward<X>(x));
}

namespace detail {
/// ValueError unless lower <= upper.
WENGERT_API void check_clip(double lower, double upper);
}  // namespace detail

/// y = x brought into [lower, upper].   dx = g where lower <= x <= upper, else 0.   NaN in, NaN out. ValueError unless lower <= upper.
template <class X>
  requires Operands<X>
auto clip(X&& x, double lower, double upper) {
  detail::check_clip(lower, upper);
  return detail::record_library<cards::Clip>(detail::Attributes{lower, upper}, std::forward<X>(x));
}

}  // namespace wengert
