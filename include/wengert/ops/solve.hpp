// Inverses, linear systems, determinants and Cholesky factors, of the matrices in the last two axes. The axes before are batches. A matrix that
// holds NaN or infinity has NaN for all of its results.
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

struct CholeskyOptions {
  bool upper = false;  ///< U with A = U^T U, from the upper triangle of A, instead of L with A = L L^T from the lower one
};

namespace cards {

/// y = A^-1.   dA = -y^T g y^T.
struct WENGERT_API Inv {
  static constexpr std::string_view name = "inv";
  static constexpr Keeps keeps = Keeps::output;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = op(A)^-1 b; op transposes where asked.   db = op(A)^-T g,   dA = -db y^T, transposed where A is, and 0 in a triangle that is not A's.
/// With the transposition as an attribute the rule is closed.
struct WENGERT_API Solve {
  static constexpr std::string_view name = "solve";
  static constexpr Keeps keeps = Keeps::both;
  static constexpr bool reads(std::size_t, std::size_t j) { return j == 0; }
  enum class Form : std::uint8_t { general, lower, upper };  // of a triangular A the other triangle is 0
  Form form = Form::general;
  bool transposed = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = L with A = L L^T.   dA = the symmetric part of L^-T P L^-1, where P is the lower triangle of L^T g with half of its diagonal.   For
/// `upper` U = L^T.
struct WENGERT_API Cholesky {
  static constexpr std::string_view name = "cholesky";
  static constexpr Keeps keeps = Keeps::output;
  bool upper = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = det A.   dA = g C, C the cofactors: y A^-T, or, near a singular A, what they are without dividing by its small singular values.
struct WENGERT_API Det {
  static constexpr std::string_view name = "det";
  static constexpr Keeps keeps = Keeps::both;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the sign of det A and log |det A|, side by side.   dA = g(1) A^-T.
struct WENGERT_API Slogdet {
  static constexpr std::string_view name = "slogdet";
  static constexpr Keeps keeps = Keeps::both;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using SolveFamily = detail::CardList<Inv, Solve, Cholesky, Det, Slogdet>;
template <class Card>
  requires(SolveFamily::contains<Card>)
SolveFamily family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::SolveFamily, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::SolveFamily, double>(std::size_t place) noexcept;
}  // namespace detail

/// y = A^-1.   dA = -y^T g y^T.   ShapeError unless A is square, ValueError where it is singular. For A^-1 b take solve(A, b).
template <Tensor X>
X inv(const X& a) {
  return record(cards::Inv{}, a);
}

/// y with A y = b.   db = A^-T g,   dA = -db y^T.   A b of one axis is a vector, any other holds matrices, as in NumPy; batches broadcast. ShapeError
/// where the shapes do not fit, ValueError where A is singular.
template <class A, class B>
  requires Operands<A, B>
auto solve(const A& a, const B& b) {
  return record(cards::Solve{}, a, b);
}

/// y = L, a lower triangle with A = L L^T; or U = L^T for {.upper = true}.   dA = the symmetric part of L^-T P L^-1, where P is the lower triangle of
/// L^T g with half of its diagonal.   One triangle of A is read; the gradient is that of a symmetric A, half of it in either triangle. ShapeError
/// unless A is square, ValueError where it is not positive definite.
template <Tensor X>
X cholesky(const X& a, const CholeskyOptions& options = {}) {
  return record(cards::Cholesky{options.upper}, a);
}

/// y = det A.   dA = g C, C the cofactors, y A^-T.   Right for a singular A, too, at every order. Of a matrix without elements: 1. ShapeError unless A
/// is square.
template <Tensor X>
X det(const X& a) {
  return record(cards::Det{}, a);
}

/// What slogdet() gives: det A = sign e^logabsdet.
template <Tensor X>
struct SignAndLog {
  X sign;       ///< -1, 0 or 1
  X logabsdet;  ///< the logarithm of the determinant's size
};

/// The sign of det A, -1, 0 or 1, and log |det A|, which neither overflows nor underflows.   dA = g A^-T of the logarithm's g; the sign's slope is 0.
/// Of a singular matrix: 0 and -inf, and a ValueError where a gradient is asked for. ShapeError unless A is square.
template <Tensor X>
SignAndLog<X> slogdet(const X& a) {
  const X both = record(cards::Slogdet{}, a);
  return {squeeze(slice(both, -1, 0, 1), -1), squeeze(slice(both, -1, 1, 2), -1)};
}

}  // namespace wengert
