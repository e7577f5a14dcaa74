// The mathematical functions on a batch. Where xsimd 8.1 is within two ulp everywhere it does the work; exp, expm1 (wrong near
// overflow, nothing below the normal range), log of denormal doubles, log1p of -0, pow (a hundred ulp), the error function (wrong) and
// tanh (twice as slow) are our own; the rest is the standard library's, lane by lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "array/kernels/batch.hpp"
#include "array/numbers.hpp"

namespace wengert::detail {
namespace {

// ---- a floating-point number's parts ----

template <class T>
struct Format;

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa_bits = 23, bias = 127;
  static constexpr float integers = 0x1p23F;  // from here on every number is an integer
  // ln 2 in two parts; the first has few enough bits that every exponent times it is exact.
  static constexpr float ln2_high = 0x1.62e4p-1F, ln2_low = 1.42860682031e-6F;
  static constexpr float exp_lowest = -104.0F, exp_highest = 89.0F, expm1_lowest = -30.0F;  // beyond: 0, infinity, -1
  static constexpr float tiny = 0x1p-26F;     // expm1 x is x below
  static constexpr float largest_exponent = 0x1p40F;  // pow(a, b) is 0, 1 or infinity beyond, for every a
  // (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, to 1.4e-9: interpolated at Chebyshev's nodes, as all polynomials here.
  static constexpr float exp_terms[] = {0.500000001347F, 0.166666666816F, 0.0416664649253F, 0.00833331092548F, 0.00139336499963F, 0.000198909908247F};
  // (2 artanh s - 2 s - 2/3 s^3) / s^5 in s^2, for s = (m - 1) / (m + 1), m within the square root of 2: to 1e-9.
  static constexpr float log_terms[] = {0.399999999049F, 0.285715318223F, 0.222047620925F, 0.191204548105F};
  // (tanh x / x - 1) / x^2 in x^2 for |x| <= 0.8: to 1e-8, of a term that is at most a fifth.
  static constexpr float tanh_terms[] = {-0.333333331953F, 0.133333121358F, -0.0539628826716F, 0.0218177611337F, -0.00862106362354F, 0.00298704542297F,
                                          -0.000634542235646F};
  // erf x / x in x^2 for |x| <= 1: to 1.4e-9.
  static constexpr float erf_terms[] = {1.12837916585F, -0.376126266667F, 0.112835947152F, -0.0268542120106F, 0.00518908742343F, -0.000801686428717F,
                                         7.87587506269e-5F};
  // (1 + 2 x) e^(x^2) erfc x in (x - 4) / (x + 4) for 0 <= x <= erfc_end, beyond which erfc is 0: to 8.2e-10.
  static constexpr float erfc_terms[] = {1.23299511848F, -0.139621132197F, 0.0153796656299F, 0.0680979204566F, -0.101038558257F, 0.0937195498235F,
                                          -0.0663502870042F, 0.0372355281218F, -0.0160254168868F, 0.00501090300775F, -0.00117070490697F,
                                          -0.00065295178554F};
  static constexpr float erfc_end = 10.1F;
  static constexpr float two_thirds_high = 0.6666666865348816F, two_thirds_low = -1.98682149251e-8F;
};

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52, bias = 1023;
  static constexpr double integers = 0x1p52;
  static constexpr double ln2_high = 0x1.62e42fefa3p-1, ln2_low = 2.823529056303157712259e-13;
  static constexpr double exp_lowest = -746.0, exp_highest = 710.0, expm1_lowest = -60.0;
  static constexpr double tiny = 0x1p-56;
  static constexpr double largest_exponent = 0x1p70;
  // to 1.4e-18
  static constexpr double exp_terms[] = {0.5,
                                         0.16666666666666670991,
                                         0.041666666666666669755,
                                         0.0083333333333261351258,
                                         0.0013888888888883748305,
                                         0.00019841269874820625271,
                                         0.000024801587325547741216,
                                         2.755725540020642443e-6,
                                         2.7557273643110295328e-7,
                                         2.5105217004720745164e-8,
                                         2.0914686968086877233e-9};
  // to 1.9e-18
  static constexpr double log_terms[] = {0.39999999999999999817, 0.28571428571429366235, 0.22222222221655885704, 0.18181818335392801628,
                                         0.15384594962518431516, 0.13334804693847310304, 0.11706236339491206558, 0.11723178623876517295};
  // to 1e-16
  static constexpr double tanh_terms[] = {-0.33333333333333333043, 0.13333333333333155508, -0.053968253968072762909, 0.021869488528862377259,
                                           -0.0088632353762740764605, 0.0035921260909037336895, -0.0014558183493366922895, 0.00058993715448497751544,
                                           -0.00023877177686581662941, 0.00009590580074661437999, -0.000037233517599864339807,
                                           0.000012965969286746462216, -3.4510651521734754653e-6, 4.9674188986122992454e-7};
  // to 8.1e-18
  static constexpr double erf_terms[] = {1.1283791670955125665, -0.37612638903183540438, 0.11283791670945006266, -0.02686617064323777036,
                                          0.0052239776071164227321, -0.00085483259753896920806, 0.00012055294904839707917, -0.000014924736907419660338,
                                          1.644742470331736241e-6, -1.6208483801871705902e-7, 1.3720064546777685604e-8, -7.7958988270021422416e-10};
  // to 1.9e-18
  static constexpr double erfc_terms[] = {1.2329951186255525102, -0.13962111684056252052, 0.015379652102619584397, 0.068097054254693566787,
                                           -0.10103906603629606205, 0.093732834998317886469, -0.066330365812379195038, 0.037167515537983953032,
                                           -0.016197734056285586788, 0.0050319699736981789747, -0.00075777329602974687705, -0.00019925667239225933107,
                                           0.00015062169530680259853, -0.000024399287588611389205, -0.000011222056567542861757, 5.7098826184524604105e-6,
                                           2.9383252186026086734e-7, -8.2560030685774941969e-7, 7.4607802570016127969e-8, 1.1014538107239169007e-7,
                                           -1.7887124945071396045e-8, -1.4098981967735139353e-8, 1.8232502650683418515e-9, 1.2495096223529885747e-9};
  static constexpr double erfc_end = 27.3;
  static constexpr double two_thirds_high = 0.6666666666666666, two_thirds_low = 3.7007434154171884681e-17;
};

