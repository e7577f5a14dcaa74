// Backward: gradients as a value, its options, and what it consumes.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <limits>
#include <string>
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

TEST(Backward, AsksForACotangentWhereTheOutputIsNotOneNumber) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto y = x * x;
  expect_error<wg::GraphError>([&] { (void)tape.backward(y); }, "backward: the output is not one number: shape (2,)");
  expect_error<wg::ShapeError>([&] { (void)tape.backward(y, {.cotangent = wg::zeros<double>({3})}); }, "(3,); it must be (2,)");
  const auto g = tape.backward(y, {.cotangent = wg::from_values<double>({10, 100}, {2}), .keep_tape = true});
  EXPECT_EQ(g[x](0), 20);
  EXPECT_EQ(g[x](1), 400);
  EXPECT_EQ(tape.backward(y, {.cotangent = 1.0})[x](1), 4) << "a number stands for a constant array";
}

TEST(Backward, AcceptsOneElementOfAnyRankAsOneNumber) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({3}, {1, 1}));
  const auto g = tape.backward(x * x);
  EXPECT_EQ(g[x].shape(), (wg::Shape{1, 1}));
  EXPECT_EQ(g[x](0, 0), 6);
}

TEST(Backward, ConsumesItsValuesUnlessToldToKeepThem) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = wg::exp(x);
  const double first = tape.backward(y, {.keep_tape = true})[x].item();
  EXPECT_EQ(tape.backward(y)[x].item(), first);
  expect_error<wg::GraphError>([&] { (void)tape.backward(y); }, "backward: the saved values of \"exp\" have been consumed");
  expect_error<wg::GraphError>([&] { (void)tape.gradient(y, x); }, "keep_tape");
  expect_error<wg::GraphError>([&] { (void)tape.backward(y * 2.0); }, "\"exp\" have been consumed");  // new nodes above do not help
  EXPECT_EQ(tape.backward(x * 2.0)[x].item(), 2) << "what is new and does not lead there is whole";
  EXPECT_EQ(y.item(), std::exp(2.0)) << "a value that a Var names stays";
}

TEST(Backward, ReachesWhatAnEarlierBackwardHasNotConsumed) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto shared = wg::exp(x), left = shared * 2.0;
  auto apart = wg::sin(x);
  (void)tape.backward(left);
  EXPECT_NEAR(tape.backward(apart)[x].item(), std::cos(2.0), 1e-15);
  EXPECT_THROW((void)tape.backward(shared), wg::GraphError);
}

TEST(Backward, StartsFromAVariableItself) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  EXPECT_EQ(tape.backward(x, {.cotangent = wg::from_values<double>({5, 6}, {2})})[x](1), 6);
  auto c = tape.constant(1.0);
  EXPECT_EQ(tape.backward(c).size(), 0U);
}

TEST(Backward, GivesZerosForWhatTheResultDoesNotDependOn) {
  Tape tape;
  auto x = tape.variable(2.0), apart = tape.variable(wg::ones<double>({2, 3}));
  auto aside = wg::exp(apart);
  auto later = x * x;
  const auto g = tape.backward(x * 3.0, {.also = {aside, later}});
  EXPECT_FALSE(g.contains(apart));
  EXPECT_EQ(g[apart].shape(), (wg::Shape{2, 3}));
  EXPECT_EQ(g[apart](1, 2), 0);
  EXPECT_FALSE(g.contains(aside)) << "asked for, and no part of the result";
  EXPECT_EQ(g[aside](1, 2), 0);
  EXPECT_EQ(g[later].item(), 0);
  EXPECT_EQ(g.size(), 1U);
}

TEST(Backward, RefusesAGradientThatWasNotAskedFor) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto c = tape.constant(5.0);
  auto q = x * c;
  auto f = wg::exp(q);
  const auto g = tape.backward(f, {.keep_tape = true});
  expect_error<wg::GraphError>([&] { (void)g[q]; }, "gradients: the gradient of an intermediate or a constant was not asked for: \"multiply\" of shape ()");
  expect_error<wg::GraphError>([&] { (void)g[q]; }, "{.also = {x}}");
  expect_error<wg::GraphError>([&] { (void)g[c]; }, "\"constant\"");
  expect_error<wg::GraphError>([&] { (void)tape.backward(f, {.also = {c}}); }, "backward: a Var in .also is a constant");
  EXPECT_EQ(tape.backward(f, {.also = {q, f, q}})[q].item(), f.item()) << "asked for, even twice";
}

