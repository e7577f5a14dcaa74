// Initialisers: the distributions that they promise, the fan that they scale by, and what they refuse.
#include <wengert/nn/init.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
namespace init = wengert::init;
using init::Fan;
using wg::test::mentions;
using wg::test::refusal;

struct Moments {
  double mean = 0, stddev = 0, least = 0, largest = 0, kurtosis = 0;
};

template <class T>
Moments moments_of(const wg::Array<T>& a) {
  Moments m;
  const auto n = static_cast<double>(a.size());
  for (const T x : a) m.mean += static_cast<double>(x) / n;
  double fourth = 0;
  for (const T x : a) {
    const double d = static_cast<double>(x) - m.mean;
    m.stddev += d * d / n;
    fourth += d * d * d * d / n;
  }
  m.kurtosis = fourth / (m.stddev * m.stddev);
  m.stddev = std::sqrt(m.stddev);
  m.least = static_cast<double>(*std::min_element(a.begin(), a.end()));
  m.largest = static_cast<double>(*std::max_element(a.begin(), a.end()));
  return m;
}

// 400 x 250 numbers: the estimate of the standard deviation is good to 0.3 % (one standard error), of the mean to 0.003 stddev.
constexpr std::size_t inputs = 400, outputs = 250;
constexpr double good = 0.015;
constexpr double kurtosis_of_normal = 3, kurtosis_of_uniform = 1.8;

template <class T>
void expect_normal(const wg::Array<T>& a, double stddev) {
  ASSERT_EQ(a.shape(), (wg::Shape{inputs, outputs}));
  const Moments m = moments_of(a);
  EXPECT_NEAR(m.mean, 0, good * stddev);
  EXPECT_NEAR(m.stddev, stddev, good * stddev);
  EXPECT_NEAR(m.kurtosis, kurtosis_of_normal, 0.1);
}

template <class T>
void expect_uniform(const wg::Array<T>& a, double bound) {
  ASSERT_EQ(a.shape(), (wg::Shape{inputs, outputs}));
  const Moments m = moments_of(a);
  EXPECT_NEAR(m.mean, 0, good * bound);
  EXPECT_NEAR(m.stddev, bound / std::sqrt(3), good * bound);
  EXPECT_NEAR(m.kurtosis, kurtosis_of_uniform, 0.05);
  EXPECT_GE(m.least, -bound * (1 + 1e-6));  // the bound itself is rounded to T
  EXPECT_LE(m.largest, bound * (1 + 1e-6));
  EXPECT_GT(m.largest, 0.999 * bound);
}

template <class T>
class Initialisers : public testing::Test {
 protected:
  wg::RandomEngine engine{77};
};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Initialisers, Numbers);

TYPED_TEST(Initialisers, OfGlorotKeepTheVarianceByTheMeanOfBothFans) {
  using T = TypeParam;
  const double fan = (inputs + outputs) / 2.0;
  expect_normal(init::glorot_normal<T>({inputs, outputs}, this->engine), std::sqrt(1 / fan));
  expect_uniform(init::glorot_uniform<T>({inputs, outputs}, this->engine), std::sqrt(6.0 / (inputs + outputs)));
}

TYPED_TEST(Initialisers, OfHeDoubleTheVarianceByTheInputs) {
  using T = TypeParam;
  expect_normal(init::he_normal<T>({inputs, outputs}, this->engine), std::sqrt(2.0 / inputs));
  expect_uniform(init::he_uniform<T>({inputs, outputs}, this->engine), std::sqrt(6.0 / inputs));
}

TYPED_TEST(Initialisers, FollowTheFanAndTheGain) {
  using T = TypeParam;
  expect_normal(init::glorot_normal<T>({inputs, outputs}, this->engine, {.gain = 3, .fan = Fan::in}), 3 * std::sqrt(1.0 / inputs));
  expect_normal(init::glorot_normal<T>({inputs, outputs}, this->engine, {.fan = Fan::out}), std::sqrt(1.0 / outputs));
  expect_normal(init::he_normal<T>({inputs, outputs}, this->engine, {.gain = 0.5, .fan = Fan::average}), 0.5 * std::sqrt(4.0 / (inputs + outputs)));
  expect_uniform(init::he_uniform<T>({inputs, outputs}, this->engine, {.fan = Fan::out}), std::sqrt(6.0 / outputs));
}

