// Factors of matrices on plain arrays, which hold batches of matrices in their last two axes. A matrix that holds NaN or infinity is not
// factored: all of its results are NaN. Errors speak in `who`'s name.
#pragma once

#include <cstdint>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/array/shape.hpp>

namespace wengert::detail {

/// ShapeError unless the last two axes are a matrix, and one that LAPACK can count.
void check_matrices(std::string_view who, const Shape& shape);
/// The same for square ones.
void check_square(std::string_view who, const Shape& shape);
/// The axes before the last two.
Shape batch_of(const Shape& shape);
/// A matrix of a batch, for a message.
std::string name_of_matrix(const Shape& shape, std::size_t place);

/// What is known of a matrix by which is divided. Of a triangular one the other triangle is 0.
enum class MatrixForm : std::uint8_t { general, lower, upper };

/// The inverses. ValueError for a singular matrix.
template <Real T>
Array<T> inverses(std::string_view who, const Array<T>& a);

/// The determinants, without the last two axes. Of a matrix without elements: 1.
template <Real T>
Array<T> determinants(const Array<T>& a);

/// The determinants' signs, -1, 0 or 1, and the logarithms of their sizes, side by side in a last axis of length 2.
template <Real T>
Array<T> signs_and_logarithms(const Array<T>& a);

/// Estimates of 1 / (|a| |a^-1|), without the last two axes: 0 for a singular matrix and for one that had to be scaled, 1 for one without elements.
template <Real T>
Array<T> reciprocal_conditions(const Array<T>& a);

/// x with op(a) x = b, of shape `to`, to whose batch those of a and b are stretched; op transposes where asked. ValueError for a singular matrix.
template <Real T>
Array<T> solutions(std::string_view who, const Array<T>& a, const Array<T>& b, MatrixForm form, bool transposed, const Shape& to);

/// L with a = L L^T, from the lower triangles of a; or, for `upper`, U with a = U^T U from the upper ones. ValueError for a matrix that is not
/// positive definite.
template <Real T>
Array<T> cholesky_factors(std::string_view who, const Array<T>& a, bool upper);

/// In one last axis: the elements of Q, m x k, and of R, k x n; k is the smaller of m and n.
template <Real T>
Array<T> packed_qr(const Array<T>& a);

/// In one last axis: the elements of U, m x k, the k singular values, the largest first, and the elements of V^T, k x n. ShapeError for matrices
/// too large for LAPACK's workspace, ValueError where its iteration does not converge.
template <Real T>
Array<T> packed_svd(std::string_view who, const Array<T>& a);

/// In one last axis: the n eigenvalues, the smallest first, and the elements of the matrix whose columns are their vectors. Reads the lower
/// triangles. Errors as packed_svd().
template <Real T>
Array<T> packed_eigh(std::string_view who, const Array<T>& a);

}  // namespace wengert::detail
