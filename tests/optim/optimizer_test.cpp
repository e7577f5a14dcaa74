// What all optimizers share: which parameters take part, whose array is written, and the same bits on any number of threads.
#include <wengert/optim/optimizer.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/optim/adam.hpp>
#include <wengert/optim/gradient_descent.hpp>

#include "optim/optim_tests.hpp"
#include "support/refusal.hpp"
#include "support/simd_levels.hpp"

namespace wengert::test {
namespace {

using optim::Adam;
using optim::AdamVariant;
using optim::GradientDescent;
using optim::Momentum;
using optim::Nesterov;
using optim::Optimizer;

template <Real T>
struct Kind {
  std::string name;
  std::function<std::unique_ptr<Optimizer<T>>(const Parameters<T>&)> make;
};

template <Real T>
std::vector<Kind<T>> every_kind() {
  return {{"GradientDescent", [](const Parameters<T>& p) { return std::make_unique<GradientDescent<T>>(p); }},
          {"Momentum", [](const Parameters<T>& p) { return std::make_unique<Momentum<T>>(p); }},
          {"Nesterov", [](const Parameters<T>& p) { return std::make_unique<Nesterov<T>>(p); }},
          {"Adam", [](const Parameters<T>& p) { return std::make_unique<Adam<T>>(p); }},
          {"Adam", [](const Parameters<T>& p) { return std::make_unique<Adam<T>>(p, optim::AdamOptions{.variant = AdamVariant::amsgrad}); }}};
}

template <Real T>
Array<T> drawn(std::size_t count, std::uint64_t seed) {
  RandomEngine engine(seed);
  return Array<T>::build({count}, [&](std::span<T> out) { engine.fill_normal(out); });
}

template <class T>
bool equal(const Array<T>& a, const Array<T>& b) {
  return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin());
}

// ---- who takes part ----

TEST(Optimizer, LeavesAbsentParametersAndTheirStateAlone) {
  for (const auto& kind : every_kind<double>()) {
    SCOPED_TRACE(kind.name);
    Parameter<double> a("a", row<double>({1, 2})), b("b", row<double>({3}));
    const auto optimizer = kind.make({a, b});
    optimizer->step(gradients<double>({{a, row<double>({1, 1})}, {b, row<double>({1})}}));
    const auto value = b.value();
    const auto state = optimizer->state();
    const auto moved = a.value();
    optimizer->step(gradients<double>({{a, row<double>({1, 1})}}));
    EXPECT_FALSE(equal(a.value(), moved));
    EXPECT_EQ(b.value().data(), value.data());
    EXPECT_EQ(optimizer->updates(0), 2u);
    EXPECT_EQ(optimizer->updates(1), 1u);
    const auto now = optimizer->state();
    ASSERT_EQ(now.size(), state.size());
    for (std::size_t i = 0; i < now.size(); ++i) EXPECT_TRUE(now[i].name.starts_with("a.") || equal(now[i].value, state[i].value)) << now[i].name;
  }
}

TEST(Optimizer, LeavesFrozenParametersAlone) {
  Parameter<float> a("a", row<float>({1})), b("b", row<float>({1}));
  GradientDescent<float> descent({a, b}, {.learning_rate = 1});
  const auto g = gradients<float>({{a, row<float>({1})}, {b, row<float>({1})}});
  b.freeze();  // also when the gradients still have it
  descent.step(g);
  EXPECT_EQ(a.value()(0), 0.F);
  EXPECT_EQ(b.value()(0), 1.F);
  EXPECT_EQ(descent.updates(1), 0u);
  b.unfreeze();
  descent.step(g);
  EXPECT_EQ(b.value()(0), 0.F);
}

TEST(Optimizer, UpdatesAParameterByTheGradientsOfEachOfTwoTapes) {
  Parameter<double> p("p", row<double>({3}));
  GradientDescent<double> descent({p}, {.learning_rate = 0.1});
  Tape one, two;
  const auto first = sum(one.use(p) * one.use(p)), second = sum(two.use(p) * 2.0);
  const auto by_first = one.backward(first), by_second = two.backward(second);
  descent.step(by_first);
  EXPECT_NEAR(p.value()(0), 3 - 0.6, 1e-15);
  descent.step(by_second);
  EXPECT_NEAR(p.value()(0), 3 - 0.6 - 0.2, 1e-15);
}

TEST(Optimizer, KnowsAParameterByItselfNotByItsName) {
  Parameter<double> p("same", row<double>({1})), other("same", row<double>({1}));
  GradientDescent<double> descent({p}, {.learning_rate = 1});
  descent.step(gradients<double>({{other, row<double>({1})}}));
  EXPECT_EQ(p.value()(0), 1);
  Parameter<double> copy = p;
  descent.step(gradients<double>({{copy, row<double>({1})}}));
  EXPECT_EQ(p.value()(0), 0);
}

TEST(Optimizer, NamesItsStateByTheParameter) {
  Parameter<double> p("3.bias", row<double>({1}));
  Momentum<double> velocity({p}), buffer({p}, {.form = optim::MomentumForm::buffer});
  const auto g = gradients<double>({{p, row<double>({1})}});
  velocity.step(g);
  buffer.step(g);
  EXPECT_EQ(velocity.state().at(0).name, "3.bias.velocity");
  EXPECT_EQ(buffer.state().at(0).name, "3.bias.buffer");
  EXPECT_EQ(velocity.name(), "Momentum");
  EXPECT_EQ(velocity.parameters().size(), 1u);
  EXPECT_TRUE(velocity.parameters()[0] == p);
}

// ---- whose array is written ----

TEST(Optimizer, UpdatesInPlaceWhenNobodyElseHoldsTheArray) {
  for (const auto& kind : every_kind<float>()) {
    SCOPED_TRACE(kind.name);
    Parameter<float> p("p", drawn<float>(1000, 1));
    const auto optimizer = kind.make({p});
    const float* const before = p.value().data();
    for (int i = 0; i < 3; ++i) {
      optimizer->step(gradients<float>({{p, drawn<float>(1000, 2)}}));
      EXPECT_EQ(p.value().data(), before);
    }
  }
}

TEST(Optimizer, NeverChangesAnArrayThatSomebodyHolds) {
  for (const auto& kind : every_kind<float>()) {
    SCOPED_TRACE(kind.name);
    Parameter<float> p("p", row<float>({1, 2}));
    const auto optimizer = kind.make({p});
    Tape tape;
    const auto on_tape = tape.use(p);
    const auto held = p.value();
    optimizer->step(gradients<float>({{p, row<float>({1, 1})}}));
    EXPECT_EQ(held(0), 1.F);
    EXPECT_EQ(on_tape.value()(1), 2.F);
    EXPECT_NE(p.value()(0), 1.F);
  }
}

TEST(Optimizer, NeverChangesStateThatSomebodyHolds) {
  Parameter<double> p("p", row<double>({1, 2}));
  Momentum<double> momentum({p}, {.learning_rate = 1, .momentum = 0.5});
  const auto g = gradients<double>({{p, row<double>({1, 1})}});
  momentum.step(g);
  const auto held = momentum.state();
  momentum.step(g);
  EXPECT_EQ(held[0].value(0), -1);
  EXPECT_EQ(momentum.state()[0].value(0), -1.5);
}

TEST(Optimizer, KeepsItsStateWhenItIsMoved) {
  Parameter<double> p("p", row<double>({0}));
  const auto g = gradients<double>({{p, row<double>({1})}});
  Momentum<double> momentum({p}, {.learning_rate = 1, .momentum = 0.5});
  momentum.step(g);
  Momentum<double> moved = std::move(momentum);
  moved.step(g);
  EXPECT_EQ(p.value()(0), -1 - 1.5);
  EXPECT_EQ(moved.updates(0), 2u);
}

// ---- minimize ----

TEST(Minimize, IsOneIterationAndReturnsTheLossBeforeIt) {
  Parameter<double> p("p", row<double>({3}));
  GradientDescent<double> descent({p}, {.learning_rate = 0.25});
  const auto loss = [&](Tape& tape) { return sum(tape.use(p) * tape.use(p)); };
  EXPECT_EQ(descent.minimize(loss), 9);
  EXPECT_EQ(p.value()(0), 1.5);
  EXPECT_EQ(descent.minimize(loss), 2.25);
  EXPECT_EQ(p.value()(0), 0.75);
}

TEST(Minimize, ChangesNothingWhenTheLossThrows) {
  Parameter<double> p("p", row<double>({3}));
  Adam<double> adam({p});
  EXPECT_THROW((void)adam.minimize([&](Tape& tape) -> Var<double> {
    (void)(tape.use(p) * 2.0);
    throw std::runtime_error("the data ran out");
  }), std::runtime_error);
  EXPECT_EQ(p.value()(0), 3);
  EXPECT_EQ(adam.updates(0), 0u);
  EXPECT_EQ(adam.minimize([&](Tape& tape) { return sum(tape.use(p)); }), 3);
}

TEST(Minimize, FindsTheMinimumWithEveryKind) {
  for (const auto& kind : every_kind<float>()) {
    SCOPED_TRACE(kind.name);
    Parameter<float> p("p", row<float>({3, -1}));
    const auto optimizer = kind.make({p});
    optimizer->set_learning_rate(0.02);
    const auto target = row<float>({1, 2});
    for (int i = 0; i < 600; ++i) (void)optimizer->minimize([&](Tape& tape) { return sum((tape.use(p) - target) * (tape.use(p) - target)); });
    EXPECT_NEAR(p.value()(0), 1.F, 1e-2F);
    EXPECT_NEAR(p.value()(1), 2.F, 1e-2F);
  }
}

// ---- misuse ----

TEST(Optimizer, RefusesAnEmptyListAndAParameterTwice) {
  for (const auto& kind : every_kind<float>()) {
    const Parameter<float> p("w", row<float>({1}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)kind.make({}); }), {kind.name, "empty"}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)kind.make({p, p}); }), {kind.name, "\"w\"", "twice"}));
  }
}

