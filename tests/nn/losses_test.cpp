// Losses: their values by hand, their reductions, their gradients, and labels that are no class.
#include <wengert/nn/losses.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::cross_entropy;
using wg::Reduction;
using wg::Shape;
using wg::test::mentions;
using wg::test::refusal;

const auto logits = wg::from_values<double>({1, 2, 0.5, -1, 0, 3}, {2, 3});
wg::Array<std::int64_t> labels(std::initializer_list<std::int64_t> values) { return wg::from_values<std::int64_t>(values, {values.size()}); }

double loss_by_hand(std::size_t row, std::size_t label) {
  double total = 0;
  for (std::size_t k = 0; k < 3; ++k) total += std::exp(logits(row, k));
  return std::log(total) - logits(row, label);
}

TEST(CrossEntropy, IsTheMeanOfMinusTheLogOfTheLabelsProbability) {
  const double first = loss_by_hand(0, 2), second = loss_by_hand(1, 0);
  EXPECT_NEAR(cross_entropy(logits, labels({2, 0})).item(), (first + second) / 2, 1e-15);
  EXPECT_NEAR(cross_entropy(logits, labels({2, 0}), {.reduction = Reduction::sum}).item(), first + second, 1e-14);
  const auto each = cross_entropy(logits, labels({2, 0}), {.reduction = Reduction::none});
  ASSERT_EQ(each.shape(), (Shape{2}));
  EXPECT_NEAR(each(0), first, 1e-15);
  EXPECT_NEAR(each(1), second, 1e-14);
}

TEST(CrossEntropy, IsTheSameForLabelsAndTheirOneHotTargets) {
  const auto targets = wg::from_values<double>({0, 0, 1, 1, 0, 0}, {2, 3});
  EXPECT_NEAR(cross_entropy(logits, targets).item(), cross_entropy(logits, labels({2, 0})).item(), 1e-15);
  const auto soft = wg::from_values<double>({0.25, 0.5, 0.25, 0, 1, 0}, {2, 3});
  const double expected = (0.25 * loss_by_hand(0, 0) + 0.5 * loss_by_hand(0, 1) + 0.25 * loss_by_hand(0, 2) + loss_by_hand(1, 1)) / 2;
  EXPECT_NEAR(cross_entropy(logits, soft).item(), expected, 1e-15);
}

TEST(CrossEntropy, TakesOneSampleAndSamplesWithPlaces) {
  const auto one = wg::from_values<double>({1, 2, 0.5}, {3});
  EXPECT_NEAR(cross_entropy(one, wg::Array<std::int64_t>(std::int64_t{2})).item(), loss_by_hand(0, 2), 1e-15);
  const auto maps = wg::zeros<float>({2, 5, 3, 4});
  EXPECT_NEAR(cross_entropy(maps, wg::zeros<std::int64_t>({2, 3, 4})).item(), std::log(5.F), 1e-6F);
}

TEST(CrossEntropy, StaysFiniteAndExactForLargeLogits) {
  const auto large = wg::from_values<float>({1000, -1000, 0, 3e38F, -3e38F, 0}, {2, 3});
  const auto each = cross_entropy(large, labels({0, 0}), {.reduction = Reduction::none});
  EXPECT_EQ(each(0), 0.F);
  EXPECT_EQ(each(1), 0.F);
  EXPECT_EQ(cross_entropy(large, labels({1, 0}), {.reduction = Reduction::none})(0), 2000.F);
  const auto sure = wg::from_values<double>({40, 0}, {1, 2});
  EXPECT_NEAR(cross_entropy(sure, labels({0})).item() / std::log1p(std::exp(-40.0)), 1, 1e-13) << "a loss far below epsilon keeps its digits";
}

TEST(CrossEntropy, HasTheRightDerivativesToOrderTwo) {
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x) { return cross_entropy(x, labels({2, 0})); }, logits);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x) { return cross_entropy(x, labels({1, 1}), {.reduction = Reduction::none}); }, logits);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x, auto t) { return cross_entropy(x, t, {.reduction = Reduction::sum}); }, logits,
                        wg::from_values<double>({0.2, 0.3, 0.5, 0.6, 0.3, 0.1}, {2, 3}));
}

