// The elementwise driver. Axes along which all operands go on in the same way are merged until at most rows and columns are
// left for a tile, and further axes are walked here. Blocks do not depend on the number of threads.
#include "array/loops.hpp"

#include <algorithm>
#include <array>

#include <wengert/base/threads.hpp>

#include "array/ranges.hpp"

namespace wengert::detail {
namespace {

constexpr std::size_t grain = range_elements;
/// Rows shorter than this are not worth a tile's start and end: stretched operands are written out instead, some rows at a time.
constexpr std::size_t narrow = 32;
constexpr std::size_t written_out = 1024;

constexpr std::size_t max_operands = max_elementwise_inputs + 2;  // and cotangent, and output of the forward pass

constexpr std::size_t blocks_of(std::size_t count, std::size_t block) { return (count + block - 1) / block; }

/// The operands of one call over one output, axes merged; outermost axis first.
template <class T>
struct Walk {
  struct Operand {
    const T* data = nullptr;
    std::array<std::size_t, Shape::max_rank> stride;  // in elements, of the first `rank` axes; 0 where the operand stands still
  };
  using Tiles = std::array<TileOperand<T>, max_operands>;

  std::size_t rank = 0;
  std::array<std::size_t, Shape::max_rank> extent;
  std::size_t elements = 0;
  std::size_t operands = 0;
  std::array<Operand, max_operands> operand;

  Walk(const Shape& shape, std::span<const Handle* const> handles) : elements(shape.elements()), operands(handles.size()) {
    bool flat = true;  // every operand is of the output's shape, or one number
    for (std::size_t k = 0; k < operands; ++k) {
      if (handles[k] == nullptr) continue;
      operand[k].data = static_cast<const T*>(handles[k]->address());
      flat &= handles[k]->elements() == 1 || handles[k]->shape() == shape;
    }
    if (flat) {
      rank = 1;
      extent[0] = elements;
      for (std::size_t k = 0; k < operands; ++k) operand[k].stride[0] = handles[k] != nullptr && handles[k]->shape() == shape ? 1 : 0;
    } else {
      merge_axes(shape, handles);
    }
  }

  std::size_t columns() const { return extent[rank - 1]; }
  std::size_t step(std::size_t k) const { return operand[k].stride[rank - 1]; }

  /// Calls work(tiles, rows, columns, offset of the first element in the output, output elements from row to row) on all of it.
  template <class F>
  void run(F&& work) const {
    if (elements == 0) return;
    if (rank == 1) {
      run_flat(work);
    } else if (columns() < narrow) {
      run_narrow(work);
    } else {
      run_tiles(work);
    }
  }

 private:
  void merge_axes(const Shape& shape, std::span<const Handle* const> handles) {
    // From the innermost axis outwards; axes are collected in reverse.
    std::array<std::size_t, max_operands> next{};  // the stride that an operand's next axis has
    next.fill(1);
    for (std::size_t back = 0; back < shape.rank(); ++back) {
      const std::size_t length = shape[shape.rank() - 1 - back];
      std::array<std::size_t, max_operands> stride{};
      for (std::size_t k = 0; k < operands; ++k) {
        if (handles[k] == nullptr || back >= handles[k]->shape().rank()) continue;
        const std::size_t own = handles[k]->shape()[handles[k]->shape().rank() - 1 - back];
        stride[k] = own == 1 ? 0 : next[k];
        next[k] *= own;
      }
      if (length == 1) continue;
      bool goes_on = rank > 0;
      for (std::size_t k = 0; k < operands && goes_on; ++k) goes_on = stride[k] == operand[k].stride[rank - 1] * extent[rank - 1];
      if (goes_on) {
        extent[rank - 1] *= length;
      } else {
        for (std::size_t k = 0; k < operands; ++k) operand[k].stride[rank] = stride[k];
        extent[rank++] = length;
      }
    }
    std::reverse(extent.begin(), extent.begin() + static_cast<std::ptrdiff_t>(rank));
    for (std::size_t k = 0; k < operands; ++k) std::reverse(operand[k].stride.begin(), operand[k].stride.begin() + static_cast<std::ptrdiff_t>(rank));
  }

  /// Where operand k is when the outermost `axes` axes, taken as one, stand at `position`.
  const T* at(std::size_t k, std::size_t axes, std::size_t position) const {
    const T* data = operand[k].data;
    if (data == nullptr) return nullptr;
    for (std::size_t axis = axes; axis-- > 0;) {
      data += position % extent[axis] * operand[k].stride[axis];
      position /= extent[axis];
    }
    return data;
  }

  template <class F>
  void run_flat(F& work) const {
    parallel(blocks_of(elements, grain), [&](std::size_t block) {
      const std::size_t first = block * grain, count = std::min(grain, elements - first);
      Tiles tiles;
      for (std::size_t k = 0; k < operands; ++k)
        if (operand[k].data != nullptr) tiles[k] = {operand[k].data + first * step(k), step(k), 0};
      work(tiles, std::size_t{1}, count, first, std::size_t{0});
    });
  }

