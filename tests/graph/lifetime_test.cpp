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
  const auto live = wg::memory_use().live;
  (void)tape.backward(loss);
  EXPECT_EQ(tape.saved_bytes(), 0U) << "consumed";
  EXPECT_LE(wg::memory_use().live, live - 9 * array_bytes) << "and let go of on the way";
  EXPECT_LE(tape.peak_bytes(), 12 * array_bytes) << "one cotangent beside the values";
  tape.clear();
  tape.clear_peak();
  EXPECT_EQ(tape.peak_bytes(), 0U);
}

TEST(Lifetime, LetsGoOfKeptInputsOnTheWayBack) {
  Tape tape;
  auto y = tape.variable(wg::ones<double>({many}));
  for (int i = 0; i < 10; ++i) y = wg::square(y);
  auto loss = wg::sum(y);
  y = Var<double>();
  const auto live = wg::memory_use().live;
  (void)tape.backward(loss);
  EXPECT_LE(wg::memory_use().live, live - 9 * array_bytes);
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

TEST(Lifetime, FreesAnIntermediateWithItsLastHandle) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({many}));
  auto y = x + 1.0;
  auto z = std::optional(y + 1.0);
  const auto live = wg::memory_use().live;
  y = x;  // addition keeps nothing
  EXPECT_LE(wg::memory_use().live, live - array_bytes);
  auto other = z;
  z.reset();
  EXPECT_EQ(other->value()(0), 3) << "one handle is enough";
}

TEST(Lifetime, WritesOverATemporaryThatNobodyReads) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({many}));
  const auto row = tape.constant(wg::ones<double>({1, many}));
  const auto arrays = [&](auto make) {  // how many the tape holds at most while it makes one
    tape.clear_peak();
    const std::size_t before = tape.saved_bytes();
    const auto made = make();
    return static_cast<double>(tape.peak_bytes() - before) / array_bytes;
  };
  EXPECT_EQ(arrays([&] { return -x + 1.0; }), 1) << "a sum reads nothing again";
  EXPECT_EQ(arrays([&] { return wg::tanh(3.0 - wg::negative(x * 2.0)); }), 1) << "nor does tanh read its input";
  EXPECT_EQ(arrays([&] { return wg::exp(-x) * 2.0; }), 2) << "exp's pullback reads its output";
  EXPECT_EQ(arrays([&] { return wg::sin(-x); }), 2) << "sin's its input";
  EXPECT_EQ(arrays([&] { return wg::sin(-tape.constant(wg::ones<double>({many}))); }), 1) << "but not where no gradient is asked for";
  EXPECT_EQ(arrays([&] { return (-x + 1.0) + (x - 2.0); }), 2) << "the other operand's goes";
  EXPECT_EQ(arrays([&] { return wg::clip(-tape.constant(wg::ones<double>({many})), -1.0, 1.0); }), 2) << "storing such a card beside its node may fail";
  EXPECT_GT(arrays([&] { return -x + row; }), 1.9) << "of another shape";
  auto y = -x;
  const auto same = y;
  const auto more = std::move(y) + 1.0;
  EXPECT_EQ(same.value()(0), -1) << "another handle names it: left alone";
}

TEST(Lifetime, EmptiesAVarThatIsMovedIntoAnOperation) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({many}));
  auto y = -x, n = tape.variable(2.0), unused = -n;
  const auto z = std::move(y) + 1.0;
  const auto m = std::move(unused) * 3.0;
  const auto square = std::move(n) * std::move(n);  // NOLINT: on purpose
  EXPECT_EQ(z.value()(0), 0);
  EXPECT_EQ(m.item(), -6);
  EXPECT_EQ(square.item(), 4);
  EXPECT_TRUE(y.is_nothing() && unused.is_nothing() && n.is_nothing());
  EXPECT_EQ(tape.backward(wg::sum(z))[x](1), -1);
}

TEST(Lifetime, LeavesWhatAFailedOperationWasGiven) {
  Tape tape;
  auto y = -tape.variable(wg::ones<double>({many})), n = -tape.variable(2.0);
  EXPECT_THROW(static_cast<void>(std::move(y) + wg::ones<double>({2})), wg::ShapeError);
  EXPECT_EQ(y.value()(0), -1);
  EXPECT_THROW(static_cast<void>(std::move(n) + wg::Array<double>()), wg::GraphError);
  EXPECT_EQ(n.item(), -2);
}

TEST(Lifetime, WritesOverAPlainTemporaryOnly) {
  const auto a = wg::ones<double>({many});
  auto b = -a;
  const auto* const memory = b.data();
  const auto c = std::move(b) + 1.0;
  EXPECT_EQ(c.data(), memory);
  EXPECT_TRUE(b.is_nothing());
  auto shared = c;
  const auto d = std::move(shared) * 5.0;
  EXPECT_EQ(c(0), 0);
  EXPECT_EQ(d(0), 0);
  EXPECT_NE(d.data(), c.data());
  EXPECT_EQ(a(0), 1);
}

TEST(Lifetime, WritesOverATemporaryOnATapeThatRecordsNothing) {
  Tape tape({.recording = wg::Recording::off});
  auto x = tape.variable(wg::ones<double>({many}));
  tape.clear_peak();
  const auto y = wg::sin(wg::clip(-x, -0.5, 1.0) * 2.0);
  EXPECT_EQ(y.value()(7), std::sin(-1.0));
  EXPECT_EQ(tape.peak_bytes(), array_bytes);
}

