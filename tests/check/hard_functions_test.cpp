// The checker where differences are hard to take: at kinks, and of steep, wavy and cramped functions.
#include <wengert/check/check_gradients.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/shape.hpp>

#include "check/checker_tests.hpp"

namespace {

namespace wg = wengert;
using wg::check_gradients;
using wg::test::check_plain;
using wg::test::says;
using wg::test::values;
using Kind = wg::GradientFinding::Kind;

// ---- kinks ----

TEST(CheckGradients, CountsAKinkWhereOursLiesBetweenTheSlopes) {
  for (const auto& report : {check_gradients([](auto x) { return wg::relu(x); }, values({-1, 0, 2})), check_gradients([](auto x) { return wg::abs(x); }, values({-1, 0, 2})),
                             check_gradients([](auto x, auto y) { return wg::maximum(x, y); }, {0.5, 0.5})}) {
    EXPECT_TRUE(report.ok) << report.message;
    EXPECT_GE(report.kinks, 1U) << report.message;
    EXPECT_EQ(report.findings[0].kind, Kind::kink);
  }
  const auto report = check_gradients([](auto x) { return 3.0 * wg::relu(x) + wg::exp(x); }, 0.0);
  ASSERT_EQ(report.kinks, 1U) << report.message;
  EXPECT_NEAR(std::abs(report.findings[0].right - report.findings[0].left), 3 * std::abs(report.findings[0].ours), 1e-6);
  EXPECT_TRUE(says(report, "1 is at a kink")) << report.message;
}

TEST(CheckGradients, CatchesAGradientOutsideOfTheKinksInterval) {
  const auto report = check_plain([](double x) { return x > 0 ? x : 0; }, [](double x) { return x > 0 ? 1 : x < 0 ? 0 : -0.5; }, 0);
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.wrong, 1U);
  EXPECT_TRUE(says(report, "but at this kink the slopes on its sides are")) << report.message;
  EXPECT_TRUE(check_plain([](double x) { return x > 0 ? x : 0; }, [](double x) { return x > 0 ? 1 : x < 0 ? 0 : 0.5; }, 0).ok);
}

TEST(CheckGradients, AllowsEachOutputItsOwnKink) {
  // With cotangents of opposite signs the sum's two slopes do not enclose 0, but 0 is a gradient of both outputs.
  const auto both = [](auto x) { return wg::concatenate({wg::relu(x), wg::relu(-x), wg::relu(x), wg::relu(-x)}, 0); };
  const auto report = check_gradients(both, values({0}));
  EXPECT_TRUE(report.ok) << report.message;
  EXPECT_EQ(report.kinks, 1U);
}

TEST(CheckGradients, SeesTheSlopeBesideAKinkHoweverNear) {
  for (const double x : {1e-2, 1e-3, 1e-6, 1e-9}) {
    const auto fn = [](auto v) { return wg::relu(v) + wg::sin(v); };
    for (const double at : {x, -x}) {
      const auto report = check_gradients(fn, at);
      EXPECT_TRUE(report.ok && report.kinks == 0) << at << ": " << report.message;
      EXPECT_EQ(check_plain([](double v) { return v > 0 ? v : 0; }, [](double v) { return v > 0 ? 0.9 : 0.1; }, at).wrong, 1U);
    }
  }
}

TEST(CheckGradients, LeavesHigherOrdersOutWhereTheGradientJumps) {
  const auto report = check_gradients([](auto x) { return wg::relu(x) * x; }, values({-1, 0, 2}), {.order = 2});
  EXPECT_TRUE(report.ok) << report.message;  // x relu(x) has a slope everywhere, and a kink of the second order at 0
  EXPECT_EQ(report.kinks, 1U);
  EXPECT_EQ(report.findings[0].order, 2U);
  const auto first = check_gradients([](auto x) { return wg::relu(x); }, values({-1, 0, 2}), {.order = 2});
  EXPECT_TRUE(first.ok) << first.message;
  EXPECT_EQ(first.compared, 3U + 2U + 3U);
}

// ---- hard functions ----

