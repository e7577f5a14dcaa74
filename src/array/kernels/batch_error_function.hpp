// The error function, the normal distribution and what is taken for it, on a batch.
#pragma once

#include "array/kernels/batch_exponential.hpp"

namespace wengert::detail {
namespace {

/// y e^-square times a function of x that hardly changes: y erfc x for 0 <= x <= erfc_end and square = x^2, which is given exactly, or its
/// error would grow with it. x_low: what rounding took from x.
template <class T>
Batch<T> times_erfc_by_square(Batch<T> y, Batch<T> x, Batch<T> x_low, Twofold<T> square) {
  using B = Batch<T>;
  const B one(1), slow = y * polynomial((x - B(4)) / (x + B(4)), Format<T>::erfc_terms);
  // slow / (1 + 2 x), with what rounding takes from sum and quotient.
  const Twofold<T> sum = exact_sum(larger(one, B(2) * x), smaller(one, B(2) * x));
  const B inverse = one / sum.high, quotient = slow * inverse;
  const Twofold<T> back = exact_product(quotient, sum.high);
  const B rest = (slow - back.high) - (back.low + quotient * (sum.low + B(2) * x_low));
  return times_exp_in_range(quotient, rest * inverse, -square.high, -square.low);
}

/// erfc x for x >= 0, or NaN.
template <class T>
Batch<T> erfc_of_positive(Batch<T> x) {
  const Batch<T> held = smaller(Batch<T>(Format<T>::erfc_end), x);
  return times_erfc_by_square(Batch<T>(1), held, Batch<T>(0), exact_product(held, held));
}

/// erf x for |x| <= 1.
template <class T>
Batch<T> erf_near(Batch<T> x) {
  return x * polynomial(x * x, Format<T>::erf_terms);
}

template <class T>
[[gnu::noinline]] Batch<T> erfc(Batch<T> x) {
  const Batch<T> size = abs(x), y = erfc_of_positive(size), far = where(x < Batch<T>(0), Batch<T>(2) - y, y);
  return where(size < Batch<T>(0.47), Batch<T>(1) - erf_near(x), far);  // up to there erf is at most a half, and so its error
}

template <class T>
[[gnu::noinline]] Batch<T> erf(Batch<T> x) {
  const Batch<T> size = abs(x), far = Batch<T>(1) - erfc_of_positive(size);
  return where(size < Batch<T>(1), erf_near(x), where(x < Batch<T>(0), -far, far));
}

/// y times the standard normal distribution at -size <= 0, erfc(size / 2^(1/2)) / 2: of size^2 / 2 itself, not of the square of a rounded quotient.
template <class T>
Batch<T> times_normal_tail(Batch<T> y, Batch<T> size) {
  const Batch<T> half(0.5);
  const Twofold<T> square = exact_product(size, size), x = exact_product(Batch<T>(Format<T>::inverse_root_two), size);
  return times_erfc_by_square(half * y, x.high, x.low + Batch<T>(Format<T>::inverse_root_two_low) * size, {half * square.high, half * square.low});
}

/// From here on x P(-x) is 0 too.
template <class T>
constexpr T normal_end = Format<T>::erfc_end * T(1.4355);

/// The standard normal distribution P near 0.
template <class T>
Batch<T> normal_distribution_near(Batch<T> x) {
  return fused(Batch<T>(0.5), erf_near(Batch<T>(T(0.70710678118654752440)) * x), Batch<T>(0.5));
}

template <class T>
[[gnu::noinline]] Batch<T> normal_distribution(Batch<T> x) {
  using B = Batch<T>;
  const B size = abs(x), tail = times_normal_tail(B(1), smaller(B(normal_end<T>), size));
  return where(size < B(0.66), normal_distribution_near(x), where(x > B(0), B(1) - tail, tail));
}

/// x P(x), exact also where P(x) is too small to have all its digits.
template <class T>
[[gnu::noinline]] Batch<T> times_normal_distribution(Batch<T> x) {
  using B = Batch<T>;
  const B size = abs(x), held = smaller(B(normal_end<T>), size), tail = times_normal_tail(held, held);
  return where(size < B(0.66), x * normal_distribution_near(x), where(x > B(0), x - tail, -tail));
}

/// x / (1 + e^-v), v = 2 (2 / pi)^(1/2) (x + 0.044715 x^3): with twice the digits of v, or their errors would grow with it.
template <class T>
[[gnu::noinline]] Batch<T> gelu_by_tanh(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  const B one(1), size = smaller(B(F::gelu_end), abs(x)), rate(F::gelu_rate), cubic(F::gelu_cubic);
  const Twofold<T> square = exact_product(size, size), cube = exact_product(cubic, square.high);
  const B cube_low = cube.low + (B(F::gelu_cubic_low) * square.high + cubic * square.low);
  const Twofold<T> sum = exact_sum(larger(one, cube.high), smaller(one, cube.high)), line = exact_product(rate, size);
  const B sum_low = sum.low + cube_low, line_low = line.low + B(F::gelu_rate_low) * size;
  const Twofold<T> v = exact_product(line.high, sum.high);
  const B v_low = v.low + (line.high * sum_low + line_low * sum.high);
  const B zero(0), e = times_exp_in_range(one, zero, -v.high, -v_low);
  return where(x < zero, -times_exp_in_range(size, zero, -v.high, -v_low), x) / (one + e);
}

}  // namespace
}  // namespace wengert::detail
