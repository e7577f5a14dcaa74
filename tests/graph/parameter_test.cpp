// Parameters: what training changes, while no recorded value ever does.
#include <wengert/graph/parameter.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Parameter;
using wg::Tape;
using wg::Var;

/// One step of gradient descent in place: what an optimizer does.
void descend(Parameter<double>& w, const wg::Gradients& g) {
  const auto gradient = g[w];
  const auto out = w.writable();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] -= 0.1 * gradient.values()[i];
}

TEST(Parameter, IsTheSameInAllItsCopies) {
  Parameter<double> w("w", wg::ones<double>({2}));
  Parameter<double> copy = w;
  const auto other = w.clone();
  copy.assign(wg::full<double>({2}, 5));
  EXPECT_EQ(w.value()(1), 5);
  EXPECT_EQ(other.value()(1), 1);
  EXPECT_TRUE(copy == w);
  EXPECT_FALSE(other == w);
  copy.rename("weight");
  EXPECT_EQ(w.name(), "weight");
  EXPECT_EQ(other.name(), "w");
  Tape tape;
  auto x = tape.variable(3.0);
  const auto g = tape.backward(wg::sum(w * x + copy * x));
  EXPECT_EQ(g[w](0), 6);
  EXPECT_FALSE(g.contains(other));
  EXPECT_EQ(g[other](0), 0) << "zeros if it took no part";
}

TEST(Parameter, IsStillThereAfterBeingMovedFrom) {
  Parameter<double> w("w", wg::ones<double>({2}));
  const auto moved = std::move(w);
  EXPECT_EQ(w.value()(1), 1);  // NOLINT: that a move is a copy is what is tested
  EXPECT_TRUE(w == moved);     // NOLINT
}

TEST(Parameter, RefusesAnArrayOfAnotherShapeOrNone) {
  expect_error<wg::ValueError>([] { Parameter<double>("w", wg::Array<double>()); }, "parameter: the array holds nothing: \"w\"");
  Parameter<double> w("w", wg::ones<double>({2}));
  expect_error<wg::ShapeError>([&] { w.assign(wg::ones<double>({3})); }, "assign: the shape is not the parameter's: (3,) for \"w\"; it must be (2,)");
  expect_error<wg::ShapeError>([&] { w.assign({}); }, "nothing");
  EXPECT_EQ(w.value()(1), 1);
}

TEST(Parameter, HasOneLeafOnATape) {
  Tape tape;
  Parameter<double> w("w", wg::ones<double>({2}));
  auto a = tape.use(w), b = tape.use(w);
  EXPECT_EQ(tape.size(), 1U);
  const auto g = tape.backward(wg::sum(a * b));
  EXPECT_EQ(g[a](0), 2);
  EXPECT_EQ(g[b](0), 2);
  EXPECT_EQ(g[w](0), 2);
}

TEST(Parameter, AssignedBetweenTwoUsesHoldsTheFirstValueUntilClear) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({1}, 2));
  auto x = tape.variable(1.0);
  auto first = x * w;
  w.assign(wg::full<double>({1}, 7));
  auto second = x * w;
  EXPECT_EQ(second.value()(0), 2) << "the first use's value holds";
  EXPECT_EQ(tape.backward(wg::sum(first * second))[x].item(), 8);
  tape.clear();
  EXPECT_EQ((tape.variable(1.0) * w).value()(0), 7);
}

TEST(Parameter, IsAConstantWhileFrozen) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({1}, 2));
  w.freeze();
  EXPECT_TRUE(w.frozen() && w.clone().frozen());
  auto x = tape.variable(3.0);
  const auto g = tape.backward(wg::sum(x * w));
  EXPECT_FALSE(g.contains(w));
  EXPECT_EQ(g[w](0), 0);
  EXPECT_EQ(g[x].item(), 2);
  tape.clear();
  w.unfreeze();
  x = tape.variable(3.0);
  EXPECT_EQ(tape.backward(wg::sum(x * w))[w](0), 3);
}

// ---- updates in place ----

