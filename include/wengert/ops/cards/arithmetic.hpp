// The elementwise cards of arithmetic, and the three that close the strong zero under differentiation.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/cards/list.hpp>

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

// ---- products, quotients, powers ----

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

// ---- comparisons that keep a value ----

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

// ---- the strong zero, closed under differentiation ----
// A recorded pullback joins cotangent and slope by a card of its own, so that the rule 0 * inf = 0 holds at every order.

/// y = o, but 0 where t = 0 and o is not finite: what may be multiplied by t without harm.   do = g or 0,   dt = 0.
struct Guarded : Elementwise<Guarded> {
  static constexpr std::string_view name = "guarded";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr bool reads(std::size_t i, std::size_t) { return i == 0; }
  template <class X> static X apply(X o, X t) { return where(t == X(0), where(o - o == X(0), o, X(0)), o); }
  template <std::size_t I, class X> static X slope(X o, X t, X) {
    if constexpr (I == 1) return X(0);
    else return where(t == X(0), where(o - o == X(0), X(1), X(0)), X(1));
  }
};

/// Guarded for numbers and batches; the one for Vars, in ops/arithmetic.hpp, records it.
template <class X>
X guarded(X o, X t) {
  return Guarded::apply(o, t);
}

/// y = a b, but 0 where either is 0.   da = both(g, guarded(b, a)),   db = both(g, guarded(a, b)).
struct Both : Elementwise<Both> {
  static constexpr std::string_view name = "both";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr detail::Join join = detail::Join::both;
  template <class X> static X apply(X a, X b) { return where(a == X(0), X(0), where(b == X(0), X(0), a * b)); }
  template <std::size_t I, class X> static X slope(X a, X b, X) {
    if constexpr (I == 0) return guarded(b, a); else return guarded(a, b);
  }
};

/// y = g s, but 0 where g is 0: a cotangent joined with a slope.   dg = both(c, guarded(s, g)),   ds = both(c, guarded(g, s)).
struct StrongProduct : Elementwise<StrongProduct> {
  static constexpr std::string_view name = "strong_product";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr detail::Join join = detail::Join::both;
  template <class X> static X apply(X g, X s) { return where(g == X(0), X(0), g * s); }
  template <std::size_t I, class X> static X slope(X g, X s, X) {
    if constexpr (I == 0) return guarded(s, g); else return guarded(g, s);
  }
};

using Arithmetic = detail::CardList<Add, Subtract, Negative, Multiply, Divide, Square, Reciprocal, Pow, Maximum, Minimum, Abs, Clip, Sign, Guarded, Both, StrongProduct>;
template <class Card>
  requires(Arithmetic::contains<Card>)
Arithmetic family_of(const Card&);

}  // namespace wengert::cards
