// Rearrangements: their values by hand, their gradients, and what they refuse.
#include <wengert/ops/rearrange.hpp>

#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::PadMode;
using wg::Shape;
using wg::test::mentions;
using wg::test::refusal;

const auto x = wg::from_values<double>({1, 2, 3, 4, 5, 6}, {2, 3});

void expect_is(const Array<double>& y, const std::vector<double>& values, const Shape& shape) {
  ASSERT_EQ(y.shape(), shape);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(y.data()[i], values[i]) << "element " << i;
}

TEST(Rearrange, PutsElementsInAnotherOrder) {
  expect_is(wg::swapaxes(x, 0, -1), {1, 4, 2, 5, 3, 6}, {3, 2});
  expect_is(wg::flip(x, {-1}), {3, 2, 1, 6, 5, 4}, {2, 3});
  expect_is(wg::flip(x), {6, 5, 4, 3, 2, 1}, {2, 3});
  expect_is(wg::roll(x, 1, 1), {3, 1, 2, 6, 4, 5}, {2, 3});
  expect_is(wg::roll(x, -4), {5, 6, 1, 2, 3, 4}, {2, 3});
  expect_is(wg::roll(wg::zeros<double>({0, 3}), 5, 0), {}, {0, 3});
}

TEST(Rearrange, JoinsAndCuts) {
  expect_is(wg::stack({x, 10 * x}, 1), {1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60}, {2, 2, 3});
  expect_is(wg::stack({x, x}, -1), {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}, {2, 3, 2});
  const auto pieces = wg::split(x, {1, 0, 2}, 1);
  ASSERT_EQ(pieces.size(), 3u);
  expect_is(pieces[0], {1, 4}, {2, 1});
  expect_is(pieces[1], {}, {2, 0});
  expect_is(pieces[2], {2, 3, 5, 6}, {2, 2});
  expect_is(wg::split(x, 3, -1)[1], {2, 5}, {2, 1});
}

TEST(Rearrange, Repeats) {
  expect_is(wg::repeat(x, 2, 1), {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}, {2, 6});
  expect_is(wg::repeat(x, 0, 0), {}, {0, 3});
  expect_is(wg::tile(x, {2}), {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}, {2, 6});
  expect_is(wg::tile(Array<double>(7.0), {2, 2}), {7, 7, 7, 7}, {2, 2});
}

TEST(Rearrange, Pads) {
  const auto row = wg::from_values<double>({1, 2, 3}, {3});
  expect_is(wg::pad(row, {{2, 1}}), {0, 0, 1, 2, 3, 0}, {6});
  expect_is(wg::pad(x, {{0, 1}, {1, 0}}, {.value = 9}), {9, 1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9}, {3, 4});
  expect_is(wg::pad(row, {{2, 2}}, {.mode = PadMode::reflect}), {3, 2, 1, 2, 3, 2, 1}, {7});
  expect_is(wg::pad(row, {{2, 1}}, {.mode = PadMode::replicate}), {1, 1, 1, 2, 3, 3}, {6});
  expect_is(wg::pad(row, {{3, 1}}, {.mode = PadMode::circular}), {1, 2, 3, 1, 2, 3, 1}, {7});
}

TEST(Rearrange, TakesPartsOfMatrices) {
  expect_is(wg::tril(x), {1, 0, 0, 4, 5, 0}, {2, 3});
  expect_is(wg::triu(x, 1), {0, 2, 3, 0, 0, 6}, {2, 3});
  expect_is(wg::diag(x, 1), {2, 6}, {2});
  expect_is(wg::diag(x, 7), {}, {0});
  expect_is(wg::diag(wg::from_values<double>({1, 2}, {2}), -1), {0, 0, 0, 1, 0, 0, 0, 2, 0}, {3, 3});
  EXPECT_EQ(wg::trace(x).item(), 6);
  const auto places = wg::from_values<std::int64_t>({0, 0, 2, 1}, {2, 2});
  expect_is(wg::scatter_add(x, places, wg::from_values<double>({10, 20, 30, 40}, {2, 2}), 1), {31, 2, 3, 4, 45, 36}, {2, 3});
  expect_is(wg::masked_fill(x, x > 4, -1), {1, 2, 3, 4, -1, -1}, {2, 3});
}

TEST(Rearrange, HasRightGradients) {
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a) { return wg::stack({wg::flip(a) * a, wg::roll(a, 1, 1)}, 1); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a) { return wg::tile(a * a, {2, 1}) + wg::repeat(wg::swapaxes(wg::swapaxes(a, 0, 1), 0, 1), 2, 0); }, x);
  for (const PadMode mode : {PadMode::constant, PadMode::reflect, PadMode::replicate, PadMode::circular})
    EXPECT_GRADIENTS_WITH({.order = 2}, [mode](auto a) { return wg::pad(a * a, {{1, 1}, {2, 0}}, {.mode = mode, .value = 2}); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a) { return wg::tril(a * a) + wg::triu(a, 1) + wg::trace(a) + wg::sum(wg::diag(wg::diag(a * a, 1), -1)); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto a) { return wg::scatter_add(a, wg::from_values<std::int64_t>({0, 0, 2, 1}, {2, 2}), wg::split(a * a, {2, 1}, 1)[0], 1); }, x);
}

TEST(Rearrange, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::split(x, {1, 1}, 1); }), {"split", "(2, 3)", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::split(x, {static_cast<std::size_t>(-1), 4}, 1); }), {"split"})) << "a sum that wraps";
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::split(x, 2, 1); }), {"split", "2 equal parts"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::pad(x, {{1, 1}}); }), {"pad", "(2, 3)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::pad(x, {{0, 0}, {3, 0}}, {.mode = PadMode::reflect}); }), {"pad", "3"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::pad(wg::zeros<double>({0}), {{1, 0}}, {.mode = PadMode::replicate}); }), {"pad"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::trace(wg::zeros<double>({3})); }), {"trace", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::diag(Array<double>(1.0)); }), {"diag", "()"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::tril(wg::zeros<double>({3})); }), {"tril", "(3,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([] { (void)wg::roll(x, 1, 2); }), {"roll", "2"}));
}

}  // namespace
