// The elementwise cards of hyperbolic angles; tanh is in activation.hpp.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

#include "ops/cards/squares.hpp"

namespace wengert::cards {

/// y = sinh x.   dx = g cosh x.
struct Sinh : Elementwise<Sinh> {
  static constexpr std::string_view name = "sinh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::sinh;
    return sinh(x);
  }
  template <class X> static X slope(X x, X) {
    using std::cosh;
    return cosh(x);
  }
};

/// y = cosh x.   dx = g sinh x.
struct Cosh : Elementwise<Cosh> {
  static constexpr std::string_view name = "cosh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::cosh;
    return cosh(x);
  }
  template <class X> static X slope(X x, X) {
    using std::sinh;
    return sinh(x);
  }
};

/// y = asinh x.   dx = g / (x^2 + 1)^(1/2).
struct Asinh : Elementwise<Asinh> {
  static constexpr std::string_view name = "asinh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::asinh;
    return asinh(x);
  }
  template <class X> static X slope(X x, X) {
    using std::abs, std::sqrt;
    const auto is_far = abs(x) > X(1);  // there by 1 / x, whose square stays in the range of numbers
    const X r = where(is_far, X(1) / x, x);
    return where(is_far, abs(r), X(1)) / sqrt(X(1) + r * r);
  }
};

/// y = acosh x >= 0.   dx = g / (x^2 - 1)^(1/2).   At 1 the slope is inf; where x < 1 both are NaN.
struct Acosh : Elementwise<Acosh> {
  static constexpr std::string_view name = "acosh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::acosh;
    return acosh(x);
  }
  template <class X> static X slope(X x, X) {
    return X(1) / root_of_square_minus_one(x);
  }
};

/// y = atanh x.   dx = g / (1 - x^2).   At +-1: +-inf, slope inf; where |x| > 1 both are NaN.
struct Atanh : Elementwise<Atanh> {
  static constexpr std::string_view name = "atanh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::atanh;
    return atanh(x);
  }
  template <class X> static X slope(X x, X) {
    const X rest = one_minus_square(x);
    return X(1) / where(rest >= X(0), rest, rest * X(std::numeric_limits<double>::quiet_NaN()));
  }
};

}  // namespace wengert::cards