template <class T>
using BitBatch = xsimd::batch<typename Format<T>::Bits>;

template <class T>
BitBatch<T> bits_of(Batch<T> x) {
  return xsimd::bitwise_cast<BitBatch<T>>(x.lanes);
}
template <class T>
Batch<T> from_bits(BitBatch<T> bits) {
  return Batch<T>(xsimd::bitwise_cast<xsimd::batch<T>>(bits));
}

template <class T>
Batch<T> abs(Batch<T> x) {
  return xsimd::abs(x.lanes);
}
template <class T>
Batch<T> sqrt(Batch<T> x) {
  return xsimd::sqrt(x.lanes);
}

/// 2^n for integral n of the normal range: n + bias stands in the last bits of a number near `integers`, and is shifted into place.
template <class T>
[[gnu::always_inline]] inline Batch<T> power_of_two(Batch<T> n) {
  using F = Format<T>;
  return from_bits<T>(bits_of(n + Batch<T>(F::integers + T(F::bias))) << F::mantissa_bits);
}

/// Whether x is an integer, which all numbers from `integers` on are, infinity among them.
template <class T>
typename Batch<T>::Mask is_integer(Batch<T> x) {
  const Batch<T> size = abs(x), integers(Format<T>::integers);
  return (size >= integers) | (((size + integers) - integers) == size);
}

template <class T, std::size_t N>
[[gnu::always_inline]] inline Batch<T> polynomial(Batch<T> x, const T (&terms)[N]) {
  Batch<T> sum(terms[N - 1]);
  for (std::size_t k = N - 1; k-- > 0;) sum = fused(sum, x, Batch<T>(terms[k]));
  return sum;
}

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

  /// y 2^n in two steps: 2^n itself may be out of range where the result is not. n + 2 bias stands in the last bits of `shifted`.
  [[gnu::always_inline]] Batch<T> scaled(Batch<T> y) const {
    const BitBatch<T> whole = bits_of(shifted), half = whole >> 1;
    return y * from_bits<T>(half << F::mantissa_bits) * from_bits<T>((whole - half) << F::mantissa_bits);
  }
};

/// e^r - 1 for |r| <= ln 2 / 2.
template <class T>
[[gnu::always_inline]] inline Batch<T> small_expm1(Batch<T> r) {
  return fused(r * r, polynomial(r, Format<T>::exp_terms), r);
}

