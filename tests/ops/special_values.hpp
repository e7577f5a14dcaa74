// What the tests of special values share: the edges of a type, and how a result is compared with what it must be there.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include <gtest/gtest.h>

#include <wengert/array/array.hpp>

namespace wengert::test {

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// These stand for the smallest denormal (and small multiples of it), and for the largest finite number, of the type at hand.
inline constexpr double tiny = std::numeric_limits<double>::denorm_min();
inline constexpr double huge = std::numeric_limits<double>::max();

inline constexpr double pi = std::numbers::pi;

template <Real T>
T in_type(double x) {
  if (std::abs(x) < 100 * tiny) return std::copysign(std::numeric_limits<T>::denorm_min(), static_cast<T>(x)) * static_cast<T>(std::abs(x) / tiny);
  if (std::abs(x) == huge) return std::copysign(std::numeric_limits<T>::max(), static_cast<T>(x > 0 ? 1 : -1));
  return static_cast<T>(x);
}

/// NaN like NaN, infinities alike, -0 where -0 is wanted, anything else to a few units of the last place.
template <Real T>
testing::AssertionResult is_as(T got, double wanted) {
  const T want = in_type<T>(wanted);
  bool same = false;
  if (std::isnan(want)) {
    same = std::isnan(got);
  } else if (want == 0) {
    same = got == 0 && (!std::signbit(want) || std::signbit(got));
  } else if (std::isinf(want)) {
    same = got == want;
  } else {
    same = std::abs(got - want) <= 8 * std::numeric_limits<T>::epsilon() * std::abs(want) && std::signbit(got) == std::signbit(want);
  }
  return same ? testing::AssertionSuccess() : testing::AssertionFailure() << "is " << got << ", not " << want << (sizeof(T) == sizeof(float) ? " (float)" : " (double)");
}

template <class Info>
std::string name_of(const Info& info) {
  return info.param.name;
}

}  // namespace wengert::test
