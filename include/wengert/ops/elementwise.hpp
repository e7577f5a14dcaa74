// Elementwise functions: exponentials, powers, trigonometry, special functions. Those of neural networks: activation.hpp.
#pragma once

#include <cstdint>
#include <cstddef>
#include <utility>

#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Exponential, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Exponential, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Trigonometric, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Trigonometric, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Hyperbolic, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Hyperbolic, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Special, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Special, double>(std::size_t place) noexcept;
}  // namespace detail

// ---- exponentials, logarithms, powers, roots ----

/// y = e^x.   dx = g y.   Overflows to inf above 88.7 (float), 709.7 (double).
template <class X>
  requires Operands<X>
auto exp(X&& x) {
  return detail::record_library<cards::Exp>(std::forward<X>(x));
}

/// y = e^x - 1, exact near 0.   dx = g e^x.
template <class X>
  requires Operands<X>
auto expm1(X&& x) {
  return detail::record_library<cards::Expm1>(std::forward<X>(x));
}

/// y = 2^x.   dx = g y log 2.   Overflows to inf from 128 (float), 1024 (double).
template <class X>
  requires Operands<X>
auto exp2(X&& x) {
  return detail::record_library<cards::Exp2>(std::forward<X>(x));
}

/// y = log x.   dx = g / x.   At 0 and -0: -inf, slope inf. Below 0: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto log(X&& x) {
  return detail::record_library<cards::Log>(std::forward<X>(x));
}

/// y = log(1 + x), exact near 0.   dx = g / (1 + x).   At -1: -inf, slope inf. Below -1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto log1p(X&& x) {
  return detail::record_library<cards::Log1p>(std::forward<X>(x));
}

/// y = log x / log 2.   dx = g / (x log 2).   Edges as log.
template <class X>
  requires Operands<X>
auto log2(X&& x) {
  return detail::record_library<cards::Log2>(std::forward<X>(x));
}

/// y = log x / log 10.   dx = g / (x log 10).   Edges as log.
template <class X>
  requires Operands<X>
auto log10(X&& x) {
  return detail::record_library<cards::Log10>(std::forward<X>(x));
}

/// y = a log b, and 0 where a = 0, whatever b.   da = g log b,   db = g a / b.   At a = 0 a slope that is not finite is 0.
template <class A, class B>
  requires Operands<A, B>
auto xlogy(A&& a, B&& b) {
  return detail::record_library<cards::Xlogy>(std::forward<A>(a), std::forward<B>(b));
}

/// y = a^b.   da = g b a^(b-1),   db = g y log a.   Values as IEEE pow: pow(x, 0) = 1 and pow(1, y) = 1 also for NaN. The gradient
/// in a is 0 where b = 0; the gradient in b at a = 0 is 0 for b >= 0; for a < 0 it is NaN.
template <class A, class B>
  requires Operands<A, B>
auto pow(A&& a, B&& b) {
  return detail::record_library<cards::Pow>(std::forward<A>(a), std::forward<B>(b));
}

/// y = x^(1/2).   dx = g / (2 y).   At 0 and -0 the slope is inf, as in IEEE. Below 0: NaN.
template <class X>
  requires Operands<X>
auto sqrt(X&& x) {
  return detail::record_library<cards::Sqrt>(std::forward<X>(x));
}

/// y = x^(-1/2).   dx = -g y^3 / 2.   At 0: inf, slope -inf. Below 0: NaN.
template <class X>
  requires Operands<X>
auto rsqrt(X&& x) {
  return detail::record_library<cards::Rsqrt>(std::forward<X>(x));
}

/// y = the real cube root of x.   dx = g / (3 y^2).   At 0 and -0 the slope is inf.
template <class X>
  requires Operands<X>
auto cbrt(X&& x) {
  return detail::record_library<cards::Cbrt>(std::forward<X>(x));
}

// ---- trigonometry ----

/// y = sin x, x in radians.   dx = g cos x.   At +-inf: NaN.
template <class X>
  requires Operands<X>
auto sin(X&& x) {
  return detail::record_library<cards::Sin>(std::forward<X>(x));
}

/// y = cos x, x in radians.   dx = -g sin x.   At +-inf: NaN.
template <class X>
  requires Operands<X>
auto cos(X&& x) {
  return detail::record_library<cards::Cos>(std::forward<X>(x));
}

