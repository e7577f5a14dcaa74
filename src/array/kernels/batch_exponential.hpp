// Exponentials and logarithms, powers and the hyperbolic tangent on a batch.
#pragma once

#include <cstddef>
#include <limits>

#include "array/kernels/batch_format.hpp"

namespace wengert::detail {
namespace {

// ---- exponentials ----
// Inlined by force: a call passes batches through memory, which costs as much again.

/// x = n ln 2 + r for the integer n nearest to x / ln 2, |x| being far below `integers`.
template <class T>
struct Exponent {
  using F = Format<T>;
  Batch<T> shifted, n, r;

  [[gnu::always_inline]] explicit Exponent(Batch<T> x) {
    const Batch<T> shift(T(1.5) * F::integers + 2 * F::bias);  // so large a number leaves no room for a fraction
    shifted = fused(x, Batch<T>(T(1.4426950408889634)), shift);
    n = shifted - shift;
    r = fused(n, Batch<T>(-F::ln2_low), fused(n, Batch<T>(-F::ln2_high), x));
  }

  /// x = n + r.
  [[gnu::always_inline]] static Exponent of_power_of_two(Batch<T> x) {
    const Batch<T> shift(T(1.5) * F::integers + 2 * F::bias), shifted = x + shift, n = shifted - shift;
    return Exponent(shifted, n, x - n);
  }

  /// y 2^n in two steps: 2^n itself may be out of range where the result is not. n + 2 bias stands in the last bits of `shifted`.
  [[gnu::always_inline]] Batch<T> scaled(Batch<T> y) const {
    const BitBatch<T> whole = bits_of(shifted), half = whole >> 1;
    return y * from_bits<T>(half << F::mantissa_bits) * from_bits<T>((whole - half) << F::mantissa_bits);
  }

