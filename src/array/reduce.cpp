// Reductions: pieces of fixed size, each folded by a kernel, joined in pairs.
#include "array/reduce.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include <wengert/array/memory.hpp>

#include "array/ranges.hpp"
#include "array/reduce_kernels.hpp"
#include "array/simd.hpp"

namespace wengert::detail {
namespace {

template <Real T>
const ReduceKernels<T>& kernels() {
  if constexpr (std::is_same_v<T, float>) {
    return at_level<ReduceKernels<T>>({&baseline::reduce_float, &avx2::reduce_float, &avx512::reduce_float});
  } else {
    return at_level<ReduceKernels<T>>({&baseline::reduce_double, &avx2::reduce_double, &avx512::reduce_double});
  }
}

template <Real T>
using Scratch = std::vector<T, PoolAllocator<T>>;

constexpr std::size_t pieces_of(std::size_t n, std::size_t piece) { return (n + piece - 1) / piece; }

/// Joins `count` vectors of `width` numbers, one after the other, in pairs; the result is the first.
template <Real T>
void join_pairs(const FoldKernels<T>& fold, T* vectors, std::size_t count, std::size_t width) {
  for (std::size_t gap = 1; gap < count; gap *= 2)
    for (std::size_t i = 0; i + gap < count; i += 2 * gap) fold.join(vectors + i * width, vectors + (i + gap) * width, width);
}

/// The fold of a term of each element. `fold` joins terms; the terms of a block and of a stretch of columns are made and folded by
///   block(x, n, place)                                 place: which of the outer x inner folds
///   columns(x, rows, columns, stride, place, out)      place: of the first column; the columns repeat after `inner`
template <Real T, class Block, class Columns>
class Fold {
 public:
  Fold(const FoldKernels<T>& fold, Block block, Columns columns) : fold_(fold), block_(block), columns_(columns) {}

  void run(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) const {
    if (inner == 1) {
      rows(x, outer, n, out);
    } else {
      matrices(x, outer, n, inner, out);
    }
  }

 private:
  /// One row, or a piece of one: of at most range_elements.
  T piece(const T* x, std::size_t n, std::size_t place) const {
    if (n <= fold_block) return block_(x, n, place);
    T parts[range_elements / fold_block];
    const std::size_t count = pieces_of(n, fold_block);
    for (std::size_t i = 0; i < count; ++i) parts[i] = block_(x + i * fold_block, std::min(fold_block, n - i * fold_block), place);
    join_pairs(fold_, parts, count, 1);
    return parts[0];
  }

  void rows(const T* x, std::size_t outer, std::size_t n, T* out) const {
    const std::size_t pieces = pieces_of(n, range_elements);
    Scratch<T> parts(pieces > 1 ? outer * pieces : 0);
    T* const to = pieces > 1 ? parts.data() : out;
    in_ranges(outer * pieces, std::min(n, range_elements), [&](std::size_t first, std::size_t last) {
      for (std::size_t item = first; item < last; ++item) {
        const std::size_t o = item / pieces, start = item % pieces * range_elements;
        to[item] = piece(x + o * n + start, std::min(range_elements, n - start), o);
      }
    });
    for (std::size_t o = 0; pieces > 1 && o < outer; ++o) {
      join_pairs(fold_, to + o * pieces, pieces, 1);
      out[o] = to[o * pieces];
    }
  }

  void matrices(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) const {
    // Short rows are taken several at a time, as one long row, whose parts are folded into one at the end.
    constexpr std::size_t wide = 64, strip = 4096;
    const std::size_t several = pieces_of(wide, inner), together = n >= 4 * several ? several : 1;
    const std::size_t width = together * inner, length = n / together, rest = n % together;
    const std::size_t pieces = pieces_of(length, fold_rows), strips = pieces_of(width, strip);
    const bool direct = pieces == 1 && together == 1;
    Scratch<T> parts(direct ? 0 : outer * pieces * width);
    T* const to = direct ? out : parts.data();
    in_ranges(outer * pieces * strips, std::min(length, fold_rows) * std::min(width, strip), [&](std::size_t first, std::size_t last) {
      for (std::size_t item = first; item < last; ++item) {
        const std::size_t column = item % strips * strip, start = item / strips % pieces * fold_rows, o = item / strips / pieces;
        columns_(x + o * n * inner + start * width + column, std::min(fold_rows, length - start), std::min(strip, width - column), width,
                 o * inner + column % inner, to + item / strips * width + column);
      }
    });
    if (direct) return;
    Scratch<T> last_rows(rest > 0 ? inner : 0);
    for (std::size_t o = 0; o < outer; ++o) {
      T* const part = to + o * pieces * width;
      join_pairs(fold_, part, pieces, width);
      fold_.columns(part, together, inner, inner, out + o * inner);
      if (rest == 0) continue;
      columns_(x + (o * n + n - rest) * inner, rest, inner, inner, o * inner, last_rows.data());
      fold_.join(out + o * inner, last_rows.data(), inner);
    }
  }

