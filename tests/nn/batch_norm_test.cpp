// Batch normalisation: training by the batch, evaluation by the running averages, features and channels alike.
#include <wengert/nn/batch_norm.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/nn/init.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Mode;
using wg::Shape;
using wg::nn::BatchNorm;
using wg::test::mentions;
using wg::test::refusal;

wg::Array<double> drawn(const Shape& shape, std::uint64_t seed) {
  wg::RandomEngine engine(seed);
  return wg::init::normal<double>(shape, engine, {.mean = 1.5, .stddev = 2});
}

template <class T>
void assign(const wg::Parameter<T>& parameter, std::initializer_list<T> values) {
  wg::Parameter<T> handle = parameter;
  handle.assign(wg::from_values<T>(values, parameter.shape()));
}

/// The elements of one feature, for x of shape (N, features) or (N, features, places).
std::vector<double> feature_of(const wg::Array<double>& x, std::size_t feature) {
  const std::size_t features = x.shape()[1], places = x.size() / (x.shape()[0] * features);
  std::vector<double> values;
  for (std::size_t n = 0; n < x.shape()[0]; ++n)
    for (std::size_t p = 0; p < places; ++p) values.push_back(x.data()[(n * features + feature) * places + p]);
  return values;
}

double mean_of(const std::vector<double>& values) {
  double total = 0;
  for (const double v : values) total += v;
  return total / static_cast<double>(values.size());
}

double biased_variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double total = 0;
  for (const double v : values) total += (v - mean) * (v - mean);
  return total / static_cast<double>(values.size());
}

class BatchNormOf : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, BatchNormOf, testing::Values(Shape{6, 3}, Shape{4, 3, 5}, Shape{2, 3, 4, 5}, Shape{1, 3, 2}),
                         [](const auto& shape) { return "Rank" + std::to_string(shape.param.rank()) + "Of" + std::to_string(shape.param[0]); });

TEST_P(BatchNormOf, NormalisesEachFeatureByTheBatch) {
  const BatchNorm<double> layer(3);
  assign(layer.gamma(), {1.0, 2.0, -0.5});
  assign(layer.beta(), {0.0, 1.0, 3.0});
  const auto x = drawn(GetParam(), 5), y = layer(x, Mode::train);
  ASSERT_EQ(y.shape(), x.shape());
  for (std::size_t f = 0; f < 3; ++f) {
    const auto in = feature_of(x, f), out = feature_of(y, f);
    const double mean = mean_of(in), scale = 1 / std::sqrt(biased_variance_of(in) + 1e-5);
    for (std::size_t i = 0; i < in.size(); ++i)
      EXPECT_NEAR(out[i], layer.gamma().value()(f) * (in[i] - mean) * scale + layer.beta().value()(f), 1e-13);
  }
}

TEST_P(BatchNormOf, MovesItsRunningAveragesByTheUnbiasedVariance) {
  const BatchNorm<double> layer(3, {.momentum = 0.25});
  const auto x = drawn(GetParam(), 6);
  wg::Tape tape;
  (void)layer(tape.constant(x), Mode::train);
  (void)layer(x, Mode::train);
  for (std::size_t f = 0; f < 3; ++f) {
    const auto in = feature_of(x, f);
    const auto n = static_cast<double>(in.size());
    // Twice towards the same batch: 1 - 0.75^2 of the way.
    EXPECT_NEAR(layer.running_mean()(f), 0.4375 * mean_of(in), 1e-13);
    EXPECT_NEAR(layer.running_variance()(f), 0.5625 + 0.4375 * biased_variance_of(in) * n / (n - 1), 1e-13);
  }
}

TEST_P(BatchNormOf, AnswersByItsRunningAverages) {
  BatchNorm<double> layer(3);
  (void)layer(drawn({50, 3}, 1), Mode::train);
  assign(layer.gamma(), {1.5, 1.0, -2.0});
  assign(layer.beta(), {0.5, 0.0, 1.0});
  const auto mean = layer.running_mean(), variance = layer.running_variance();
  const auto x = drawn(GetParam(), 7), y = layer(x, Mode::evaluate);
  for (std::size_t f = 0; f < 3; ++f) {
    const auto in = feature_of(x, f), out = feature_of(y, f);
    for (std::size_t i = 0; i < in.size(); ++i)
      EXPECT_NEAR(out[i], layer.gamma().value()(f) * (in[i] - mean(f)) / std::sqrt(variance(f) + 1e-5) + layer.beta().value()(f), 1e-13);
  }
  EXPECT_EQ(layer.running_mean().data(), mean.data()) << "evaluation moves nothing";
  EXPECT_EQ(layer.running_variance().data(), variance.data());
}

