// Gradient checks as GoogleTest assertions. The library itself does not need GoogleTest.
#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include <wengert/check/check_gradients.hpp>

namespace wengert {

/// What EXPECT_GRADIENTS_WITH asserts.
template <class F, class... A>
::testing::AssertionResult gradients_hold_with(const GradientCheckOptions& options, F&& fn, const A&... at) {
  const Array<double> point[] = {Array<double>(at)...};
  const GradientReport report = check_gradients(fn, point, options);
  if (!report.ok) return ::testing::AssertionFailure() << report.message;
  if (report.kinks > 0 && options.kinks == Kinks::refuse)
    return ::testing::AssertionFailure() << report.message << "\nTest at a point without a kink, or allow them: EXPECT_GRADIENTS_WITH({.kinks = Kinks::allow}, ...)";
  return ::testing::AssertionSuccess() << report.message;
}

/// What EXPECT_GRADIENTS asserts.
template <class F, class... A>
::testing::AssertionResult gradients_hold(F&& fn, const A&... at) {
  return gradients_hold_with(GradientCheckOptions{}, fn, at...);
}

}  // namespace wengert

// Macros, because GoogleTest takes file and line from the place of the call.

/// EXPECT_GRADIENTS(fn, x0, y0): check_gradients(fn, {x0, y0}) is ok and meets no kink.
#define EXPECT_GRADIENTS(...) EXPECT_TRUE(::wengert::gradients_hold(__VA_ARGS__))
#define ASSERT_GRADIENTS(...) ASSERT_TRUE(::wengert::gradients_hold(__VA_ARGS__))
/// EXPECT_GRADIENTS_WITH({.order = 2, .kinks = Kinks::allow}, fn, x0, y0)
#define EXPECT_GRADIENTS_WITH(...) EXPECT_TRUE(::wengert::gradients_hold_with(__VA_ARGS__))
#define ASSERT_GRADIENTS_WITH(...) ASSERT_TRUE(::wengert::gradients_hold_with(__VA_ARGS__))
