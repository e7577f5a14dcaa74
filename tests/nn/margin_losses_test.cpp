// Losses with a margin: their values by hand, their gradients, and what they refuse.
#include <wengert/nn/margin_losses.hpp>

#include <cmath>
#include <limits>

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

const auto scores = wg::from_values<double>({0.5, -2, 3, 0.25}, {2, 2}), sides = wg::from_values<double>({1, 1, -1, -1}, {2, 2});

TEST(MarginLosses, AreWhatTheyAreByHand) {
  EXPECT_EQ(wg::hinge_loss(scores, sides).item(), (0.5 + 3 + 4 + 1.25) / 4);
  EXPECT_EQ(wg::hinge_loss(scores, 1, {.reduction = Reduction::sum, .margin = 2}).item(), 1.5 + 4 + 0 + 1.75);
  EXPECT_EQ(wg::hinge_embedding_loss(scores, sides, {.reduction = Reduction::sum}).item(), 0.5 - 2 + 0 + 0.75);
  EXPECT_EQ(wg::margin_ranking_loss(scores, wg::zeros<double>({2, 2}), sides, {.reduction = Reduction::sum, .margin = 0.5}).item(), 0 + 2.5 + 3.5 + 0.75);
  const auto labels = wg::from_values<std::int64_t>({0, 1}, {2});
  EXPECT_EQ(wg::multiclass_hinge_loss(scores, labels, {.reduction = Reduction::sum}).item(), (0 + 3.75) / 2);
  EXPECT_EQ(wg::multiclass_hinge_loss(scores, labels, {.reduction = Reduction::sum, .margin = 3, .power = 2}).item(), (0.5 * 0.5 + 5.75 * 5.75) / 2);
}

TEST(MarginLosses, LeaveTheLabelsOwnTermOutWhateverTheScores) {
  const auto first = wg::from_values<std::int64_t>({0}, {1});
  const auto loss = [&](std::initializer_list<double> x, const wg::MulticlassHingeOptions& o) { return wg::multiclass_hinge_loss(wg::from_values<double>(x, {1, x.size()}), first, o).item(); };
  EXPECT_EQ(loss({-1.65}, {.margin = -1, .power = 2}), 0);
  EXPECT_EQ(loss({1e20, 0.25, 5e19}, {}), 0);
  EXPECT_EQ(loss({std::numeric_limits<double>::infinity(), 1}, {}), 0);
  EXPECT_EQ(loss({0, 1, 0.5}, {.margin = -0.75}), 0.25 / 3);
  // Axes behind the classes, and weights of classes.
  const auto deep = wg::from_values<double>({0, 1, 2, 3, 5, 4, 3, 2, 1, 1, 1, 1}, {2, 3, 2});
  const auto labels = wg::from_values<std::int64_t>({0, 1, 2, 0}, {2, 2});
  const wg::MulticlassHingeOptions each{.reduction = Reduction::none, .margin = 0.5, .class_weights = {2, 10, 100}};
  const auto losses = wg::multiclass_hinge_loss(deep, labels, each);
  ASSERT_EQ(losses.shape(), (wg::Shape{2, 2}));
  EXPECT_EQ(losses(0, 0), 2 * (2.5 + 5.5) / 3);
  EXPECT_EQ(losses(0, 1), 10 * 1.5 / 3);
  EXPECT_EQ(losses(1, 0), 100 * (2.5 + 0.5) / 3);
  EXPECT_EQ(losses(1, 1), 0.0);
  EXPECT_GRADIENTS([&](auto x) { return wg::multiclass_hinge_loss(x, labels, each); }, deep);
  EXPECT_EQ(wg::multiclass_hinge_loss(scores, wg::zeros<std::int64_t>({2}), {.class_weights = {0, 1}}).item(), 0) << "a mean over examples, not over weights";
}

TEST(MarginLosses, HaveRightGradients) {
  EXPECT_GRADIENTS([](auto x) { return wg::hinge_loss(x, sides) + wg::hinge_embedding_loss(x, sides, {.margin = 1.5}); }, scores);
  EXPECT_GRADIENTS([](auto x, auto y) { return wg::margin_ranking_loss(x, y, sides, {.margin = 0.125}); }, scores, 2 * scores);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto x) { return wg::multiclass_hinge_loss(x, wg::from_values<std::int64_t>({0, 1}, {2}), {.margin = 3, .power = 2}); }, scores);
}

TEST(MarginLosses, RefuseWhatMakesNoSense) {
  const auto labels = wg::from_values<std::int64_t>({0, 2}, {2});
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::multiclass_hinge_loss(scores, labels); }), {"multiclass_hinge_loss", "2"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::multiclass_hinge_loss(scores, labels, {.power = 3}); }), {"multiclass_hinge_loss", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::multiclass_hinge_loss(scores, wg::zeros<std::int64_t>({2}), {.class_weights = {1, 2, 3}}); }), {"multiclass_hinge_loss", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::multiclass_hinge_loss(scores, wg::from_values<std::int64_t>({-100, 0}, {2})); }), {"multiclass_hinge_loss", "-100"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::multiclass_hinge_loss(wg::zeros<double>({0, 2}), wg::zeros<std::int64_t>({0})); }), {"multiclass_hinge_loss", "no examples"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { (void)wg::hinge_loss(scores, wg::ones<double>({2})); }), {"hinge_loss", "(2, 2)"}));
}

}  // namespace
