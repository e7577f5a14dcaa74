// Row 19 of the list of hostile inputs: shapes at the edges, recorded and differentiated.
#include <wengert/graph/tape.hpp>

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Shape;
using wg::Tape;

TEST(HostileShapes, EmptyArraysHaveEmptyGradients) {
  Tape tape;
  for (const Shape& shape : {Shape{0}, Shape{2, 0}, Shape{0, 3}, Shape{0, 0, 4}}) {
    auto x = tape.variable(wg::zeros<double>(shape));
    auto f = wg::sum(wg::exp(x) * x / 2.0 + 1.0);
    EXPECT_EQ(f.item(), 0);
    const auto g = tape.backward(f, {.keep_tape = true});
    EXPECT_EQ(g[x].shape(), shape);
    EXPECT_EQ(tape.gradient(wg::sum(tape.gradient(f, x)), x).shape(), shape);
  }
  auto none = tape.variable(wg::zeros<double>({0, 3})), row = tape.variable(wg::ones<double>({3}));
  const auto g = tape.backward(wg::sum(none * row));
  EXPECT_EQ(g[row](2), 0) << "a sum over nothing";
  auto inner = tape.variable(wg::zeros<double>({2, 0}));
  auto product = wg::matmul(inner, wg::zeros<double>({0, 2}));
  EXPECT_EQ(product.value()(1, 1), 0);
  EXPECT_EQ(tape.backward(wg::sum(product))[inner].shape(), (Shape{2, 0}));
}

TEST(HostileShapes, AxesOfLengthOneStretchAndShrinkBack) {
  Tape tape;
  auto a = tape.variable(wg::full<double>({1, 1, 1}, 2)), b = tape.variable(wg::ones<double>({3, 1})), c = tape.variable(wg::ones<double>({1, 4}));
  auto f = wg::sum(a * b * c);
  const auto g = tape.backward(f, {.keep_tape = true});
  EXPECT_EQ(g[a](0, 0, 0), 12);
  EXPECT_EQ(g[b](2, 0), 8);
  EXPECT_EQ(g[c](0, 3), 6);
  EXPECT_EQ(tape.gradient(wg::sum(tape.gradient(f, b)), c).value()(0, 0), 6);
}

TEST(HostileShapes, RankZeroStandsBesideEveryRank) {
  Tape tape;
  auto s = tape.variable(3.0), v = tape.variable(wg::ones<double>({4}));
  auto one = tape.variable(wg::ones<double>({1}));
  EXPECT_EQ((s * s).shape(), Shape{});
  EXPECT_EQ((s * one).shape(), Shape{1});
  const auto g = tape.backward(wg::sum(s * v) + wg::sum(s * one) + s);
  EXPECT_EQ(g[s].item(), 6);
  EXPECT_EQ(g[one](0), 3);
}

TEST(HostileShapes, ManyAxesWork) {
  Tape tape;
  Shape deep;
  for (int i = 0; i < 15; ++i) deep.push_back(i % 5 == 0 ? 2 : 1);
  deep.push_back(3);
  ASSERT_EQ(deep.rank(), 16U);
  auto x = tape.variable(wg::ones<double>(deep)), row = tape.variable(wg::ones<double>({3}));
  auto f = wg::sum(wg::square(x * row * 2.0));
  EXPECT_EQ(f.item(), 4 * 24);
  const auto g = tape.backward(f);
  EXPECT_EQ(g[x].shape(), deep);
  EXPECT_EQ(g[row](1), 8 * 8);
}

TEST(HostileShapes, ABroadcastInputMayBeBroadcastAgain) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto wide = wg::broadcast_to(x, {3, 2});
  const auto g = tape.backward(wg::sum(wg::broadcast_to(wg::reshape(wide, {3, 2, 1}), {3, 2, 4}) * wide.value()(1, 1)));
  EXPECT_EQ(g[x](0), 3 * 4 * 2);
}

TEST(HostileShapes, OverlappingViewsOfOneArrayKeepTheirValues) {
  Tape tape;
  const auto a = wg::arange<double>(6);
  auto whole = tape.variable(a), folded = tape.variable(a.reshaped({2, 3}));
  auto f = wg::sum(wg::reshape(whole, {2, 3}) * folded) + wg::sum(wg::reshape(folded, {6}) * whole);
  const auto g = tape.backward(f, {.also = {folded}});
  EXPECT_EQ(g[whole](5), 10);
  EXPECT_EQ(g[folded](1, 2), 10);
  EXPECT_EQ(a(5), 5) << "nobody has written into what is shared";
}

TEST(HostileShapes, BothOperandsMayBeTheSameVar) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2, 3, 4}, {2, 2}));
  EXPECT_EQ(tape.backward(wg::sum(x - x))[x](1, 1), 0);
  EXPECT_EQ(tape.backward(wg::sum(x / x))[x](0, 1), 0);
  EXPECT_EQ(tape.backward(wg::sum(wg::matmul(x, x)))[x](0, 0), (1 + 2) + (1 + 3));
  EXPECT_EQ(tape.backward(wg::sum(wg::concatenate({x, x, x}, 1)))[x](1, 0), 3);
  EXPECT_EQ(tape.backward(wg::sum(wg::maximum(x, x)))[x](1, 0), 1) << "a tie with itself";
}

}  // namespace