TEST(Lifetime, HoldsAValueOnceHoweverManyPullbacksReadIt) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({many}));
  auto y = wg::exp(x);
  const auto saved = tape.saved_bytes();
  const auto a = wg::sin(y), b = wg::square(y), c = y * y;
  EXPECT_EQ(tape.saved_bytes(), saved) << "they read what exp keeps anyway";
}

TEST(Lifetime, KeepsWhatOneBranchStillReadsThroughTheBackwardOfAnother) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  Var<double> one, other;
  {
    auto shared = x * 3.0;
    one = wg::sum(wg::square(shared));
    other = wg::sum(wg::square(shared) * 2.0);
  }
  const auto g = tape.backward(other, {.keep_tape = true});
  EXPECT_EQ(g[x](1), 4 * 6 * 3);
  EXPECT_EQ(tape.backward(one)[x](1), 2 * 6 * 3);
  expect_error<wg::GraphError>([&] { (void)tape.backward(other); }, "\"multiply\" have been consumed");
}

TEST(Lifetime, SavesNothingForWhatIsNeverDifferentiated) {
  Tape tape;
  auto c = tape.constant(wg::ones<double>({many}));
  auto y = wg::exp(wg::tanh(c) * c);
  EXPECT_EQ(tape.saved_bytes(), 0U);
  auto x = tape.variable(wg::ones<double>({many}));
  auto z = x * y;  // reads y, and reads x for nobody
  EXPECT_EQ(tape.saved_bytes(), array_bytes);
}

TEST(Lifetime, CountsNodesBytesAndPeak) {
  Tape tape;
  EXPECT_EQ(tape.size(), 0U);
  EXPECT_EQ(tape.saved_bytes(), 0U);
  EXPECT_EQ(tape.peak_bytes(), 0U);
  auto x = tape.variable(wg::ones<double>({many}));
  EXPECT_EQ(tape.size(), 1U) << "a leaf is a node";
  EXPECT_EQ(tape.peak_bytes(), 0U) << "whose array is its owner's";
  auto doubled = x * 2.0;
  auto y = wg::tanh(doubled + wg::ones<double>({many}));
  EXPECT_EQ(tape.size(), 5U) << "a number beside a Var is none, an Array is one";
  EXPECT_GE(tape.peak_bytes(), 2 * array_bytes);
  EXPECT_LT(tape.peak_bytes(), 3 * array_bytes);
  doubled = x;
  EXPECT_GE(tape.saved_bytes(), array_bytes);
  EXPECT_LT(tape.saved_bytes(), 2 * array_bytes);
  tape.clear_peak();
  EXPECT_LT(tape.peak_bytes(), 2 * array_bytes) << "what is there now";
  EXPECT_GE(tape.peak_bytes(), array_bytes);
}

TEST(Lifetime, KeepsTheMemoryOfNodesForTheNextStep) {
  Tape tape;
  for (int step = 0; step < 3; ++step) {
    auto x = tape.variable(1.0);
    for (int i = 0; i < 5000; ++i) x = x + 1.0;
    const auto live = wg::memory_use().live;
    x = Var<double>();
    tape.clear();
    EXPECT_EQ(wg::memory_use().live, live) << "no chunk of nodes is given back";
  }
}

TEST(Lifetime, ReleasesAMillionNodesOnAnOrdinaryStack) {
  const auto before = wg::memory_use().live;
  {
    Tape tape;
    auto x = tape.variable(wg::ones<double>({2}));
    auto y = x;
    for (int i = 0; i < 1'000'000; ++i) y = -y;
    EXPECT_EQ(tape.backward(wg::sum(y))[x](1), 1);
    EXPECT_EQ(tape.size(), 1'000'002U);
  }
  EXPECT_EQ(wg::memory_use().live, before);
}

// ---- the allocator ----

TEST(Lifetime, AsksForNoMemoryInASteadyLoop) {
  Tape tape;
  wg::Parameter<double> w("w", wg::ones<double>({32, 16})), b("b", wg::zeros<double>({16}));
  const auto x = wg::ones<double>({64, 32});
  std::size_t before = 0;
  for (int step = 0; step < 20; ++step) {
    if (step == 3) before = requests_for_memory();
    auto h = wg::tanh(wg::matmul(tape.constant(x), w) + b);
    const auto g = tape.backward(wg::mean(wg::square(h)));
    for (auto* p : {&w, &b}) {
      const auto gradient = g[*p];
      const auto values = p->writable();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] -= 0.01 * gradient.values()[i];
    }
    tape.clear();
  }
  EXPECT_EQ(requests_for_memory(), before);
}

TEST(Lifetime, MakesNoArrayOfNumbers) {
  Tape tape;
  std::size_t before = 0;
  for (int round = 0; round < 3; ++round) {
    auto x = tape.variable(0.5), y = x;
    const auto live = wg::memory_use().live;
    for (int i = 0; i < 900; ++i) y = wg::tanh(y * 0.9 + x);
    const auto g = tape.backward(y, {.keep_tape = true});
    if (round > 0) {
      EXPECT_LE(wg::memory_use().live, live + 256) << "the gradients' own list, and nothing for the 2,700 values and their cotangents";
      EXPECT_EQ(requests_for_memory(), before);
    }
    y = x = Var<double>();
    tape.clear();
    before = requests_for_memory();
  }
}

}  // namespace