  const FoldKernels<T>& fold_;
  Block block_;
  Columns columns_;
};

template <Real T>
void plain_fold(const FoldKernels<T>& fold, const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  const auto block = [&](const T* from, std::size_t count, std::size_t) { return fold.block(from, count); };
  const auto columns = [&](const T* from, std::size_t rows, std::size_t width, std::size_t stride, std::size_t, T* to) {
    fold.columns(from, rows, width, stride, to);
  };
  Fold<T, decltype(block), decltype(columns)>(fold, block, columns).run(x, outer, n, inner, out);
}

}  // namespace

template <Real T>
void sum_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  if (n == 0) {
    std::fill_n(out, outer * inner, T(0));
  } else if (outer * inner > 0) {
    plain_fold(kernels<T>().sum, x, outer, n, inner, out);
  }
}

template <Real T>
void largest_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  if (outer * inner > 0) plain_fold(kernels<T>().largest, x, outer, n, inner, out);
}

template <Real T>
void smallest_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  if (outer * inner > 0) plain_fold(kernels<T>().smallest, x, outer, n, inner, out);
}

template <Real T>
void product_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  if (n == 0) {
    std::fill_n(out, outer * inner, T(1));
  } else if (outer * inner > 0) {
    plain_fold(kernels<T>().product, x, outer, n, inner, out);
  }
}

template <Real T>
void squares_over(const T* x, const T* centre, std::size_t outer, std::size_t n, std::size_t inner, T* out) {
  if (n == 0) {
    std::fill_n(out, outer * inner, T(0));
    return;
  }
  if (outer * inner == 0) return;
  const ReduceKernels<T>& of = kernels<T>();
  const auto block = [&](const T* from, std::size_t count, std::size_t place) { return of.squares_about(from, count, centre[place]); };
  const auto columns = [&](const T* from, std::size_t rows, std::size_t width, std::size_t stride, std::size_t place, T* to) {
    const std::size_t first = place % inner;
    if (first + width <= inner) {
      of.column_squares_about(from, rows, width, stride, centre + place, to);
      return;
    }
    Scratch<T> repeated(width);  // several rows taken as one: so are the centres
    for (std::size_t j = 0; j < width; ++j) repeated[j] = centre[place - first + (first + j) % inner];
    of.column_squares_about(from, rows, width, stride, repeated.data(), to);
  };
  Fold<T, decltype(block), decltype(columns)>(of.sum, block, columns).run(x, outer, n, inner, out);
}

template <Real T>
Handle sum_to(const Handle& g, const Shape& to) {
  const Shape& from = g.shape();
  if (from == to) return g;
  // Axes of length 1 aside, neighbours that are both summed, or both kept, are one.
  std::array<std::size_t, Shape::max_rank> extent;
  std::array<bool, Shape::max_rank> summed;
  std::size_t axes = 0;
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] == 1) continue;
    const bool sum = axis + to.rank() < from.rank() || to[axis + to.rank() - from.rank()] == 1;
    if (axes > 0 && summed[axes - 1] == sum) {
      extent[axes - 1] *= from[axis];
    } else {
      extent[axes] = from[axis];
      summed[axes++] = sum;
    }
  }
  Array<T> y(g);
  std::size_t left = static_cast<std::size_t>(std::count(summed.begin(), summed.begin() + static_cast<std::ptrdiff_t>(axes), true));
  if (left == 0) return y.reshaped(to).handle();
  std::size_t inner = 1;
  for (std::size_t axis = axes; axis-- > 0;) {
    if (!summed[axis]) {
      inner *= extent[axis];
      continue;
    }
    std::size_t outer = 1;
    for (std::size_t before = 0; before < axis; ++before) outer *= extent[before];
    Array<T> sum = Array<T>::uninitialized(--left == 0 ? to : Shape{outer * inner});
    sum_over(y.data(), outer, extent[axis], inner, sum.writable().data());
    y = std::move(sum);
  }
  return std::move(y).handle();
}

