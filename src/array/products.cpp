// Matrix products: from shapes to calls of BLAS.
#include "array/products.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <string>

#include <cblas.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

#include "array/walk.hpp"

// Exported by every OpenBLAS, though not in its headers.
extern "C" {
[[gnu::weak]] void* blas_memory_alloc(int unused);
[[gnu::weak]] void blas_memory_free(void* buffer);
}

namespace wengert::detail {

/// OpenBLAS has threads of its own that spin while they wait. Beside our pool they would fight for the same processors, so they are
/// switched off, once and for the whole process, and a large product is split here instead. It maps a work buffer whenever more
/// threads are inside a product than ever before, which with luck is not in a loop's first step but in its thousandth: all are had at once.
void prepare_blas() {
  constexpr std::size_t most = 64;  // OpenBLAS has a table of at least as many
  static std::atomic<std::size_t> prepared{0};
  const std::size_t count = threads();
  if (prepared.load(std::memory_order_acquire) >= count) return;
  // Its own threads, which may be just starting, each want one too.
  static const auto others = static_cast<std::size_t>(openblas_get_num_procs());
  openblas_set_num_threads(1);
  if (blas_memory_alloc != nullptr && blas_memory_free != nullptr) {
    std::array<void*, most> buffers{};
    const std::size_t wanted = std::min(count + others, most);
    for (std::size_t i = 0; i < wanted; ++i) buffers[i] = blas_memory_alloc(0);
    for (std::size_t i = 0; i < wanted; ++i) blas_memory_free(buffers[i]);
  }
  prepared.store(count, std::memory_order_release);
}

std::size_t worthwhile_parts(std::size_t rows, std::size_t columns, std::size_t depth) {
  constexpr double grain = 1 << 20U;  // multiplications: some 30 us of one thread
  const double work = static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(depth);
  return std::max<std::size_t>(1, std::min(threads(), static_cast<std::size_t>(work / grain)));
}

namespace {

// ---- BLAS for both number types ----

void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m, blasint n, blasint k, const float* a, blasint lda, const float* b, blasint ldb, float beta, float* c, blasint ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1.0F, a, lda, b, ldb, beta, c, ldc);
}
void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m, blasint n, blasint k, const double* a, blasint lda, const double* b, blasint ldb, double beta, double* c, blasint ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1.0, a, lda, b, ldb, beta, c, ldc);
}
void gemv(CBLAS_TRANSPOSE t, blasint m, blasint n, const float* a, blasint lda, const float* x, blasint x_step, float* y, blasint y_step) {
  cblas_sgemv(CblasRowMajor, t, m, n, 1.0F, a, lda, x, x_step, 1.0F, y, y_step);
}
void gemv(CBLAS_TRANSPOSE t, blasint m, blasint n, const double* a, blasint lda, const double* x, blasint x_step, double* y, blasint y_step) {
  cblas_dgemv(CblasRowMajor, t, m, n, 1.0, a, lda, x, x_step, 1.0, y, y_step);
}

constexpr CBLAS_TRANSPOSE flag(bool transpose) { return transpose ? CblasTrans : CblasNoTrans; }

/// A part of C that one thread computes: rows [row, row + rows), columns [column, column + columns).
template <Real T>
struct Product {
  bool transpose_a, transpose_b;
  std::size_t rows, columns, depth;
  const T* a;
  const T* b;
  T* c;
  bool accumulate;

  void compute(std::size_t row, std::size_t height, std::size_t column, std::size_t width) const {
    const std::size_t a_row = transpose_a ? rows : depth, b_row = transpose_b ? depth : columns;  // elements from row to row in memory
    const T* const part_a = a + (transpose_a ? row : row * a_row);
    const T* const part_b = b + (transpose_b ? column * b_row : column);
    T* const part_c = c + row * columns + column;
    const auto size = [](std::size_t n) { return static_cast<blasint>(n); };
    if (rows == 1 || columns == 1) {
      // A product with a vector. C is set to zero beforehand: what BLAS makes of beta = 0 on arbitrary bits differs between versions.
      if (!accumulate) std::fill_n(part_c, height * width, T(0));
      if (columns == 1) {
        gemv(flag(transpose_a), size(transpose_a ? depth : height), size(transpose_a ? height : depth), part_a, size(a_row), part_b, 1, part_c, 1);
      } else {
        gemv(flag(!transpose_b), size(transpose_b ? width : depth), size(transpose_b ? depth : width), part_b, size(b_row), part_a, 1, part_c, 1);
      }
    } else {
      gemm(flag(transpose_a), flag(transpose_b), size(height), size(width), size(depth), part_a, size(a_row), part_b, size(b_row), accumulate ? T(1) : T(0), part_c, size(columns));
    }
  }

  /// Below this many multiplications a call of BLAS costs more than the loops.
  static constexpr std::size_t few = 64;

  void compute_plainly() const {
    const std::size_t a_row = transpose_a ? 1 : depth, a_step = transpose_a ? rows : 1;
    const std::size_t b_step = transpose_b ? 1 : columns, b_column = transpose_b ? depth : 1;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        T sum = accumulate ? c[i * columns + j] : T(0);
        for (std::size_t k = 0; k < depth; ++k) sum += a[i * a_row + k * a_step] * b[k * b_step + j * b_column];
        c[i * columns + j] = sum;
      }
    }
  }
};

void check_blas_range(std::size_t rows, std::size_t columns, std::size_t depth) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<blasint>::max());
  if (rows > most || columns > most || depth > most)
    throw ShapeError("matmul: a side of a matrix is too long: " + std::to_string(rows) + " x " + std::to_string(depth) + " times " + std::to_string(depth) + " x " +
                     std::to_string(columns) + "; BLAS counts to " + std::to_string(most));
}

