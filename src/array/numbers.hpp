// Functions of one number that the standard library lacks or computes too roughly: correctly rounded but for the last unit, as they
// are computed in extended precision. Where a function crosses zero the error is small beside 1, not beside its value.
#pragma once

#include <cstdint>

#include <wengert/base/export.hpp>

namespace wengert::detail::numbers {

/// 1 - erf x, without cancellation.
WENGERT_API float erfc(float x);
WENGERT_API double erfc(double x);
WENGERT_API long double erfc(long double x);

/// The standard normal distribution, erfc(-x / 2^(1/2)) / 2.
WENGERT_API float normal_distribution(float x);
WENGERT_API double normal_distribution(double x);
WENGERT_API long double normal_distribution(long double x);
/// x times that, -0 at -inf.
WENGERT_API float times_normal_distribution(float x);
WENGERT_API double times_normal_distribution(double x);
WENGERT_API long double times_normal_distribution(long double x);

/// x / (1 + e^-v), v = 2 (2 / pi)^(1/2) (x + 0.044715 x^3); -0 at -inf.
WENGERT_API float gelu_by_tanh(float x);
WENGERT_API double gelu_by_tanh(double x);
WENGERT_API long double gelu_by_tanh(long double x);

/// log |gamma x|, within four units of the last place; infinite at 0 and at the negative integers.
WENGERT_API float lgamma(float x);
WENGERT_API double lgamma(double x);
WENGERT_API long double lgamma(long double x);

/// The real cube root.
WENGERT_API float cbrt(float x);
WENGERT_API double cbrt(double x);
WENGERT_API long double cbrt(long double x);

/// The derivative of lgamma. -inf at 0, inf at -0, NaN at the negative integers.
WENGERT_API float digamma(float x);
WENGERT_API double digamma(double x);
WENGERT_API long double digamma(long double x);

/// The n-th derivative of digamma, n >= 0. At 0 and the negative integers inf for odd n; for even n -inf at 0, inf at -0, NaN at the others.
WENGERT_API float polygamma(std::int64_t n, float x);
WENGERT_API double polygamma(std::int64_t n, double x);
WENGERT_API long double polygamma(std::int64_t n, long double x);

}  // namespace wengert::detail::numbers
