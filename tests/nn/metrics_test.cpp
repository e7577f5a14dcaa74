// Accuracy and confusion: by hand, with ties and NaN, and what they refuse.
#include <wengert/nn/metrics.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::nn::accuracy;
using wg::nn::confusion;
using wg::test::mentions;
using wg::test::refusal;
using Labels = wg::Array<std::int64_t>;

Labels labels(std::initializer_list<std::int64_t> values) { return wg::from_values<std::int64_t>(values, {values.size()}); }

const auto scores = wg::from_values<float>({1, 3, 2,    // 1
                                            5, 0, 5,    // 0: the first of equals
                                            -3, -2, -1,  // 2
                                            9, 8, 7},   // 0
                                           {4, 3});
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(Accuracy, IsTheShareOfRowsWhoseLargestScoreIsAtTheLabel) {
  EXPECT_EQ(accuracy(scores, labels({1, 0, 2, 0})), 1.0);
  EXPECT_EQ(accuracy(scores, labels({1, 2, 2, 1})), 0.5);
  EXPECT_EQ(accuracy(scores, labels({0, 1, 0, 1})), 0.0);
  EXPECT_EQ(accuracy(wg::from_values<double>({0.1, 0.9}, {1, 2}), labels({1})), 1.0);
}

TEST(Accuracy, CountsARowWithANanAsWrong) {
  EXPECT_EQ(accuracy(wg::from_values<float>({nan, 1, 2, 1}, {2, 2}), labels({1, 0})), 0.5);
  EXPECT_EQ(accuracy(wg::from_values<float>({nan, nan}, {1, 2}), labels({0})), 0.0);
}

TEST(Accuracy, RefusesALabelThatIsNoClass) {
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)accuracy(scores, labels({1, 0, 3, 0})); }), {"accuracy", "label", "row 2", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)accuracy(scores, labels({-1, 0, 2, 0})); }), {"accuracy", "row 0", "-1"}));
}

TEST(Accuracy, RefusesShapesThatDoNotFitAndNoRows) {
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)accuracy(scores, labels({1, 0})); }), {"accuracy", "(4, 3)", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)accuracy(wg::ones<float>({4}), labels({0, 0, 0, 0})); }), {"accuracy", "(4,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)accuracy(wg::zeros<float>({0, 3}), labels({})); }), {"accuracy", "no rows"}));
}

TEST(Confusion, CountsInRowsOfClassesAndColumnsOfAnswers) {
  const auto table = confusion(scores, labels({1, 2, 2, 1}));
  ASSERT_EQ(table.shape(), (wg::Shape{3, 3}));
  EXPECT_EQ(table(1, 1), 1);
  EXPECT_EQ(table(2, 0), 1);
  EXPECT_EQ(table(2, 2), 1);
  EXPECT_EQ(table(1, 0), 1);
  std::int64_t total = 0;
  for (const auto count : table) total += count;
  EXPECT_EQ(total, 4);
}

TEST(Confusion, TakesAnswersThatAreClasses) {
  const auto table = confusion(labels({0, 1, 1}), labels({0, 0, 1}), 4);
  ASSERT_EQ(table.shape(), (wg::Shape{4, 4}));
  EXPECT_EQ(table(0, 0), 1);
  EXPECT_EQ(table(0, 1), 1);
  EXPECT_EQ(table(1, 1), 1);
  EXPECT_EQ(table(3, 3), 0);
  EXPECT_EQ(confusion(labels({}), labels({}), 2)(1, 1), 0);
}

TEST(Confusion, RefusesWhatHasNoPlaceInTheTable) {
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)confusion(scores, labels({0, 0, 0, 3})); }), {"confusion", "label", "row 3", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)confusion(labels({2}), labels({1}), 2); }), {"confusion", "answer", "2"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)confusion(wg::from_values<float>({1, 2, nan, 1}, {2, 2}), labels({0, 1})); }), {"confusion", "row 1", "NaN"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)confusion(labels({0, 1}), labels({0}), 2); }), {"confusion", "(2,)", "(1,)"}));
}

}  // namespace
