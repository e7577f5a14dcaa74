// Gradient descent and its momenta: trajectories by hand, in both forms, and the hyper-parameters that they refuse.
#include <wengert/optim/gradient_descent.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "optim/optim_tests.hpp"
#include "support/refusal.hpp"

namespace wengert::test {
namespace {

using optim::GradientDescent;
using optim::Momentum;
using optim::MomentumForm;
using optim::Nesterov;

template <class T>
class Descents : public testing::Test {
 protected:
  static constexpr T tolerance = std::is_same_v<T, float> ? T(1e-6) : T(1e-15);
  Parameter<T> p{"p", row<T>({1, -2})};

  void step(optim::Optimizer<T>& optimizer, std::initializer_list<T> gradient) { optimizer.step(gradients<T>({{p, row<T>(gradient)}})); }
  void expect(double first, double second) {
    EXPECT_NEAR(p.value()(0), static_cast<T>(first), tolerance);
    EXPECT_NEAR(p.value()(1), static_cast<T>(second), tolerance);
  }
};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Descents, Numbers);

TYPED_TEST(Descents, StepAgainstTheGradient) {
  GradientDescent<TypeParam> descent({this->p}, {.learning_rate = 0.5});
  this->step(descent, {1, 4});
  this->expect(0.5, -4);
  this->step(descent, {-2, 0});
  this->expect(1.5, -4);
}

TYPED_TEST(Descents, GatherMomentumInAVelocity) {
  Momentum<TypeParam> momentum({this->p}, {.learning_rate = 0.1, .momentum = 0.5});
  this->step(momentum, {1, 2});  // v = {-0.1, -0.2}
  this->expect(0.9, -2.2);
  this->step(momentum, {1, 2});  // v = {-0.15, -0.3}
  this->expect(0.75, -2.5);
  momentum.set_learning_rate(0);  // the velocity goes on: v = {-0.075, -0.15}
  this->step(momentum, {1, 2});
  this->expect(0.675, -2.65);
}

TYPED_TEST(Descents, GatherMomentumInABuffer) {
  Momentum<TypeParam> momentum({this->p}, {.learning_rate = 0.1, .momentum = 0.5, .form = MomentumForm::buffer});
  this->step(momentum, {1, 2});  // b = {1, 2}
  this->expect(0.9, -2.2);
  this->step(momentum, {1, 2});  // b = {1.5, 3}
  this->expect(0.75, -2.5);
  momentum.set_learning_rate(0);  // nothing moves, the buffer becomes {1.75, 3.5}
  this->step(momentum, {1, 2});
  this->expect(0.75, -2.5);
  momentum.set_learning_rate(1);
  this->step(momentum, {0, 0});  // b = {0.875, 1.75}
  this->expect(-0.125, -4.25);
}

TYPED_TEST(Descents, DampenNewGradients) {
  Momentum<TypeParam> velocity({this->p}, {.learning_rate = 1, .momentum = 0.5, .dampening = 0.75});
  this->step(velocity, {4, 0});  // v = {-1, 0}
  this->expect(0, -2);
  this->step(velocity, {4, 0});  // v = {-1.5, 0}
  this->expect(-1.5, -2);

  Parameter<TypeParam> q("q", row<TypeParam>({0}));
  Momentum<TypeParam> buffer({q}, {.learning_rate = 1, .momentum = 0.5, .dampening = 0.75, .form = MomentumForm::buffer});
  buffer.step(gradients<TypeParam>({{q, row<TypeParam>({4})}}));  // the first buffer is the gradient itself
  EXPECT_EQ(q.value()(0), TypeParam(-4));
  buffer.step(gradients<TypeParam>({{q, row<TypeParam>({4})}}));  // b = 2 + 1
  EXPECT_EQ(q.value()(0), TypeParam(-7));
}

TYPED_TEST(Descents, LookAheadWithNesterov) {
  Nesterov<TypeParam> nesterov({this->p}, {.learning_rate = 0.1, .momentum = 0.5});
  this->step(nesterov, {1, 2});  // v = {-0.1, -0.2}; p += 0.5 v - 0.1 g
  this->expect(0.85, -2.3);
  this->step(nesterov, {1, 2});  // v = {-0.15, -0.3}
  this->expect(0.675, -2.65);
}

/// f(x) = 0.5 k x^2, whose gradient is k x.
template <class Optimizer>
double after(int steps, Optimizer& optimizer, Parameter<double>& x, double k) {
  for (int i = 0; i < steps; ++i) optimizer.step(gradients<double>({{x, row<double>({k * x.value()(0)})}}));
  return x.value()(0);
}

TEST(Nesterov, IsTheLookAheadFormWrittenForTheLookAheadPoint) {
  constexpr double rate = 0.05, momentum = 0.9, k = 3;
  for (const auto form : {MomentumForm::velocity, MomentumForm::buffer}) {
    Parameter<double> p("p", row<double>({2.0}));
    Nesterov<double> nesterov({p}, {.learning_rate = rate, .momentum = momentum, .form = form});
    double x = 2, v = 0;  // v <- momentum v - rate g(x + momentum v), x <- x + v
    for (int step = 0; step < 40; ++step) {
      (void)after(1, nesterov, p, k);
      v = momentum * v - rate * k * (x + momentum * v);
      x += v;
      EXPECT_NEAR(p.value()(0), x + momentum * v, 1e-13) << step;
    }
  }
}

TEST(Momentum, IsTheSameInBothFormsAtAConstantRate) {
  for (const double momentum : {0.0, 0.5, 0.9, 0.99}) {
    Parameter<double> a("a", row<double>({2.0})), b("b", row<double>({2.0}));
    Momentum<double> velocity({a}, {.learning_rate = 0.02, .momentum = momentum}), buffer({b}, {.learning_rate = 0.02, .momentum = momentum, .form = MomentumForm::buffer});
    EXPECT_NEAR(after(50, velocity, a, 3), after(50, buffer, b, 3), 1e-12) << momentum;
  }
}

TEST(Momentum, OfZeroIsGradientDescent) {
  Parameter<double> a("a", row<double>({2.0})), b("b", row<double>({2.0})), c("c", row<double>({2.0}));
  Momentum<double> momentum({a}, {.learning_rate = 0.02, .momentum = 0});
  Nesterov<double> nesterov({b}, {.learning_rate = 0.02, .momentum = 0});
  GradientDescent<double> descent({c}, {.learning_rate = 0.02});
  const double expected = after(20, descent, c, 3);
  EXPECT_NEAR(after(20, momentum, a, 3), expected, 1e-15);
  EXPECT_NEAR(after(20, nesterov, b, 3), expected, 1e-15);
}

TEST(GradientDescents, RefuseHyperParametersOutOfRange) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const Parameters<float> p{Parameter<float>("p", row<float>({1}))};
  for (const double rate : {-0.1, inf, -inf, nan}) {
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { GradientDescent<float>(p, {.learning_rate = rate}); }), {"GradientDescent", "learning_rate"}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Momentum<float>(p, {.learning_rate = rate}); }), {"Momentum", "learning_rate"}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Nesterov<float>(p, {.learning_rate = rate}); }), {"Nesterov", "learning_rate"}));
  }
  for (const double momentum : {-0.1, 1.0, 1.5, inf, nan}) {
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Momentum<float>(p, {.momentum = momentum}); }), {"Momentum", "momentum"}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Nesterov<float>(p, {.momentum = momentum}); }), {"Nesterov", "momentum"}));
  }
  for (const double dampening : {-0.1, 1.1, nan}) EXPECT_TRUE(mentions(refusal<ValueError>([&] { Momentum<float>(p, {.dampening = dampening}); }), {"Momentum", "dampening"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { GradientDescent<float>(p, {.learning_rate = -0.1}); }), {"-0.1"}));
}

TEST(GradientDescents, TakeARateOfZero) {
  Parameter<float> p("p", row<float>({1}));
  GradientDescent<float> descent({p}, {.learning_rate = 0});
  descent.step(gradients<float>({{p, row<float>({5})}}));
  EXPECT_EQ(p.value()(0), 1.F);
}

}  // namespace
}  // namespace wengert::test