TYPED_TEST(Initialisers, OfPlainDistributionsTakeTheirParameters) {
  using T = TypeParam;
  expect_normal(init::normal<T>({inputs, outputs}, this->engine), 1);
  const Moments n = moments_of(init::normal<T>({100'000}, this->engine, {.mean = 5, .stddev = 0.5}));
  EXPECT_NEAR(n.mean, 5, 0.01);
  EXPECT_NEAR(n.stddev, 0.5, 0.01);
  const Moments u = moments_of(init::uniform<T>({100'000}, this->engine, {.low = -1, .high = 3}));
  EXPECT_NEAR(u.mean, 1, 0.02);
  EXPECT_GE(u.least, -1);
  EXPECT_LT(u.largest, 3);
  for (const T x : init::normal<T>({5}, this->engine, {.mean = 2, .stddev = 0})) EXPECT_EQ(x, T(2));
  for (const T x : init::zeros<T>({5})) EXPECT_EQ(x, T(0));
  for (const T x : init::constant<T>({5}, 7)) EXPECT_EQ(x, T(7));
}

TYPED_TEST(Initialisers, GiveTheSameNumbersForTheSameSeed) {
  using T = TypeParam;
  wg::RandomEngine a(1), b(1), c(2);
  const auto x = init::he_normal<T>({20, 30}, a), y = init::he_normal<T>({20, 30}, b), z = init::he_normal<T>({20, 30}, c);
  EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin()));
  EXPECT_FALSE(std::equal(x.begin(), x.end(), z.begin()));
  const auto next = init::he_normal<T>({20, 30}, a);
  EXPECT_FALSE(std::equal(x.begin(), x.end(), next.begin()));
}

TEST(Gain, MakesUpForTheActivation) {
  using wg::Activation;
  EXPECT_EQ(init::gain(Activation::identity), 1);
  EXPECT_EQ(init::gain(Activation::tanh), 1);
  EXPECT_EQ(init::gain(Activation::sigmoid), 4);
  EXPECT_EQ(init::gain(Activation::relu), std::numbers::sqrt2);
  EXPECT_EQ(init::gain(Activation::silu), std::numbers::sqrt2);
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)init::gain(static_cast<Activation>(200)); }), {"gain", "200"}));
}

TEST(InitialisersRefuse, ShapesThatAreNotThoseOfWeights) {
  wg::RandomEngine engine(1);
  for (const auto& shape : {wg::Shape{}, wg::Shape{3}, wg::Shape{2, 3, 4}, wg::Shape{0, 3}, wg::Shape{3, 0}}) {
    EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)init::he_normal<float>(shape, engine); }), {"he_normal", wg::to_string(shape), "{inputs, outputs}"}));
    EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)init::glorot_uniform<double>(shape, engine); }), {"glorot_uniform"}));
  }
}

TEST(InitialisersRefuse, GainsAndDistributionsThatAreNone) {
  wg::RandomEngine engine(1);
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const double gain : {0.0, -1.0, inf, nan}) {
    EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)init::glorot_normal<float>({2, 2}, engine, {.gain = gain}); }), {"glorot_normal", "gain"}));
    EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)init::he_uniform<double>({2, 2}, engine, {.gain = gain}); }), {"he_uniform", "gain"}));
  }
  for (const double stddev : {-1.0, inf, nan}) (void)refusal<wg::ValueError>([&] { (void)init::normal<float>({2}, engine, {.stddev = stddev}); });
  for (const double mean : {inf, nan}) (void)refusal<wg::ValueError>([&] { (void)init::normal<double>({2}, engine, {.mean = mean}); });
  (void)refusal<wg::ValueError>([&] { (void)init::uniform<float>({2}, engine, {.low = 1, .high = 0}); });
  (void)refusal<wg::ValueError>([&] { (void)init::uniform<float>({2}, engine, {.low = nan}); });
  (void)refusal<wg::ValueError>([&] { (void)init::uniform<double>({2}, engine, {.high = inf}); });
}

}  // namespace