/// y = tan x, x in radians.   dx = g (1 + y^2).   At +-inf: NaN.
template <class X>
  requires Operands<X>
auto tan(X&& x) {
  return detail::record_library<cards::Tan>(std::forward<X>(x));
}

/// y = asin x, in [-pi/2, pi/2].   dx = g / (1 - x^2)^(1/2).   At +-1 the slope is inf; where |x| > 1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto asin(X&& x) {
  return detail::record_library<cards::Asin>(std::forward<X>(x));
}

/// y = acos x, in [0, pi].   dx = -g / (1 - x^2)^(1/2).   At +-1 the slope is -inf; where |x| > 1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto acos(X&& x) {
  return detail::record_library<cards::Acos>(std::forward<X>(x));
}

/// y = atan x, in [-pi/2, pi/2].   dx = g / (1 + x^2).
template <class X>
  requires Operands<X>
auto atan(X&& x) {
  return detail::record_library<cards::Atan>(std::forward<X>(x));
}

/// y = the angle of the point (b, a) from the positive b axis, in [-pi, pi].   da = g b / (a^2 + b^2),   db = -g a / (a^2 + b^2).   At the
/// origin the value is IEEE's, the slopes NaN.
template <class A, class B>
  requires Operands<A, B>
auto atan2(A&& a, B&& b) {
  return detail::record_library<cards::Atan2>(std::forward<A>(a), std::forward<B>(b));
}

// ---- hyperbolic angles ----

/// y = sinh x.   dx = g cosh x.
template <class X>
  requires Operands<X>
auto sinh(X&& x) {
  return detail::record_library<cards::Sinh>(std::forward<X>(x));
}

/// y = cosh x.   dx = g sinh x.
template <class X>
  requires Operands<X>
auto cosh(X&& x) {
  return detail::record_library<cards::Cosh>(std::forward<X>(x));
}

/// y = asinh x.   dx = g / (x^2 + 1)^(1/2).
template <class X>
  requires Operands<X>
auto asinh(X&& x) {
  return detail::record_library<cards::Asinh>(std::forward<X>(x));
}

/// y = acosh x >= 0.   dx = g / (x^2 - 1)^(1/2).   At 1 the slope is inf; below 1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto acosh(X&& x) {
  return detail::record_library<cards::Acosh>(std::forward<X>(x));
}

/// y = atanh x.   dx = g / (1 - x^2).   At +-1: +-inf, slope inf; where |x| > 1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto atanh(X&& x) {
  return detail::record_library<cards::Atanh>(std::forward<X>(x));
}

// ---- the error function, the gamma function ----

/// y = erf x, the integral of 2 e^(-t^2) / pi^(1/2) from 0 to x.   dx = g 2 e^(-x^2) / pi^(1/2).
template <class X>
  requires Operands<X>
auto erf(X&& x) {
  return detail::record_library<cards::Erf>(std::forward<X>(x));
}

/// y = 1 - erf x, exact where that is small.   dx = -g 2 e^(-x^2) / pi^(1/2).
template <class X>
  requires Operands<X>
auto erfc(X&& x) {
  return detail::record_library<cards::Erfc>(std::forward<X>(x));
}

/// y = log |gamma x|.   dx = g digamma x.   At 0 and the negative integers: inf.
template <class X>
  requires Operands<X>
auto lgamma(X&& x) {
  return detail::record_library<cards::Lgamma>(std::forward<X>(x));
}

/// y = the derivative of lgamma.   dx = g polygamma(1, x).   At 0: -inf, at -0: inf, at the negative integers: NaN.
template <class X>
  requires Operands<X>
auto digamma(X&& x) {
  return detail::record_library<cards::Digamma>(std::forward<X>(x));
}

namespace detail {
/// ValueError unless order >= 0.
WENGERT_API void check_polygamma_order(std::int64_t order);
}  // namespace detail

/// y = the derivative of digamma of this order, 0 being digamma itself.   dx = g polygamma(order + 1, x).   At 0 and the negative integers: inf
/// for odd orders; for even ones -inf at 0, inf at -0, NaN at the negative integers. ValueError for a negative order.
template <class X>
  requires Operands<X>
auto polygamma(std::int64_t order, X&& x) {
  detail::check_polygamma_order(order);
  return detail::record_library<cards::Polygamma>(detail::Attributes{static_cast<double>(order)}, std::forward<X>(x));
}

}  // namespace wengert
