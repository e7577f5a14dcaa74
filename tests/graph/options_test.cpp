// What tapes can be told: to record nothing, to retain everything.
#include <wengert/graph/tape.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
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

TEST(Options, RecordsNothingWhenQuiet) {
  Tape quiet{{.recording = wg::Recording::off}};
  auto y = quiet.variable(wg::ones<double>({many}));
  for (int i = 0; i < 100; ++i) y = wg::tanh(y + 1.0);
  EXPECT_EQ(quiet.size(), 0U);
  EXPECT_EQ(quiet.saved_bytes(), 0U);
  EXPECT_LE(quiet.peak_bytes(), 3 * array_bytes);
  expect_error<wg::GraphError>([&] { (void)quiet.backward(y, {.cotangent = 1.0}); }, "records nothing");
  expect_error<wg::GraphError>([&] { (void)quiet.gradient(y, y, {.cotangent = 1.0}); }, "records nothing");
}

TEST(Options, UsesTheSlotsOfAQuietTapeAgain) {
  Tape quiet{{.recording = wg::Recording::off}};
  wg::Parameter<double> w("w", wg::ones<double>({8}));
  const auto evaluate = [&] {
    auto y = quiet.constant(wg::ones<double>({8}));
    for (int i = 0; i < 50; ++i) y = wg::tanh(y * w) + wg::ones<double>({8});
    return y.item() ;
  };
  EXPECT_THROW((void)evaluate(), wg::ShapeError);
  const auto live = wg::memory_use().live;
  for (int i = 0; i < 200; ++i) EXPECT_THROW((void)evaluate(), wg::ShapeError);
  EXPECT_EQ(wg::memory_use().live, live) << "10,000 operations later";
}

TEST(Options, ForgetsANameWithItsSlot) {
  Tape quiet{{.recording = wg::Recording::off}};
  { const auto a = quiet.constant(1.0).named("a"); }
  EXPECT_EQ(quiet.constant(2.0).name(), "");
}

TEST(Options, TellsItsOptions) {
  const Tape quiet{{.recording = wg::Recording::off}};
  EXPECT_EQ(quiet.options().recording, wg::Recording::off);
  EXPECT_EQ(quiet.options().retain, wg::Retain::needed);
}

TEST(Options, RetainsEverythingForTeaching) {
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

TEST(Options, ShowsLocalDerivatives) {
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

TEST(Options, ShowsLocalDerivativesOfNumbersAndBroadcastArrays) {
  Tape shown{{.retain = wg::Retain::everything}};
  auto row = shown.variable(wg::from_values<double>({2, 3}, {2})), column = shown.variable(wg::from_values<double>({5, 7}, {2, 1}));
  const auto d = shown.local_derivatives(row * column);
  ASSERT_EQ(d.size(), 2U);
  EXPECT_EQ(d[0].shape(), (wg::Shape{2, 2})) << "of the output's shape";
  EXPECT_EQ(d[0](1, 0), 7);
  EXPECT_EQ(d[1](1, 0), 2);
  EXPECT_EQ(shown.local_derivatives(wg::tanh(shown.variable(0.0)))[0].item(), 1);
  EXPECT_EQ(shown.local_derivatives(3.F * shown.variable(2.F))[1].item(), 3.F);
  const Tape quiet{{.recording = wg::Recording::off}};
}

TEST(Options, KeepsIntermediateValuesOfATapeThatRetainsThroughBackward) {
  Tape shown{{.retain = wg::Retain::everything}};
  auto x = shown.variable(wg::from_values<double>({1, 4}, {2}));
  auto f = wg::sum(wg::sqrt(x) + 1.0);
  const auto before = shown.saved_bytes();
  const auto first = shown.backward(f);
  EXPECT_EQ(shown.saved_bytes(), before);
  EXPECT_EQ(shown.gradient(f, x).value()(1), 0.25);
  EXPECT_EQ(first[f].item(), 1) << "the gradient of every intermediate is there without asking";
}

TEST(Options, LiftsEverythingOnToAQuietTapeToo) {
  Tape quiet{{.recording = wg::Recording::off}};
  wg::Parameter<double> w("w", wg::ones<double>({2, 2}));
  auto y = wg::matmul(quiet.constant(wg::ones<double>({1, 2})), w) + wg::ones<double>({2}) + 1.0;
  EXPECT_EQ(y.value()(0, 1), 4);
  EXPECT_EQ(quiet.use(w).value()(1, 1), 1);
  expect_error<wg::GraphError>([&] { (void)quiet.local_derivatives(y); }, "local_derivatives");
  EXPECT_EQ(y.detach().value()(0, 0), 4);
  quiet.clear();
  expect_error<wg::GraphError>([&] { (void)y.value(); }, "stale");
}

TEST(Options, GivesEqualBitsOnQuietAndRecordingTapes) {
  Tape quiet{{.recording = wg::Recording::off}}, loud;
  const auto x = wg::arange<double>(many) / 100.0;
  const auto f = [](const Var<double>& v) { return (wg::tanh(v) * wg::exp(-v) + wg::sum(v)).value(); };
  const auto a = f(quiet.variable(x)), b = f(loud.variable(x));
  for (std::size_t i = 0; i < many; ++i) ASSERT_EQ(a(i), b(i)) << i;
}

}  // namespace
