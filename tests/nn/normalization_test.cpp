// Normalisation as functions: values against plain sums, derivatives, special values, and what is refused. The layer is in batch_norm_test.cpp.
#include <wengert/nn/normalization.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/nn/init.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Shape;
using wg::test::mentions;
using wg::test::refusal;

Array<double> drawn(const Shape& shape, std::uint64_t seed) {
  wg::RandomEngine engine(seed);
  return wg::init::normal<double>(shape, engine, {.mean = 1.5, .stddev = 2});
}

const auto scale = wg::from_values<double>({1.5, 1, -2, 0.5}, {4}), shift = wg::from_values<double>({0.5, 0, 1, -1}, {4});

/// What normalising x, of shape (n, 4, places), is: the elements of one number `set(n, channel)` share mean and variance.
void expect_normal(const Array<double>& y, const Array<double>& x, const std::function<std::size_t(std::size_t, std::size_t)>& set, bool is_scaled, double epsilon = 1e-5) {
  ASSERT_EQ(y.shape(), x.shape());
  const std::size_t places = x.size() / (x.shape()[0] * 4);
  const auto set_of = [&](std::size_t k) { return set(k / places / 4, k / places % 4); };
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::vector<double> values;
    for (std::size_t other = 0; other < x.size(); ++other)
      if (set_of(other) == set_of(k)) values.push_back(x.data()[other]);
    double mean = 0, variance = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) variance += (value - mean) * (value - mean) / static_cast<double>(values.size());
    const double z = (x.data()[k] - mean) / std::sqrt(variance + epsilon);
    const std::size_t channel = k / places % 4;
    EXPECT_NEAR(y.data()[k], is_scaled ? scale(channel) * z + shift(channel) : z, 1e-13) << k;
  }
}

TEST(Normalization, GoesOverTheElementsThatItsNameSays) {
  const auto x = drawn({3, 4, 2}, 1);
  expect_normal(wg::batch_norm(x, scale, shift), x, [](auto, auto c) { return c; }, true);
  expect_normal(wg::group_norm(x, 2), x, [](auto n, auto c) { return 2 * n + c / 2; }, false);
  expect_normal(wg::group_norm(x, 2, scale, shift, {.epsilon = 0.5}), x, [](auto n, auto c) { return 2 * n + c / 2; }, true, 0.5);
  expect_normal(wg::instance_norm(x), x, [](auto n, auto c) { return 4 * n + c; }, false);
  expect_normal(wg::instance_norm(x, scale, shift), x, [](auto n, auto c) { return 4 * n + c; }, true);
  expect_normal(wg::layer_norm(x, {4, 2}), x, [](auto n, auto) { return n; }, false);
  const auto rows = x.reshaped({6, 4});
  expect_normal(wg::layer_norm(rows, {4}, scale, shift, {.epsilon = 0.5}), rows, [](auto n, auto) { return n; }, true, 0.5);
  expect_normal(wg::batch_norm(rows, scale, shift), rows, [](auto, auto c) { return c; }, true);
  expect_normal(wg::group_norm(rows, 1, scale, shift), rows, [](auto n, auto) { return n; }, true);
}

TEST(Normalization, TakesAMeanAndAVarianceThatAreGiven) {
  const auto x = drawn({2, 4, 3}, 2), mean = wg::from_values<double>({1, 2, 3, 4}, {4}), variance = wg::from_values<double>({4, 1, 0, 9}, {4});
  const auto y = wg::batch_norm(x, mean, variance, scale, shift, {.epsilon = 0.25});
  for (std::size_t k = 0; k < x.size(); ++k) {
    const std::size_t c = k / 3 % 4;
    EXPECT_NEAR(y.data()[k], scale(c) * (x.data()[k] - mean(c)) / std::sqrt(variance(c) + 0.25) + shift(c), 1e-13);
  }
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto m, auto v, auto s, auto b) { return wg::batch_norm(a, m, v, s, b, {.epsilon = 0.25}); }, x, mean, variance, scale, shift);
}

TEST(Normalization, HasTheRightDerivativesToOrderTwo) {
  const wg::GradientCheckOptions options{.order = 2, .entries = 48};
  const auto x = drawn({2, 4, 2}, 3);
  EXPECT_GRADIENTS_WITH(options, [](auto a, auto s, auto b) { return wg::batch_norm(a, s, b); }, x, scale, shift);
  EXPECT_GRADIENTS_WITH(options, [](auto a, auto s, auto b) { return wg::group_norm(a, 2, s, b); }, x, scale, shift);
  EXPECT_GRADIENTS_WITH(options, [](auto a, auto s, auto b) { return wg::instance_norm(a, s, b, {.epsilon = 0.1}); }, x, scale, shift);
  EXPECT_GRADIENTS_WITH(options, [](auto a, auto s, auto b) { return wg::layer_norm(a, {4}, s, b); }, drawn({2, 2, 4}, 4), scale, shift);
}