TEST(CrossEntropy, RefusesALabelThatIsNoClass) {
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)cross_entropy(logits, labels({0, 3})); }), {"cross_entropy", "3"})) << "a label equal to the number of classes";
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)cross_entropy(logits, labels({-1, 0})); }), {"cross_entropy", "-1"}));
  wg::Tape tape;
  const auto x = tape.variable(logits);
  (void)refusal<wg::ValueError>([&] { (void)cross_entropy(x, labels({0, 3})); });
  EXPECT_EQ(tape.size(), 1u) << "the tape is as before";
  EXPECT_NO_THROW((void)tape.backward(cross_entropy(x, labels({0, 2}))));
}

TEST(CrossEntropy, RefusesShapesThatDoNotFitAndNoExamples) {
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)cross_entropy(logits, labels({0, 1, 2})); }), {"cross_entropy", "(2, 3)", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)cross_entropy(logits, wg::ones<double>({3})); }), {"cross_entropy", "(2, 3)", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)cross_entropy(wg::Array<double>(1.0), labels({0})); }), {"cross_entropy", "()"}));
  (void)refusal<wg::ValueError>([] { (void)cross_entropy(wg::zeros<double>({0, 3}), labels({})); });
  EXPECT_EQ(cross_entropy(wg::zeros<double>({0, 3}), labels({}), {.reduction = Reduction::sum}).item(), 0);
}

TEST(CrossEntropy, WeighsClassesAndForgetsIgnoredLabels) {
  const auto l = labels({2, 0});
  const double first = loss_by_hand(0, 2), second = loss_by_hand(1, 0);
  EXPECT_NEAR(cross_entropy(logits, l, {.class_weights = {1, 5, 3}}).item(), (3 * first + second) / 4, 1e-14);
  EXPECT_NEAR(cross_entropy(logits, l, {.reduction = Reduction::sum, .class_weights = {1, 5, 3}}).item(), 3 * first + second, 1e-14);
  const auto ignoring = labels({2, -100});
  EXPECT_NEAR(cross_entropy(logits, ignoring).item(), first, 1e-15) << "the mean is over those that count";
  EXPECT_EQ(cross_entropy(logits, ignoring, {.reduction = Reduction::none})(1), 0);
  const auto infinite = wg::from_values<double>({1, 2, 0.5, -std::numeric_limits<double>::infinity(), 0, 3}, {2, 3});
  EXPECT_NEAR(cross_entropy(infinite, l, {.ignored_label = 0}).item(), first, 1e-15) << "an ignored loss may be infinite";
  wg::Tape tape;
  const auto x = tape.variable(infinite);
  const auto g = tape.backward(cross_entropy(x, l, {.ignored_label = 0}))[x];
  EXPECT_TRUE(g(1, 0) == 0 && g(1, 1) == 0 && g(1, 2) == 0);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto y) { return cross_entropy(y, labels({2, 7}), {.class_weights = {1, 5, 3}, .label_smoothing = 0.1, .ignored_label = 7}); }, logits);
}

TEST(CrossEntropy, SmoothsLabelsAsItSmoothsTheirOneHotTargets) {
  const auto targets = wg::from_values<double>({0, 0, 1, 1, 0, 0}, {2, 3});
  for (const double smoothing : {0.1, 1.0})
    EXPECT_NEAR(cross_entropy(logits, labels({2, 0}), {.label_smoothing = smoothing}).item(), cross_entropy(logits, targets, {.label_smoothing = smoothing}).item(), 1e-14);
  const auto maps = wg::from_values<double>({1, 2, 3, 4, 5, 6, 7, 9}, {1, 2, 2, 2});
  const auto each = cross_entropy(maps, wg::zeros<std::int64_t>({1, 2, 2}), {.reduction = Reduction::none, .class_weights = {2, 3}, .label_smoothing = 0.5});
  EXPECT_EQ(each.shape(), (Shape{1, 2, 2}));
  const double right = std::log1p(std::exp(4.0)), wrong = std::log1p(std::exp(-4.0));
  EXPECT_NEAR(each(0, 0, 0), 0.5 * 2 * right + 0.25 * (2 * right + 3 * wrong), 1e-14);
}

