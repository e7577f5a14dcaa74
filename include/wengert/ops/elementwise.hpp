// Functions of one element: exponentials, roots, trigonometry, activations.
#pragma once

#include <wengert/graph/record.hpp>
#include <wengert/ops/cards/activation.hpp>
#include <wengert/ops/cards/exponential.hpp>
#include <wengert/ops/cards/trigonometric.hpp>

namespace wengert {

namespace detail {
WENGERT_API const TypedRules<float>& family_rules(cards::Exponential, std::size_t place, float) noexcept;
WENGERT_API const TypedRules<double>& family_rules(cards::Exponential, std::size_t place, double) noexcept;
WENGERT_API const TypedRules<float>& family_rules(cards::Trigonometric, std::size_t place, float) noexcept;
WENGERT_API const TypedRules<double>& family_rules(cards::Trigonometric, std::size_t place, double) noexcept;
WENGERT_API const TypedRules<float>& family_rules(cards::Activation, std::size_t place, float) noexcept;
WENGERT_API const TypedRules<double>& family_rules(cards::Activation, std::size_t place, double) noexcept;
}  // namespace detail

// ---- exponentials, logarithms, roots ----

/// y = e^x.   dx = g y.   Overflows to inf above 88.7 (float), 709.7 (double).
template <class X>
  requires Operands<X>
auto exp(const X& x) {
  return record(cards::Exp{}, x);
}

/// y = e^x - 1, exact near 0.   dx = g e^x.
template <class X>
  requires Operands<X>
auto expm1(const X& x) {
  return record(cards::Expm1{}, x);
}

/// y = log x.   dx = g / x.   At 0 and -0: -inf, slope inf. Below 0: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto log(const X& x) {
  return record(cards::Log{}, x);
}

/// y = log(1 + x), exact near 0.   dx = g / (1 + x).   At -1: -inf, slope inf. Below -1: NaN, slope NaN.
template <class X>
  requires Operands<X>
auto log1p(const X& x) {
  return record(cards::Log1p{}, x);
}

/// y = x^(1/2).   dx = g / (2 y).   At 0 and -0 the slope is inf, as in IEEE. Below 0: NaN.
template <class X>
  requires Operands<X>
auto sqrt(const X& x) {
  return record(cards::Sqrt{}, x);
}

/// y = x^(-1/2).   dx = -g y^3 / 2.   At 0: inf, slope -inf. Below 0: NaN.
template <class X>
  requires Operands<X>
auto rsqrt(const X& x) {
  return record(cards::Rsqrt{}, x);
}

// ---- trigonometry ----

/// y = sin x, x in radians.   dx = g cos x.   At +-inf: NaN.
template <class X>
  requires Operands<X>
auto sin(const X& x) {
  return record(cards::Sin{}, x);
}

/// y = cos x, x in radians.   dx = -g sin x.   At +-inf: NaN.
template <class X>
  requires Operands<X>
auto cos(const X& x) {
  return record(cards::Cos{}, x);
}

// ---- activations ----

/// y = tanh x.   dx = g (1 - y^2).   Range [-1, 1]; saturates.
template <class X>
  requires Operands<X>
auto tanh(const X& x) {
  return record(cards::Tanh{}, x);
}

/// y = 1 / (1 + e^-x).   dx = g s(x) s(-x), which stays above 0 where y rounds to 1.   Range [0, 1]; saturates.
template <class X>
  requires Operands<X>
auto sigmoid(const X& x) {
  return record(cards::Sigmoid{}, x);
}

/// y = x / (1 + e^-x), also called swish.   dx = g (s + x s (1 - s)), s = sigmoid x.   Smallest value -0.278 at x = -1.278. At inf: inf,
/// slope 1; at -inf: 0, slope 0. (Elfwing, Uchibe, Doya: Sigmoid-weighted linear units, 2018.)
template <class X>
  requires Operands<X>
auto silu(const X& x) {
  return record(cards::Silu{}, x);
}

/// y = max(0, x).   dx = g where x > 0, else 0: at 0 the gradient is 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto relu(const X& x) {
  return record(cards::Relu{}, x);
}

}  // namespace wengert
