// Elementwise functions: exponentials, powers, trigonometry, activations.
#pragma once

#include <utility>

#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

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

// ---- activations ----

/// y = tanh x.   dx = g (1 - y^2).   Range [-1, 1]; saturates.
template <class X>
  requires Operands<X>
auto tanh(X&& x) {
  return detail::record_library<cards::Tanh>(std::forward<X>(x));
}

/// y = 1 / (1 + e^-x).   dx = g s(x) s(-x), which stays above 0 where y rounds to 1.   Range [0, 1]; saturates.
template <class X>
  requires Operands<X>
auto sigmoid(X&& x) {
  return detail::record_library<cards::Sigmoid>(std::forward<X>(x));
}

/// y = x / (1 + e^-x), also called swish.   dx = g (s + x s (1 - s)), s = sigmoid x.   Smallest value -0.278 at x = -1.278. At inf: inf,
/// slope 1; at -inf: 0, slope 0. (Elfwing, Uchibe, Doya: Sigmoid-weighted linear units, 2018.)
template <class X>
  requires Operands<X>
auto silu(X&& x) {
  return detail::record_library<cards::Silu>(std::forward<X>(x));
}

/// y = max(0, x).   dx = g where x > 0, else 0: at 0 the gradient is 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto relu(X&& x) {
  return detail::record_library<cards::Relu>(std::forward<X>(x));
}

}  // namespace wengert
