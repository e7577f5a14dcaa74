// The elementwise cards of the error function and of the gamma function.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

#include "array/numbers.hpp"

namespace wengert::cards {

/// y = erf x.   dx = g 2 e^(-x^2) / pi^(1/2).
struct Erf : Elementwise<Erf> {
  static constexpr std::string_view name = "erf";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::erf;
    return erf(x);
  }
  template <class X> static X slope(X x, X) {
    using std::exp;
    return X(2 * std::numbers::inv_sqrtpi) * exp(-(x * x));
  }
};

/// y = 1 - erf x, exact where that is small.   dx = -g 2 e^(-x^2) / pi^(1/2).
struct Erfc : Elementwise<Erfc> {
  static constexpr std::string_view name = "erfc";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using detail::numbers::erfc;
    return erfc(x);
  }
  template <class X> static X slope(X x, X) {
    using std::exp;
    return X(-2 * std::numbers::inv_sqrtpi) * exp(-(x * x));
  }
};

/// y = log |gamma x|.   dx = g digamma x.   At 0 and the negative integers inf.
struct Lgamma : Elementwise<Lgamma> {
  static constexpr std::string_view name = "lgamma";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using detail::numbers::lgamma;
    return lgamma(x);
  }
  template <class X> static X slope(X x, X) {
    using detail::numbers::digamma;
    return digamma(x);
  }
};

/// y = the derivative of lgamma.   dx = g polygamma(1, x).   At 0 -inf, at -0 inf, at the negative integers NaN.
struct Digamma : Elementwise<Digamma> {
  static constexpr std::string_view name = "digamma";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using detail::numbers::digamma;
    return digamma(x);
  }
  template <class X> static X slope(X x, X) {
    using detail::numbers::polygamma;
    return polygamma(1, x);
  }
};

/// y = the derivative of digamma of this order.   dx = g polygamma(order + 1, x).   At 0 and the negative integers inf for odd orders; for even
/// ones -inf at 0, inf at -0, NaN at the negative integers.
struct Polygamma : Elementwise<Polygamma> {
  static constexpr std::string_view name = "polygamma";
  static constexpr Keeps keeps = Keeps::inputs;
  double order = 1;
  template <class X> X apply(X x) const {
    using detail::numbers::polygamma;
    return polygamma(static_cast<std::int64_t>(order), x);
  }
  template <class X> X slope(X x, X) const {
    using detail::numbers::polygamma;
    return polygamma(static_cast<std::int64_t>(order) + 1, x);
  }
};

}  // namespace wengert::cards
