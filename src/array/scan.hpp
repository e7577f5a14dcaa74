// Running sums and products along an axis, and what their gradients are made of.
#pragma once

#include <cstddef>

#include <wengert/array/array.hpp>

namespace wengert::detail {

/// y_k = x_0 + ... + x_k along an axis; from the other end where reverse.
template <Real T>
Array<T> running_sum(const Array<T>& x, std::size_t axis, bool reverse);
/// y_k = x_0 ... x_k along an axis.
template <Real T>
Array<T> running_product(const Array<T>& x, std::size_t axis);
/// y_k = b_k + a_k y_(k-1) along an axis; reverse: y_k = b_k + a_(k+1) y_(k+1). Of a's elements the first is never read.
template <Real T>
Array<T> recurrence(const Array<T>& a, const Array<T>& b, std::size_t axis, bool reverse);
/// dx(o, k) = g(o) times the product of all elements of row o but x(o, k): exact also where some of them are 0. 0 where g is.
template <Real T>
void product_rows_backward(const T* x, const T* g, std::size_t rows, std::size_t n, T* dx);

}  // namespace wengert::detail