TEST(CrossEntropy, RefusesOptionsThatMakeNoSense) {
  const auto l = labels({2, 0});
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)cross_entropy(logits, l, {.class_weights = {1, 2}}); }), {"cross_entropy", "2", "3"}));
  (void)refusal<wg::ValueError>([&] { (void)cross_entropy(logits, l, {.label_smoothing = 1.5}); });
  (void)refusal<wg::ValueError>([&] { (void)cross_entropy(logits, l, {.class_weights = {1, 2, std::numeric_limits<double>::infinity()}}); });
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)cross_entropy(logits, labels({-100, -100})); }), {"cross_entropy", "ignored"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::nll_loss(logits, labels({1})); }), {"nll_loss", "(1,)", "(2, 3)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::nll_loss(logits, labels({1, 4})); }), {"nll_loss", "4"}));
}

TEST(NllLoss, OfLogSoftmaxIsTheCrossEntropy) {
  const auto l = labels({2, 0});
  EXPECT_NEAR(wg::nll_loss(wg::log_softmax(logits, 1), l, {.class_weights = {1, 5, 3}}).item(), cross_entropy(logits, l, {.class_weights = {1, 5, 3}}).item(), 1e-14);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x) { return wg::nll_loss(wg::tanh(x), labels({2, 0})); }, logits);
}

TEST(BinaryCrossEntropy, IsTheSameFromLogitsAndExactWhereProbabilitiesRound) {
  const auto t = wg::from_values<double>({0, 1, 0.25, 1, 0, 0.5}, {2, 3});
  EXPECT_NEAR(wg::binary_cross_entropy(wg::sigmoid(logits), t).item(), wg::binary_cross_entropy_with_logits(logits, t).item(), 1e-15);
  const auto far = wg::from_values<double>({1000, -1000, 50}, {3}), right = wg::from_values<double>({1, 0, 1}, {3});
  const auto losses = wg::binary_cross_entropy_with_logits(far, right, {.reduction = Reduction::none});
  EXPECT_TRUE(losses(0) == 0 && losses(1) == 0);
  EXPECT_NEAR(losses(2), std::exp(-50), 1e-30);
  EXPECT_EQ(wg::binary_cross_entropy_with_logits(far, 1 - right, {.reduction = Reduction::none})(0), 1000);
  EXPECT_EQ(wg::binary_cross_entropy(wg::from_values<double>({0, 1}, {2}), wg::from_values<double>({0, 1}, {2})).item(), 0) << "0 log 0 is 0";
  EXPECT_NEAR(wg::binary_cross_entropy_with_logits(logits, 1, {.positive_weight = 3}).item(), 3 * wg::binary_cross_entropy_with_logits(logits, 1).item(), 1e-14);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x, auto u) { return wg::binary_cross_entropy_with_logits(x, u, {.positive_weight = 2}); }, logits, t);
}

TEST(KlDivergence, IsZeroForOneDistributionAndCountsNothingForP0) {
  const auto p = wg::softmax(logits, 1), q = wg::log_softmax(logits, 1);
  EXPECT_NEAR(wg::kl_divergence(q, p).item(), 0, 1e-16);
  EXPECT_NEAR(wg::kl_divergence(q, q, {.log_target = true}).item(), 0, 1e-16);
  const auto sure = wg::from_values<double>({0, 0, 1, 1, 0, 0}, {2, 3});
  EXPECT_NEAR(wg::kl_divergence(q, sure, {.reduction = Reduction::sum}).item(), 2 * cross_entropy(logits, labels({2, 0})).item(), 1e-14);
}

}  // namespace