template <Real T>
void add_scaled(T a, const T* x, T* y, std::size_t n) {
  const auto add = kernels<T>().add_scaled;
  in_ranges(n, 1, [&](std::size_t first, std::size_t last) { add(a, x + first, y + first, last - first); });
}

// ---- the softmax family ----

template <Real T>
void softmax_rows(const T* x, std::size_t rows, std::size_t n, T* y) {
  const auto row = kernels<T>().softmax;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(x + first * n, last - first, n, y + first * n); });
}

template <Real T>
void softmax_rows_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx) {
  const auto row = kernels<T>().softmax_backward;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(y + first * n, g + first * n, last - first, n, dx + first * n); });
}

template <Real T>
void log_softmax_rows(const T* x, std::size_t rows, std::size_t n, T* y) {
  const auto row = kernels<T>().log_softmax;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(x + first * n, last - first, n, y + first * n); });
}

template <Real T>
void log_softmax_rows_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx) {
  const auto row = kernels<T>().log_softmax_backward;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(y + first * n, g + first * n, last - first, n, dx + first * n); });
}

template <Real T>
void logsumexp_rows(const T* x, std::size_t rows, std::size_t n, T* y) {
  const auto row = kernels<T>().logsumexp;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(x + first * n, last - first, n, y + first); });
}

template <Real T>
void logsumexp_rows_backward(const T* x, const T* y, const T* g, bool g_is_one, std::size_t rows, std::size_t n, T* dx) {
  const auto row = kernels<T>().logsumexp_backward;
  const std::size_t step = g_is_one ? 0 : 1;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(x + first * n, y + first, g + first * step, step, last - first, n, dx + first * n); });
}

template <Real T>
void cross_entropy_rows(const T* x, const std::int64_t* labels, std::size_t rows, std::size_t n, T* loss) {
  const auto row = kernels<T>().cross_entropy;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) { row(x + first * n, labels + first, last - first, n, loss + first); });
}

template <Real T>
void cross_entropy_rows_backward(const T* x, const std::int64_t* labels, const T* loss, const T* g, bool g_is_one, std::size_t rows, std::size_t n, T* dx) {
  const auto row = kernels<T>().cross_entropy_backward;
  const std::size_t step = g_is_one ? 0 : 1;
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) {
    row(x + first * n, labels + first, loss + first, g + first * step, step, last - first, n, dx + first * n);
  });
}

#define WENGERT_REDUCTIONS(T)                                                                                                                            \
  template void sum_over(const T*, std::size_t, std::size_t, std::size_t, T*);                                                                           \
  template void largest_over(const T*, std::size_t, std::size_t, std::size_t, T*);                                                                       \
  template void smallest_over(const T*, std::size_t, std::size_t, std::size_t, T*);                                                                      \
  template void product_over(const T*, std::size_t, std::size_t, std::size_t, T*);                                                                       \
  template void squares_over(const T*, const T*, std::size_t, std::size_t, std::size_t, T*);                                                             \
  template Handle sum_to<T>(const Handle&, const Shape&);                                                                                                \
  template void add_scaled(T, const T*, T*, std::size_t);                                                                                                \
  template void softmax_rows(const T*, std::size_t, std::size_t, T*);                                                                                    \
  template void softmax_rows_backward(const T*, const T*, std::size_t, std::size_t, T*);                                                                 \
  template void log_softmax_rows(const T*, std::size_t, std::size_t, T*);                                                                                \
  template void log_softmax_rows_backward(const T*, const T*, std::size_t, std::size_t, T*);                                                             \
  template void logsumexp_rows(const T*, std::size_t, std::size_t, T*);                                                                                  \
  template void logsumexp_rows_backward(const T*, const T*, const T*, bool, std::size_t, std::size_t, T*);                                               \
  template void cross_entropy_rows(const T*, const std::int64_t*, std::size_t, std::size_t, T*);                                                         \
  template void cross_entropy_rows_backward(const T*, const std::int64_t*, const T*, const T*, bool, std::size_t, std::size_t, T*);
WENGERT_REDUCTIONS(float)
WENGERT_REDUCTIONS(double)
#undef WENGERT_REDUCTIONS

}  // namespace wengert::detail
