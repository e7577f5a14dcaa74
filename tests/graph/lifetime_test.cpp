// How long values live: no longer than a handle or a later pullback needs them.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
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

TEST(Lifetime, LetsGoOfIntermediatesThatNobodyNeeds) {
  Tape tape;
  auto y = tape.variable(wg::ones<double>({many}));
  for (int i = 0; i < 50; ++i) y = y + 1.0;
  EXPECT_EQ(y.value()(0), 51);
  EXPECT_LE(tape.peak_bytes(), 2 * array_bytes + 1024);
  EXPECT_EQ(tape.saved_bytes(), 0U);
  EXPECT_EQ(tape.backward(wg::sum(y)).size(), 1U);
}

TEST(Lifetime, HoldsWhatPullbacksNeedAndNothingMore) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({many}));
  auto y = x;
  for (int i = 0; i < 10; ++i) y = wg::tanh(y);
  EXPECT_GE(tape.saved_bytes(), 10 * array_bytes);
  EXPECT_LE(tape.saved_bytes(), 11 * array_bytes);
  EXPECT_LE(tape.peak_bytes(), 11 * array_bytes);
  auto loss = wg::sum(y);
  y = x;
  (void)tape.backward(loss);
  EXPECT_EQ(tape.saved_bytes(), 0U) << "consumed";
  EXPECT_LE(tape.peak_bytes(), 12 * array_bytes) << "one cotangent beside the values";
  tape.clear();
  tape.clear_peak();
  EXPECT_EQ(tape.peak_bytes(), 0U);
}

TEST(Lifetime, CountsMemoryTheSameInEachStep) {
  Tape tape;
  std::size_t first = 0;
  const auto cotangent = wg::ones<double>({many});
  for (int i = 0; i < 4; ++i) {
    auto y = wg::tanh(wg::exp(tape.variable(wg::ones<double>({many}))) * 2.0);
    (void)tape.backward(y, {.cotangent = cotangent});
    y = Var<double>();
    tape.clear();
    if (i == 0) first = tape.peak_bytes();
    EXPECT_EQ(tape.peak_bytes(), first) << i;
    tape.clear_peak();
    EXPECT_EQ(tape.peak_bytes(), 0U) << i;
  }
}

TEST(Lifetime, RetainsEverythingForTeaching) {
  Tape shown{{.retain = wg::Retain::everything}};
  auto x = shown.variable(wg::ones<double>({many}));
  const auto y = [&] {
    auto v = x;
    for (int i = 0; i < 5; ++i) v = v + 1.0;
    return wg::sum(v);
  }();
  EXPECT_GE(shown.peak_bytes(), 5 * array_bytes);
  const auto g = shown.backward(y);
  EXPECT_EQ(g.size(), 7U) << "five sums, their total, and x";
  EXPECT_EQ(shown.backward(y)[x](0), 1) << "nothing is consumed";
}

TEST(Lifetime, ShowsLocalDerivatives) {
  Tape shown{{.retain = wg::Retain::everything}};
  auto a = shown.variable(3.0), b = shown.variable(-4.0);
  auto p = a * b;
  const auto d = shown.local_derivatives(p);
  ASSERT_EQ(d.size(), 2U);
  EXPECT_EQ(d[0].item(), -4);
  EXPECT_EQ(d[1].item(), 3);
  auto v = shown.variable(wg::from_values<double>({1, 4}, {2}));
  EXPECT_EQ(shown.local_derivatives(wg::sqrt(v))[0](1), 0.25);
  EXPECT_EQ(shown.local_derivatives(v / 2.0)[0](1), 0.5);
  EXPECT_EQ(shown.local_derivatives(2.0 - p)[1].item(), -1);
  expect_error<wg::GraphError>([&] { (void)shown.local_derivatives(wg::sum(v)); }, "not an elementwise operation: \"sum\"");
  expect_error<wg::GraphError>([&] { (void)shown.local_derivatives(v); }, "not an elementwise operation: \"variable\"");

  Tape lean;
  auto u = lean.variable(wg::ones<double>({2})) * 2.0;
  auto w = wg::square(u);
  (void)lean.backward(wg::sum(w));
  u = w;
  expect_error<wg::GraphError>([&] { (void)lean.local_derivatives(w); }, "no longer has its inputs");
}

}  // namespace