  template <class F>
  void run_tiles(F& work) const {
    const std::size_t all_columns = columns(), all_rows = extent[rank - 2];
    const std::size_t tile_columns = all_columns <= 2 * grain ? all_columns : grain;
    const std::size_t tile_rows = std::min(all_rows, std::max<std::size_t>(1, grain / tile_columns));
    const std::size_t across = blocks_of(all_columns, tile_columns), down = blocks_of(all_rows, tile_rows);
    const std::size_t tiles_in_all = elements / (all_rows * all_columns) * down * across;
    const std::size_t tiles_in_block = std::max<std::size_t>(1, grain / (tile_rows * tile_columns));
    parallel(blocks_of(tiles_in_all, tiles_in_block), [&](std::size_t block) {
      const std::size_t end = std::min(tiles_in_all, (block + 1) * tiles_in_block);
      for (std::size_t tile = block * tiles_in_block; tile < end; ++tile) {
        const std::size_t column = tile % across * tile_columns, row = tile / across % down * tile_rows, outer = tile / across / down;
        Tiles tiles;
        for (std::size_t k = 0; k < operands; ++k) {
          if (operand[k].data == nullptr) continue;
          const std::size_t row_stride = operand[k].stride[rank - 2];
          tiles[k] = {at(k, rank - 2, outer) + row * row_stride + column * step(k), step(k), row_stride};
        }
        work(tiles, std::min(tile_rows, all_rows - row), std::min(tile_columns, all_columns - column), (outer * all_rows + row) * all_columns + column,
             all_columns);
      }
    });
  }

  /// Whether operand k is stored element for element as the output is.
  bool is_dense(std::size_t k) const {
    std::size_t stride = 1;
    for (std::size_t axis = rank; axis-- > 0;) {
      if (operand[k].stride[axis] != stride) return false;
      stride *= extent[axis];
    }
    return true;
  }
  /// Whether all rows of operand k are the same one.
  bool repeats(std::size_t k) const {
    for (std::size_t axis = 0; axis + 1 < rank; ++axis)
      if (operand[k].stride[axis] != 0) return false;
    return true;
  }

  template <class F>
  void run_narrow(F& work) const {
    const std::size_t row_length = columns(), rows = elements / row_length;
    const std::size_t rows_at_once = written_out / row_length;
    const std::size_t rows_in_block = blocks_of(grain, rows_at_once * row_length) * rows_at_once;
    parallel(blocks_of(rows, rows_in_block), [&](std::size_t block) {
      T written[max_operands][written_out];
      const std::size_t begin = block * rows_in_block, end = std::min(rows, begin + rows_in_block);
      for (std::size_t row = begin; row < end; row += rows_at_once) {
        const std::size_t count = std::min(rows_at_once, end - row);
        Tiles tiles;
        for (std::size_t k = 0; k < operands; ++k) {
          if (operand[k].data == nullptr) continue;
          if (is_dense(k)) {
            tiles[k] = {operand[k].data + row * row_length, 1, 0};
          } else {
            if (row == begin || !repeats(k)) write_out(k, row, count, written[k]);
            tiles[k] = {written[k], 1, 0};
          }
        }
        work(tiles, std::size_t{1}, count * row_length, row * row_length, std::size_t{0});
      }
    });
  }

  void write_out(std::size_t k, std::size_t row, std::size_t count, T* to) const {
    const std::size_t row_length = columns(), stride = operand[k].stride[rank - 2];
    std::size_t inner = row % extent[rank - 2];
    const T* from = at(k, rank - 1, row);
    for (std::size_t i = 0; i < count; ++i, to += row_length) {
      if (step(k) == 1) {
        for (std::size_t j = 0; j < row_length; ++j) to[j] = from[j];
      } else {
        for (std::size_t j = 0; j < row_length; ++j) to[j] = *from;
      }
      if (++inner < extent[rank - 2]) {
        from += stride;
      } else if (i + 1 < count) {
        inner = 0;
        from = at(k, rank - 1, row + i + 1);
      }
    }
  }
};

}  // namespace

template <Real T>
void forward_elementwise(const ElementwiseLoops<T>& loops, const void* card, std::span<const Handle* const> in, const Shape& shape, T* out) {
  Walk<T>(shape, in).run([&](const auto& tiles, std::size_t rows, std::size_t columns, std::size_t offset, std::size_t out_row) {
    ForwardTile<T> tile{rows, columns, {}, out + offset, out_row};
    for (std::size_t k = 0; k < in.size(); ++k) tile.in[k] = tiles[k];
    loops.forward(card, tile);
  });
}

template <Real T>
void backward_elementwise(const ElementwiseLoops<T>& loops, const void* card, std::size_t i, const Handle& g, std::span<const Handle* const> in,
                          const Handle* y, const Shape& shape, T* out, bool accumulate) {
  std::array<const Handle*, max_operands> handles{&g, y};
  std::copy(in.begin(), in.end(), handles.begin() + 2);
  const auto pull = loops.backward[i];
  Walk<T>(shape, std::span(handles.data(), in.size() + 2))
      .run([&](const auto& tiles, std::size_t rows, std::size_t columns, std::size_t offset, std::size_t out_row) {
        BackwardTile<T> tile{rows, columns, tiles[0], tiles[1], {}, out + offset, out_row, accumulate};
        for (std::size_t k = 0; k < in.size(); ++k) tile.in[k] = tiles[k + 2];
        pull(card, tile);
      });
}

template void forward_elementwise(const ElementwiseLoops<float>&, const void*, std::span<const Handle* const>, const Shape&, float*);
template void forward_elementwise(const ElementwiseLoops<double>&, const void*, std::span<const Handle* const>, const Shape&, double*);
template void backward_elementwise(const ElementwiseLoops<float>&, const void*, std::size_t, const Handle&, std::span<const Handle* const>, const Handle*,
                                   const Shape&, float*, bool);
template void backward_elementwise(const ElementwiseLoops<double>&, const void*, std::size_t, const Handle&, std::span<const Handle* const>, const Handle*,
                                   const Shape&, double*, bool);

}  // namespace wengert::detail
