// Gradients that are recorded, and so can be differentiated again.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Tape;
using wg::Var;

TEST(Gradient, GivesDerivativesOfAnyOrder) {
  Tape tape;
  auto x = tape.variable(0.5);
  auto d = wg::tanh(x);
  const double t = std::tanh(0.5), s = 1 - t * t;
  const double truth[] = {s, -2 * t * s, s * (6 * t * t - 2), 8 * t * s * (2 - 3 * t * t), 8 * s * (2 - 15 * t * t + 15 * t * t * t * t)};
  for (const double derivative : truth) {
    d = tape.gradient(d, x);
    EXPECT_NEAR(d.item(), derivative, 1e-13);
  }
  EXPECT_EQ(tape.backward(d).size(), 1U);
}

TEST(Gradient, DifferentiatesBySeveralAndByIntermediates) {
  Tape tape;
  auto x = tape.variable(2.0), y = tape.variable(3.0);
  auto p = x * y;
  auto f = p * p + x;
  const auto g = tape.gradient(f, {x, y, p});
  ASSERT_EQ(g.size(), 3U);
  EXPECT_EQ(g[0].item(), 2 * 6 * 3 + 1);
  EXPECT_EQ(g[1].item(), 2 * 6 * 2);
  EXPECT_EQ(g[2].item(), 12);
  EXPECT_EQ(tape.gradient(g[0], y).item(), 4 * 2 * 3);  // d/dy (2 x y^2 + 1)
  EXPECT_EQ(tape.gradient(f, {x}).item(), g[0].item()) << "a single Var in braces is a single Var";
  const auto unrelated = tape.variable(wg::ones<double>({2}));
  EXPECT_EQ(tape.gradient(f, unrelated).value()(1), 0);
}

TEST(Gradient, DifferentiatesThroughACotangent) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto c = tape.variable(wg::from_values<double>({3, 4}, {2}));
  auto y = x * x;
  auto d = tape.gradient(y, x, {.cotangent = c});  // 2 x c
  const auto g = tape.backward(wg::sum(d * d));    // 4 x^2 c^2
  EXPECT_EQ(g[x](0), 8 * 1 * 9);
  EXPECT_EQ(g[c](1), 8 * 4 * 4);
}

TEST(Gradient, StretchesANumberAsCotangentInRecordedGradientsToo) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto c = tape.variable(3.0);
  auto y = wg::matmul(wg::ones<double>({2, 2}), x);
  EXPECT_EQ(tape.gradient(y, x, {.cotangent = 2.0}).value()(1), 4);
  auto d = tape.gradient(y, x, {.cotangent = c});
  EXPECT_EQ(d.shape(), (wg::Shape{2}));
  EXPECT_EQ(d.value()(1), 6);
  EXPECT_EQ(tape.backward(wg::sum(d))[c].item(), 4) << "and differentiates through it";
}

TEST(Gradient, GradientDoesNotConsume) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = wg::exp(x);
  EXPECT_EQ(tape.gradient(y, x).item(), y.item());
  EXPECT_EQ(tape.gradient(y, x).item(), y.item());
  EXPECT_EQ(tape.backward(y)[x].item(), y.item());
}

}  // namespace
