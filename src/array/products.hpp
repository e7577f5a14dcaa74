// Matrix products on plain arrays, and what else calls BLAS needs to know.
#pragma once

#include <cstddef>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/array/shape.hpp>

namespace wengert::detail {

/// The shape of op(a) op(b), by the rules of NumPy's matmul; op transposes the last two axes where asked, and leaves a vector as it is.
/// ShapeError in `who`'s name.
Shape product_shape(std::string_view who, const Shape& a, const Shape& b, bool transpose_a, bool transpose_b);

/// op(a) op(b), of shape `to`: that of product_shape().
template <Real T>
Array<T> product(const Array<T>& a, const Array<T>& b, bool transpose_a, bool transpose_b, const Shape& to);

/// c = op(a) op(b), or c += the same, for dense row-major matrices: op(a) is rows x depth, op(b) depth x columns. A depth of 0 gives zeros.
/// Split over the pool where that pays.
template <Real T>
void multiply_matrices(bool transpose_a, bool transpose_b, std::size_t rows, std::size_t columns, std::size_t depth, const T* a, const T* b, T* c, bool accumulate);

/// Has BLAS leave the threads to our pool. Before any call of it, and of LAPACK, which calls it in its turn.
void prepare_blas();

/// How many threads a product of this many multiplications is worth.
std::size_t worthwhile_parts(std::size_t rows, std::size_t columns, std::size_t depth);

}  // namespace wengert::detail
