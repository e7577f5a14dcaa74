// Inverses, linear systems, determinants, Cholesky factors: the cards' bodies.
#include <wengert/ops/solve.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>

#include "array/factors.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"
#include "ops/matrices.hpp"

namespace wengert {

namespace cards {

namespace {

/// A number for each matrix as a matrix of one element.
template <class V>
V as_matrices(const V& numbers) {
  return expand_dims(expand_dims(numbers, -1), -1);
}

Shape with_axes(Shape shape, std::initializer_list<std::size_t> more) {
  for (const std::size_t extent : more) shape.push_back(extent);
  return shape;
}

}  // namespace

// ---- inverses and linear systems ----

Shape Inv::shape(std::span<const Shape> in) const {
  detail::check_square(name, in[0]);
  return in[0];
}

template <class T>
Array<T> Inv::forward(Inputs<T> in) const {
  return detail::inverses(name, in[0]);
}

template <class V>
V Inv::pullback(std::size_t, const Step<V>& s) const {
  const V y = s.y();
  return -matmul(matmul(y, s.g, {.transpose_a = true}), y, {.transpose_b = true});
}

Shape Solve::shape(std::span<const Shape> in) const {
  const Shape &a = in[0], &b = in[1];
  detail::check_square(name, a);
  const std::size_t n = a.back();
  if (b.empty() || n != (b.rank() == 1 ? b[0] : b[b.rank() - 2]))
    throw ShapeError(std::string(name) + ": the right side does not fit: " + to_string(b) + " for matrices " + to_string(a) + "; a vector of length " + std::to_string(n) + " is needed, or matrices with " +
                     std::to_string(n) + " rows");
  if (b.rank() == 1) return with_axes(detail::batch_of(a), {n});
  return with_axes(broadcast_shape(name, detail::batch_of(a), detail::batch_of(b)), {n, b.back()});
}

template <class T>
Array<T> Solve::forward(Inputs<T> in) const {
  const Shape shapes[] = {in[0].shape(), in[1].shape()};
  const Shape to = shape(shapes);
  const auto known = static_cast<detail::MatrixForm>(form);
  if (in[1].rank() > 1) return detail::solutions(name, in[0], in[1], known, transposed, to);
  const Array<T> column = in[1].reshaped({in[1].size(), 1});
  return detail::solutions(name, in[0], column, known, transposed, with_axes(to, {1})).reshaped(to);
}

template <class V>
V Solve::pullback(std::size_t i, const Step<V>& s) const {
  const bool vector = s.shape(1).rank() == 1;
  const V g = vector ? expand_dims(s.g, -1) : s.g;
  const V db = record(Solve{form, !transposed}, s.x(0), g);
  if (i == 1) return vector ? reshape(detail::unstretched(db, Shape{s.shape(1)[0], 1}), s.shape(1)) : detail::unstretched(db, s.shape(1));
  const V y = vector ? expand_dims(s.y(), -1) : s.y();
  const V da = -(transposed ? matmul(y, db, {.transpose_b = true}) : matmul(db, y, {.transpose_b = true}));
  return detail::unstretched(form == Form::lower ? tril(da) : form == Form::upper ? triu(da) : da, s.shape(0));
}

// ---- Cholesky factors ----

Shape Cholesky::shape(std::span<const Shape> in) const {
  detail::check_square(name, in[0]);
  return in[0];
}

template <class T>
Array<T> Cholesky::forward(Inputs<T> in) const {
  return detail::cholesky_factors(name, in[0], upper);
}

template <class V>
V Cholesky::pullback(std::size_t, const Step<V>& s) const {
  const V l = upper ? transposed_matrices(s.y()) : s.y(), g = upper ? transposed_matrices(s.g) : s.g;
  const V m = matmul(l, g, {.transpose_a = true});
  const V p = 0.5 * (tril(m) + tril(m, -1));
  const Solve by_transpose{Solve::Form::lower, true};
  const V left = record(by_transpose, l, p);                            // L^-T P
  const V both = record(by_transpose, l, transposed_matrices(left));    // (L^-T P L^-1)^T
  return 0.5 * (both + transposed_matrices(both));
}

// ---- determinants ----

namespace {

/// The identity.
template <Real T>
Array<T> identity(std::size_t n) {
  return diag(ones<T>({n}));
}

/// The adjugate of a matrix and its determinant by Faddeev and LeVerrier: polynomials of its elements, right for every matrix. It is small, and
/// its elements are nearly 0.
template <class V>
struct Adjugate {
  V matrix, determinant;