/// The same shape with a vector as a matrix of one row or one column.
Shape as_matrix(const Shape& shape, bool column) {
  Shape out = shape;
  if (out.rank() == 1) out.insert(column ? 1 : 0, 1);
  return out;
}

struct Sizes {
  std::size_t rows, columns, depth, depth_of_b;
  Shape batch_a, batch_b;
};

Sizes sizes_of(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
  const Shape x = as_matrix(a, false), y = as_matrix(b, true);
  const bool ta = transpose_a && a.rank() > 1, tb = transpose_b && b.rank() > 1;
  const std::size_t p = x.rank() - 2, q = y.rank() - 2;
  return {.rows = x[ta ? p + 1 : p],
          .columns = y[tb ? q : q + 1],
          .depth = x[ta ? p : p + 1],
          .depth_of_b = y[tb ? q + 1 : q],
          .batch_a = Shape(x.begin(), x.begin() + p),
          .batch_b = Shape(y.begin(), y.begin() + q)};
}

}  // namespace

Shape product_shape(std::string_view who, const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
  if (a.empty() || b.empty())
    throw ShapeError(std::string(who) + ": a number is no matrix: " + to_string(a) + " x " + to_string(b) + "; each operand needs one axis or more (a number multiplies with *)");
  const Sizes sizes = sizes_of(a, b, transpose_a, transpose_b);
  if (sizes.depth != sizes.depth_of_b)
    throw ShapeError(std::string(who) + ": inner sizes differ: " + to_string(a) + (transpose_a && a.rank() > 1 ? " transposed" : "") + " x " + to_string(b) +
                     (transpose_b && b.rank() > 1 ? " transposed" : "") + "; the " + std::to_string(sizes.depth) + " and the " + std::to_string(sizes.depth_of_b) + " must be equal");
  Shape out = broadcast_shape(who, sizes.batch_a, sizes.batch_b);
  if (a.rank() > 1) out.push_back(sizes.rows);
  if (b.rank() > 1) out.push_back(sizes.columns);
  static_cast<void>(out.elements());
  return out;
}

template <Real T>
void multiply_matrices(bool transpose_a, bool transpose_b, std::size_t rows, std::size_t columns, std::size_t depth, const T* a, const T* b, T* c, bool accumulate) {
  if (rows == 0 || columns == 0) return;
  if (depth == 0) {
    if (!accumulate) std::fill_n(c, rows * columns, T(0));
    return;
  }
  const Product<T> whole{transpose_a, transpose_b, rows, columns, depth, a, b, c, accumulate};
  if (rows * columns <= Product<T>::few && rows * columns * depth <= Product<T>::few) return whole.compute_plainly();
  check_blas_range(rows, columns, depth);
  prepare_blas();
  const std::size_t parts = worthwhile_parts(rows, columns, depth);
  if (parts == 1) return whole.compute(0, rows, 0, columns);
  // The longer side of C is split, in steps of the widest kernel's tile.
  constexpr std::size_t tile = 16;
  const bool by_rows = rows >= columns;
  const std::size_t side = by_rows ? rows : columns, tiles = (side + tile - 1) / tile;
  parallel(std::min(parts, tiles), [&, count = std::min(parts, tiles)](std::size_t part) {
    const std::size_t first = tiles * part / count * tile, last = std::min(side, tiles * (part + 1) / count * tile);
    if (by_rows) {
      whole.compute(first, last - first, 0, columns);
    } else {
      whole.compute(0, rows, first, last - first);
    }
  });
}

template <Real T>
Array<T> product(const Array<T>& a, const Array<T>& b, bool transpose_a, bool transpose_b, const Shape& to) {
  const bool ta = transpose_a && a.rank() > 1, tb = transpose_b && b.rank() > 1;
  const Sizes sizes = sizes_of(a.shape(), b.shape(), ta, tb);
  Array<T> out = Array<T>::uninitialized(to);
  T* const c = out.writable().data();
  if (out.size() == 0) return out;
  const Shape batch = broadcast_shape("matmul", sizes.batch_a, sizes.batch_b);
  const std::size_t count = batch.elements(), a_size = sizes.rows * sizes.depth, b_size = sizes.depth * sizes.columns, c_size = sizes.rows * sizes.columns;
  if (sizes.batch_b.elements() == 1 && !ta) {
    // One matrix on the right of all: the rows of the batch are the rows of one product.
    multiply_matrices(false, tb, count * sizes.rows, sizes.columns, sizes.depth, a.data(), b.data(), c, false);
    return out;
  }
  const Walk<2> walk(batch, {stretched_strides(sizes.batch_a, batch), stretched_strides(sizes.batch_b, batch)});
  // Many products: each thread takes some; few: each is split in itself.
  const std::size_t worth = worthwhile_parts(count * sizes.rows, sizes.columns, sizes.depth), parts = worth <= count ? worth : 1;
  parallel(parts, [&](std::size_t part) {
    for (std::size_t i = count * part / parts; i < count * (part + 1) / parts; ++i) {
      const auto at = walk.at(i);
      multiply_matrices(ta, tb, sizes.rows, sizes.columns, sizes.depth, a.data() + at[0] * a_size, b.data() + at[1] * b_size, c + i * c_size, false);
    }
  });
  return out;
}

template void multiply_matrices(bool, bool, std::size_t, std::size_t, std::size_t, const float*, const float*, float*, bool);
template void multiply_matrices(bool, bool, std::size_t, std::size_t, std::size_t, const double*, const double*, double*, bool);
template Array<float> product(const Array<float>&, const Array<float>&, bool, bool, const Shape&);
template Array<double> product(const Array<double>&, const Array<double>&, bool, bool, const Shape&);

}  // namespace wengert::detail