/// e^(x + more), `more` being small against x; x not NaN outside of exp_lowest ... exp_highest.
template <class T>
Batch<T> exp_in_range(Batch<T> x, Batch<T> more) {
  const Exponent<T> exponent(x);
  return exponent.scaled(Batch<T>(1) + small_expm1(exponent.r + more));
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
  return exponent.scaled(y * (Batch<T>(1) + small_expm1(exponent.r)));
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

// ---- trigonometry and its hyperbolic kin ----

// Long enough that a call costs nothing beside them, and too long to be inlined in every loop.

template <class T>
[[gnu::noinline]] Batch<T> sin(Batch<T> x) {
  return xsimd::sin(x.lanes);
}
template <class T>
[[gnu::noinline]] Batch<T> cos(Batch<T> x) {
  return xsimd::cos(x.lanes);
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

// ---- twice the digits ----

/// The unevaluated sum of two numbers, the second too small to change the first: twice the digits.
template <class T>
struct Twofold {
  Batch<T> high, low;
};

/// a + b exactly, for |a| >= |b| or a = 0.
template <class T>
Twofold<T> exact_sum(Batch<T> a, Batch<T> b) {
  const Batch<T> sum = a + b;
  return {sum, (a - sum) + b};
}

/// a * b exactly.
template <class T>
Twofold<T> exact_product(Batch<T> a, Batch<T> b) {
  const Batch<T> product = a * b;
#ifdef __FMA__
  return {product, fused(a, b, -product)};
#else  // Dekker: both split into halves whose products are exact
  const Batch<T> splitter(T(1) + (sizeof(T) == sizeof(double) ? T(0x1p27) : T(0x1p12)));
  const Batch<T> a_up = splitter * a, b_up = splitter * b;
  const Batch<T> a_high = a_up - (a_up - a), b_high = b_up - (b_up - b);
  const Batch<T> a_low = a - a_high, b_low = b - b_high;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
#endif
}

// ---- the error function ----

/// erfc x for x >= 0, or NaN: e^(-x^2) times a function that hardly changes. x^2 is taken exactly, or its error would grow with it.
template <class T>
Batch<T> erfc_of_positive(Batch<T> x) {
  using F = Format<T>;
  using B = Batch<T>;
  const B held = smaller(B(F::erfc_end), x);
  const Twofold<T> square = exact_product(held, held);
  const B slow = polynomial((held - B(4)) / (held + B(4)), F::erfc_terms);
  return slow * exp_in_range(-square.high, -square.low) / (B(1) + B(2) * held);
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

// ---- lane by lane ----
// What the standard library computes well and few programs wait for: float by its functions of double, so that only the result is rounded.

template <class T, class F>
[[gnu::noinline]] Batch<T> by_lane(Batch<T> x, F f) {
  alignas(typename Batch<T>::Lanes) T lanes[Batch<T>::size];
  x.lanes.store_aligned(lanes);
  for (T& lane : lanes) lane = static_cast<T>(f(static_cast<double>(lane)));
  return Batch<T>::Lanes::load_aligned(lanes);
}

template <class T>
Batch<T> tan(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_tan(lane); });
}
template <class T>
Batch<T> asin(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_asin(lane); });
}
template <class T>
Batch<T> acos(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_acos(lane); });
}
template <class T>
Batch<T> atan(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_atan(lane); });
}
template <class T>
[[gnu::noinline]] Batch<T> atan2(Batch<T> a, Batch<T> b) {
  alignas(typename Batch<T>::Lanes) T above[Batch<T>::size], right[Batch<T>::size];
  a.lanes.store_aligned(above);
  b.lanes.store_aligned(right);
  for (std::size_t k = 0; k < Batch<T>::size; ++k) above[k] = static_cast<T>(__builtin_atan2(static_cast<double>(above[k]), static_cast<double>(right[k])));
  return Batch<T>::Lanes::load_aligned(above);
}
template <class T>
Batch<T> sinh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_sinh(lane); });
}
template <class T>
Batch<T> cosh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_cosh(lane); });
}
template <class T>
Batch<T> asinh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_asinh(lane); });
}
template <class T>
Batch<T> acosh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_acosh(lane); });
}
template <class T>
Batch<T> atanh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_atanh(lane); });
}
template <class T>
Batch<T> exp2(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_exp2(lane); });
}
template <class T>
Batch<T> log2(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_log2(lane); });
}
template <class T>
Batch<T> log10(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_log10(lane); });
}
template <class T>
Batch<T> cbrt(Batch<T> x) {
  return by_lane(x, [](double lane) { return numbers::cbrt(lane); });
}
template <class T>
Batch<T> lgamma(Batch<T> x) {
  return by_lane(x, [](double lane) { return numbers::lgamma(lane); });
}
template <class T>
Batch<T> digamma(Batch<T> x) {
  return by_lane(x, [](double lane) { return numbers::digamma(lane); });
}
template <class T>
Batch<T> polygamma(std::int64_t n, Batch<T> x) {
  return by_lane(x, [n](double lane) { return numbers::polygamma(n, lane); });
}
/// a * b + c in one rounding on every machine.
template <class T>
Batch<T> fma(Batch<T> a, Batch<T> b, Batch<T> c) {
#ifdef __FMA__
  return fused(a, b, c);
#else
  alignas(typename Batch<T>::Lanes) T x[Batch<T>::size], y[Batch<T>::size], z[Batch<T>::size];
  a.lanes.store_aligned(x);
  b.lanes.store_aligned(y);
  c.lanes.store_aligned(z);
  for (std::size_t k = 0; k < Batch<T>::size; ++k) {
    if constexpr (sizeof(T) == sizeof(float)) z[k] = __builtin_fmaf(x[k], y[k], z[k]); else z[k] = __builtin_fma(x[k], y[k], z[k]);
  }
  return Batch<T>::Lanes::load_aligned(z);
#endif
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
  B y = exp_in_range(in_range, more);
  y = where(size == zero, where(b > zero, zero, infinity), y);
  y = where(size == infinity, where(b > zero, infinity, zero), y);
  const auto sign = bits_of(a) & bits_of(B(T(-0.0)));
  const auto odd = is_integer(b) & !is_integer(b * B(0.5));
  y = where(odd, from_bits<T>(bits_of(y) | sign), y);
  y = where((a < zero) & !is_integer(b) & (size != infinity), B(std::numeric_limits<T>::quiet_NaN()), y);
  y = where((a != a) | (b != b), a + b, y);
  return where((b == zero) | (a == one), one, y);
}

}  // namespace
}  // namespace wengert::detail
