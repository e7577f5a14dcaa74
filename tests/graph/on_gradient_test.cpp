// Callbacks that see and replace cotangents in a backward pass.
#include <wengert/graph/tape.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

/// Records on the tape, names a callback, and fails.
struct HooksAndFails {
  static constexpr std::string_view name = "hooks_and_fails";
  static constexpr Keeps keeps = Keeps::nothing;
  Tape* tape;
  template <class T>
  Array<T> forward(Inputs<T>) const {
    const auto own = tape->variable(1.0);
    tape->on_gradient(own, [](const Array<double>&) { throw std::runtime_error("the callback of a node that is gone"); });
    throw ValueError("no");
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return s.g;
  }
};

TEST(OnGradient, SeesTheFinishedCotangentOfLeavesIntermediatesAndParameters) {
  Tape tape;
  const Parameter<double> w("w", from_values<double>({3, 4}, {2}));
  const auto x = tape.variable(from_values<double>({1, 2}, {2}));
  const auto q = x * w;
  const auto f = sum(q * q + q);  // dq = 2 q + 1
  std::vector<std::string> order;
  std::vector<double> seen;
  const auto note = [&](const char* what) {
    return [&, what](const Array<double>& g) {
      order.emplace_back(what);
      seen.insert(seen.end(), g.begin(), g.end());
    };
  };
  tape.on_gradient(x, note("x"));
  tape.on_gradient(tape.use(w), note("w"));
  tape.on_gradient(q, note("q"));
  const auto g = tape.backward(f, {.keep_tape = true});
  EXPECT_EQ(order, (std::vector<std::string>{"q", "w", "x"})) << "each once, when all its consumers have contributed";
  EXPECT_EQ(seen, (std::vector<double>{7, 17, 7, 34, 21, 68}));
  EXPECT_EQ(g[x](1), 68);
  (void)tape.backward(f);
  EXPECT_EQ(order.size(), 6u) << "in every pass, a consuming one too";
  tape.clear();
  const auto again = tape.variable(1.0);
  (void)tape.backward(again * again);
  EXPECT_EQ(order.size(), 6u) << "until clear()";
}

TEST(OnGradient, PutsAnotherCotangentInItsPlace) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2})), z = tape.variable(3.0);
  const auto q = x * z;
  const auto f = sum(q * 10.0);
  tape.on_gradient(q, [](const Array<double>& g) { return g / 10.0; });
  tape.on_gradient(q, [](const Array<double>& g) { return g * 2.0; });
  const auto g = tape.backward(f, {.also = {q}, .keep_tape = true});
  EXPECT_EQ(g[q](0), 2) << "one after the other, and reported so";
  EXPECT_EQ(g[x](0), 6);
  EXPECT_EQ(g[z].item(), 6);
  tape.on_gradient(x, [](Array<double>) { return zeros<double>({2}); });
  EXPECT_EQ(tape.backward(f)[x](1), 0);
}

TEST(OnGradient, GivesAnArrayWhereTheTapeHoldsOneNumber) {
  Tape tape;
  const auto x = tape.variable(ones<float>({2, 3}));
  Shape shape;
  tape.on_gradient(x, [&](const Array<float>& g) { shape = g.shape(); });
  EXPECT_EQ(tape.backward(sum(x))[x](1, 2), 1);
  EXPECT_EQ(shape, (Shape{2, 3}));
}

TEST(OnGradient, WorksOnNumbersAndOnTheOutputItself) {
  Tape tape;
  const auto x = tape.variable(2.0);
  const auto y = x * x;
  const auto f = exp(y) * 0.0 + y;
  double seen = 0;
  tape.on_gradient(y, [&](const Array<double>& g) { seen = g.item(); });
  tape.on_gradient(f, [](const Array<double>& g) { return g * 5.0; });
  EXPECT_EQ(tape.backward(f)[x].item(), 20);
  EXPECT_EQ(seen, 5);
}

