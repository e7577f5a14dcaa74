// What tapes can be told: to record nothing, to retain everything.
#include <wengert/graph/tape.hpp>

#include <string>
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

}  // namespace
