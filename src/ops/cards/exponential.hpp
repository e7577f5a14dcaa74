// The elementwise cards of exponentials, logarithms, powers and roots.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

#include "array/numbers.hpp"

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

/// y = 2^x.   dx = g y log 2.
struct Exp2 : Elementwise<Exp2> {
  static constexpr std::string_view name = "exp2";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::exp2;
    return exp2(x);
  }
  template <class X> static X slope(X, X y) { return y * X(std::numbers::ln2); }
};

/// x where a logarithm of x is a number, NaN below 0. -0 becomes +0; times NaN, not the mere number, so that the derivatives are NaN there too.
template <class X>
X in_log_domain(X x) {
  return where(x >= X(0), x + X(0), x * X(std::numeric_limits<double>::quiet_NaN()));
}

/// y = log x.   dx = g / x.   At 0 and -0 the slope is +inf; where x < 0 both are NaN.
struct Log : Elementwise<Log> {
  static constexpr std::string_view name = "log";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log;
    return log(x);
  }
  template <class X> static X slope(X x, X) { return X(1) / in_log_domain(x); }
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

/// y = log x / log 2.   dx = g / (x log 2).   Edges as log.
struct Log2 : Elementwise<Log2> {
  static constexpr std::string_view name = "log2";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log2;
    return log2(x);
  }
  template <class X> static X slope(X x, X) { return X(std::numbers::log2e) / in_log_domain(x); }
};

/// y = log x / log 10.   dx = g / (x log 10).   Edges as log.
struct Log10 : Elementwise<Log10> {
  static constexpr std::string_view name = "log10";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log10;
    return log10(x);
  }
  template <class X> static X slope(X x, X) { return X(std::numbers::log10e) / in_log_domain(x); }
};

/// y = a log b, 0 where a = 0, whatever b.   da = g log b, 0 where a = 0 and log b is not finite,   db = g a / b, 0 where a = 0.
struct Xlogy : Elementwise<Xlogy> {
  static constexpr std::string_view name = "xlogy";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X a, X b) {
    using std::log;
    return where(a == X(0), X(0), a * log(b));
  }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    using std::log;
    if constexpr (I == 0) {
      const X y = log(b);
      return where(a == X(0), where(y - y == X(0), y, X(0)), y);
    } else {
      return where(a == X(0), where(b > X(0), a / b, X(0)), a / in_log_domain(b));
    }
  }
};

// ---- powers and roots ----

/// y = a^b.   da = g b a^(b - 1),   db = g a^b log a.
/// x^0 is 1 with gradient 0 in x, whatever x; 1^x is 1. The gradient in b is 0 at a = 0, b >= 0, and NaN where a < 0.
struct Pow : Elementwise<Pow> {
  static constexpr std::string_view name = "pow";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X a, X b) {
    using std::pow;
    return pow(a, b);
  }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    using std::log, std::pow;
    if constexpr (I == 0) {
      // Only what is not finite is put out at b = 0: the product's derivative in b, a^-1, has to live on.
      const X power = pow(a, b - X(1));
      return b * where(b == X(0), where(power - power == X(0), power, X(0)), power);
    } else {
      const X ordinary = pow(a, b) * log(a);
      return where(a == X(0), where(b >= X(0), X(0), ordinary), ordinary);
    }
  }
};

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

/// y = the real cube root of x.   dx = g / (3 y^2).   At 0 and -0 the slope is +inf.
struct Cbrt : Elementwise<Cbrt> {
  static constexpr std::string_view name = "cbrt";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using detail::numbers::cbrt;
    return cbrt(x);
  }
  template <class X> static X slope(X, X y) { return X(1) / (X(3) * y * y); }
};

}  // namespace wengert::cards
