// Factors of matrices: the cards' bodies.
#include <wengert/ops/decomposition.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <sstream>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/solve.hpp>

#include "array/factors.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"
#include "ops/matrices.hpp"

namespace wengert {

namespace cards {

namespace {

/// a^T b.
template <class V>
V transposed_product(const V& a, const V& b) {
  return matmul(a, b, {.transpose_a = true});
}

/// x - x^T.
template <class V>
V antisymmetric(const V& x) {
  return x - transposed_matrices(x);
}

/// Vectors as the diagonals of matrices of zeros.
template <class V>
V as_diagonals(const V& x) {
  using T = typename V::value_type;
  return expand_dims(x, -1) * diag(ones<T>({x.shape().back()}));
}

Shape packed_shape(const Shape& shape, std::size_t elements) {
  Shape out = detail::batch_of(shape);
  out.push_back(elements);
  return out;
}

/// Below this a number made of n others, which are at most `largest`, is 0 but for its rounding.
template <Real T>
T rounding(std::size_t n, T largest) {
  return 8 * static_cast<T>(n) * std::numeric_limits<T>::epsilon() * largest;
}

}  // namespace

// ---- orthogonal and triangular ----

Shape Qr::shape(std::span<const Shape> in) const {
  detail::check_matrices(name, in[0]);
  const detail::Sides of(in[0]);
  return packed_shape(in[0], of.m * of.k + of.k * of.n);
}

template <class T>
Array<T> Qr::forward(Inputs<T> in) const {
  return detail::packed_qr(in[0]);
}

namespace {

/// ValueError where R, k x n at most, divides by 0.
template <Real T>
void check_rank(const Array<T>& r, const Shape& shape) {
  const std::size_t k = r.shape()[r.rank() - 2], n = r.shape().back();
  for (std::size_t i = 0; k > 0 && i < r.size() / (k * n); ++i) {
    const T* const matrix = r.data() + i * k * n;
    T largest = 0;
    for (std::size_t j = 0; j < k; ++j) largest = std::max(largest, std::abs(matrix[j * n + j]));
    for (std::size_t j = 0; j < k; ++j) {
      if (!(std::abs(matrix[j * n + j]) <= rounding(k, largest))) continue;
      std::ostringstream message;
      message << Qr::name << ": no gradient where the first columns depend on one another: r(" << j << ", " << j << ") of " << detail::name_of_matrix(shape, i) << " is " << matrix[j * n + j]
              << "; a matrix whose first " << k << " columns have full rank is needed";
      throw ValueError(message.str());
    }
  }
}

}  // namespace

template <class V>
V Qr::pullback(std::size_t, const Step<V>& s) const {
  const detail::Sides of(s.shape(0));
  const auto k = static_cast<std::int64_t>(of.k), n = static_cast<std::int64_t>(of.n);
  const V y = s.y();
  const V q = detail::unpacked_matrices(y, 0, of.m, of.k), all_r = detail::unpacked_matrices(y, of.m * of.k, of.k, of.n);
  V gq = detail::unpacked_matrices(s.g, 0, of.m, of.k);
  const V all_gr = detail::unpacked_matrices(s.g, of.m * of.k, of.k, of.n);
  check_rank(detail::value_of(all_r), s.shape(0));
  const bool wide = n > k;
  const V r = wide ? slice(all_r, -1, 0, k) : all_r, gr = wide ? slice(all_gr, -1, 0, k) : all_gr;
  V beside;
  if (wide) {  // A2 = Q R2 and R2 = Q^T A2
    beside = slice(all_gr, -1, k, n);
    gq = gq + matmul(matmul(q, slice(all_r, -1, k, n)), beside, {.transpose_b = true});
  }
  const V m = matmul(r, gr, {.transpose_b = true}) - transposed_product(gq, q);
  const V symmetric = tril(m) + transposed_matrices(tril(m, -1));
  const V da = transposed_matrices(record(Solve{Solve::Form::upper, false}, r, transposed_matrices(gq + matmul(q, symmetric))));
  return wide ? concatenate({da, matmul(q, beside)}, -1) : da;
}

// ---- singular values ----

Shape Svd::shape(std::span<const Shape> in) const {
  detail::check_matrices(name, in[0]);
  const detail::Sides of(in[0]);
  return packed_shape(in[0], of.m * of.k + of.k + of.k * of.n);
}

template <class T>
Array<T> Svd::forward(Inputs<T> in) const {
  return detail::packed_svd(name, in[0]);
}

template <class V>
V Svd::pullback(std::size_t, const Step<V>& s) const {
  using Divisor = OverGaps::Divisor;
  const detail::Sides of(s.shape(0));
  const std::size_t behind_u = of.m * of.k, behind_s = behind_u + of.k;
  const V y = s.y();
  const V u = detail::unpacked_matrices(y, 0, of.m, of.k), values = detail::unpacked_vectors(y, behind_u, of.k), vt = detail::unpacked_matrices(y, behind_s, of.k, of.n);
  const V gu = detail::unpacked_matrices(s.g, 0, of.m, of.k), gs = detail::unpacked_vectors(s.g, behind_u, of.k), gvt = detail::unpacked_matrices(s.g, behind_s, of.k, of.n);
  const V u_by_gu = transposed_product(u, gu), v_by_gv = matmul(vt, gvt, {.transpose_b = true});
  const V of_u = antisymmetric(u_by_gu), of_v = antisymmetric(v_by_gv);
  const V mixed = record(OverGaps{Divisor::difference, name}, of_u + of_v, values) + record(OverGaps{Divisor::sum, name}, of_u - of_v, values);
  V left = matmul(u, as_diagonals(gs) + 0.5 * mixed);
  if (of.m > of.k) left = left + record(OverGaps{Divisor::value, name}, gu - matmul(u, u_by_gu), values);
  V da = matmul(left, vt);
  if (of.n > of.k) {
    const V outside = transposed_matrices(gvt) - matmul(vt, v_by_gv, {.transpose_a = true});  // (1 - V V^T) gV
    da = da + matmul(u, record(OverGaps{Divisor::value, name}, outside, values), {.transpose_b = true});
  }
  return da;
}

// ---- eigenvalues ----

Shape Eigh::shape(std::span<const Shape> in) const {
  detail::check_square(name, in[0]);
  const std::size_t n = in[0].back();
  return packed_shape(in[0], n + n * n);
}

template <class T>
Array<T> Eigh::forward(Inputs<T> in) const {
  return detail::packed_eigh(name, in[0]);
}

template <class V>
V Eigh::pullback(std::size_t, const Step<V>& s) const {
  const std::size_t n = s.shape(0).back();
  const V y = s.y();
  const V values = detail::unpacked_vectors(y, 0, n), vectors = detail::unpacked_matrices(y, n, n, n);
  const V g_values = detail::unpacked_vectors(s.g, 0, n), g_vectors = detail::unpacked_matrices(s.g, n, n, n);
  const V mixed = record(OverGaps{OverGaps::Divisor::difference, name}, antisymmetric(transposed_product(vectors, g_vectors)), values);
  return matmul(matmul(vectors, as_diagonals(g_values) + 0.5 * mixed), vectors, {.transpose_b = true});
}

// ---- division by gaps ----

namespace {

template <Real T>
[[noreturn]] void refuse_gap(const OverGaps& card, const Shape& shape, std::size_t matrix, const T* values, std::size_t i, std::size_t j) {
  std::ostringstream message;
  message.precision(std::numeric_limits<T>::max_digits10);
  message << card.who << ": ";
  if (card.divisor == OverGaps::Divisor::value) {
    message << "no derivative by vectors of a value that is 0: value " << j << " of " << detail::name_of_matrix(shape, matrix) << " is " << values[j] << "; a matrix of full rank is needed";
  } else {
    message << "no derivative by vectors of equal values: values " << i << " and " << j << " of " << detail::name_of_matrix(shape, matrix) << " are " << values[i] << " and " << values[j]
            << ", a gap of " << std::abs(values[i] - values[j]) << "; distinct values are needed";
  }
  throw ValueError(message.str());
}

}  // namespace

Shape OverGaps::shape(std::span<const Shape> in) const {
  const Shape &a = in[0], &values = in[1];
  detail::check_matrices(name, a);
  if (divisor != Divisor::value) detail::check_square(name, a);
  if (const Shape wanted = packed_shape(a, a.back()); values != wanted)
    throw ShapeError(std::string(name) + ": the values do not fit: " + to_string(values) + " for matrices " + to_string(a) + "; " + to_string(wanted) + " is needed");
  return a;
}

template <class T>
Array<T> OverGaps::forward(Inputs<T> in) const {
  const Shape& shape_ = in[0].shape();
  const std::size_t m = *(shape_.end() - 2), k = shape_.back();
  return Array<T>::build(shape_, [&](std::span<T> out) {
    for (std::size_t place = 0; place < out.size(); ++place) {
      const std::size_t matrix = place / (m * k), i = place / k % m, j = place % k;
      const T* const values = in[1].data() + matrix * k;
      const T a = in[0].data()[place];
      if (divisor != Divisor::value && i == j) {
        out[place] = 0;
        continue;
      }
      const T d = divisor == Divisor::value ? values[j] : divisor == Divisor::sum ? values[j] + values[i] : values[j] - values[i];
      // Sorted one way or the other, so that the largest is at an end.
      const bool is_zero = std::abs(d) <= rounding(k, std::max(std::abs(values[0]), std::abs(values[k - 1])));
      if (is_zero && a != 0 && !std::isnan(a)) refuse_gap(*this, shape_, matrix, values, i, j);
      out[place] = is_zero ? a : a / d;
    }
  });
}

template <class V>
V OverGaps::pullback(std::size_t i, const Step<V>& s) const {
  const V values = s.x(1);
  if (i == 0) return record(*this, s.g, values);
  const V of_divisors = -record(*this, s.g * s.y(), values);
  const V by_columns = sum(of_divisors, -2);
  if (divisor == Divisor::value) return by_columns;
  return divisor == Divisor::sum ? by_columns + sum(of_divisors, -1) : by_columns - sum(of_divisors, -1);
}

}  // namespace cards

namespace detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::DecompositionFamily, float>(std::size_t place) noexcept { return family_table<cards::DecompositionFamily, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::DecompositionFamily, double>(std::size_t place) noexcept { return family_table<cards::DecompositionFamily, double>(place); }

}  // namespace detail

}  // namespace wengert
