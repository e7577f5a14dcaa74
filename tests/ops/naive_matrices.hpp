// Matrices by the book, in extended precision, to compare factors and solutions with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>

namespace wengert::test::naive {

using Matrix = std::vector<std::vector<long double>>;

inline Matrix matrix_of(const Array<double>& x, std::size_t i) {
  const std::size_t rows = x.shape()[x.rank() - 2], columns = x.shape().back();
  Matrix m(rows, std::vector<long double>(columns));
  for (std::size_t k = 0; k < rows * columns; ++k) m[k / columns][k % columns] = static_cast<long double>(x.data()[i * rows * columns + k]);
  return m;
}
inline Matrix unit(std::size_t n) {
  Matrix m(n, std::vector<long double>(n));
  for (std::size_t k = 0; k < n; ++k) m[k][k] = 1;
  return m;
}
inline Matrix transposed(const Matrix& a) {
  Matrix t(a[0].size(), std::vector<long double>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}
inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), std::vector<long double>(b[0].size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b[0].size(); ++j)
      for (std::size_t k = 0; k < b.size(); ++k) c[i][j] += a[i][k] * b[k][j];
  return c;
}

// ---- elimination ----

/// The determinant of a; b becomes a^-1 b.
inline long double eliminate(Matrix a, Matrix& b) {
  long double determinant = 1;
  for (std::size_t k = 0; k < a.size(); ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < a.size(); ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    if (pivot != k) determinant = -determinant;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    determinant *= a[k][k];
    for (std::size_t i = 0; i < a.size(); ++i) {
      const long double factor = i == k ? (a[k][k] - 1) / a[k][k] : a[i][k] / a[k][k];
      for (std::size_t j = 0; j < a.size(); ++j) a[i][j] -= factor * a[k][j];
      for (std::size_t j = 0; j < b[i].size(); ++j) b[i][j] -= factor * b[k][j];
    }
  }
  return determinant;
}

// ---- factors ----

/// Eigenvalues, the smallest first, and vectors as columns, by Jacobi's rotations.
inline std::pair<std::vector<long double>, Matrix> eigen(Matrix a) {
  const std::size_t n = a.size();
  Matrix v = unit(n);
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p][q] == 0) continue;
        const long double angle = std::atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2, c = std::cos(angle), s = std::sin(angle);
        Matrix turn = unit(n);
        turn[p][p] = turn[q][q] = c;
        turn[p][q] = s;
        turn[q][p] = -s;
        a = product(product(transposed(turn), a), turn);
        v = product(v, turn);
      }
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a[i][i] < a[j][j]; });
  std::vector<long double> values;
  Matrix sorted(n, std::vector<long double>(n));
  for (std::size_t k = 0; k < n; ++k) {
    values.push_back(a[order[k]][order[k]]);
    for (std::size_t i = 0; i < n; ++i) sorted[i][k] = v[i][order[k]];
  }
  return {values, sorted};
}

struct Singular {
  Matrix u, v;
  std::vector<long double> s;
};
inline Singular singular(const Matrix& a) {
  if (a.size() < a[0].size()) {
    const Singular mirrored = singular(transposed(a));
    return {mirrored.v, mirrored.u, mirrored.s};
  }
  auto [values, v] = eigen(product(transposed(a), a));
  std::reverse(values.begin(), values.end());
  for (auto& row : v) std::reverse(row.begin(), row.end());
  Singular found{product(a, v), v, {}};
  for (std::size_t k = 0; k < values.size(); ++k) {
    found.s.push_back(std::sqrt(values[k]));
    for (auto& row : found.u) row[k] /= found.s[k];
  }
  return found;
}

/// Q and R with a positive diagonal, by Gram and Schmidt.
inline std::pair<Matrix, Matrix> orthogonal(const Matrix& a) {
  const std::size_t m = a.size(), n = a[0].size(), k = std::min(m, n);
  Matrix q(m, std::vector<long double>(k));
  for (std::size_t j = 0; j < k; ++j) {
    for (std::size_t i = 0; i < m; ++i) q[i][j] = a[i][j];
    for (std::size_t before = 0; before < j; ++before) {
      long double dot = 0;
      for (std::size_t i = 0; i < m; ++i) dot += q[i][before] * q[i][j];
      for (std::size_t i = 0; i < m; ++i) q[i][j] -= dot * q[i][before];
    }
    long double length = 0;
    for (std::size_t i = 0; i < m; ++i) length += q[i][j] * q[i][j];
    for (std::size_t i = 0; i < m; ++i) q[i][j] /= std::sqrt(length);
  }
  Matrix r = product(transposed(q), a);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < i; ++j) r[i][j] = 0;
  return {q, r};
}

// ---- batches ----

/// f(matrix) for each matrix of a batch, side by side.
template <class F>
Array<double> each(const Array<double>& x, F f) {
  const std::size_t size = x.shape().back() * x.shape()[x.rank() - 2];
  std::vector<double> values;
  Shape to(x.shape().begin(), x.shape().end() - 2);
  for (std::size_t i = 0; i < x.size() / size; ++i) {
    const Matrix y = f(matrix_of(x, i));
    if (i == 0) {
      to.push_back(y.size());
      to.push_back(y[0].size());
    }
    for (const auto& row : y)
      for (const long double value : row) values.push_back(static_cast<double>(value));
  }
  return from_values<double>(std::span<const double>(values), to);
}
/// The same for numbers in a row, without the axis of rows.
template <class F>
Array<double> each_row(const Array<double>& x, F f) {
  const Array<double> rows = each(x, [&](const Matrix& m) { return Matrix{f(m)}; });
  Shape to(rows.shape().begin(), rows.shape().end() - 2);
  to.push_back(rows.shape().back());
  return rows.reshaped(to);
}

}  // namespace wengert::test::naive
