// Adam: its trajectory against the formula written out, in every variant, and the hyper-parameters that it refuses.
#include <wengert/optim/adam.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "optim/optim_tests.hpp"
#include "support/refusal.hpp"

namespace wengert::test {
namespace {

using optim::Adam;
using optim::AdamOptions;
using optim::AdamVariant;
using optim::BiasCorrection;
using optim::EpsilonPlace;

/// The formula of the header for one number, in double.
class AdamByHand {
 public:
  AdamByHand(double start, const AdamOptions& options) : p(start), o_(options) {}

  void step(double g) {
    ++t_;
    m_ = o_.beta1 * m_ + (1 - o_.beta1) * g;
    v_ = o_.beta2 * v_ + (1 - o_.beta2) * g * g;
    largest_ = std::max(largest_, v_);
    const bool corrected = o_.bias_correction == BiasCorrection::on;
    const double m = corrected ? m_ / (1 - std::pow(o_.beta1, t_)) : m_;
    const double second = o_.variant == AdamVariant::amsgrad ? largest_ : v_;
    const double v = corrected ? second / (1 - std::pow(o_.beta2, t_)) : second;
    const double root = o_.epsilon_place == EpsilonPlace::outside_root ? std::sqrt(v) + o_.epsilon : std::sqrt(v + o_.epsilon);
    p -= o_.learning_rate * m / root;
  }

  double p;

 private:
  AdamOptions o_;
  double m_ = 0, v_ = 0, largest_ = 0;
  int t_ = 0;
};

/// Gradients of changing sign and size: large ones early, so that amsgrad has something to remember.
double gradient_at(int step) { return std::cos(1.7 * step) * (step < 10 ? 5 : 0.3); }

template <class T>
void expect_as_by_hand(const AdamOptions& options) {
  Parameter<T> p("p", row<T>({0.5}));
  Adam<T> adam({p}, options);
  AdamByHand expected(0.5, options);
  const double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-13;
  for (int step = 0; step < 60; ++step) {
    const T g = static_cast<T>(gradient_at(step));
    adam.step(gradients<T>({{p, row<T>({g})}}));
    expected.step(static_cast<double>(g));
    ASSERT_NEAR(static_cast<double>(p.value()(0)), expected.p, tolerance) << "step " << step;
  }
}

template <class T>
class Adams : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Adams, Numbers);

TYPED_TEST(Adams, FollowTheFormulaInEveryVariant) {
  for (const auto variant : {AdamVariant::plain, AdamVariant::amsgrad})
    for (const auto place : {EpsilonPlace::outside_root, EpsilonPlace::inside_root})
      for (const auto correction : {BiasCorrection::on, BiasCorrection::off})
        expect_as_by_hand<TypeParam>({.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 0.01, .epsilon_place = place, .bias_correction = correction, .variant = variant});
}

TYPED_TEST(Adams, FollowTheFormulaWithTheUsualOptions) { expect_as_by_hand<TypeParam>({}); }

TYPED_TEST(Adams, TakeAFirstStepOfTheRateWhateverTheGradientsSize) {
  using T = TypeParam;
  Parameter<T> p("p", row<T>({1, 1, 1, 1}));
  Adam<T> adam({p}, {.learning_rate = 0.25});
  adam.step(gradients<T>({{p, row<T>({3, -1000, T(1e-3), 0})}}));
  EXPECT_NEAR(p.value()(0), T(0.75), T(1e-6));
  EXPECT_NEAR(p.value()(1), T(1.25), T(1e-6));
  EXPECT_NEAR(p.value()(2), T(0.75), T(1e-5));
  EXPECT_EQ(p.value()(3), T(1));
}

TEST(Adam, CountsTheStepsOfEachParameterAlone) {
  Parameter<double> early("early", row<double>({0})), late("late", row<double>({0}));
  Adam<double> adam({early, late}, {.learning_rate = 0.1});
  for (int i = 0; i < 5; ++i) adam.step(gradients<double>({{early, row<double>({1})}}));
  adam.step(gradients<double>({{early, row<double>({1})}, {late, row<double>({1})}}));
  EXPECT_EQ(adam.updates(0), 6u);
  EXPECT_EQ(adam.updates(1), 1u);
  EXPECT_NEAR(late.value()(0), -0.1, 1e-8) << "the first step, corrected as such";
}

TEST(Adam, ShowsItsState) {
  Parameter<float> p("0.weight", row<float>({1, 2}));
  Adam<float> plain({p}), amsgrad({p}, {.variant = AdamVariant::amsgrad});
  EXPECT_TRUE(plain.state().empty()) << "none before the first update";
  const auto g = gradients<float>({{p, row<float>({2, 0})}});
  plain.step(g);
  amsgrad.step(g);
  ASSERT_EQ(plain.state().size(), 2u);
  EXPECT_EQ(plain.state()[0].name, "0.weight.first_moment");
  EXPECT_NEAR(plain.state()[0].value(0), 0.2F, 1e-7F);
  EXPECT_EQ(plain.state()[1].name, "0.weight.second_moment");
  EXPECT_NEAR(plain.state()[1].value(0), 0.004F, 1e-8F);
  ASSERT_EQ(amsgrad.state().size(), 3u);
  EXPECT_EQ(amsgrad.state()[2].name, "0.weight.largest_second_moment");
}

TEST(Adam, RefusesHyperParametersOutOfRange) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const Parameters<double> p{Parameter<double>("p", row<double>({1}))};
  for (const double rate : {-1e-3, inf, nan}) EXPECT_TRUE(mentions(refusal<ValueError>([&] { Adam<double>(p, {.learning_rate = rate}); }), {"Adam", "learning_rate"}));
  for (const double beta : {-0.1, 1.0, inf, nan}) {
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Adam<double>(p, {.beta1 = beta}); }), {"Adam", "beta1"}));
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { Adam<double>(p, {.beta2 = beta}); }), {"Adam", "beta2"}));
  }
  for (const double epsilon : {-1e-8, inf, nan}) EXPECT_TRUE(mentions(refusal<ValueError>([&] { Adam<double>(p, {.epsilon = epsilon}); }), {"Adam", "epsilon"}));
  EXPECT_NO_THROW(Adam<double>(p, {.learning_rate = 0, .beta1 = 0, .beta2 = 0}));
}

}  // namespace
}  // namespace wengert::test
