// Arithmetic with broadcasting: operators and functions on any mix of Var, Array, Parameter, number and xtensor expression.
// Operands are aligned at their last axis; extents must be equal or 1 (ShapeError), and each gradient has its operand's shape.
#pragma once

#include <wengert/graph/record.hpp>
#include <wengert/ops/cards/arithmetic.hpp>

namespace wengert {

namespace detail {
WENGERT_API const TypedRules<float>& family_rules(cards::Arithmetic, std::size_t place, float) noexcept;
WENGERT_API const TypedRules<double>& family_rules(cards::Arithmetic, std::size_t place, double) noexcept;
}  // namespace detail

// The operators take their operands as xtensor's own do, and are more constrained: beside one of our types they win, so that no
// lazy xtensor expression ever refers to a Var.

// ---- operators ----

/// y = a + b.   da = g,   db = g.
template <class A, class B>
  requires Operands<A, B>
auto operator+(A&& a, B&& b) {
  return record(cards::Add{}, a, b);
}

/// y = a - b.   da = g,   db = -g.
template <class A, class B>
  requires Operands<A, B>
auto operator-(A&& a, B&& b) {
  return record(cards::Subtract{}, a, b);
}

/// y = a b, elementwise.   da = g b,   db = g a.
template <class A, class B>
  requires Operands<A, B>
auto operator*(A&& a, B&& b) {
  return record(cards::Multiply{}, a, b);
}

/// y = a / b.   da = g / b,   db = -g a / b^2.   Division by zero follows IEEE.
template <class A, class B>
  requires Operands<A, B>
auto operator/(A&& a, B&& b) {
  return record(cards::Divide{}, a, b);
}

/// y = -x.   dx = -g.
template <class X>
  requires Operands<X>
auto operator-(X&& x) {
  return record(cards::Negative{}, x);
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
auto negative(const X& x) {
  return record(cards::Negative{}, x);
}

/// y = x^2.   dx = g 2 x.
template <class X>
  requires Operands<X>
auto square(const X& x) {
  return record(cards::Square{}, x);
}

/// y = 1 / x.   dx = -g y^2.   At 0: inf of the sign of x, slope -inf.
template <class X>
  requires Operands<X>
auto reciprocal(const X& x) {
  return record(cards::Reciprocal{}, x);
}

/// y = a^b.   da = g b a^(b-1),   db = g y log a.   Values as IEEE pow: pow(x, 0) = 1 and pow(1, y) = 1 also for NaN. The gradient
/// in a is 0 where b = 0; the gradient in b at a = 0 is 0 for b >= 0; for a < 0 it is NaN.
template <class A, class B>
  requires Operands<A, B>
auto pow(const A& a, const B& b) {
  return record(cards::Pow{}, a, b);
}

/// y = the larger of a and b; NaN if either is.   The gradient goes to the larger, in equal halves at a tie; NaN gives NaN to both.
template <class A, class B>
  requires Operands<A, B>
auto maximum(const A& a, const B& b) {
  return record(cards::Maximum{}, a, b);
}

/// y = the smaller of a and b; NaN if either is.   The gradient goes to the smaller, in equal halves at a tie; NaN gives NaN to both.
template <class A, class B>
  requires Operands<A, B>
auto minimum(const A& a, const B& b) {
  return record(cards::Minimum{}, a, b);
}

/// y = |x|.   dx = g sign(x), 0 at x = 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto abs(const X& x) {
  return record(cards::Abs{}, x);
}

/// y = -1, 0 or 1.   dx = 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto sign(const X& x) {
  return record(cards::Sign{}, x);
}

/// For the slopes of the strong zero's cards: `value`, but 0 where `factor` is 0 and value is not finite, so that their product is 0
/// there.   dvalue = g or 0,   dfactor = 0.
template <Real T>
Var<T> guarded(const Var<T>& value, const Var<T>& factor) {
  return record(cards::Guarded{}, value, factor);
}

namespace detail {
/// ValueError unless lower <= upper.
WENGERT_API void check_clip(double lower, double upper);
}  // namespace detail

/// y = x brought into [lower, upper].   dx = g where lower <= x <= upper, else 0.   NaN in, NaN out. ValueError unless lower <= upper.
template <class X>
  requires Operands<X>
auto clip(const X& x, double lower, double upper) {
  detail::check_clip(lower, upper);
  cards::Clip card;
  card.lower = lower;
  card.upper = upper;
  return record(card, x);
}

}  // namespace wengert
