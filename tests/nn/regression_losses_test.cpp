// Losses of numbers: their values by hand, their gradients, and what they refuse.
#include <wengert/nn/regression_losses.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Reduction;
using wg::test::mentions;
using wg::test::refusal;

using wg::mse_loss;

TEST(MseLoss, IsTheMeanOfTheSquaredDifferences) {
  const auto a = wg::from_values<double>({1, 2, 3, 4}, {2, 2}), b = wg::from_values<double>({1, 0, 6, 3}, {2, 2});
  EXPECT_EQ(mse_loss(a, b).item(), (4 + 9 + 1) / 4.0);
  EXPECT_EQ(mse_loss(a, b, {.reduction = Reduction::sum}).item(), 14);
  EXPECT_EQ(mse_loss(a, b, {.reduction = Reduction::none})(1, 0), 9);
  EXPECT_EQ(mse_loss(a, 1.0).item(), (1 + 4 + 9) / 4.0);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x, auto y) { return mse_loss(wg::tanh(x), y); }, a, b);
}

TEST(MseLoss, StretchesNothing) {
  const auto a = wg::ones<double>({3, 1}), b = wg::ones<double>({3});
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)mse_loss(a, b); }), {"mse_loss", "(3, 1)", "(3,)"})) << "would be (3, 3)";
  (void)refusal<wg::ValueError>([] { (void)mse_loss(wg::zeros<double>({0}), wg::zeros<double>({0})); });
}

const auto from = wg::from_values<double>({0.5, -2, 3, 0.25}, {2, 2}), to = wg::from_values<double>({0, 1, 0.5, -0.5}, {2, 2});  // differences 0.5, -3, 2.5, 0.75

TEST(RegressionLosses, AreWhatTheyAreByHand) {
  EXPECT_EQ(wg::l1_loss(from, to).item(), (0.5 + 3 + 2.5 + 0.75) / 4);
  EXPECT_EQ(wg::smooth_l1_loss(from, to, {.reduction = Reduction::sum}).item(), 0.125 + 2.5 + 2 + 0.28125);
  EXPECT_EQ(wg::smooth_l1_loss(from, to, {.beta = 0}).item(), wg::l1_loss(from, to).item());
  EXPECT_EQ(wg::huber_loss(from, to, {.reduction = Reduction::sum, .delta = 2}).item(), 0.125 + 2 * (3 - 1) + 2 * (2.5 - 1) + 0.28125);
  EXPECT_NEAR(wg::poisson_nll_loss(from, 2, {.reduction = Reduction::none})(0, 1), std::exp(-2) + 4, 1e-15);
  EXPECT_NEAR(wg::poisson_nll_loss(3, wg::Array<double>(2.0), {.log_input = false, .full = true, .epsilon = 0}).item(),
              3 - 2 * std::log(3) + 2 * std::log(2) - 2 + 0.5 * std::log(4 * 3.14159265358979323846), 1e-14);
  EXPECT_NEAR(wg::gaussian_nll_loss(from, to, 2, {.reduction = Reduction::none})(0, 1), 0.5 * (std::log(2) + 4.5), 1e-15);
  EXPECT_NEAR(wg::gaussian_nll_loss(from, to, 0, {.reduction = Reduction::none, .epsilon = 0.5})(0, 0), 0.5 * (std::log(0.5) + 0.5), 1e-15) << "a variance of 0 counts as epsilon";
  EXPECT_NEAR(wg::cosine_similarity(from, to)(1), (3 * 0.5 - 0.25 * 0.5) / std::hypot(3, 0.25) / std::hypot(0.5, 0.5), 1e-15);
  EXPECT_EQ(wg::cosine_similarity(from, 0 * to)(0), 0) << "of nothing";
}

TEST(RegressionLosses, MeasureVectorsOfAnyLength) {
  for (const double s : {1e-170, 1e80, 1e200}) {
    const auto a = wg::from_values<double>({s, 2 * s}, {1, 2}), b = wg::from_values<double>({2 * s, s}, {1, 2});
    EXPECT_NEAR(wg::cosine_similarity(a, b, {.epsilon = 1e-300}).item(), 0.8, 1e-14) << s;
  }
  const auto a = wg::from_values<double>({3, 4}, {2}), b = wg::from_values<double>({0, 0.25}, {2});
  EXPECT_NEAR(wg::cosine_similarity(a, b, {.epsilon = 0.5}).item(), 0.4, 1e-15) << "b alone is shorter";
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x, auto y) { return wg::cosine_similarity(x, y, {.epsilon = 0.5}); }, a, b);
  wg::Tape tape;
  const auto nothing = tape.variable(wg::zeros<double>({2}));
  const auto g = tape.backward(wg::cosine_similarity(a, nothing))[nothing];
  EXPECT_NEAR(g(0), 0.6e8, 1);
  EXPECT_NEAR(g(1), 0.8e8, 1);
}

TEST(RegressionLosses, HaveTheWholeSlopeWhereTheVarianceIsEpsilon) {
  wg::Tape tape;
  const auto variance = tape.variable(wg::Array<double>(0.5));
  EXPECT_EQ(tape.backward(wg::gaussian_nll_loss(wg::Array<double>(1.0), wg::Array<double>(3.0), variance, {.epsilon = 0.5}))[variance].item(), 0.5 * (2 - 16));
}

TEST(RegressionLosses, HaveRightGradients) {
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto b) { return wg::smooth_l1_loss(a, b) + wg::huber_loss(a, b, {.delta = 2}) + wg::l1_loss(a, b); }, from, to);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto b) { return wg::poisson_nll_loss(a, wg::exp(b) + 0.3, {.full = true}); }, from, to);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto b) { return wg::gaussian_nll_loss(a, b, wg::exp(a * b)); }, from, to);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a, auto b) { return wg::cosine_similarity(a, b); }, from, to);
}

TEST(RegressionLosses, RefuseWhatMakesNoSense) {
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)wg::smooth_l1_loss(from, to, {.beta = -1}); }), {"smooth_l1_loss", "beta", "-1"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)wg::huber_loss(from, to, {.delta = 0}); }), {"huber_loss", "delta"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::cosine_similarity(from, to, {.axis = 5}); }), {"cosine_similarity", "5"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::l1_loss(from, wg::ones<double>({2})); }), {"l1_loss", "(2, 2)", "(2,)"}));
}

}  // namespace