TEST_P(BatchNormOf, HasTheRightDerivativesOfItsInputToOrderTwo) {
  const BatchNorm<double> layer(3);
  assign(layer.gamma(), {1.5, 1.0, -2.0});
  EXPECT_GRADIENTS_WITH({.order = 2, .entries = 64}, [&](auto v) { return wg::tanh(layer(v, Mode::train)); }, drawn(GetParam(), 8));
  EXPECT_GRADIENTS([&](auto v) { return layer(v, Mode::evaluate); }, drawn(GetParam(), 8));
}

TEST_P(BatchNormOf, HasTheGradientsOfTheTextbookForGammaAndBeta) {
  for (const Mode mode : {Mode::train, Mode::evaluate}) {
    const BatchNorm<double> layer(3);
    assign(layer.gamma(), {1.5, 1.0, -2.0});
    assign(layer.beta(), {0.5, 0.0, 1.0});
    wg::Tape tape;
    const auto x = drawn(GetParam(), 9), c = drawn(GetParam(), 10);
    const auto y = layer(tape.constant(x), mode);
    const auto g = tape.backward(y, {.cotangent = c});
    for (std::size_t f = 0; f < 3; ++f) {
      const auto out = feature_of(y.value(), f), cotangent = feature_of(c, f);
      double dgamma = 0, dbeta = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        dgamma += cotangent[i] * (out[i] - layer.beta().value()(f)) / layer.gamma().value()(f);
        dbeta += cotangent[i];
      }
      EXPECT_NEAR(g[layer.gamma()](f), dgamma, 1e-11);
      EXPECT_NEAR(g[layer.beta()](f), dbeta, 1e-12);
    }
  }
}

TEST(BatchNorm, StartsWithUnitScaleAndAveragesOfZeroAndOne) {
  const BatchNorm<float> layer(2);
  for (std::size_t f = 0; f < 2; ++f) {
    EXPECT_EQ(layer.gamma().value()(f), 1.F);
    EXPECT_EQ(layer.beta().value()(f), 0.F);
    EXPECT_EQ(layer.running_mean()(f), 0.F);
    EXPECT_EQ(layer.running_variance()(f), 1.F);
  }
}

TEST(BatchNorm, NormalisesAFeatureThatIsConstantToZero) {
  const BatchNorm<float> layer(1);
  wg::Tape tape;
  const auto x = tape.variable(wg::full<float>({4, 1}, 3));
  const auto y = layer(x, Mode::train);
  const auto g = tape.backward(y, {.cotangent = wg::from_values<float>({1, 2, 3, 4}, {4, 1})});
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(y.value()(i, 0), 0.F);
    EXPECT_TRUE(std::isfinite(g[x](i, 0)));
  }
}

TEST(BatchNorm, TracksABatchInItsAveragesUntilTheyAgree) {
  const BatchNorm<double> layer(2, {.momentum = 1});
  const auto x = drawn({1000, 2}, 12);
  const auto trained = layer(x, Mode::train), answered = layer(x, Mode::evaluate);
  constexpr double unbiased_against_biased = 2e-3;  // relative: sqrt(1000 / 999), for values up to four
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(trained.data()[i], answered.data()[i], unbiased_against_biased);
}

TEST(BatchNorm, KeepsItsAveragesWhereACallFails) {
  const BatchNorm<double> layer(3);
  (void)refusal<wg::ValueError>([&] { (void)layer(wg::ones<double>({1, 3}), Mode::train); });
  for (std::size_t f = 0; f < 3; ++f) {
    EXPECT_EQ(layer.running_mean()(f), 0);
    EXPECT_EQ(layer.running_variance()(f), 1);
  }
}

TEST(BatchNorm, RefusesInputsThatDoNotFit) {
  const BatchNorm<double> layer(3);
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)layer(wg::ones<double>({4, 2}), Mode::train); }), {"BatchNorm", "(4, 2)", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)layer(wg::ones<double>({3}), Mode::train); }), {"BatchNorm", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)layer(wg::ones<double>({1, 3}), Mode::train); }), {"BatchNorm", "1", "(1, 3)", "at least 2"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)layer(wg::ones<double>({0, 3}), Mode::train); }), {"BatchNorm", "(0, 3)"}));
  EXPECT_EQ(layer(wg::ones<double>({0, 3}), Mode::evaluate).shape(), (Shape{0, 3})) << "evaluation takes any number";
  EXPECT_EQ(layer(wg::ones<double>({1, 3}), Mode::evaluate).shape(), (Shape{1, 3}));
}

TEST(BatchNorm, RefusesOptionsOutOfRange) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  (void)refusal<wg::ValueError>([] { BatchNorm<float>(0); });
  for (const double epsilon : {0.0, -1e-5, inf, nan}) EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { BatchNorm<float>(1, {.epsilon = epsilon}); }), {"BatchNorm", "epsilon"}));
  for (const double momentum : {-0.1, 1.1, inf, nan}) EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { BatchNorm<float>(1, {.momentum = momentum}); }), {"BatchNorm", "momentum"}));
}

}  // namespace