  explicit Adjugate(const V& m) {
    using T = typename V::value_type;
    const std::size_t n = m.shape()[0];
    const Array<T> one = identity<T>(n);
    matrix = 0 * m + one;
    V product = m;
    for (std::size_t k = 1; k < n; ++k) {
      matrix = product - one * (trace(product) / static_cast<T>(k));
      product = matmul(m, matrix);
    }
    determinant = trace(product) / static_cast<T>(n);
    if (n % 2 == 0) {  // the signs of a polynomial's coefficients alternate with those of its roots
      matrix = -matrix;
      determinant = -determinant;
    }
  }
};

/// The cofactors of one n x n matrix near a singular one. With U and V^T from its singular values as constants, B = U^T A V is nearly diagonal,
/// its small singular values in the last rows and columns, and the block formula of its adjugate divides by the others only. All of it is
/// an identity around A, and so are its derivatives.
template <class V>
V cofactors_near_singular(const V& a) {
  using T = typename V::value_type;
  const auto value = detail::value_of(a);
  const auto n = static_cast<std::int64_t>(a.shape()[0]);
  const Array<T> packed = detail::packed_svd(Det::name, value);
  const Array<T> u = reshape(slice(packed, 0, 0, n * n), {n, n}), vt = reshape(slice(packed, 0, n * n + n, 2 * n * n + n), {n, n});
  const T* const values = packed.data() + n * n;
  const T small = std::sqrt(std::numeric_limits<T>::epsilon()) * values[0];
  const std::int64_t r = std::count_if(values, values + n - 1, [&](T s) { return s > small; });

  const V b = matmul(matmul(u, a, {.transpose_a = true}), vt, {.transpose_b = true});
  const auto block = [&](std::int64_t row, std::int64_t last_row, std::int64_t column, std::int64_t last_column) { return slice(slice(b, 0, row, last_row), 1, column, last_column); };
  const V inverse = inv(block(0, r, 0, r));
  const V right = matmul(inverse, block(0, r, r, n)), below = matmul(block(r, n, 0, r), inverse);
  const Adjugate<V> rest(block(r, n, r, n) - matmul(below, block(0, r, r, n)));
  const V upper_right = -matmul(right, rest.matrix), lower_left = -matmul(rest.matrix, below);
  const V upper = concatenate({rest.determinant * inverse - matmul(upper_right, below), upper_right}, 1);
  const V adjugate = det(block(0, r, 0, r)) * concatenate({upper, concatenate({lower_left, rest.matrix}, 1)}, 0);
  const T sides = detail::determinants(u).item() * detail::determinants(vt).item() < 0 ? T(-1) : T(1);
  return sides * matmul(matmul(u, adjugate, {.transpose_b = true}), vt);
}

/// The exponent of two by which to divide a matrix, so that the products of its singular values stay in range: the mean of those that are not 0.
template <Real T>
int exponent_of(const Array<T>& a) {
  constexpr int most = std::numeric_limits<T>::max_exponent - 8;
  const std::size_t n = a.shape()[0];
  const Array<T> packed = detail::packed_svd(Det::name, a);
  const T* const values = packed.data() + n * n;
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < n && values[i] > 0; ++i, ++count) sum += std::ilogb(values[i]);
  return count == 0 ? 0 : std::clamp(static_cast<int>(std::lround(sum / count)), -most, most);
}

/// x 2^exponent in steps, none of which is out of range: what is 0 stays so.
template <class V>
V scaled_by_two(V x, std::int64_t exponent) {
  using T = typename V::value_type;
  constexpr std::int64_t step = std::numeric_limits<T>::max_exponent - 8;
  for (std::int64_t left = std::clamp(exponent, -4 * step, 4 * step); left != 0;) {
    const std::int64_t part = std::clamp(left, -step, step);
    x = x * std::ldexp(T(1), static_cast<int>(part));
    left -= part;
  }
  return x;
}

/// The cofactors of one matrix with nothing to spare: a singular one, or one whose determinant is out of range.
template <class V>
V cofactors_with_care(const V& a, bool near_singular) {
  const int exponent = exponent_of(detail::value_of(a));
  const V scaled = scaled_by_two(a, -exponent);
  return scaled_by_two(near_singular ? cofactors_near_singular(scaled) : det(scaled) * transpose(inv(scaled)), exponent * static_cast<std::int64_t>(a.shape()[0] - 1));
}

/// The cofactors: y A^-T, where A can be inverted well and y is in range.
template <class V>
V cofactors(const V& a, const V& y) {
  using T = typename V::value_type;
  const Array<T> conditions = detail::reciprocal_conditions(detail::value_of(a)), determinants = detail::value_of(y);
  const auto is_near_singular = [&](std::size_t i) { return conditions.data()[i] < std::sqrt(std::numeric_limits<T>::epsilon()); };
  const auto needs_care = [&](std::size_t i) { return is_near_singular(i) || !(std::isnormal(determinants.data()[i]) || std::isnan(determinants.data()[i])); };
  const std::size_t n = a.shape().back(), count = conditions.size();
  std::size_t careful = 0;
  for (std::size_t i = 0; i < count; ++i) careful += needs_care(i) ? 1 : 0;
  if (careful == 0) return as_matrices(y) * transposed_matrices(inv(a));
  const V list = reshape(a, Shape{count, n, n}), numbers = reshape(y, Shape{count});
  std::vector<V> found;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const V one = squeeze(slice(list, 0, at, at + 1), 0);
    found.push_back(needs_care(i) ? cofactors_with_care(one, is_near_singular(i)) : slice(numbers, 0, at, at + 1) * transpose(inv(one)));
  }
  return reshape(stack(found), a.shape());
}

}  // namespace

