// The elementwise cards of arithmetic.
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::cards {

// ---- sums ----

/// y = a + b.   da = g,   db = g.
struct Add : Elementwise<Add> {
  static constexpr std::string_view name = "add";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr int unit_slopes[] = {1, 1};
  template <class X> static X apply(X a, X b) { return a + b; }
  template <std::size_t I, class X> static X slope(X, X, X) { return X(1); }
};

/// y = a - b.   da = g,   db = -g.
struct Subtract : Elementwise<Subtract> {
  static constexpr std::string_view name = "subtract";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr int unit_slopes[] = {1, -1};
  template <class X> static X apply(X a, X b) { return a - b; }
  template <std::size_t I, class X> static X slope(X, X, X) { return X(unit_slopes[I]); }
};

/// y = -x.   dx = -g.
struct Negative : Elementwise<Negative> {
  static constexpr std::string_view name = "negative";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr int unit_slopes[] = {-1};
  template <class X> static X apply(X x) { return -x; }
  template <class X> static X slope(X, X) { return X(-1); }
};

// ---- products, quotients ----

/// y = a b.   da = g b,   db = g a.
struct Multiply : Elementwise<Multiply> {
  static constexpr std::string_view name = "multiply";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr bool reads(std::size_t i, std::size_t j) { return i != j; }
  template <class X> static X apply(X a, X b) { return a * b; }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    if constexpr (I == 0) return b; else return a;
  }
};

/// y = a / b.   da = g / b,   db = -g (a / b) / b.
struct Divide : Elementwise<Divide> {
  static constexpr std::string_view name = "divide";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr bool reads(std::size_t i, std::size_t j) { return i == 1 || j == 1; }
  template <class X> static X apply(X a, X b) { return a / b; }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    if constexpr (I == 0) return X(1) / b; else return -(a / b) / b;  // not a / (b * b), which leaves the range too early
  }
};

/// y = x^2.   dx = 2 g x.
struct Square : Elementwise<Square> {
  static constexpr std::string_view name = "square";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) { return x * x; }
  template <class X> static X slope(X x, X) { return X(2) * x; }
};

/// y = 1 / x.   dx = -g y^2.
struct Reciprocal : Elementwise<Reciprocal> {
  static constexpr std::string_view name = "reciprocal";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) { return X(1) / x; }
  template <class X> static X slope(X, X y) { return -y * y; }
};

/// y = a b + c, rounded once.   da = g b,   db = g a,   dc = g.
struct Fma : Elementwise<Fma> {
  static constexpr std::string_view name = "fma";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr int unit_slopes[] = {0, 0, 1};
  static constexpr bool reads(std::size_t i, std::size_t j) { return i + j == 1; }
  template <class X> static X apply(X a, X b, X c) {
    using std::fma;
    return fma(a, b, c);
  }
  template <std::size_t I, class X> static X slope(X a, X b, X, X) {
    if constexpr (I == 0) return b;
    else if constexpr (I == 1) return a;
    else return X(1);
  }
};

}  // namespace wengert::cards
