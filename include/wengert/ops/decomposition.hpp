// Factors of the matrices in the last two axes: orthogonal and triangular, singular values, eigenvalues. The axes before are batches. A matrix
// that holds NaN or infinity has NaN for all of its factors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

namespace cards {

// A card has one output: that of a decomposition holds its factors one behind the other in a last axis.

/// y = the elements of Q and R with A = Q R.   With gQ, gR: dA = (gQ + Q S) R^-T, where S is symmetric with the lower triangle of R gR^T - gQ^T Q.   Of a
/// wide A = [A1 A2] with R = [R1 R2]: dA2 = Q gR2, and dA1 as above with gQ + A2 gR2^T for gQ.
struct WENGERT_API Qr {
  static constexpr std::string_view name = "qr";
  static constexpr Keeps keeps = Keeps::output;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the elements of U, s and V^T with A = U diag(s) V^T.   dA = U (diag(gs) + X) V^T + (1 - U U^T) gU diag(s)^-1 V^T + U diag(s)^-1 gV^T (1 - V V^T), where
/// 2 X(i, j) = (J + K)(i, j) / (s(j) - s(i)) + (J - K)(i, j) / (s(j) + s(i)) with J = U^T gU - gU^T U, K = V^T gV - gV^T V.
struct WENGERT_API Svd {
  static constexpr std::string_view name = "svd";
  static constexpr Keeps keeps = Keeps::output;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the elements of w and V with A = V diag(w) V^T.   dA = V (diag(gw) + X) V^T, where 2 X(i, j) = (V^T gV - gV^T V)(i, j) / (w(j) - w(i)).
struct WENGERT_API Eigh {
  static constexpr std::string_view name = "eigh";
  static constexpr Keeps keeps = Keeps::output;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y(i, j) = a(i, j) / d(i, j), d made of values: s(j) - s(i), 0 for i = j; s(j) + s(i), 0 for i = j; or s(j).   da = g / d,   dd = -g y / d.   Where d is 0
/// within the rounding of s, y is 0 if a is exactly 0; for any other a there is no derivative of the factors: ValueError in `who`'s name.
struct WENGERT_API OverGaps {
  static constexpr std::string_view name = "over_gaps";
  static constexpr Keeps keeps = Keeps::both;
  static constexpr bool reads(std::size_t, std::size_t j) { return j == 1; }
  enum class Divisor : std::uint8_t { difference, sum, value };
  Divisor divisor = Divisor::difference;
  std::string_view who = name;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using DecompositionFamily = detail::CardList<Qr, Svd, Eigh, OverGaps>;
template <class Card>
  requires(DecompositionFamily::contains<Card>)
DecompositionFamily family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::DecompositionFamily, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::DecompositionFamily, double>(std::size_t place) noexcept;

/// The elements of a packed output from `start` on, as matrices of rows x columns.
template <Tensor X>
X unpacked_matrices(const X& packed, std::size_t start, std::size_t rows, std::size_t columns) {
  Shape to(packed.shape().begin(), packed.shape().end() - 1);
  to.push_back(rows);
  to.push_back(columns);
  return reshape(slice(packed, -1, static_cast<std::int64_t>(start), static_cast<std::int64_t>(start + rows * columns)), to);
}
/// The same as vectors.
template <Tensor X>
X unpacked_vectors(const X& packed, std::size_t start, std::size_t length) {
  return slice(packed, -1, static_cast<std::int64_t>(start), static_cast<std::int64_t>(start + length));
}

/// A matrix that is decomposed, m x n, and the smaller of both sides.
struct Sides {
  explicit Sides(const Shape& shape) : m(*(shape.end() - 2)), n(shape.back()), k(m < n ? m : n) {}
  std::size_t m, n, k;
};
}  // namespace detail

/// What qr() gives.
template <Tensor X>
struct QrFactors {
  X q;  ///< orthonormal columns
  X r;  ///< an upper triangle
};

/// A = Q R: Q, m x k, has orthonormal columns, R, k x n, is an upper triangle; k is the smaller of m and n. R's diagonal may be negative.   dA = (gQ + Q S)
/// R^-T, where S is symmetric with the lower triangle of R gR^T - gQ^T Q.   ShapeError for fewer axes than two. A gradient needs a first k columns of full
/// rank: ValueError that names the element of R's diagonal which is 0.
template <Tensor X>
QrFactors<X> qr(const X& a) {
  const X packed = record(cards::Qr{}, a);
  const detail::Sides of(a.shape());
  return {detail::unpacked_matrices(packed, 0, of.m, of.k), detail::unpacked_matrices(packed, of.m * of.k, of.k, of.n)};
}

/// What svd() gives.
template <Tensor X>
struct SvdFactors {
  X u;   ///< orthonormal columns
  X s;   ///< the singular values, the largest first
  X vt;  ///< orthonormal rows
};

/// A = U diag(s) V^T: U, m x k, has orthonormal columns, V^T, k x n, orthonormal rows, s is sorted from the largest on; k is the smaller of m and n.
/// dA = U diag(gs) V^T, and for gU and gV the formulas of the card. The signs of the vectors are LAPACK's; a function of them should not depend on
/// these. Where two singular values are equal, or one of a matrix that is not square is 0, their vectors have no derivative: ValueError that
/// names them, unless their cotangents do not mix them. So the first derivatives of singular values alone are always there (where one is 0, of one of
/// its signs), the second are not. ShapeError for fewer axes than two; ValueError where LAPACK's iteration does not converge.
template <Tensor X>
SvdFactors<X> svd(const X& a) {
  const X packed = record(cards::Svd{}, a);
  const detail::Sides of(a.shape());
  return {detail::unpacked_matrices(packed, 0, of.m, of.k), detail::unpacked_vectors(packed, of.m * of.k, of.k), detail::unpacked_matrices(packed, of.m * of.k + of.k, of.k, of.n)};
}

/// What eigh() gives.
template <Tensor X>
struct EighFactors {
  X values;   ///< the eigenvalues, the smallest first
  X vectors;  ///< in the columns
};

/// A = V diag(w) V^T of a symmetric matrix: w sorted from the smallest on, the columns of V are the vectors.   dA = V diag(gw) V^T, and for gV the
/// formula of the card. The lower triangle of A is read; the gradient is that of a symmetric A, half of it in either triangle. The signs of the vectors
/// are LAPACK's. Where two eigenvalues are equal their vectors have no derivative: ValueError that names them, with the exception that svd() has.
/// ShapeError unless A is square; ValueError where LAPACK's iteration does not converge.
template <Tensor X>
EighFactors<X> eigh(const X& a) {
  const X packed = record(cards::Eigh{}, a);
  const std::size_t n = detail::Sides(a.shape()).n;
  return {detail::unpacked_vectors(packed, 0, n), detail::unpacked_matrices(packed, n, n, n)};
}

}  // namespace wengert