TEST(Backward, GradientsOutliveTheirTape) {
  wg::Gradients g;
  wg::Parameter<double> w("w", wg::ones<double>({2}));
  {
    Tape tape;
    auto x = tape.variable(2.0);
    g = tape.backward(wg::sum(x * w));  // of {1, 1}
    tape.clear();
    EXPECT_EQ(g[w](1), 2);
    auto y = tape.variable(3.0);
    expect_error<wg::GraphError>([&] { (void)g[y]; }, "made after the tape's clear()");
    EXPECT_FALSE(g.contains(y)) << "though it stands where x stood";
    EXPECT_EQ(g[x].item(), 2) << "a stale Var still finds the gradient of its own step";
  }
  EXPECT_EQ(g[w](1), 2);
  Tape other;
  expect_error<wg::GraphError>([&] { (void)g[other.variable(1.0)]; }, "of another tape");
  EXPECT_EQ(wg::Gradients()[w](0), 0);
}

TEST(Backward, HandsOutGradientsThatLaterPassesDoNotChange) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({3})), y = tape.variable(wg::ones<double>({3}));
  auto s = x + y;  // one cotangent is handed on to both
  const auto c = wg::from_values<double>({1, 2, 3}, {3});
  const auto first = tape.backward(s, {.cotangent = c, .keep_tape = true});
  const auto second = tape.backward(s + x, {.cotangent = c});
  EXPECT_EQ(first[x](2), 3);
  EXPECT_EQ(first[y](2), 3);
  EXPECT_EQ(second[x](2), 6) << "added to, in memory of its own";
  EXPECT_EQ(c(2), 3) << "the caller's cotangent is the caller's";
}

TEST(Backward, GivesTheSameBitsEachTime) {
  Tape tape;
  auto x = tape.variable(wg::arange<double>(1000) / 1000.0);
  auto f = wg::sum(wg::tanh(x * x) / (x + 1.0) + wg::exp(-x));
  const auto first = tape.backward(f, {.keep_tape = true})[x], second = tape.backward(f)[x];
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(first(i), second(i)) << i;
}

TEST(Backward, UndoesEachBroadcastOnce) {
  Tape tape;
  auto number = tape.variable(2.0), row = tape.variable(wg::ones<double>({4})), column = tape.variable(wg::ones<double>({3, 1})), whole = tape.variable(wg::ones<double>({2, 3, 4}));
  const auto g = tape.backward(wg::sum(number * row * column * whole));
  EXPECT_EQ(g[number].item(), 24);
  EXPECT_EQ(g[row].shape(), (wg::Shape{4}));
  EXPECT_EQ(g[row](3), 12);
  EXPECT_EQ(g[column].shape(), (wg::Shape{3, 1}));
  EXPECT_EQ(g[column](2, 0), 16);
  EXPECT_EQ(g[whole](1, 2, 3), 2);
}

TEST(Backward, KeepsTheStrongZeroOnNumbersAndArrays) {
  Tape tape;
  auto x = tape.variable(0.0);
  EXPECT_EQ(tape.backward(wg::log(x), {.cotangent = 0.0})[x].item(), 0) << "0 * inf";
  auto v = tape.variable(wg::zeros<double>({2}));
  const auto g = tape.backward(wg::sqrt(v), {.cotangent = wg::from_values<double>({0, 1}, {2})});
  EXPECT_EQ(g[v](0), 0);
  EXPECT_EQ(g[v](1), std::numeric_limits<double>::infinity());
}

TEST(Backward, PassesNaNOn) {
  Tape tape;
  auto x = tape.variable(std::numeric_limits<double>::quiet_NaN());
  auto f = wg::exp(x) * 2.0;
  EXPECT_TRUE(std::isnan(f.item()));
  EXPECT_TRUE(std::isnan(tape.backward(f)[x].item()));
}

TEST(Backward, TakesFloatsAndDoublesOnOneTape) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = tape.variable(3.F);
  const auto gx = tape.backward(x * x);
  const auto gy = tape.backward(y * y);
  EXPECT_EQ(gx[x].item(), 4);
  EXPECT_EQ(gy[y].item(), 6.F);
  EXPECT_EQ(gy[x].item(), 0);
}

}  // namespace
