// The elementwise cards made of pieces that meet at a kink.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::cards {

/// y = the larger of a and b.   da = g where a > b, g / 2 where a = b, else 0; db likewise. NaN where either is NaN, both ways.
struct Maximum : Elementwise<Maximum> {
  static constexpr std::string_view name = "maximum";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X a, X b) { return where(a >= b, a, where(a < b, b, a + b)); }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    if constexpr (I == 1) return slope<0>(b, a, a);
    else return where(a > b, X(1), where(a < b, X(0), where(a == b, X(0.5), a + b)));
  }
};

/// y = the smaller of a and b.   da = g where a < b, g / 2 where a = b, else 0; db likewise. NaN where either is NaN, both ways.
struct Minimum : Elementwise<Minimum> {
  static constexpr std::string_view name = "minimum";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X a, X b) { return where(a <= b, a, where(a > b, b, a + b)); }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    if constexpr (I == 1) return slope<0>(b, a, a);
    else return where(a < b, X(1), where(a > b, X(0), where(a == b, X(0.5), a + b)));
  }
};

/// y = |x|.   dx = g sign(x), 0 at 0.
struct Abs : Elementwise<Abs> {
  static constexpr std::string_view name = "abs";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::abs;
    return abs(x);
  }
  template <class X> static X slope(X x, X) {
    return where(x > X(0), X(1), where(x < X(0), X(-1), where(x == X(0), X(0), x)));
  }
};

/// y = x held between lower and upper.   dx = g where lower <= x <= upper, else 0.
struct Clip : Elementwise<Clip> {
  static constexpr std::string_view name = "clip";
  static constexpr Keeps keeps = Keeps::inputs;
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  template <class X> X apply(X x) const { return where(x < X(lower), X(lower), where(x > X(upper), X(upper), x)); }
  template <class X> X slope(X x, X) const {
    return where(x < X(lower), X(0), where(x > X(upper), X(0), where(x == x, X(1), x)));
  }
};

/// y = 1, -1 or 0 with the sign of x.   dx = 0, NaN where x is.
struct Sign : Elementwise<Sign> {
  static constexpr std::string_view name = "sign";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) { return where(x > X(0), X(1), where(x < X(0), X(-1), x)); }
  template <class X> static X slope(X, X y) { return where(y == y, X(0), y); }
};

}  // namespace wengert::cards