Shape Det::shape(std::span<const Shape> in) const {
  detail::check_square(name, in[0]);
  return detail::batch_of(in[0]);
}

template <class T>
Array<T> Det::forward(Inputs<T> in) const {
  return detail::determinants(in[0]);
}

template <class V>
V Det::pullback(std::size_t, const Step<V>& s) const {
  return as_matrices(s.g) * cofactors(s.x(0), s.y());
}

Shape Slogdet::shape(std::span<const Shape> in) const {
  detail::check_square(name, in[0]);
  return with_axes(detail::batch_of(in[0]), {2});
}

template <class T>
Array<T> Slogdet::forward(Inputs<T> in) const {
  return detail::signs_and_logarithms(in[0]);
}

template <class V>
V Slogdet::pullback(std::size_t, const Step<V>& s) const {
  const auto y = detail::value_of(s.y());
  for (std::size_t i = 0; i < y.size(); i += 2)
    if (y.data()[i] == 0) throw ValueError(std::string(name) + ": no gradient at a singular matrix: " + detail::name_of_matrix(s.shape(0), i / 2) + " has the determinant 0; a matrix of full rank is needed, or det()");
  return expand_dims(slice(s.g, -1, 1, 2), -1) * transposed_matrices(inv(s.x(0)));
}

}  // namespace cards

namespace detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::SolveFamily, float>(std::size_t place) noexcept { return family_table<cards::SolveFamily, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::SolveFamily, double>(std::size_t place) noexcept { return family_table<cards::SolveFamily, double>(place); }

}  // namespace detail

}  // namespace wengert
