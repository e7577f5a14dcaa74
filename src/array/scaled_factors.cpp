// Factors of a matrix, scaled by powers of two where they must be.
#include "array/scaled_factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wengert::detail {

namespace {

/// Whether all factors are finite, and no pivot is so small that its reciprocal may not be.
template <Real T>
bool are_good(std::size_t n, const T* factors) {
  for (std::size_t k = 0; k < n; ++k) {
    const T size = std::abs(factors[k * n + k]);
    if (size != 0 && size < std::numeric_limits<T>::min()) return false;
  }
  return std::all_of(factors, factors + n * n, [](T x) { return std::isfinite(x); });
}

constexpr int none = std::numeric_limits<int>::min() / 2;  // the exponent of 0

template <Real T>
int exponent_of(T x) {
  return x == 0 || !std::isfinite(x) ? none : std::ilogb(x);
}

/// The exponents that bring the largest element of each row into [1, 2), and then that of each column.
template <Real T>
Scales scales_of(std::size_t n, const T* a) {
  Scales scales{std::vector<int>(n), std::vector<int>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    int largest = none;
    for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, exponent_of(a[i * n + j]));
    scales.rows[i] = largest == none ? 0 : -largest;
  }
  for (std::size_t j = 0; j < n; ++j) {
    int largest = none;
    for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, exponent_of(a[i * n + j]) + scales.rows[i]);
    scales.columns[j] = largest <= none / 2 ? 0 : -largest;
  }
  return scales;
}

}  // namespace

long Scales::of_determinant() const noexcept { return std::accumulate(rows.begin(), rows.end(), 0L) + std::accumulate(columns.begin(), columns.end(), 0L); }

template <Real T>
blasint factor_scaled(std::size_t n, const T* a, T* factors, blasint* pivots, Scales& scales) {
  std::copy_n(a, n * n, factors);
  const blasint info = lapack::factor(n, factors, pivots);
  if (are_good(n, factors)) return info;
  scales = scales_of(n, a);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) factors[i * n + j] = std::scalbn(a[i * n + j], scales.rows[i] + scales.columns[j]);
  return lapack::factor(n, factors, pivots);
}

template <Real T>
blasint invert_scaled(std::size_t n, T* factors, const blasint* pivots, const Scales& scales) {
  const blasint info = lapack::invert(n, factors, pivots);
  for (std::size_t i = 0; i < n && !scales.empty(); ++i)
    for (std::size_t j = 0; j < n; ++j) factors[i * n + j] = std::scalbn(factors[i * n + j], scales.columns[i] + scales.rows[j]);
  return info;
}

template <Real T>
void divide_scaled(const T* factors, const blasint* pivots, const Scales& scales, bool transposed, std::size_t n, std::size_t width, T* x) {
  if (scales.empty()) return lapack::divide(factors, pivots, MatrixForm::general, transposed, n, width, x);
  const std::vector<int>&before = transposed ? scales.columns : scales.rows, &after = transposed ? scales.rows : scales.columns;
  // Each right side is brought near 1 too, so that it leaves the range on its way only where the solution does.
  std::vector<int> largest(width, none);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < width; ++j) largest[j] = std::max(largest[j], exponent_of(x[i * width + j]) + before[i]);
  for (int& exponent : largest) exponent = exponent <= none / 2 ? 0 : exponent;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < width; ++j) x[i * width + j] = std::scalbn(x[i * width + j], before[i] - largest[j]);
  lapack::divide(factors, pivots, MatrixForm::general, transposed, n, width, x);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < width; ++j) x[i * width + j] = std::scalbn(x[i * width + j], after[i] + largest[j]);
}

template blasint factor_scaled(std::size_t, const float*, float*, blasint*, Scales&);
template blasint invert_scaled(std::size_t, float*, const blasint*, const Scales&);
template void divide_scaled(const float*, const blasint*, const Scales&, bool, std::size_t, std::size_t, float*);
template blasint factor_scaled(std::size_t, const double*, double*, blasint*, Scales&);
template blasint invert_scaled(std::size_t, double*, const blasint*, const Scales&);
template void divide_scaled(const double*, const blasint*, const Scales&, bool, std::size_t, std::size_t, double*);

}  // namespace wengert::detail
