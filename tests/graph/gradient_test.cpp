// Gradients that are recorded, and so can be differentiated again.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
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

TEST(Gradient, GivesSecondAndThirdOrderOfSeveralVariables) {
  Tape tape;
  auto x = tape.variable(0.5), y = tape.variable(-1.5);
  auto f = wg::exp(x * y) + x * x * x * y;  // fx = y e^xy + 3 x^2 y, ...
  const double e = std::exp(-0.75);
  const auto first = tape.gradient(f, {x, y});
  EXPECT_NEAR(first[0].item(), -1.5 * e - 3 * 0.25 * 1.5, 1e-15);
  EXPECT_NEAR(first[1].item(), 0.5 * e + 0.125, 1e-15);
  const auto of_x = tape.gradient(first[0], {x, y}), of_y = tape.gradient(first[1], {x, y});
  EXPECT_NEAR(of_x[0].item(), 2.25 * e + 6 * 0.5 * -1.5, 1e-14);
  EXPECT_NEAR(of_x[1].item(), e - 0.75 * e + 3 * 0.25, 1e-14);
  EXPECT_NEAR(of_y[0].item(), of_x[1].item(), 1e-15) << "mixed derivatives agree";
  EXPECT_NEAR(of_y[1].item(), 0.25 * e, 1e-14);
  EXPECT_NEAR(tape.gradient(of_x[0], y).item(), 2 * -1.5 * e + 2.25 * 0.5 * e + 6 * 0.5, 1e-14);
}

TEST(Gradient, IsDifferentiableThroughArraysAndBroadcasts) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2, 3}, {3}));
  auto s = tape.variable(2.0);
  auto d = tape.gradient(wg::sum(s * x * x * x), x);    // 3 s x^2
  const auto second = tape.gradient(wg::sum(d), {x, s});  // 6 s x, sum 3 x^2
  EXPECT_EQ(second[0].value()(2), 36);
  EXPECT_EQ(second[1].item(), 42);
  EXPECT_EQ(second[1].shape(), wg::Shape{});
  EXPECT_EQ(tape.gradient(second[1], x).value()(1), 12);
}

TEST(Gradient, MayBeMixedWithBackward) {
  Tape tape;
  auto x = tape.variable(3.0);
  auto penalty = wg::square(tape.gradient(x * x * x, x));  // 9 x^4
  EXPECT_EQ(tape.backward(penalty)[x].item(), 36 * 27);
}

TEST(Gradient, OfAValueByItselfIsItsCotangent) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2}));
  auto y = x * 3.0;
  EXPECT_EQ(tape.gradient(y, y, {.cotangent = 5.0}).value()(1), 5);
  EXPECT_EQ(tape.gradient(y, std::vector<Var<double>>{}, {.cotangent = 5.0}).size(), 0U);
  const auto twice = tape.gradient(y, {x, x}, {.cotangent = 1.0});
  EXPECT_EQ(twice[0].value()(0), twice[1].value()(0));
}

TEST(Gradient, RefusesWhatIsNeverDifferentiated) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2}));
  auto c = tape.constant(wg::ones<double>({2}));
  auto t = wg::exp(wg::tanh(c));  // its intermediate is not kept, as nothing leads to a leaf
  auto f = wg::sum(x * t);
  expect_error<wg::GraphError>([&] { (void)tape.gradient(f, c); }, "gradient: the Var to differentiate by is a constant");
  expect_error<wg::GraphError>([&] { (void)tape.gradient(f, t); }, "depends on constants alone: \"exp\" of shape (2,)");
  expect_error<wg::GraphError>([&] { (void)tape.gradient(f, x.detach()); }, "tape.variable or tape.use");
  EXPECT_EQ(tape.gradient(f, x).value()(0), t.value()(0));
}

TEST(Gradient, RefusesACotangentOfAnotherTapeOrShape) {
  Tape tape, other;
  auto x = tape.variable(wg::ones<double>({2}));
  auto y = x * x;
  const auto nodes = tape.size();
  expect_error<wg::GraphError>([&] { (void)tape.gradient(y, x, {.cotangent = other.variable(wg::ones<double>({2}))}); }, "gradient: the cotangent is a Var of another tape");
  expect_error<wg::ShapeError>([&] { (void)tape.gradient(y, x, {.cotangent = wg::ones<double>({3})}); }, "gradient: the cotangent is not of the output's shape: (3,); it must be (2,)");
  expect_error<wg::GraphError>([&] { (void)tape.gradient(y, x); }, "gradient: the output is not one number: shape (2,)");
  EXPECT_EQ(tape.size(), nodes) << "nothing was recorded by the refused calls";
}

TEST(Gradient, ByAParameterGoesThroughItsLeaf) {
  Tape tape;
  wg::Parameter<double> w("w", wg::from_values<double>({1, 2}, {2}));
  auto x = tape.variable(3.0);
  auto d = tape.gradient(wg::sum(x * w * w), tape.use(w));  // 2 x w
  EXPECT_EQ(d.value()(1), 12);
  EXPECT_EQ(tape.backward(wg::sum(d))[w](0), 6);
}

}  // namespace
