// The loops of a user's elementwise card: on plain numbers, compiled in the user's program, written so that the compiler
// vectorises them. The library's own cards have SIMD loops instead (src/ops/kernels).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/reads.hpp>

namespace wengert::detail {

/// A card's loops for one number type, as one constant table.
template <class Card, class T>
struct NumberLoops {
  /// Elements are taken in groups of this many: compilers vectorise a loop whose length they know at their ordinary settings.
  static constexpr std::size_t group = 16;
  static constexpr std::size_t arity = elementwise_arity<Card>();
  static constexpr auto inputs = std::make_index_sequence<arity>{};
  using Bits = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;

  static const Card& as(const void* card) { return *static_cast<const Card*>(card); }

  /// The next `count` elements of an operand that steps by 0 or 1; the rest of the group repeats the first, so that nothing is
  /// computed on arbitrary bits.
  static void load(T (&to)[group], const T* from, std::size_t step, std::size_t count) {
    if (step == 1 && count == group) {
      std::memcpy(to, from, sizeof to);
      return;
    }
    const T first = *from;
    for (std::size_t k = 0; k < group; ++k) to[k] = first;
    if (step == 1) {
      for (std::size_t k = 1; k < count; ++k) to[k] = from[k];
    }
  }

  /// What the card does not keep is NaN to it, so that a slope that reads it nevertheless is found out.
  static void load_nothing(T (&to)[group]) {
    for (T& value : to) value = std::numeric_limits<T>::quiet_NaN();
  }

  static void store(T* to, const T (&from)[group], std::size_t count) {
    if (count == group) {
      std::memcpy(to, from, sizeof from);
    } else {
      for (std::size_t k = 0; k < count; ++k) to[k] = from[k];
    }
  }

  /// All ones where x is not zero (NaN is not), else all zeros: on bits, as compilers vectorise no branch.
  static Bits unless_zero(T x) { return static_cast<Bits>(0) - static_cast<Bits>(x != T(0)); }

  static T join(T g, T slope) {
    Bits mask = unless_zero(g);
    if constexpr (join_of<Card>() == Join::both) mask &= unless_zero(slope);
    return std::bit_cast<T>(static_cast<Bits>(std::bit_cast<Bits>(g * slope) & mask));
  }

  static void forward(const void* card, const ForwardTile<T>& tile) {
    T in[arity][group], out[group];
    for (std::size_t row = 0; row < tile.rows; ++row) {
      for (std::size_t column = 0; column < tile.columns; column += group) {
        const std::size_t left = tile.columns - column, count = left < group ? left : group;
        for (std::size_t j = 0; j < arity; ++j) load(in[j], tile.in[j].data + row * tile.in[j].row + column * tile.in[j].step, tile.in[j].step, count);
        [&]<std::size_t... J>(std::index_sequence<J...>) {
          for (std::size_t k = 0; k < group; ++k) out[k] = static_cast<T>(as(card).apply(in[J][k]...));
        }(inputs);
        store(tile.out + row * tile.out_row + column, out, count);
      }
    }
  }

  template <std::size_t I>
  static void backward(const void* card, const BackwardTile<T>& tile) {
    T in[arity][group], y[group], g[group], out[group];
    for (std::size_t j = 0; j < arity; ++j) load_nothing(in[j]);
    load_nothing(y);
    for (std::size_t row = 0; row < tile.rows; ++row) {
      for (std::size_t column = 0; column < tile.columns; column += group) {
        const std::size_t left = tile.columns - column, count = left < group ? left : group;
        const auto load_operand = [&](T(&to)[group], const TileOperand<T>& from) { load(to, from.data + row * from.row + column * from.step, from.step, count); };
        for (std::size_t j = 0; j < arity; ++j)
          if (slope_reads_input<Card>(I, j)) load_operand(in[j], tile.in[j]);
        if constexpr (slope_reads_output<Card>) load_operand(y, tile.y);
        load_operand(g, tile.g);
        [&]<std::size_t... J>(std::index_sequence<J...>) {
          for (std::size_t k = 0; k < group; ++k) out[k] = join(g[k], static_cast<T>(slope_of<I>(as(card), in[J][k]..., y[k])));
        }(inputs);
        T* const to = tile.out + row * tile.out_row + column;
        if (tile.accumulate) {
          T sum[group];
          load(sum, to, 1, count);
          for (std::size_t k = 0; k < group; ++k) out[k] += sum[k];
        }
        store(to, out, count);
      }
    }
  }

  static constexpr ElementwiseLoops<T> loops() {
    ElementwiseLoops<T> made;
    made.forward = forward;
    [&]<std::size_t... I>(std::index_sequence<I...>) { ((made.backward[I] = backward<I>), ...); }(inputs);
    return made;
  }
  static constexpr ElementwiseLoops<T> table = loops();
};

template <class Card, class T>
const ElementwiseLoops<T>& number_loops() {
  return NumberLoops<Card, T>::table;
}

}  // namespace wengert::detail
