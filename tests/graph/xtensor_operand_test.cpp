// xtensor expressions as leaves, operands and cotangents: evaluated at once, never referred to later.
#include <wengert/graph/operand.hpp>

#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>

#include <gtest/gtest.h>

#include <wengert/array/xtensor.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Tape;

TEST(XtensorOperand, BecomesALeaf) {
  Tape tape;
  xt::xarray<double> source = {{1, 2}, {3, 4}};
  auto x = tape.variable(source * 2.0), c = tape.constant(source + 1.0);
  source.fill(100);
  EXPECT_EQ(x.value()(1, 1), 8);
  EXPECT_EQ(c.value()(0, 0), 2);
  const auto g = tape.backward(wg::sum(x * c));
  EXPECT_EQ(g[x](1, 0), 4);
  EXPECT_FALSE(g.contains(c));
}

TEST(XtensorOperand, StandsBesideAVar) {
  Tape tape;
  xt::xarray<double> shift = {1, 2};
  auto x = tape.variable(wg::from_values<double>({3, 4}, {2}));
  auto y = wg::sum((x + shift) * (shift * 2.0) - shift / x);
  shift.fill(100);
  EXPECT_NEAR(y.item(), 4 * 2 - 1.0 / 3 + 6 * 4 - 0.5, 1e-14);
  EXPECT_NEAR(tape.backward(y)[x](1), 4 + 2.0 / 16, 1e-15);
  EXPECT_EQ(wg::matmul(x, xt::xarray<double>({{1, 0}, {0, 2}})).value()(1), 8);
  expect_error<wg::ShapeError>([&] { (void)(x + xt::ones<double>({3})); }, "add: ");
}

TEST(XtensorOperand, IsACotangent) {
  Tape tape;
  xt::xarray<double> c = {1, 10};
  auto x = tape.variable(wg::from_values<double>({3, 4}, {2}));
  auto y = x * x;
  EXPECT_EQ(tape.gradient(y, x, {.cotangent = c}).value()(1), 80);
  EXPECT_EQ(tape.backward(y, {.cotangent = c * 2.0})[x](0), 12);
}

}  // namespace
