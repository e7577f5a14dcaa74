// A floating-point number's parts on a batch, the constants of both formats, and what all functions are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "array/kernels/batch.hpp"

namespace wengert::detail {
namespace {

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
  static constexpr float exp2_lowest = -151, exp2_highest = 129, ln2 = 0x1.62e43p-1F, ln2_rest = -1.90465429995776804525e-9F;
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
  // 2^(-1/2), 2 (2 / pi)^(1/2) and 0.044715 in two parts; gelu by a tanh is 0 below -gelu_end.
  static constexpr float inverse_root_two = 0.70710677F, inverse_root_two_low = 1.2101617e-8F;
  static constexpr float gelu_rate = 1.5957691669464111F, gelu_rate_low = -4.534068054340423e-8F;
  static constexpr float gelu_cubic = 0.044714998453855515F, gelu_cubic_low = 1.5461444347053543e-9F, gelu_end = 11.5F;
  // cbrt takes numbers above `cbrt_many` and below `cbrt_few` by a power of 8.
  static constexpr float cbrt_many = 0x1p100F, cbrt_down = 0x1p-30F, cbrt_up_again = 0x1p10F, cbrt_few = 0x1p-60F, cbrt_up = 0x1p90F, cbrt_down_again = 0x1p-30F;
  static constexpr float two_thirds_high = 0.6666666865348816F, two_thirds_low = -1.98682149251e-8F;
};

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa_bits = 52, bias = 1023;
  static constexpr double integers = 0x1p52;
  static constexpr double ln2_high = 0x1.62e42fefa3p-1, ln2_low = 2.823529056303157712259e-13;
  static constexpr double exp_lowest = -746.0, exp_highest = 710.0, expm1_lowest = -60.0;
  static constexpr double exp2_lowest = -1076, exp2_highest = 1025, ln2 = 0x1.62e42fefa39efp-1, ln2_rest = 2.3190468138462995584e-17;
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
  static constexpr double inverse_root_two = 0.70710678118654757, inverse_root_two_low = -4.8336466567264567e-17;
  static constexpr double gelu_rate = 1.5957691216057308, gelu_rate_low = -9.96930880911092e-17;
  static constexpr double gelu_cubic = 0.044715, gelu_cubic_low = 2.1960211427085595e-18, gelu_end = 22;
  static constexpr double cbrt_many = 0x1p900, cbrt_down = 0x1p-600, cbrt_up_again = 0x1p200, cbrt_few = 0x1p-800, cbrt_up = 0x1p900, cbrt_down_again = 0x1p-300;
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

}  // namespace
}  // namespace wengert::detail
