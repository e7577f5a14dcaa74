// The cards that close the strong zero under differentiation: a recorded pullback joins cotangent and slope by a card of its own, so
// that the rule 0 * inf = 0 holds at every order.
#pragma once

#include <cstddef>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::cards {

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

/// Guarded for numbers and batches; the one for Vars, in ops/strong_zero.cpp, records it.
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

}  // namespace wengert::cards
