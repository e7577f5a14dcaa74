// The elementwise cards of trigonometry.
#pragma once

#include <cmath>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::cards {

/// y = sin x.   dx = g cos x.   NaN at infinity.
struct Sin : Elementwise<Sin> {
  static constexpr std::string_view name = "sin";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::sin;
    return sin(x);
  }
  template <class X> static X slope(X x, X) {
    using std::cos;
    return cos(x);
  }
};

/// y = cos x.   dx = -g sin x.   NaN at infinity.
struct Cos : Elementwise<Cos> {
  static constexpr std::string_view name = "cos";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::cos;
    return cos(x);
  }
  template <class X> static X slope(X x, X) {
    using std::sin;
    return -sin(x);
  }
};

}  // namespace wengert::cards
