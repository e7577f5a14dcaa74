// The face of an elementwise card: a function and its slope. Light on purpose: kernel units compile it once per instruction set.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <wengert/array/tiles.hpp>

namespace wengert {

/// What a pullback may read of the values of the forward pass. What is not named here is let go of as early as possible.
enum class Keeps : std::uint8_t { nothing = 0, inputs = 1, output = 2, both = 3 };

/// Whether a pullback can itself be recorded and differentiated, or is for plain arrays only.
enum class Orders : std::uint8_t { any, first };

/// The base of an elementwise card:
///   static constexpr std::string_view name;   static constexpr Keeps keeps;
///   apply(x), slope(x, y)   or   apply(a, b), slope<I>(a, b, y)   or the same of three inputs,
/// generic over a number, a SIMD batch (the library's own cards) and a Var; y is the output. Static, or const members of a
/// card with attributes. The cotangent of input I is g * slope<I>, with a strong zero: where g is 0 it is 0.
template <class Card>
struct Elementwise {};

/// A card that is a function of single elements.
template <class Card>
concept ElementwiseCard = std::derived_from<Card, Elementwise<Card>>;

/// a where the condition holds, else b: for numbers as for batches and Vars.
template <std::floating_point T>
constexpr T where(bool condition, T a, T b) {
  return condition ? a : b;
}

namespace detail {

/// How many inputs an elementwise card has.
template <class Card>
constexpr std::size_t elementwise_arity() {
  if constexpr (requires(const Card& c, double x) { c.apply(x); }) {
    return 1;
  } else if constexpr (requires(const Card& c, double x) { c.apply(x, x); }) {
    return 2;
  } else {
    static_assert(requires(const Card& c, double x) { c.apply(x, x, x); }, "an elementwise card has apply(x), apply(a, b) or apply(a, b, c)");
    return 3;
  }
}

/// slope<I> of a card with any number of inputs.
template <std::size_t I, class Card, class X, class... More>
constexpr X slope_of(const Card& card, const X& first, const More&... rest_and_y) {
  if constexpr (sizeof...(More) == 1 && requires { card.slope(first, rest_and_y...); }) {
    return card.slope(first, rest_and_y...);
  } else {
    return card.template slope<I>(first, rest_and_y...);
  }
}

/// How a card joins cotangent and slope. `product`: g * slope, 0 where g is 0. `both`: 0 where either is 0 (for cards that
/// are themselves products of a cotangent and a slope, so that the rule is closed under differentiation).
enum class Join : std::uint8_t { product, both };

template <class Card>
constexpr Join join_of() {
  if constexpr (requires { Card::join; }) {
    return Card::join;
  } else {
    return Join::product;
  }
}

/// The sign of a slope that is exactly +1 or -1 everywhere, so that the cotangent can be handed on as it is; 0 for all others.
template <class Card, std::size_t I>
constexpr int unit_slope() {
  if constexpr (requires { Card::unit_slopes; }) {
    return Card::unit_slopes[I];
  } else {
    return 0;
  }
}

}  // namespace detail
}  // namespace wengert
