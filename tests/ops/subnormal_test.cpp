// Determinants, linear systems and inverses where the elements of a matrix, or its pivots, are too small for their reciprocals.
#include <wengert/ops/solve.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <gtest/gtest.h>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

namespace wengert::test {

namespace {

/// 2^exponent times what is given, exactly.
template <Real T>
Array<T> scaled(const Array<T>& x, int exponent) {
  return Array<T>::build(x.shape(), [&](std::span<T> out) { std::transform(x.begin(), x.end(), out.begin(), [=](T value) { return std::scalbn(value, exponent); }); });
}

template <class T>
class Subnormal : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Subnormal, Numbers);

TYPED_TEST(Subnormal, MatricesHaveTheResultsOfLargerOnes) {
  using T = TypeParam;
  const int exponent = std::numeric_limits<T>::min_exponent - 8;  // products of eight bits are exact
  const auto a = from_values<T>({4, 2, 1, 2, 5, 3, 1, 3, 8}, {3, 3}), small = scaled(a, exponent), b = from_values<T>({7, 10, 12}, {3});
  ASSERT_FALSE(std::isnormal(small(0, 0)));
  const auto logarithms = slogdet(small);
  EXPECT_EQ(logarithms.sign.item(), 1);
  const T power = static_cast<T>(exponent);
  EXPECT_NEAR(logarithms.logabsdet.item(), std::log(det(a).item()) + 3 * power * std::log(T(2)), std::abs(power) * 4 * std::numeric_limits<T>::epsilon());
  EXPECT_EQ(det(small).item(), 0) << "too small for a number";
  for (const auto& y : {solve(small, scaled(b, exponent)), solve(small, scaled(b, exponent - 3)) * T(8)})
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(y(k), solve(a, b)(k), 8 * std::numeric_limits<T>::epsilon()) << "x with A x = b";
}

TYPED_TEST(Subnormal, PivotsSpoilNothingBesideThem) {
  using T = TypeParam;
  const T tiny = std::numeric_limits<T>::denorm_min() * 8;
  const auto a = from_values<T>({1, 0, 0, 0, tiny, 0, 0, tiny, 2}, {3, 3});
  EXPECT_EQ(det(a).item(), 2 * tiny);
  EXPECT_EQ(slogdet(a).sign.item(), 1);
  EXPECT_NEAR(slogdet(a).logabsdet.item(), std::log(tiny) + std::log(T(2)), std::abs(std::log(tiny)) * 2 * std::numeric_limits<T>::epsilon());
  const auto y = solve(a, from_values<T>({3, 2 * tiny, 2 + 2 * tiny}, {3}));
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(y(k), static_cast<T>(3 - k));
  const auto x = inv(a);
  EXPECT_EQ(x(0, 0), 1);
  EXPECT_EQ(x(2, 2), T(0.5));
  EXPECT_EQ(x(2, 1), T(-0.5)) << "a product of what is out of range and what is tiny";
  EXPECT_EQ(x(1, 1), std::numeric_limits<T>::infinity()) << "which is out of range";
  EXPECT_EQ(x(0, 1), 0);
  EXPECT_EQ(x(1, 2), 0);
  Tape tape;
  const auto leaf = tape.variable(a);
  const auto g = tape.backward(det(leaf))[leaf];
  EXPECT_EQ(g(1, 1), 2);
  EXPECT_EQ(g(0, 0), 2 * tiny);
  EXPECT_EQ(g(0, 1), 0);
}

}  // namespace

}  // namespace wengert::test
