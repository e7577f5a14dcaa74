// 1 - x^2 and what is made of it, near x = 1, for slopes that are infinite there.
#pragma once

#include <cmath>
#include <limits>

#include <wengert/graph/operand.hpp>

namespace wengert::cards {

/// 1 - x^2, with all its digits near +-1. On a tape it is no product of 1 - x and 1 + x, one of which is 0 at +-1: in the product's derivative
/// that makes NaN of an infinite slope.
template <class X>
X one_minus_square(X x) {
  if constexpr (detail::is_var<X>) return fma(-x, x, X(1)); else return (X(1) - x) * (X(1) + x);
}

/// The root of x^2 - 1; below 1 NaN, with its derivatives.
template <class X>
X root_of_square_minus_one(X x) {
  using std::sqrt;
  if constexpr (detail::is_var<X>) {
    // Far out the square would leave the range of numbers, and the root is x.
    return where(x < X(1), x * X(std::numeric_limits<double>::quiet_NaN()), where(x > X(1e8), x, sqrt(fma(x, x, X(-1)))));
  } else {
    return sqrt(x - X(1)) * sqrt(x + X(1));  // not the root of the product, which is a number below -1
  }
}

}  // namespace wengert::cards
