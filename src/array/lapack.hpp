// LAPACK on one matrix in memory: the one place that calls it. It counts columns first: what it sees is the transpose of our matrix, so each
// factorisation is called by the name of its mirror image, and nothing is transposed in memory but eigenvectors. The elements are finite.
#pragma once

#include <cstddef>
#include <limits>

#include <cblas.h>

#include <wengert/array/array.hpp>

#include "array/factors.hpp"

namespace wengert::detail::lapack {

/// The longest side, and the largest workspace.
constexpr auto most = static_cast<std::size_t>(std::numeric_limits<blasint>::max());

/// How large a workspace must be; in double, where it does not wrap.
double svd_workspace(std::size_t m, std::size_t n);
double eigh_workspace(std::size_t n);

// Each returns LAPACK's info: 0 where all went well.

/// The factors of n x n elements in place: A = L U P^T, L with its diagonal and, above it, U, whose diagonal is 1. Otherwise the number of the
/// first pivot that is 0, counted from 1; the factors are there all the same.
template <Real T>
blasint factor(std::size_t n, T* a, blasint* pivots);

/// The inverse in place of the factors.
template <Real T>
blasint invert(std::size_t n, T* factors, const blasint* pivots);

/// An estimate of 1 / (|A| |A^-1|) from the factors and |A|, the largest sum of sizes in a row.
template <Real T>
blasint condition(std::size_t n, const T* factors, T size, T* estimate);

/// x = op(A)^-1 x for an x of n x width, A as its factors or, if triangular, as it is.
template <Real T>
void divide(const T* a, const blasint* pivots, MatrixForm form, bool transposed, std::size_t n, std::size_t width, T* x);

/// L with A = L L^T in place of the lower triangle, or U with A = U^T U in place of the upper one. Otherwise the number of the first pivot that is
/// not positive, counted from 1.
template <Real T>
blasint cholesky(bool upper, std::size_t n, T* a);

/// A = Q R for m x n elements, k the smaller of m and n. Writes over a.
template <Real T>
blasint qr(std::size_t m, std::size_t n, T* a, T* q, T* r);

/// A = U diag(s) V^T. Writes over a. Not 0 where the iteration does not converge.
template <Real T>
blasint svd(std::size_t m, std::size_t n, T* a, T* u, T* s, T* vt);

/// A = V diag(values) V^T, from the lower triangle. Writes over a. Not 0 where the iteration does not converge.
template <Real T>
blasint eigh(std::size_t n, T* a, T* values, T* vectors);

}  // namespace wengert::detail::lapack
