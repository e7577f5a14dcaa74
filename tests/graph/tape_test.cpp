// The tape: what it records, how long it lasts, what it refuses.
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

// ---- textbook graphs ----

TEST(Tape, WalksTheFirstTextbookGraph) {
  Tape tape;
  auto x = tape.variable(-2.0), y = tape.variable(5.0), z = tape.variable(-4.0);
  auto q = x + y;
  auto f = q * z;
  EXPECT_EQ(f.item(), -12);
  const auto g = tape.backward(f, {.also = {q}});
  EXPECT_EQ(g[x].item(), -4);
  EXPECT_EQ(g[y].item(), -4);
  EXPECT_EQ(g[z].item(), 3);
  EXPECT_EQ(g[q].item(), -4);
  EXPECT_EQ(tape.size(), 5U);
}

TEST(Tape, WalksTheSigmoidNeuron) {
  Tape tape;
  auto w0 = tape.variable(2.0), x0 = tape.variable(-1.0), w1 = tape.variable(-3.0), x1 = tape.variable(-2.0), w2 = tape.variable(-3.0);
  auto s = 1.0 / (1.0 + wg::exp(-(w0 * x0 + w1 * x1 + w2)));
  const auto g = tape.backward(s);
  EXPECT_NEAR(s.item(), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(g[w0].item(), -0.19661193324148185, 1e-15);
  EXPECT_NEAR(g[x0].item(), 0.3932238664829637, 1e-15);
  EXPECT_NEAR(g[w1].item(), -0.3932238664829637, 1e-15);
  EXPECT_NEAR(g[x1].item(), -0.5898357997244456, 1e-15);
  EXPECT_NEAR(g[w2].item(), 0.19661193324148185, 1e-15);
}

TEST(Tape, AddsGradientsWhenAVariableIsUsedTwice) {
  Tape tape;
  auto x = tape.variable(3.0);
  EXPECT_EQ(tape.backward(x * x + x)[x].item(), 7);
  tape.clear();
  auto v = tape.variable(wg::from_values<double>({1, 2, 3}, {3}));
  const auto g = tape.backward(wg::sum(v * v * v + v - v));
  EXPECT_EQ(g[v](1), 12);
}

TEST(Tape, LetsNumbersMeetTheirTapeLate) {
  Tape tape;
  auto x = tape.variable(2.0);
  const Var<double> two(2), three(3);
  auto y = two * three * x;  // the first product is of literals alone
  EXPECT_EQ(y.item(), 12);
  EXPECT_EQ((two * three).item(), 6);
  EXPECT_EQ(tape.backward(y)[x].item(), 6);
}

// ---- clear, the end of a tape, mixing ----

TEST(Tape, ClearMakesOldVarsStaleAndStartsAnew) {
  Tape tape;
  auto x = tape.variable(1.0), y = x + 1.0;
  tape.clear();
  EXPECT_EQ(tape.size(), 0U);
  for (const auto& use : std::vector<void (*)(Tape&, Var<double>&)>{
           [](Tape&, Var<double>& v) { (void)(v + 1.0); }, [](Tape&, Var<double>& v) { (void)v.value(); }, [](Tape&, Var<double>& v) { (void)v.shape(); },
           [](Tape&, Var<double>& v) { (void)v.item(); }, [](Tape&, Var<double>& v) { (void)v.detach(); }, [](Tape&, Var<double>& v) { (void)v.named("v"); },
           [](Tape& t, Var<double>& v) { (void)t.backward(v); }, [](Tape& t, Var<double>& v) { (void)t.gradient(v, v); },
           [](Tape& t, Var<double>& v) { (void)t.local_derivatives(v); }})
    expect_error<wg::GraphError>([&] { use(tape, y); }, "stale");
  auto z = tape.variable(5.0);
  EXPECT_EQ(tape.backward(z * z)[z].item(), 10);
  y = z;  // a stale handle may be assigned to and dropped
  EXPECT_EQ(y.item(), 5);
}

TEST(Tape, KeepsItsMemoryForTheNextStep) {
  Tape tape;
  const auto step = [&] {
    auto x = tape.variable(wg::ones<double>({many}));
    auto y = wg::sum(wg::tanh(x * 2.0));
    (void)tape.backward(y);
    tape.clear();
  };
  step();
  const auto use = wg::memory_use();
  for (int i = 0; i < 10; ++i) step();
  EXPECT_EQ(wg::memory_use().live, use.live);
  EXPECT_EQ(wg::memory_use().cached, use.cached);
}

TEST(Tape, LeavesAVarThatOutlivesItWithItsValue) {
  auto survivor = [] {
    Tape inner;
    auto x = inner.variable(wg::ones<double>({3}));
    return (x * 3.0).named("survivor");
  }();
  EXPECT_EQ(survivor.value()(2), 3);
  EXPECT_EQ(survivor.shape(), (wg::Shape{3}));
  EXPECT_EQ(survivor.name(), "survivor");
  auto copy = survivor;
  expect_error<wg::GraphError>([&] { (void)(copy + 1.0); }, "no longer exists");
  expect_error<wg::GraphError>([&] { (void)Tape().backward(survivor); }, "of another tape");
}

TEST(Tape, GivesItsMemoryBackAtItsEnd) {
  const auto before = wg::memory_use().live;
  {
    std::optional<Var<double>> survivor;
    {
      Tape tape;
      auto x = tape.variable(wg::ones<double>({many}));
      survivor = wg::tanh(x) * 2.0;
    }
    EXPECT_GT(wg::memory_use().live, before);
  }
  EXPECT_EQ(wg::memory_use().live, before);
}

TEST(Tape, RefusesToMixTapes) {
  Tape one, other;
  auto x = one.variable(1.0), y = other.variable(2.0);
  expect_error<wg::GraphError>([&] { (void)(x * y); }, "multiply: the operands are on two tapes");
  expect_error<wg::GraphError>([&] { (void)one.backward(y); }, "backward: the output is of another tape");
  expect_error<wg::GraphError>([&] { (void)one.gradient(x * x, y); }, "another tape");
  expect_error<wg::GraphError>([&] { (void)one.backward(x * x, {.also = {y}}); }, ".also is of another tape");
  expect_error<wg::GraphError>([&] { (void)one.local_derivatives(y * y); }, "another tape");
  EXPECT_EQ((x * y.value()).item(), 2) << "a value can be carried over";
  EXPECT_EQ(one.backward(x * x)[x].item(), 2) << "and the tapes are as before";
}

TEST(Tape, RefusesPlainNumbersAndEmptyVarsWhereAVarOfATapeIsNeeded) {
  Tape tape;
  auto x = tape.variable(1.0);
  auto y = x * x;
  const Var<double> number(2), nothing;
  for (const auto& var : {number, nothing}) {
    EXPECT_THROW((void)tape.backward(var), wg::GraphError);
    EXPECT_THROW((void)tape.backward(y, {.also = {var}}), wg::GraphError);
    EXPECT_THROW((void)tape.gradient(var, x), wg::GraphError);
    EXPECT_THROW((void)tape.gradient(y, var), wg::GraphError);
    EXPECT_THROW((void)tape.local_derivatives(var), wg::GraphError);
    EXPECT_THROW((void)var.named("x"), wg::GraphError);
  }
  EXPECT_THROW((void)(nothing + x), wg::GraphError);
  EXPECT_THROW((void)nothing.value(), wg::GraphError);
  EXPECT_THROW((void)tape.variable(Array<double>()), wg::GraphError);
  const auto g = tape.backward(y);
  EXPECT_THROW((void)g[number], wg::GraphError);
  EXPECT_FALSE(g.contains(number) || g.contains(nothing));
  Var<double> moved_from = x;
  Var<double> taken = std::move(moved_from);
  EXPECT_THROW((void)(moved_from + taken), wg::GraphError);  // NOLINT: what a moved-from Var does is what is tested
}

TEST(Tape, MovesAsAWhole) {
  Tape tape;
  auto x = tape.variable(3.0);
  Tape moved = std::move(tape);
  EXPECT_EQ(moved.backward(x * x)[x].item(), 6);
  for (const auto& use : std::vector<void (*)(Tape&, const Var<double>&)>{
           [](Tape& t, const Var<double>&) { (void)t.variable(1.0); }, [](Tape& t, const Var<double>& v) { (void)t.backward(v); },
           [](Tape& t, const Var<double>& v) { (void)t.gradient(v, v); }, [](Tape& t, const Var<double>&) { t.clear(); },
           [](Tape& t, const Var<double>&) { (void)t.size(); }, [](Tape& t, const Var<double>&) { (void)t.saved_bytes(); },
           [](Tape& t, const Var<double>&) { (void)t.peak_bytes(); }, [](Tape& t, const Var<double>&) { t.clear_peak(); },
           [](Tape& t, const Var<double>&) { (void)t.options(); }})
    expect_error<wg::GraphError>([&] { use(tape, x); }, "moved from");  // NOLINT: what a moved-from Tape does is what is tested
  tape = Tape();
  EXPECT_EQ(tape.size(), 0U);
}

// ---- length ----

TEST(Tape, WalksAChainOfAMillionNodes) {
  Tape tape;
  auto x = tape.variable(1.0);
  auto y = x;
  for (int i = 0; i < 1'000'000; ++i) y = y * 1.000001;
  EXPECT_EQ(tape.size(), 1'000'001U);
  auto d = tape.gradient(y, x);
  EXPECT_NEAR(d.item(), std::pow(1.000001, 1e6), 1e-9);
  EXPECT_NEAR(tape.backward(y)[x].item(), std::pow(1.000001, 1e6), 1e-9);
}

TEST(Tape, DifferentiatesALongChainTwice) {
  constexpr int length = 100'000;
  Tape tape;
  auto x = tape.variable(1.0);
  auto y = x;
  for (int i = 0; i < length; ++i) y = wg::sin(y) * 1.0001;
  auto d = tape.gradient(y, x);
  const double second = tape.backward(d)[x].item();
  EXPECT_TRUE(std::isfinite(second));
  EXPECT_NE(second, 0);
}

TEST(Tape, HoldsWideFansAsWell) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({4}));
  auto total = x * 0.0;
  for (int i = 0; i < 70'000; ++i) total = total + x;  // x is kept by none and used by all
  EXPECT_EQ(tape.backward(wg::sum(total))[x](3), 70'000);
}

}  // namespace