TEST(Optimizer, RefusesABadRateAndKeepsTheOldOne) {
  GradientDescent<float> descent({Parameter<float>("p", row<float>({1}))}, {.learning_rate = 0.5});
  for (const double rate : {-1.0, std::nan(""), static_cast<double>(INFINITY)}) EXPECT_TRUE(mentions(refusal<ValueError>([&] { descent.set_learning_rate(rate); }), {"GradientDescent", "learning_rate"}));
  EXPECT_EQ(descent.learning_rate(), 0.5);
  descent.set_learning_rate(0);
  EXPECT_EQ(descent.learning_rate(), 0);
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)descent.updates(1); }), {"GradientDescent", "1 of 1"}));
}

// ---- kernels ----

constexpr std::size_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 100, 1023};

/// Five steps from the same start with the same gradients.
template <Real T>
Array<T> trained(const Kind<T>& kind, std::size_t count) {
  Parameter<T> p("p", drawn<T>(count, 1));
  const auto optimizer = kind.make({p});
  optimizer->set_learning_rate(0.1);
  for (std::uint64_t step = 0; step < 5; ++step) optimizer->step(gradients<T>({{p, drawn<T>(count, 10 + step)}}));
  return p.value();
}

class OptimizerLoops : public AtEachSimdLevel {
 protected:
  /// Whatever its place and its neighbours, an element gets the same arithmetic: as if it were trained alone.
  template <Real T>
  void expect_the_same_for_each_element() {
    for (const auto& kind : every_kind<T>()) {
      const auto longest = trained(kind, 1023);
      detail::force_simd_level(detail::SimdLevel::baseline);
      const auto reference = trained(kind, 1023);
      detail::force_simd_level(GetParam());
      constexpr T few_ulp = std::is_same_v<T, float> ? T(4e-6) : T(1e-14);
      for (std::size_t i = 0; i < longest.size(); ++i) EXPECT_NEAR(longest(i), reference(i), few_ulp) << kind.name << " " << i;
      for (const std::size_t size : sizes) {
        // Draws begin with the same numbers whatever their count.
        const auto part = trained(kind, size);
        EXPECT_TRUE(std::equal(part.begin(), part.end(), longest.begin())) << kind.name << " " << size;
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, OptimizerLoops, all_simd_levels, simd_level_name);

TEST_P(OptimizerLoops, TreatEachElementAlikeInFloat) { expect_the_same_for_each_element<float>(); }
TEST_P(OptimizerLoops, TreatEachElementAlikeInDouble) { expect_the_same_for_each_element<double>(); }

TEST_P(OptimizerLoops, WriteNothingBehindTheEnd) {
  for (const auto& kind : every_kind<float>()) {
    Parameter<float> a("a", drawn<float>(5, 1)), b("b", drawn<float>(5, 2));
    const auto before = b.value().copy();
    const auto optimizer = kind.make({a, b});
    optimizer->step(gradients<float>({{a, drawn<float>(5, 3)}}));
    EXPECT_TRUE(equal(b.value(), before)) << kind.name;
  }
}

TEST(OptimizerThreads, DoNotChangeABit) {
  const std::size_t before = threads();
  constexpr std::size_t many = 300'001;  // several ranges and a rest
  for (const auto& kind : every_kind<float>()) {
    set_threads(1);
    const auto alone = trained(kind, many);
    for (const std::size_t count : {2u, 3u, 8u}) {
      set_threads(count);
      EXPECT_TRUE(equal(trained(kind, many), alone)) << kind.name << " on " << count << " threads";
    }
  }
  set_threads(before);
}

TEST(OptimizerThreads, TrainSeparateParametersAtOnce) {
  const auto kinds = every_kind<double>();
  std::vector<Array<double>> results(kinds.size());
  std::vector<std::thread> workers;
  for (std::size_t k = 0; k < kinds.size(); ++k) workers.emplace_back([&, k] { results[k] = trained(kinds[k], 5000); });
  for (auto& worker : workers) worker.join();
  for (std::size_t k = 0; k < kinds.size(); ++k) EXPECT_TRUE(equal(results[k], trained(kinds[k], 5000))) << kinds[k].name;
}

}  // namespace
}  // namespace wengert::test
