// The SIMD loops of elementwise cards. A kernel unit includes this, names its family's list and exports one table.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/reads.hpp>

#include "array/kernels/batch_math.hpp"
#include "ops/family_loops.hpp"

namespace wengert::detail {
namespace {

/// A local copy, so that attributes stay in registers; a card without any may have no address at all.
template <class Card>
Card card_at(const void* card) {
  if constexpr (std::is_empty_v<Card>) return Card{}; else return *static_cast<const Card*>(card);
}

/// out = f(in...), or out += the same, row by row. An operand that stands still in a row is repeated in a buffer of one batch, from
/// which its pointer does not move: one loop for all ways of stretching, as each of them compiled by itself costs minutes and gains
/// nothing (docs/performance.md). A row's last elements go through a batch padded with one of them, so that they get the same
/// arithmetic as all others. Flattened: a call passes batches through memory, which may cost as much as the function.
template <class T, std::size_t N, class F>
[[gnu::flatten]] void fill_rows(std::size_t rows, std::size_t columns, const std::array<TileOperand<T>, N>& in, T* out, std::size_t out_row, bool accumulate, F f) {
  using B = Batch<T>;
  for (std::size_t row = 0; row < rows; ++row, out += out_row) {
    alignas(typename B::Lanes) T repeated[N][B::size];
    const T* from[N];
    std::size_t stride[N];
    for (std::size_t i = 0; i < N; ++i) {
      from[i] = in[i].data + row * in[i].row;
      stride[i] = B::size;
      if (in[i].step == 0) {
        B(*from[i]).store(repeated[i]);
        from[i] = repeated[i];
        stride[i] = 0;
      }
    }
    std::size_t column = 0;
    for (; column + B::size <= columns; column += B::size) {
      std::array<B, N> x;
      for (std::size_t i = 0; i < N; ++i) {
        x[i] = B::load(from[i]);
        from[i] += stride[i];
      }
      B y = f(x);
      if (accumulate) y = B::load(out + column) + y;
      y.store(out + column);
    }
    if (const std::size_t left = columns - column; left > 0) {
      std::array<B, N> x;
      for (std::size_t i = 0; i < N; ++i) x[i] = stride[i] == 0 ? B::load(from[i]) : B::load_part(from[i], left);
      B y = f(x);
      if (accumulate) y = B::load_part(out + column, left) + y;
      y.store_part(out + column, left);
    }
  }
}

/// g joined with a slope, by a mask.
template <Join join, class T>
Batch<T> joined(Batch<T> g, Batch<T> slope) {
  const Batch<T> zero(0);
  auto nothing = g == zero;
  if constexpr (join == Join::both) nothing = nothing | (slope == zero);
  return where(nothing, zero, g * slope);
}

template <class Card, class T>
struct CardLoops {
  using B = Batch<T>;
  static constexpr std::size_t arity = elementwise_arity<Card>();
  static constexpr auto inputs = std::make_index_sequence<arity>{};

  static void forward(const void* attributes, const ForwardTile<T>& tile) {
    const Card card = card_at<Card>(attributes);
    std::array<TileOperand<T>, arity> in;
    for (std::size_t i = 0; i < arity; ++i) in[i] = tile.in[i];
    const auto apply = [&](const std::array<B, arity>& x) {
      return [&]<std::size_t... J>(std::index_sequence<J...>) { return card.apply(x[J]...); }(inputs);
    };
    fill_rows(tile.rows, tile.columns, in, tile.out, tile.out_row, false, apply);
  }

  // What the loop for slope I reads: first the cotangent, then those inputs that the card names, then the output.
  template <std::size_t I>
  static constexpr bool reads(std::size_t j) { return unit_slope<Card, I>() == 0 && slope_reads_input<Card>(I, j); }
  template <std::size_t I>
  static constexpr bool reads_output = unit_slope<Card, I>() == 0 && slope_reads_output<Card>;
  template <std::size_t I>
  static constexpr std::size_t place(std::size_t j) {
    std::size_t at = 1;
    for (std::size_t before = 0; before < j; ++before) at += reads<I>(before) ? 1 : 0;
    return at;
  }

  /// An input's batch; NaN where the card does not name it, so that a slope that reads it nevertheless is found out.
  template <std::size_t I, std::size_t J, std::size_t N>
  static B input(const std::array<B, N>& x) {
    if constexpr (reads<I>(J)) return x[place<I>(J)]; else return B(std::numeric_limits<T>::quiet_NaN());
  }
  template <std::size_t I, std::size_t N>
  static B output(const std::array<B, N>& x) {
    if constexpr (reads_output<I>) return x[N - 1]; else return B(std::numeric_limits<T>::quiet_NaN());
  }

  template <std::size_t I>
  static void backward(const void* attributes, const BackwardTile<T>& tile) {
    constexpr std::size_t operands = place<I>(arity) + (reads_output<I> ? 1 : 0);
    const Card card = card_at<Card>(attributes);
    std::array<TileOperand<T>, operands> in;
    in[0] = tile.g;
    for (std::size_t j = 0; j < arity; ++j)
      if (reads<I>(j)) in[place<I>(j)] = tile.in[j];
    if constexpr (reads_output<I>) in[operands - 1] = tile.y;
    const auto pull = [&](const std::array<B, operands>& x) {
      if constexpr (unit_slope<Card, I>() != 0) {
        return unit_slope<Card, I>() > 0 ? x[0] : -x[0];
      } else {
        const B slope = [&]<std::size_t... J>(std::index_sequence<J...>) { return slope_of<I>(card, input<I, J>(x)..., output<I>(x)); }(inputs);
        return joined<join_of<Card>()>(x[0], slope);
      }
    };
    fill_rows(tile.rows, tile.columns, in, tile.out, tile.out_row, tile.accumulate, pull);
  }

  static constexpr ElementwiseLoops<T> table() {
    ElementwiseLoops<T> loops;
    loops.forward = forward;
    [&]<std::size_t... I>(std::index_sequence<I...>) { ((loops.backward[I] = backward<I>), ...); }(inputs);
    return loops;
  }
};

template <class... Cards>
constexpr FamilyLoops<CardList<Cards...>> family_loops_of(CardList<Cards...>) {
  return {{CardLoops<Cards, float>::table()...}, {CardLoops<Cards, double>::table()...}};
}

}  // namespace
}  // namespace wengert::detail
