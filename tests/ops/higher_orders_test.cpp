// Higher derivatives at places that no row's domain reaches.
#include <gtest/gtest.h>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

namespace wengert::test {

TEST(Pow, KeepsItsMixedDerivativeWhereTheExponentIsZero) {
  // d/da a^b = b a^(b - 1) is 0 at b = 0, but its derivative by b is a^-1 there.
  Tape tape;
  const auto a = tape.variable(2.0), b = tape.variable(0.0);
  const auto by_a = tape.gradient(pow(a, b), a);
  EXPECT_EQ(by_a.item(), 0);
  EXPECT_EQ(tape.gradient(by_a, b).item(), 0.5);
}

}  // namespace wengert::test
