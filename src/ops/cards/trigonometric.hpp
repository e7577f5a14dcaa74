// The elementwise cards of trigonometry.
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

#include "ops/cards/squares.hpp"

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

/// y = tan x.   dx = g (1 + y^2).   NaN at infinity.
struct Tan : Elementwise<Tan> {
  static constexpr std::string_view name = "tan";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::tan;
    return tan(x);
  }
  template <class X> static X slope(X, X y) { return X(1) + y * y; }
};

/// y = asin x, in [-pi/2, pi/2].   dx = g / (1 - x^2)^(1/2).   At +-1 the slope is inf; where |x| > 1 both are NaN.
struct Asin : Elementwise<Asin> {
  static constexpr std::string_view name = "asin";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::asin;
    return asin(x);
  }
  template <class X> static X slope(X x, X) {
    using std::sqrt;
    return X(1) / sqrt(one_minus_square(x));
  }
};

/// y = acos x, in [0, pi].   dx = -g / (1 - x^2)^(1/2).   At +-1 the slope is -inf; where |x| > 1 both are NaN.
struct Acos : Elementwise<Acos> {
  static constexpr std::string_view name = "acos";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::acos;
    return acos(x);
  }
  template <class X> static X slope(X x, X) {
    using std::sqrt;
    return X(-1) / sqrt(one_minus_square(x));
  }
};

/// y = atan x, in [-pi/2, pi/2].   dx = g / (1 + x^2).
struct Atan : Elementwise<Atan> {
  static constexpr std::string_view name = "atan";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::atan;
    return atan(x);
  }
  template <class X> static X slope(X x, X) { return X(1) / (X(1) + x * x); }
};

/// y = the angle of the point (b, a), in [-pi, pi].   da = g b / (a^2 + b^2),   db = -g a / (a^2 + b^2).   At the origin the slopes are NaN.
struct Atan2 : Elementwise<Atan2> {
  static constexpr std::string_view name = "atan2";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X a, X b) {
    using std::atan2;
    return atan2(a, b);
  }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    // By the smaller over the larger: a^2 + b^2 would leave the range of numbers long before its quotients do.
    using std::abs;
    const auto is_flat = abs(b) >= abs(a);
    const X larger = where(is_flat, b, a), ratio = where(is_flat, a, b) / larger, d = larger * (X(1) + ratio * ratio);
    if constexpr (I == 0) return where(is_flat, X(1), ratio) / d; else return -where(is_flat, ratio, X(1)) / d;
  }
};

}  // namespace wengert::cards