TEST(Normalization, TakesParametersBesideVars) {
  const wg::Parameter<float> gamma("gamma", wg::full<float>({2}, 2)), beta("beta", wg::ones<float>({2}));
  wg::Tape tape;
  const auto x = tape.variable(wg::from_values<float>({1, 2, 3, 5}, {2, 2}));
  const auto y = wg::layer_norm(x, {2}, gamma, beta);
  const auto g = tape.backward(wg::sum(y));
  EXPECT_TRUE(g.contains(gamma) && g.contains(beta) && g.contains(x));
  EXPECT_EQ(g[beta](0), 2.F);
  EXPECT_EQ(wg::layer_norm(x.value(), {2}, gamma.value(), beta.value())(0, 1), y.value()(0, 1));
  const auto mixed = wg::batch_norm(x.value(), gamma, tape.variable(wg::ones<float>({2})));
  EXPECT_TRUE(tape.backward(wg::sum(mixed)).contains(gamma)) << "any Var brings its tape";
}

TEST(Normalization, HasItsConventionsAtSpecialValues) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const auto y = wg::layer_norm(wg::from_values<float>({1, nan, inf, 1, 3, 3}, {3, 2}), {2});
  for (std::size_t k = 0; k < 4; ++k) EXPECT_TRUE(std::isnan(y.data()[k])) << k;
  EXPECT_EQ(y(2, 0), 0.F) << "a row that is constant";
  EXPECT_EQ(wg::layer_norm(wg::from_values<float>({7}, {1}), {1}).item(), 0.F) << "and a row of one";
  EXPECT_EQ(wg::layer_norm(wg::zeros<float>({0, 3}), {3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(wg::group_norm(wg::zeros<float>({0, 4}), 2).shape(), (Shape{0, 4}));
  const auto large = wg::layer_norm(wg::from_values<double>({1e8 + 1, 1e8 + 2, 1e8 + 3}, {3}), {3});
  EXPECT_NEAR(large(2), std::sqrt(1.5), 1e-5) << "no digits are lost to a large mean";
}

TEST(Normalization, RefusesWhatDoesNotFit) {
  const auto x = wg::ones<double>({2, 4, 3});
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::layer_norm(x, {4}); }), {"layer_norm: ", "(2, 4, 3)", "(4,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::layer_norm(x, {1, 2, 4, 3}); }), {"layer_norm: "}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::layer_norm(x, Shape{}); }), {"layer_norm: "}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::layer_norm(x, {3}, wg::ones<double>({4}), wg::ones<double>({3})); }), {"layer_norm: ", "scale", "(4,)", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::layer_norm(wg::ones<double>({2, 0}), {0}); }), {"layer_norm: ", "(0,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::group_norm(x, 3); }), {"group_norm: ", "4", "3 groups"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::group_norm(x, 0); }), {"group_norm: ", "0"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::group_norm(x, 2, wg::ones<double>({2}), shift); }), {"group_norm: ", "scale", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::instance_norm(wg::ones<double>({2, 4})); }), {"instance_norm: ", "(2, 4)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::instance_norm(wg::ones<double>({2, 4, 0})); }), {"instance_norm: ", "(2, 4, 0)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::batch_norm(wg::ones<double>({4}), scale, shift); }), {"batch_norm: ", "(4,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::batch_norm(x, scale, wg::ones<double>({3})); }), {"batch_norm: ", "shift", "(3,)", "(4,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::batch_norm(x, scale, wg::ones<double>({1}), scale, shift); }), {"batch_norm: ", "variance", "(1,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::batch_norm(wg::ones<double>({1, 4}), scale, shift); }), {"batch_norm: ", "(1, 4)", "at least 2"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::group_norm(wg::ones<double>({2}), 1); }), {"group_norm: ", "(n, channels) or (n, channels, places...)"}));
  // Each speaks of what its caller sees.
  for (const auto& [call, word] : std::vector<std::pair<std::function<void()>, std::string>>{
           {[] { (void)wg::instance_norm(wg::ones<double>({2, 0, 4})); }, "no channels"},
           {[] { (void)wg::instance_norm(wg::ones<double>({2, 3, 0})); }, "no places"},
           {[] { (void)wg::batch_norm(wg::ones<double>({1, 4}), scale, shift); }, "at least 2 are needed"}}) {
    const std::string said = refusal<wg::ValueError>(call);
    EXPECT_TRUE(mentions(said, {word}));
    EXPECT_EQ(said.find("group"), std::string::npos) << said;
    EXPECT_EQ(said.find("training"), std::string::npos) << said;
  }
  for (const double epsilon : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::layer_norm(x, {3}, {.epsilon = epsilon}); }), {"layer_norm: ", "epsilon"}));
}

}  // namespace
