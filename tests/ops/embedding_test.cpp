// Embedding: rows by index, and which of them get a gradient.
#include <wengert/ops/embedding.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace wengert::test {

namespace {

const auto weights = from_values<double>({1, 2, 3, 4, 5, 6}, {3, 2});
const auto indices = from_values<std::int64_t>({2, 0, -1, 2}, {2, 2});

Array<double> gradient_for(const EmbeddingOptions& options) {
  Tape tape;
  const auto w = tape.variable(weights);
  return tape.backward(sum(embedding(indices, w, options)))[w];
}

void expect_rows(const Array<double>& found, double first, double second, double third) {
  ASSERT_EQ(found.shape(), weights.shape());
  for (std::size_t k = 0; k < 2; ++k) {
    EXPECT_EQ(found(0, k), first);
    EXPECT_EQ(found(1, k), second);
    EXPECT_EQ(found(2, k), third);
  }
}

TEST(Embedding, TakesARowForEachIndex) {
  for (const EmbeddingOptions& options : {EmbeddingOptions{}, EmbeddingOptions{.padding_index = 2, .scale_gradient_by_frequency = true}}) {
    Tape tape;
    const auto y = embedding(indices, weights, options), recorded = embedding(indices, tape.variable(weights), options).value();
    ASSERT_EQ(y.shape(), (Shape{2, 2, 2}));
    ASSERT_EQ(recorded.shape(), y.shape());
    for (std::size_t i = 0; i < y.size(); ++i) {
      EXPECT_EQ(y.data()[i], (std::vector<double>{5, 6, 1, 2, 5, 6, 5, 6})[i]);
      EXPECT_EQ(recorded.data()[i], y.data()[i]);
    }
  }
  EXPECT_EQ(embedding(Array<std::int64_t>(1), weights).shape(), (Shape{2}));
  EXPECT_EQ(embedding(zeros<std::int64_t>({0}), weights).shape(), (Shape{0, 2}));
}

TEST(Embedding, GivesNoGradientToThePaddingAndDividesByFrequencyIfAsked) {
  expect_rows(gradient_for({}), 1, 0, 3);
  expect_rows(gradient_for({.padding_index = 2}), 1, 0, 0);
  expect_rows(gradient_for({.padding_index = -3}), 0, 0, 3);
  expect_rows(gradient_for({.scale_gradient_by_frequency = true}), 1, 0, 1);
  expect_rows(gradient_for({.padding_index = 0, .scale_gradient_by_frequency = true}), 0, 0, 1);
}

TEST(Embedding, KeepsInfinityAndNotANumberAsTheyAre) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  Tape tape;
  const auto w = tape.variable(from_values<double>({inf, nan}, {1, 2}));
  const auto y = embedding(zeros<std::int64_t>({3}), w, {.scale_gradient_by_frequency = true});
  EXPECT_EQ(y.value()(1, 0), inf);
  EXPECT_TRUE(y.value()(1, 1) != y.value()(1, 1));
  EXPECT_NEAR(tape.backward(sum(y))[w](0, 0), 1, 1e-15);
}

TEST(Embedding, HasRightDerivatives) {
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto w) { return embedding(indices, w * w * w); }, weights);
  // The scale is no derivative, but what is differentiated again is what was scaled.
  Tape tape;
  const auto w = tape.variable(weights);
  const auto first = tape.gradient(sum(square(embedding(indices, w, {.padding_index = 0, .scale_gradient_by_frequency = true}))), w);
  const auto second = tape.backward(sum(first))[w];
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(second.data()[k], k < 4 ? 0 : 2.0 / 3, 1e-15);
}

TEST(Embedding, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(mentions(refusal<ShapeError>([] { (void)embedding(indices, ones<double>({3})); }), {"embedding: ", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([] { (void)embedding(indices, ones<double>({2, 2})); }), {"embedding: ", "2"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([] { (void)embedding(indices, weights, {.padding_index = -4}); }), {"embedding: ", "padding_index", "-4"}));
  Tape tape;
  const auto w = tape.variable(weights);
  const std::size_t size = tape.size();
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)embedding(indices, w, {.padding_index = 3}); }), {"embedding: ", "padding_index", "3"}));
  EXPECT_EQ(tape.size(), size);
}

}  // namespace
}  // namespace wengert::test
