// The elementwise cards of exponentials, logarithms and roots.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/cards/list.hpp>

namespace wengert::cards {

// ---- exponentials and logarithms ----

/// y = e^x.   dx = g y.
struct Exp : Elementwise<Exp> {
  static constexpr std::string_view name = "exp";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::exp;
    return exp(x);
  }
  template <class X> static X slope(X, X y) { return y; }
};

/// y = e^x - 1, exact near 0.   dx = g e^x.
struct Expm1 : Elementwise<Expm1> {
  static constexpr std::string_view name = "expm1";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::expm1;
    return expm1(x);
  }
  template <class X> static X slope(X x, X) {  // not y + 1, which has lost its digits where x is very negative
    using std::exp;
    return exp(x);
  }
};

/// y = log x.   dx = g / x.   At 0 and -0 the slope is +inf; where x < 0 both are NaN.
struct Log : Elementwise<Log> {
  static constexpr std::string_view name = "log";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log;
    return log(x);
  }
  template <class X> static X slope(X x, X) {
    // -0 + 0 is +0; times NaN, not the mere number, so that the derivatives of the slope are NaN there too.
    return X(1) / where(x >= X(0), x + X(0), x * X(std::numeric_limits<double>::quiet_NaN()));
  }
};

/// y = log(1 + x), exact near 0.   dx = g / (1 + x).   At -1 the slope is +inf; where x < -1 the value is NaN.
struct Log1p : Elementwise<Log1p> {
  static constexpr std::string_view name = "log1p";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log1p;
    return log1p(x);
  }
  template <class X> static X slope(X x, X) { return X(1) / (X(1) + x); }
};

// ---- roots ----

/// y = sqrt x.   dx = g / (2 y).   At 0 and -0 the slope is +inf; where x < 0 both are NaN.
struct Sqrt : Elementwise<Sqrt> {
  static constexpr std::string_view name = "sqrt";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::sqrt;
    return sqrt(x);
  }
  template <class X> static X slope(X, X y) { return X(0.5) / (y + X(0)); }  // -0 + 0 is +0
};

/// y = 1 / sqrt x.   dx = -g y^3 / 2.
struct Rsqrt : Elementwise<Rsqrt> {
  static constexpr std::string_view name = "rsqrt";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::sqrt;
    return X(1) / sqrt(x);
  }
  template <class X> static X slope(X, X y) { return X(-0.5) * y * y * y; }
};

using Exponential = detail::CardList<Exp, Expm1, Log, Log1p, Sqrt, Rsqrt>;
template <class Card>
  requires(Exponential::contains<Card>)
Exponential family_of(const Card&);

}  // namespace wengert::cards
