// The tape: what it records, what it holds, what it refuses.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <optional>
#include <string>
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

constexpr std::size_t many = 1000;
constexpr std::size_t array_bytes = many * sizeof(double);

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

// ---- backward and its options ----

TEST(Tape, AsksForACotangentWhereTheOutputIsNotOneNumber) {
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

TEST(Tape, AcceptsOneElementOfAnyRankAsOneNumber) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({3}, {1, 1}));
  const auto g = tape.backward(x * x);
  EXPECT_EQ(g[x].shape(), (wg::Shape{1, 1}));
  EXPECT_EQ(g[x](0, 0), 6);
}

TEST(Tape, ConsumesItsValuesUnlessToldToKeepThem) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = wg::exp(x);
  const double first = tape.backward(y, {.keep_tape = true})[x].item();
  EXPECT_EQ(tape.backward(y)[x].item(), first);
  expect_error<wg::GraphError>([&] { (void)tape.backward(y); }, "backward: the saved values of \"exp\" have been consumed");
  expect_error<wg::GraphError>([&] { (void)tape.gradient(y, x); }, "keep_tape");
  EXPECT_EQ(tape.backward(y * 0.0 + x * 2.0 - y * 0.0, {.keep_tape = true}).size(), 1U) << "part of it is consumed, but not what is new";
}

TEST(Tape, ReachesWhatAnEarlierBackwardHasNotConsumed) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto shared = wg::exp(x), left = shared * 2.0;
  auto apart = wg::sin(x);
  (void)tape.backward(left);
  EXPECT_NEAR(tape.backward(apart)[x].item(), std::cos(2.0), 1e-15);
  EXPECT_THROW((void)tape.backward(shared), wg::GraphError);
}

TEST(Tape, StartsFromAVariableItself) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  EXPECT_EQ(tape.backward(x, {.cotangent = wg::from_values<double>({5, 6}, {2})})[x](1), 6);
  auto c = tape.constant(1.0);
  EXPECT_EQ(tape.backward(c).size(), 0U);
}

// ---- gradients that are recorded ----

TEST(Tape, GivesDerivativesOfAnyOrder) {
  Tape tape;
  auto x = tape.variable(0.5);
  auto d = wg::tanh(x);
  const double t = std::tanh(0.5), s = 1 - t * t;
  const double truth[] = {s, -2 * t * s, s * (6 * t * t - 2), 8 * t * s * (2 - 3 * t * t), 8 * s * (2 - 15 * t * t + 15 * t * t * t * t)};
  for (const double derivative : truth) {
    d = tape.gradient(d, x);
    EXPECT_NEAR(d.item(), derivative, 1e-13);
  }
  EXPECT_EQ(tape.backward(d).size(), 1U);
}

TEST(Tape, DifferentiatesBySeveralAndByIntermediates) {
  Tape tape;
  auto x = tape.variable(2.0), y = tape.variable(3.0);
  auto p = x * y;
  auto f = p * p + x;
  const auto g = tape.gradient(f, {x, y, p});
  ASSERT_EQ(g.size(), 3U);
  EXPECT_EQ(g[0].item(), 2 * 6 * 3 + 1);
  EXPECT_EQ(g[1].item(), 2 * 6 * 2);
  EXPECT_EQ(g[2].item(), 12);
  EXPECT_EQ(tape.gradient(g[0], y).item(), 4 * 2 * 3);  // d/dy (2 x y^2 + 1)
  EXPECT_EQ(tape.gradient(f, {x}).item(), g[0].item()) << "a single Var in braces is a single Var";
  const auto unrelated = tape.variable(wg::ones<double>({2}));
  EXPECT_EQ(tape.gradient(f, unrelated).value()(1), 0);
}

TEST(Tape, DifferentiatesThroughACotangent) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto c = tape.variable(wg::from_values<double>({3, 4}, {2}));
  auto y = x * x;
  auto d = tape.gradient(y, x, {.cotangent = c});  // 2 x c
  const auto g = tape.backward(wg::sum(d * d));    // 4 x^2 c^2
  EXPECT_EQ(g[x](0), 8 * 1 * 9);
  EXPECT_EQ(g[c](1), 8 * 4 * 4);
}

TEST(Tape, StretchesANumberAsCotangentInRecordedGradientsToo) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  auto c = tape.variable(3.0);
  auto y = wg::matmul(wg::ones<double>({2, 2}), x);
  EXPECT_EQ(tape.gradient(y, x, {.cotangent = 2.0}).value()(1), 4);
  auto d = tape.gradient(y, x, {.cotangent = c});
  EXPECT_EQ(d.shape(), (wg::Shape{2}));
  EXPECT_EQ(d.value()(1), 6);
  EXPECT_EQ(tape.backward(wg::sum(d))[c].item(), 4) << "and differentiates through it";
}

TEST(Tape, GradientDoesNotConsume) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = wg::exp(x);
  EXPECT_EQ(tape.gradient(y, x).item(), y.item());
  EXPECT_EQ(tape.gradient(y, x).item(), y.item());
  EXPECT_EQ(tape.backward(y)[x].item(), y.item());
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

// ---- what it holds, and for how long ----

TEST(Tape, LetsGoOfIntermediatesThatNobodyNeeds) {
  Tape tape;
  auto y = tape.variable(wg::ones<double>({many}));
  for (int i = 0; i < 50; ++i) y = y + 1.0;
  EXPECT_EQ(y.value()(0), 51);
  EXPECT_LE(tape.peak_bytes(), 2 * array_bytes + 1024);
  EXPECT_EQ(tape.saved_bytes(), 0U);
  EXPECT_EQ(tape.backward(wg::sum(y)).size(), 1U);
}

TEST(Tape, HoldsWhatPullbacksNeedAndNothingMore) {
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

TEST(Tape, CountsMemoryTheSameInEachStep) {
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

TEST(Tape, RetainsEverythingForTeaching) {
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

TEST(Tape, ShowsLocalDerivatives) {
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

// ---- a tape that records nothing ----

TEST(Tape, RecordsNothingWhenQuiet) {
  Tape quiet{{.recording = wg::Recording::off}};
  auto y = quiet.variable(wg::ones<double>({many}));
  for (int i = 0; i < 100; ++i) y = wg::tanh(y + 1.0);
  EXPECT_EQ(quiet.size(), 0U);
  EXPECT_EQ(quiet.saved_bytes(), 0U);
  EXPECT_LE(quiet.peak_bytes(), 3 * array_bytes);
  expect_error<wg::GraphError>([&] { (void)quiet.backward(y, {.cotangent = 1.0}); }, "records nothing");
  expect_error<wg::GraphError>([&] { (void)quiet.gradient(y, y, {.cotangent = 1.0}); }, "records nothing");
}

TEST(Tape, UsesTheSlotsOfAQuietTapeAgain) {
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

TEST(Tape, ForgetsANameWithItsSlot) {
  Tape quiet{{.recording = wg::Recording::off}};
  { const auto a = quiet.constant(1.0).named("a"); }
  EXPECT_EQ(quiet.constant(2.0).name(), "");
}

TEST(Tape, TellsItsOptions) {
  const Tape quiet{{.recording = wg::Recording::off}};
  EXPECT_EQ(quiet.options().recording, wg::Recording::off);
  EXPECT_EQ(quiet.options().retain, wg::Retain::needed);
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
