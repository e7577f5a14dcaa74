// What a loop over elements is told: the seam between the elementwise driver and the loops, whether SIMD or a user's own.
#pragma once

#include <cstddef>

namespace wengert::detail {

inline constexpr std::size_t max_elementwise_inputs = 3;

/// A stretch of elements as `rows` runs of `columns`. An operand steps by 0 or 1 inside a run (0: one element for the whole
/// run) and by `row` elements from run to run. An operand that is absent is null and is not read.
template <class T>
struct TileOperand {
  const T* data = nullptr;
  std::size_t step = 0;
  std::size_t row = 0;
};

template <class T>
struct ForwardTile {
  std::size_t rows = 1, columns = 0;
  TileOperand<T> in[max_elementwise_inputs];
  T* out = nullptr;
  std::size_t out_row = 0;
};

/// out = join(g, slope<I>(in..., y)), or out += the same.
template <class T>
struct BackwardTile {
  std::size_t rows = 1, columns = 0;
  TileOperand<T> g, y;
  TileOperand<T> in[max_elementwise_inputs];
  T* out = nullptr;  // may be the same memory as g
  std::size_t out_row = 0;
  bool accumulate = false;
};

/// The loops of one elementwise card for one number type.
template <class T>
struct ElementwiseLoops {
  void (*forward)(const void* card, const ForwardTile<T>& tile) = nullptr;
  void (*backward[max_elementwise_inputs])(const void* card, const BackwardTile<T>& tile) = {};
};

}  // namespace wengert::detail
