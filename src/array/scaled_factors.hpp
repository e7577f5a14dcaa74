// The factors L U P of one matrix whose elements may be far from 1: LAPACK multiplies by the reciprocals of pivots, which overflow where these are
// subnormal. Then, and where the factors themselves overflow, rows and columns are brought near 1 first, by powers of two.
#pragma once

#include <cstddef>
#include <vector>

#include "array/lapack.hpp"

namespace wengert::detail {

/// The exponents of two by which each row and column was multiplied before the matrix was factored; none where that was not needed.
struct Scales {
  std::vector<int> rows, columns;

  bool empty() const noexcept { return rows.empty(); }
  /// The exponent of two by which the determinant was multiplied.
  long of_determinant() const noexcept;
};

/// lapack::factor() of n x n finite elements, into other memory.
template <Real T>
blasint factor_scaled(std::size_t n, const T* a, T* factors, blasint* pivots, Scales& scales);

/// lapack::invert() for these factors.
template <Real T>
blasint invert_scaled(std::size_t n, T* factors, const blasint* pivots, const Scales& scales);

/// lapack::divide() for these factors.
template <Real T>
void divide_scaled(const T* factors, const blasint* pivots, const Scales& scales, bool transposed, std::size_t n, std::size_t width, T* x);

}  // namespace wengert::detail