TEST(CheckGradients, AnswersForSteepWavyDistantAndCramppedFunctions) {
  struct Hard {
    const char* what;
    double (*function)(double);
    double (*slope)(double);
    double at;
  };
  constexpr double two_pi = 6.283185307179586;
  const Hard all[] = {
      {"exp(20 x)", [](double x) { return std::exp(20 * x); }, [](double x) { return 20 * std::exp(20 * x); }, 1},
      {"1 / x near 0", [](double x) { return 1 / x; }, [](double x) { return -1 / (x * x); }, 1e-3},
      {"1 / x nearer to 0", [](double x) { return 1 / x; }, [](double x) { return -1 / (x * x); }, 1e-6},
      {"sin(100 x)", [](double x) { return std::sin(100 * x); }, [](double x) { return 100 * std::cos(100 * x); }, 0.7},
      {"a sine of 2^8 periods", [](double x) { return std::sin(256 * two_pi * x); }, [](double x) { return 256 * two_pi * std::cos(256 * two_pi * x); }, 0},
      {"1e8 + x", [](double x) { return 1e8 + x; }, [](double) { return 1.0; }, 0.3},
      {"1e6 + sin x", [](double x) { return 1e6 + std::sin(x); }, [](double x) { return std::cos(x); }, 0.3},
      {"(1e6 + sin x) - 1e6", [](double x) { return (1e6 + std::sin(x)) - 1e6; }, [](double x) { return std::cos(x); }, 0.3},
      {"sqrt near 0", [](double x) { return std::sqrt(x); }, [](double x) { return 0.5 / std::sqrt(x); }, 1e-6},
      {"log near 0", [](double x) { return std::log(x); }, [](double x) { return 1 / x; }, 1e-9},
      {"x^2 far out", [](double x) { return x * x; }, [](double x) { return 2 * x; }, 1e20},
      {"sine far out", [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); }, 1e8},
      {"a narrow bump", [](double x) { return std::exp(-x * x * 1e6) + x * x; }, [](double x) { return -2e6 * x * std::exp(-x * x * 1e6) + 2 * x; }, 5e-4},
      {"erf(50 x)", [](double x) { return std::erf(50 * x); }, [](double x) { return 100 / std::sqrt(two_pi / 2) * std::exp(-2500 * x * x); }, 0.01},
      {"a constant piece", [](double x) { return std::round(x); }, [](double) { return 0.0; }, 0.3},
      {"|x|^1.5", [](double x) { return std::pow(std::abs(x), 1.5); }, [](double x) { return 1.5 * std::sqrt(std::abs(x)); }, 0},
      {"cosh(20 x) at its bottom", [](double x) { return std::cosh(20 * x); }, [](double x) { return 20 * std::sinh(20 * x); }, 0},
  };
  for (const auto& hard : all) {
    const auto right = check_plain(hard.function, hard.slope, hard.at);
    EXPECT_TRUE(right.ok) << hard.what << ": " << right.message;
    for (const double error : {1e-5, 1.0}) {
      static double (*slope)(double);
      static double factor, shift;
      slope = hard.slope;
      factor = 1 - error;
      shift = hard.slope(hard.at) == 0 ? error : 0;
      const auto wrong = check_plain(hard.function, [](double x) { return factor * slope(x) + shift; }, hard.at);
      EXPECT_FALSE(wrong.ok) << hard.what << " with an error of " << error << ": " << wrong.message;
    }
  }
}

TEST(CheckGradients, IsInconclusiveWhereDifferencesSayNothing) {
  struct Vague {
    double (*function)(double);
    double (*slope)(double);
    double at;
    const char* reason;
  };
  const Vague all[] = {
      {[](double x) { return std::sqrt(x); }, [](double) { return 1.0; }, 0, "not finite beside the point"},
      {[](double x) { return x > 0 ? 1.0 : 0.0; }, [](double) { return 0.0; }, 0, "do not converge"},
      {[](double x) { return std::sqrt(std::abs(x)); }, [](double) { return 0.0; }, 0, "do not converge"},
      {[](double x) { return static_cast<double>(std::sin(static_cast<float>(x))); }, [](double x) { return std::cos(x); }, 0.3, "too few digits"},
      {[](double x) { return (1e12 + std::sin(x)) - 1e12; }, [](double x) { return std::cos(x); }, 0.3, "too few digits"},
  };
  for (const auto& vague : all) {
    const auto report = check_plain(vague.function, vague.slope, vague.at);
    EXPECT_FALSE(report.ok) << vague.reason;
    EXPECT_EQ(report.inconclusive, 1U) << vague.reason << report.message;
    EXPECT_EQ(report.wrong, 0U);
    EXPECT_TRUE(says(report, vague.reason)) << report.message;
    EXPECT_TRUE(says(report, "no answer from differences")) << report.message;
  }
}

}  // namespace
