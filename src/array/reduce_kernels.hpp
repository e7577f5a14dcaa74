// What the reduction kernels export, once per instruction set: folds of contiguous blocks and of columns, and the fused row
// functions of the softmax family. They know no shapes and no threads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wengert::detail {

/// A fold of many numbers to one, in an order that depends on their count alone.
template <class T>
struct FoldKernels {
  T (*block)(const T* x, std::size_t n);  // n > 0
  /// out[j] = fold of x[i * stride + j] over i < rows; rows > 0.
  void (*columns)(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, T* out);
  /// into[j] = fold of into[j] and from[j].
  void (*join)(T* into, const T* from, std::size_t n);
};

template <class T>
struct ReduceKernels {
  FoldKernels<T> sum;  // of few enough terms to keep their digits: fold_block and fold_rows below
  FoldKernels<T> largest, smallest;  // NaN where one of the numbers is
  FoldKernels<T> product;

  T (*squares_about)(const T* x, std::size_t n, T centre);  // sum of (x - centre)^2
  /// out[j] = sum of (x[i * stride + j] - centre[j])^2 over i < rows.
  void (*column_squares_about)(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, const T* centre, T* out);

  void (*add_scaled)(T a, const T* x, T* y, std::size_t n);  // y += a x

  // Rows of n > 0 contiguous elements. An output may be one of the inputs.
  void (*softmax)(const T* x, std::size_t rows, std::size_t n, T* y);
  void (*softmax_backward)(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx);      // dx = y (g - sum g y)
  void (*log_softmax)(const T* x, std::size_t rows, std::size_t n, T* y);
  void (*log_softmax_backward)(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx);  // dx = g - e^y sum g
  void (*logsumexp)(const T* x, std::size_t rows, std::size_t n, T* y);
  /// dx = g_i e^(x - y_i), with the limit where y_i is infinite. g steps by 0 or 1 from row to row.
  void (*logsumexp_backward)(const T* x, const T* y, const T* g, std::size_t g_step, std::size_t rows, std::size_t n, T* dx);
  /// loss_i = logsumexp(x_i) - x_i[label_i], exact also where it is small.
  void (*cross_entropy)(const T* x, const std::int64_t* labels, std::size_t rows, std::size_t n, T* loss);
  /// dx = g_i (softmax(x_i) - [j = label_i]), from the losses of the forward pass; 0 where g_i is 0.
  void (*cross_entropy_backward)(const T* x, const std::int64_t* labels, const T* loss, const T* g, std::size_t g_step, std::size_t rows, std::size_t n,
                                 T* dx);
};

/// As many terms as the sum kernels take at once: more would lose digits of a float.
inline constexpr std::size_t fold_block = 1024, fold_rows = 128;

namespace baseline {
extern const ReduceKernels<float> reduce_float;
extern const ReduceKernels<double> reduce_double;
}  // namespace baseline
namespace avx2 {
extern const ReduceKernels<float> reduce_float;
extern const ReduceKernels<double> reduce_double;
}  // namespace avx2
namespace avx512 {
extern const ReduceKernels<float> reduce_float;
extern const ReduceKernels<double> reduce_double;
}  // namespace avx512

}  // namespace wengert::detail