TEST(OnGradient, MayKeepWhatItSaw) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2}));
  const auto q = tanh(x) * 2.0;
  Array<double> kept;
  tape.on_gradient(q, [&](const Array<double>& g) { kept = g; });
  (void)tape.backward(sum(q * q));
  EXPECT_DOUBLE_EQ(kept(0), 2 * q.value()(0)) << "the pass did not go on to write over it";
}

TEST(OnGradient, LeavesNothingBehindWhenItThrows) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2}));
  const auto q = x * 2.0;
  const auto f = sum(q * q);
  bool angry = true;
  tape.on_gradient(q, [&](const Array<double>&) {
    if (angry) throw std::runtime_error("no");
  });
  EXPECT_THROW((void)tape.backward(f, {.keep_tape = true}), std::runtime_error);
  angry = false;
  EXPECT_EQ(tape.backward(f)[x](0), 8);
}

TEST(OnGradient, GoesWithANodeThatWasTakenBack) {
  Tape tape;
  const auto x = tape.variable(2.0);
  EXPECT_THROW((void)record(HooksAndFails{&tape}, x), ValueError);
  EXPECT_EQ(tape.size(), 1u);
  const auto y = x * 3.0;
  EXPECT_EQ(tape.backward(y)[x].item(), 3);
}

TEST(OnGradient, RefusesWrongAnswers) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2})).named("x");
  const auto f = sum(x * x);
  bool nothing = false;
  tape.on_gradient(x, [&](const Array<double>&) { return nothing ? Array<double>() : ones<double>({3}); });
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)tape.backward(f, {.keep_tape = true}); }), {"on_gradient", "\"x\"", "(3,)", "(2,)"}));
  nothing = true;
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)tape.backward(f, {.keep_tape = true}); }), {"on_gradient", "empty or moved-from"}));
  Tape guarded{{.check = Check::finite}};
  const auto y = guarded.variable(1.0).named("y");
  guarded.on_gradient(y, [](const Array<double>& g) { return g / 0.0; });
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(y * 2.0); }), {"on_gradient: the cotangent that a callback returned of variable \"y\""}));
}

TEST(OnGradient, RefusesWrongVars) {
  Tape tape, other;
  const auto look_on = [](const Array<double>&) {};
  const auto x = tape.variable(1.0);
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { other.on_gradient(x, look_on); }), {"on_gradient", "another tape"}));
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { tape.on_gradient(tape.constant(2.0), look_on); }), {"on_gradient", "constant"}));
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { tape.on_gradient(Var<double>(), look_on); }), {"on_gradient", "nothing"}));
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { tape.on_gradient(Var<double>(2), look_on); }), {"on_gradient", "plain number"}));
  tape.clear();
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { tape.on_gradient(x, look_on); }), {"on_gradient", "stale"}));
  const auto y = tape.variable(1.0);
  tape.on_gradient(y, [&](const Array<double>&) { tape.on_gradient(y, look_on); });
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)tape.backward(y * 2.0); }), {"on_gradient", "on its way"}));
  Tape quiet{{.recording = Recording::off}};
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { quiet.on_gradient(quiet.variable(1.0), look_on); }), {"on_gradient", "records nothing"}));
}

TEST(OnGradient, IsNotCalledForRecordedGradients) {
  Tape tape;
  const auto x = tape.variable(2.0);
  tape.on_gradient(x, [](const Array<double>& g) { return g * 0.0; });
  EXPECT_EQ(tape.gradient(x * x, x).item(), 4);
}

TEST(OnGradient, MayHoldVarsOfItsOwnTape) {
  const auto live = memory_use().live;
  {
    Tape tape;
    const auto x = tape.variable(ones<double>({1000}));
    const auto y = exp(x);
    tape.on_gradient(x, [y](const Array<double>&) { (void)y.value(); });
    (void)tape.backward(sum(y));
    tape.clear();
    const auto z = tape.variable(ones<double>({1000}));
    tape.on_gradient(z, [z](const Array<double>&) {});
  }
  EXPECT_EQ(memory_use().live, live) << "neither clear() nor the tape's end leaves a circle";
}

}  // namespace
}  // namespace wengert::test
