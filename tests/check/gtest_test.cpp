// The assertions that a user's tests are written with.
#include <wengert/check/gtest.hpp>

#include <gtest/gtest-spi.h>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>

namespace {

namespace wg = wengert;

const auto wrong = [](auto x) { return wg::elementwise("wrong", [](auto t) { return t * t; }, [](auto t, auto) { return 3 * t; })(x); };

TEST(ExpectGradients, PassesForARightGradient) {
  const auto x = wg::from_values<double>({1, 2, 3}, {3}), y = wg::from_values<double>({0.5, -1, 2}, {3});
  EXPECT_GRADIENTS([](auto a, auto b) { return wg::tanh(a) * b; }, x, y);
  ASSERT_GRADIENTS([](auto a) { return wg::exp(a); }, x);
  EXPECT_GRADIENTS_WITH({.order = 3}, [](auto a, auto b) { return a / b; }, x, y);
  ASSERT_GRADIENTS_WITH((wg::GradientCheckOptions{.order = 2}), [](auto a) { return a * a; }, 1.5);
}

TEST(ExpectGradients, FailsForAWrongGradientAndSaysWhere) {
  EXPECT_NONFATAL_FAILURE(EXPECT_GRADIENTS(wrong, 2.0), "wrong gradient: input 0: ours ");
  EXPECT_NONFATAL_FAILURE(EXPECT_GRADIENTS_WITH({.order = 2}, wrong, 2.0), "wrong gradient: input 0: ours ");
  EXPECT_FATAL_FAILURE(ASSERT_GRADIENTS(wrong, 2.0), "ours / differences = 1.5");
}

TEST(ExpectGradients, RefusesAKinkUnlessToldToAllowIt) {
  const auto relu = [](auto x) { return wg::relu(x); };
  EXPECT_NONFATAL_FAILURE(
      {
        const auto fn = [](auto x) { return wg::relu(x); };
        EXPECT_GRADIENTS(fn, 0.0);
      },
      "Test at a point without a kink");
  EXPECT_GRADIENTS_WITH({.kinks = wg::Kinks::allow}, relu, 0.0);
  EXPECT_GRADIENTS(relu, 0.5);
}

}  // namespace
