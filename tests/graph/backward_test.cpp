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
  EXPECT_EQ(tape.backward(y * 0.0 + x * 2.0 - y * 0.0, {.keep_tape = true}).size(), 1U) << "part of it is consumed, but not what is new";
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

}  // namespace
