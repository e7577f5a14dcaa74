// Higher derivatives at places that no row's domain reaches.
#include <gtest/gtest.h>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert::test {

TEST(Pow, KeepsItsMixedDerivativeWhereTheExponentIsZero) {
  // d/da a^b = b a^(b - 1) is 0 at b = 0, but its derivative by b is a^-1 there.
  Tape tape;
  const auto a = tape.variable(2.0), b = tape.variable(0.0);
  const auto by_a = tape.gradient(pow(a, b), a);
  EXPECT_EQ(by_a.item(), 0);
  EXPECT_EQ(tape.gradient(by_a, b).item(), 0.5);
}

TEST(Pow, HasNoMixedDerivativeWhereBothAreZero) {
  Tape tape;
  const auto a = tape.variable(0.0), b = tape.variable(0.0);
  const auto by_a = tape.gradient(pow(a, b), a);
  EXPECT_EQ(by_a.item(), 0);
  EXPECT_EQ(tape.gradient(by_a, b).item(), 0);
}

TEST(Abs, HasNoSecondDerivativeAtItsKink) {
  Tape tape;
  const auto x = tape.variable(0.0);
  const auto slope = tape.gradient(abs(x), x);
  EXPECT_EQ(slope.item(), 0);
  EXPECT_EQ(tape.gradient(slope, x).item(), 0);
}

TEST(Gradient, SpreadsARecordedNumberOverTheOutput) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2, 3}, {3}));
  const auto c = tape.variable(0.5);
  const auto by_x = tape.gradient(reshape(square(x), {3, 1}), x, {.cotangent = c});  // a number would not do for reshape
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(by_x.value()(i), static_cast<double>(i + 1));
  EXPECT_EQ(tape.gradient(by_x, c, {.cotangent = 1.0}).item(), 12);
}

TEST(Gradient, KeepsTheStrongZeroOfItsOwnCotangent) {
  // The slope is inf at 0; what is not asked for there is 0 and not 0 * inf.
  Tape tape;
  const auto x = tape.variable(from_values<double>({0, 1}, {2}));
  const auto c = tape.variable(from_values<double>({1, 1}, {2}));
  const auto by_x = tape.gradient(sqrt(x), x, {.cotangent = c});
  const auto by_c = tape.gradient(by_x, c, {.cotangent = from_values<double>({0, 1}, {2})});
  EXPECT_EQ(by_c.value()(0), 0);
  EXPECT_EQ(by_c.value()(1), 0.5);
}

}  // namespace wengert::test