TEST(Parameter, IsUpdatedInPlaceInATrainingLoop) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({8}, 2));
  const double* const where = w.value().data();
  for (int step = 0; step < 5; ++step) {
    auto x = tape.constant(wg::ones<double>({8}));
    auto loss = wg::sum(wg::square(x * w));
    descend(w, tape.backward(loss));
    EXPECT_EQ(w.value().data(), where) << "step " << step << ": the consuming backward has let go of the leaf's array";
    tape.clear();
  }
  EXPECT_NEAR(w.value()(0), 2 * 0.8 * 0.8 * 0.8 * 0.8 * 0.8, 1e-15);
}

TEST(Parameter, IsCopiedBeforeAnUpdateWhereATapeStillReadsIt) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({8}, 2));
  auto x = tape.variable(wg::ones<double>({8}));
  auto loss = wg::sum(wg::square(x * w));
  const double* const where = w.value().data();
  descend(w, tape.backward(loss, {.keep_tape = true}));
  EXPECT_NE(w.value().data(), where);
  EXPECT_EQ(w.value()(0), 2 - 0.1 * 4);
  EXPECT_EQ(tape.backward(loss)[x](0), 8) << "the recorded value has not changed";
}

TEST(Parameter, IsCopiedBeforeAnUpdateWhereAVarOrArrayHoldsIt) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({8}, 2));
  auto leaf = tape.use(w);
  auto x = tape.variable(1.0);
  descend(w, tape.backward(wg::sum(x * w)));
  EXPECT_EQ(leaf.value()(0), 2) << "a recorded value never changes";
  EXPECT_EQ(w.value()(0), 1.9);
  const auto held = w.value();
  w.writable()[0] = 100;
  EXPECT_EQ(held(0), 1.9);
}

TEST(Parameter, TakesPartAgainOnATapeThatHasLetGoOfIt) {
  Tape tape;
  Parameter<double> w("w", wg::full<double>({4}, 2));
  auto x = tape.variable(wg::ones<double>({4}));
  auto branch = wg::sum(x + w);  // reads no value of w
  descend(w, tape.backward(wg::sum(x * w)));
  EXPECT_EQ(w.value()(0), 1.9);
  auto again = wg::sum(x * w);
  EXPECT_EQ(again.item(), 4 * 1.9) << "today's value";
  const auto g = tape.backward(branch + again * 3.0);
  EXPECT_EQ(g[w](0), 1 + 3) << "all its uses count, also those from before the update";
}

TEST(Parameter, GivesOnlyItsOwnGradientWhereAnotherOnceWas) {
  Tape tape;
  auto w = std::optional(Parameter<double>("w", wg::ones<double>({2})));
  auto x = tape.variable(3.0);
  const auto g = tape.backward(wg::sum(x * *w));
  tape.clear();
  std::vector<Parameter<double>> others;
  w.reset();
  for (int i = 0; i < 100; ++i) others.emplace_back("other", wg::ones<double>({3}));  // one of them lies where w did
  for (const auto& other : others) ASSERT_FALSE(g.contains(other));
}

TEST(Parameter, OutlivesTapesAndIsOutlivedByThem) {
  std::optional<Var<double>> survivor;
  {
    Tape tape;
    Parameter<double> w("weight", wg::ones<double>({2}));
    survivor = tape.use(w);
  }
  EXPECT_EQ(survivor->value()(1), 1);
  EXPECT_EQ(survivor->name(), "weight");
}

TEST(Parameter, IsFoundAmongThousands) {
  Tape tape;
  std::vector<Parameter<float>> all;
  for (int i = 0; i < 3000; ++i) all.emplace_back(std::to_string(i), wg::full<float>({1}, 1));
  for (int step = 0; step < 2; ++step) {
    auto total = tape.variable(wg::zeros<float>({1})), one = tape.constant(1.F);
    for (int i = 0; i < 3000; ++i) total = total + one * all[static_cast<std::size_t>(i)] * static_cast<float>(i);
    const auto g = tape.backward(total);
    for (int i = 0; i < 3000; ++i) ASSERT_EQ(g[all[static_cast<std::size_t>(i)]](0), static_cast<float>(i));
    tape.clear();
  }
}

}  // namespace
