// Reductions over arrays: which elements become one, split over the pool in pieces that depend on the shape alone and joined in
// pairs, so that a float sum of a million terms keeps its digits. The loops are in array/kernels/reduce.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include <wengert/array/array.hpp>
#include <wengert/array/handle.hpp>
#include <wengert/array/shape.hpp>
#include <wengert/base/export.hpp>

namespace wengert::detail {

// ---- folds: x is outer x n x inner, out is outer x inner ----

/// out(o, j) = sum of x(o, i, j) over i.
template <Real T>
WENGERT_API void sum_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out);
/// The largest, the smallest: NaN where one of them is. n > 0.
template <Real T>
WENGERT_API void largest_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out);
template <Real T>
WENGERT_API void smallest_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out);
/// The product; 1 of none.
template <Real T>
WENGERT_API void product_over(const T* x, std::size_t outer, std::size_t n, std::size_t inner, T* out);
/// out(o, j) = sum of (x(o, i, j) - centre(o, j))^2 over i.
template <Real T>
WENGERT_API void squares_over(const T* x, const T* centre, std::size_t outer, std::size_t n, std::size_t inner, T* out);

/// g summed over the axes along which an array of shape `to` was stretched to g's shape; g itself where there are none.
template <Real T>
WENGERT_API Handle sum_to(const Handle& g, const Shape& to);

/// y += a x, for n elements.
template <Real T>
WENGERT_API void add_scaled(T a, const T* x, T* y, std::size_t n);

// ---- the softmax family: rows of n > 0 elements each, one after the other; an output may be one of the inputs ----

template <Real T>
WENGERT_API void softmax_rows(const T* x, std::size_t rows, std::size_t n, T* y);
/// dx = y (g - sum of g y).
template <Real T>
WENGERT_API void softmax_rows_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx);
template <Real T>
WENGERT_API void log_softmax_rows(const T* x, std::size_t rows, std::size_t n, T* y);
/// dx = g - e^y (sum of g).
template <Real T>
WENGERT_API void log_softmax_rows_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx);
/// y_i = log of the sum of e^x over row i: the largest where that is infinite.
template <Real T>
WENGERT_API void logsumexp_rows(const T* x, std::size_t rows, std::size_t n, T* y);
/// dx = g_i e^(x - y_i); where y_i is infinite, the infinite elements share g_i, and a row of -infinity has 0. g has one number per row, or one for all.
template <Real T>
WENGERT_API void logsumexp_rows_backward(const T* x, const T* y, const T* g, bool g_is_one, std::size_t rows, std::size_t n, T* dx);
/// loss_i = logsumexp(x_i) - x_i[label_i], labels in [0, n), with all its digits also where it is small.
template <Real T>
WENGERT_API void cross_entropy_rows(const T* x, const std::int64_t* labels, std::size_t rows, std::size_t n, T* loss);
/// dx = g_i (softmax(x_i) - [j = label_i]), given the losses; 0 where g_i is 0. g has one number per row, or one for all.
template <Real T>
WENGERT_API void cross_entropy_rows_backward(const T* x, const std::int64_t* labels, const T* loss, const T* g, bool g_is_one, std::size_t rows,
                                             std::size_t n, T* dx);

}  // namespace wengert::detail
