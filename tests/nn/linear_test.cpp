// Products with weights, and the fully connected layer: its value for inputs of any rank, its gradients, its initialisation, and what it refuses.
#include <wengert/nn/linear.hpp>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Mode;
using wg::Shape;
using wg::nn::Linear;
using wg::test::mentions;
using wg::test::refusal;

const auto weight = wg::from_values<double>({1, 2, 3, 4, 5, 6}, {2, 3});
const auto bias = wg::from_values<double>({0.5, -0.5, 1}, {3});

TEST(Linear, MultipliesByTheWeightAndAddsTheBias) {
  const Linear<double> layer(weight, bias);
  const auto y = layer(wg::from_values<double>({1, 0, 2, -1}, {2, 2}), Mode::evaluate);
  ASSERT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(y(0, 0), 1.5);
  EXPECT_EQ(y(0, 2), 4);
  EXPECT_EQ(y(1, 0), -1.5);  // 2*1 - 4 + 0.5
  EXPECT_EQ(y(1, 1), -1.5);  // 2*2 - 5 - 0.5
}

TEST(Linear, TakesOneSampleBatchesAndSequences) {
  const Linear<double> layer(weight, bias);
  EXPECT_EQ(layer(wg::ones<double>({2}), Mode::train).shape(), (Shape{3}));
  EXPECT_EQ(layer(wg::ones<double>({0, 2}), Mode::train).shape(), (Shape{0, 3}));
  const auto y = layer(wg::ones<double>({4, 5, 2}), Mode::train);
  EXPECT_EQ(y.shape(), (Shape{4, 5, 3}));
  EXPECT_EQ(y(3, 4, 1), 6.5);
}

TEST(Linear, HasTheGradientsOfTheTextbook) {
  const Linear<double> layer(weight, bias);
  wg::Tape tape;
  const auto x = tape.variable(wg::from_values<double>({1, 0, 2, -1}, {2, 2}));
  const auto cotangent = wg::from_values<double>({1, -1, 2, 0.5, 3, -2}, {2, 3});
  const auto g = tape.backward(layer(x, Mode::train), {.cotangent = cotangent});
  // db = column sums of g, dW = x' g, dx = g W'.
  EXPECT_EQ(g[layer.bias()](0), 1.5);
  EXPECT_EQ(g[layer.bias()](1), 2);
  EXPECT_EQ(g[layer.bias()](2), 0);
  EXPECT_EQ(g[layer.weight()].shape(), weight.shape());
  EXPECT_EQ(g[layer.weight()](0, 1), -1 + 2 * 3);
  EXPECT_EQ(g[layer.weight()](1, 0), -0.5);
  EXPECT_EQ(g[x](0, 0), 1 * 1 - 1 * 2 + 2 * 3);
  EXPECT_EQ(g[x](1, 1), 0.5 * 4 + 3 * 5 - 2 * 6);
}

TEST(Linear, HasTheRightDerivativesOfItsInputToOrderTwo) {
  const Linear<double> layer(weight, bias);
  const auto x = wg::from_values<double>({0.3, -0.7, 1.1, 0.2, 0.9, -0.4}, {3, 2});
  EXPECT_GRADIENTS_WITH({.order = 2}, [&](auto v) { return wg::tanh(layer(v, Mode::train)); }, x);
}

TEST(Linear, StartsFromHeNormalWeightsAndNoBias) {
  wg::RandomEngine engine(3), same(3);
  const Linear<float> layer(300, 200, engine);
  EXPECT_EQ(layer.weight().shape(), (Shape{300, 200}));
  EXPECT_EQ(layer.weight().name(), "weight");
  EXPECT_EQ(layer.bias().name(), "bias");
  const auto expected = wg::init::he_normal<float>({300, 200}, same);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), layer.weight().value().begin()));
  for (const float b : layer.bias().value()) EXPECT_EQ(b, 0.F);
}

TEST(Linear, SharesItsParametersWithItsCopies) {
  const Linear<double> layer(weight);
  const Linear<double> copy = layer;
  wg::Parameter<double> handle = copy.weight();
  handle.assign(wg::zeros<double>({2, 3}));
  EXPECT_EQ(layer.weight().value()(1, 2), 0);
}