 private:
  [[gnu::always_inline]] Exponent(Batch<T> all, Batch<T> whole, Batch<T> rest) : shifted(all), n(whole), r(rest) {}
};

/// e^r - 1 for |r| <= ln 2 / 2.
template <class T>
[[gnu::always_inline]] inline Batch<T> small_expm1(Batch<T> r) {
  return fused(r * r, polynomial(r, Format<T>::exp_terms), r);
}

/// (y + y_low) e^(x + more), y_low and `more` being small against y and x, and y of at most some thousands; x not NaN outside of exp_lowest ...
/// exp_highest. Exact also where e^x itself is too small to have all its digits.
template <class T>
Batch<T> times_exp_in_range(Batch<T> y, Batch<T> y_low, Batch<T> x, Batch<T> more) {
  const Exponent<T> exponent(x);
  return exponent.scaled(y + fused(y, small_expm1(exponent.r + more), y_low));
}

template <class T>
[[gnu::always_inline]] inline Batch<T> exp(Batch<T> x) {
  using F = Format<T>;
  const Exponent<T> exponent(smaller(Batch<T>(F::exp_highest), larger(Batch<T>(F::exp_lowest), x)));
  return exponent.scaled(Batch<T>(1) + small_expm1(exponent.r));
}

/// e^-|x|, which neither overflows nor needs to know x's sign.
template <class T>
[[gnu::always_inline]] inline Batch<T> exp_minus_abs(Batch<T> x) {
  const Exponent<T> exponent(larger(Batch<T>(Format<T>::exp_lowest), Batch<T>(x.lanes | typename Batch<T>::Lanes(T(-0.0)))));
  return exponent.scaled(Batch<T>(1) + small_expm1(exponent.r));
}

/// y e^-|x| for |y| of at most some thousands, exact also where e^-|x| itself is too small to have all its digits.
template <class T>
[[gnu::always_inline]] inline Batch<T> times_exp_minus_abs(Batch<T> y, Batch<T> x) {
  const T lowest = Format<T>::exp_lowest - 16;  // from where on the product is 0 too
  const Exponent<T> exponent(larger(Batch<T>(lowest), Batch<T>(x.lanes | typename Batch<T>::Lanes(T(-0.0)))));
  return exponent.scaled(fused(y, small_expm1(exponent.r), y));
}

template <class T>
[[gnu::always_inline]] inline Batch<T> expm1(Batch<T> x) {
  using F = Format<T>;
  const Batch<T> in_range = smaller(Batch<T>(F::exp_highest), larger(Batch<T>(F::expm1_lowest), x));
  const Exponent<T> exponent(in_range);
  const Batch<T> scale = power_of_two(exponent.n - Batch<T>(1));  // half of what it should be: 2^n overflows where the result does not
  const Batch<T> y = Batch<T>(2) * fused(scale, small_expm1(exponent.r), scale - Batch<T>(0.5));
  return where(abs(x) < Batch<T>(F::tiny), x, y);
}

/// 2^x = 2^n e^(f ln 2), x = n + f: f and, where x is an integer, the result are exact.
template <class T>
[[gnu::noinline]] Batch<T> exp2(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  const B held = smaller(B(F::exp2_highest), larger(B(F::exp2_lowest), x));
  const Exponent<T> whole = Exponent<T>::of_power_of_two(held);
  const B r = fused(whole.r, B(F::ln2), whole.r * B(F::ln2_rest));
  return whole.scaled(B(1) + small_expm1(r));
}

/// Near 0 by a polynomial; elsewhere from e^-2|x|, of which less and less is taken from 1.
template <class T>
[[gnu::always_inline]] inline Batch<T> tanh(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  const B sign(T(-0.0)), size = x.lanes & ~sign.lanes, square = x * x;
  const B near = fused(size * square, polynomial(square, F::tanh_terms), size);
  const Exponent<T> exponent(larger(B(F::expm1_lowest), B(-2) * size));
  const B scale = power_of_two(exponent.n), e = fused(scale, small_expm1(exponent.r), scale);
  const B far = B(1) - (e + e) / (B(1) + e);
  return where(size < B(0.8), near, far).lanes | (x.lanes & sign.lanes);
}

// ---- logarithms ----

template <class T>
Batch<T> log(Batch<T> x) {
  if constexpr (sizeof(T) == sizeof(double)) {
    const auto denormal = x < Batch<T>(std::numeric_limits<T>::min());
    const Batch<T> y = xsimd::log(where(denormal, x * Batch<T>(0x1p54), x).lanes);
    return where(denormal, y - Batch<T>(37.429947750237046), y);  // log 2^54
  } else {
    return xsimd::log(x.lanes);
  }
}

template <class T>
Batch<T> log1p(Batch<T> x) {
  return where(x == Batch<T>(0), x, Batch<T>(xsimd::log1p(x.lanes)));  // -0 stays -0
}

// ---- powers ----

/// log x to about 2^-65 (float: 2^-34) of itself, for 0 < x < infinity; finite, if meaningless, for others.
template <class T>
Twofold<T> precise_log(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  // x = 2^k m, m between the square roots of 1/2 and 2
  constexpr T lift = sizeof(T) == sizeof(double) ? T(0x1p54) : T(0x1p25);
  constexpr T lift_exponent = sizeof(T) == sizeof(double) ? T(54) : T(25);
  const auto denormal = x < B(std::numeric_limits<T>::min());
  const auto bits = bits_of(where(denormal, x * B(lift), x));
  constexpr auto mantissa_mask = (typename F::Bits(1) << F::mantissa_bits) - 1;
  const B exponent = from_bits<T>((bits >> F::mantissa_bits) | bits_of(B(F::integers))) - B(F::integers + T(F::bias));
  B m = from_bits<T>((bits & BitBatch<T>(mantissa_mask)) | bits_of(B(1)));
  const auto upper = m > B(T(1.4142135623730951));
  m = where(upper, m * B(0.5), m);
  const B k = exponent + where(upper, B(1), B(0)) - where(denormal, B(lift_exponent), B(0));
  // s = (m - 1) / (m + 1);  log m = 2 s + s^3 (2/3 + s^2 (2/5 + ...))
  const B f = m - B(1), d = m + B(1), d_low = m - (d - B(1));
  const B s = f / d;
  const Twofold<T> back = exact_product(s, d);
  const B s_low = (((f - back.high) - back.low) - s * d_low) / d;
  const Twofold<T> z = exact_product(s, s);
  const B z_low = z.low + B(2) * s * s_low;
  const Twofold<T> inner = exact_sum(B(F::two_thirds_high), z.high * polynomial(z.high, F::log_terms));
  const B inner_low = inner.low + B(F::two_thirds_low);
  const Twofold<T> u = exact_product(z.high, inner.high);
  const B u_low = u.low + (z.high * inner_low + z_low * inner.high);
  const Twofold<T> v = exact_product(s, u.high);
  const B v_low = v.low + (s * u_low + s_low * u.high);
  const Twofold<T> log_m = exact_sum(B(2) * s, v.high);
  const Twofold<T> sum = exact_sum(k * B(F::ln2_high), log_m.high);
  return exact_sum(sum.high, sum.low + (log_m.low + (k * B(F::ln2_low) + (B(2) * s_low + v_low))));
}

/// a^b with all the special cases of C's pow. Too long to stand in every loop.
template <class T>
[[gnu::noinline]] Batch<T> pow(Batch<T> a, Batch<T> b) {
  using F = Format<T>;
  using B = Batch<T>;
  const B zero(0), one(1), infinity(std::numeric_limits<T>::infinity());
  const B size = abs(a);
  // Held where everything below stays finite: further out the result is 0, 1 or infinity anyway.
  const B exponent = smaller(B(F::largest_exponent), larger(B(-F::largest_exponent), b));
  const Twofold<T> log_a = precise_log(size);
  const Twofold<T> product = exact_product(exponent, log_a.high);
  const B in_range = smaller(B(F::exp_highest), larger(B(F::exp_lowest), product.high));
  const B more = where(in_range == product.high, product.low + exponent * log_a.low, zero);
  B y = times_exp_in_range(one, zero, in_range, more);
  y = where(size == zero, where(b > zero, zero, infinity), y);
  y = where(size == infinity, where(b > zero, infinity, zero), y);
  const auto sign = bits_of(a) & bits_of(B(T(-0.0)));
  const auto odd = is_integer(b) & !is_integer(b * B(0.5));
  y = where(odd, from_bits<T>(bits_of(y) | sign), y);
  y = where((a < zero) & !is_integer(b) & (size != infinity), B(std::numeric_limits<T>::quiet_NaN()), y);
  y = where((a != a) | (b != b), a + b, y);
  return where((b == zero) | (a == one), one, y);
}

/// The real cube root: e^(log x / 3), mended by a step of Newton's with twice the digits.
template <class T>
[[gnu::noinline]] Batch<T> cbrt(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  const B size = abs(x);
  const auto many = size > B(F::cbrt_many), few = size < B(F::cbrt_few);
  const B a = size * where(many, B(F::cbrt_down), where(few, B(F::cbrt_up), B(1)));
  const B y = exp(log(a) * B(T(1) / 3));
  const Twofold<T> square = exact_product(y, y), cube = exact_product(square.high, y);
  const B rest = (cube.high - a) + (cube.low + square.low * y);
  const B root = (y - rest / (B(3) * square.high)) * where(many, B(F::cbrt_up_again), where(few, B(F::cbrt_down_again), B(1)));
  const auto is_itself = (size == B(0)) | (size == B(std::numeric_limits<T>::infinity()));
  return where(is_itself, x, where(x < B(0), -root, root));
}

}  // namespace
}  // namespace wengert::detail