TEST(Linear, RefusesInputsOfAnotherSize) {
  const Linear<double> layer(weight, bias);
  wg::Tape tape;
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)layer(wg::ones<double>({4, 3}), Mode::train); }), {"Linear", "(4, 3)", "2"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)layer(tape.variable(1.0), Mode::train); }), {"Linear", "()"}));
  EXPECT_EQ(tape.size(), 1u) << "a refused call records nothing but the leaf that was there";
}

TEST(Linear, RefusesSizesThatAreNone) {
  wg::RandomEngine engine(1);
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { Linear<float>(0, 3, engine); }), {"Linear", "(0, 3)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { Linear<float>(3, 0, engine); }), {"Linear", "(3, 0)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { Linear<double>(wg::zeros<double>({4})); }), {"Linear", "(4,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { Linear<double>(weight, wg::zeros<double>({2})); }), {"Linear", "bias", "(2,)", "(3,)"}));
}

// ---- functions ----

TEST(LinearFunction, IsWhatTheLayerComputes) {
  const Linear<double> layer(weight, bias);
  const auto x = wg::from_values<double>({1, 0, 2, -1}, {2, 2});
  const auto y = wg::linear(x, weight, bias), z = wg::linear(x, weight), want = layer(x, Mode::evaluate);
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_EQ(y.data()[k], want.data()[k]);
    EXPECT_EQ(z.data()[k], want.data()[k] - bias.data()[k % 3]);
  }
  wg::Tape tape;
  EXPECT_TRUE(tape.backward(wg::sum(wg::linear(x, layer.weight(), tape.variable(bias)))).contains(layer.weight())) << "any Var brings its tape";
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto w, auto b) { return wg::linear(a, w, b); }, x, weight, bias);
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::linear(wg::ones<double>({2, 3}), weight); }), {"linear: ", "(2, 3)", "2"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::linear(x, wg::ones<double>({2})); }), {"linear: ", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::linear(x, weight, wg::ones<double>({1})); }), {"linear: ", "bias", "(1,)", "(3,)"}));
}

TEST(Bilinear, SumsOverPairsOfInputs) {
  const auto a = wg::from_values<double>({1, 2, -1, 3}, {2, 1, 2}), b = wg::from_values<double>({1, 0, 2, -1, 4, 1}, {2, 1, 3});
  const auto w = wg::from_values<double>({1, -2, 3, 4, 5, -6, 7, 8, 9, -1, -2, -3}, {2, 2, 3}), c = wg::from_values<double>({10, 20}, {2});
  const auto y = wg::bilinear(a, b, w, c), without = wg::bilinear(a, b, w);
  ASSERT_EQ(y.shape(), (Shape{2, 1, 2}));
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t o = 0; o < 2; ++o) {
      double sum = 0;
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 3; ++j) sum += a(n, 0, i) * w(o, i, j) * b(n, 0, j);
      EXPECT_EQ(without(n, 0, o), sum);
      EXPECT_EQ(y(n, 0, o), sum + c(o));
    }
  }
  EXPECT_EQ(wg::bilinear(wg::ones<double>({2}), wg::ones<double>({3}), w).shape(), (Shape{2}));
  EXPECT_EQ(wg::bilinear(wg::ones<double>({0, 2}), wg::ones<double>({0, 3}), w).shape(), (Shape{0, 2}));
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto p, auto q, auto r, auto s) { return wg::bilinear(p, q, r, s); }, a, b, w, c);
  for (const Shape& wrong : {Shape{2, 2}, Shape{3, 1, 3}, Shape{}, Shape{2, 1, 2}})
    EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::bilinear(a, wg::ones<double>(wrong), w); }), {"bilinear: ", "(2, 1, 2)", "(2, 2, 3)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::bilinear(a, b, w, wg::ones<double>({3})); }), {"bilinear: ", "bias", "(3,)"}));
}

}  // namespace
