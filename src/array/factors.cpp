// Factors of matrices: batches, and what LAPACK is not asked.
#include "array/factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

#include "array/lapack.hpp"
#include "array/products.hpp"
#include "array/scaled_factors.hpp"
#include "array/walk.hpp"

namespace wengert::detail {

namespace {

/// The matrices of an array.
struct Matrices {
  explicit Matrices(const Shape& shape_)
      : shape(shape_), batch(batch_of(shape_)), rows(*(shape_.end() - 2)), columns(shape_.back()), size(rows * columns), inner(std::min(rows, columns)), count(batch.elements()) {}

  Shape shape, batch;
  std::size_t rows, columns, size, inner, count;

  /// The batch with an axis behind.
  Shape with(std::size_t extent) const {
    Shape out = batch;
    out.push_back(extent);
    return out;
  }
};

/// work(i) for each matrix, on several threads where that pays: LAPACK's info, which is 0 where it went well. refuse(i, info) throws what there
/// is to say of the first where it did not.
template <class Work, class Refuse>
void for_each(const Matrices& a, Work&& work, Refuse&& refuse) {
  if (a.count == 0) return;
  prepare_blas();
  std::vector<blasint> infos(a.count);
  const std::size_t parts = std::min(a.count, worthwhile_parts(a.count * a.rows, a.columns, a.inner));
  parallel(parts, [&](std::size_t part) {
    for (std::size_t i = a.count * part / parts; i < a.count * (part + 1) / parts; ++i) infos[i] = work(i);
  });
  for (std::size_t i = 0; i < a.count; ++i)
    if (infos[i] != 0) refuse(i, infos[i]);
}

constexpr auto never_fails = [](std::size_t, blasint) {};

auto refuse_singular(std::string_view who, const Matrices& a) {
  return [who, &a](std::size_t i, blasint pivot) {
    throw ValueError(std::string(who) + ": singular matrix: pivot " + std::to_string(pivot - 1) + " of " + name_of_matrix(a.shape, i) + " is 0; a matrix of full rank is needed");
  };
}

auto refuse_unconverged(std::string_view who, const Matrices& a) {
  return [who, &a](std::size_t i, blasint) {
    throw ValueError(std::string(who) + ": LAPACK's iteration does not converge: " + name_of_matrix(a.shape, i) + "; try double, or elements nearer to 1");
  };
}

void check_workspace(std::string_view who, const Shape& shape, double size) {
  if (size > static_cast<double>(lapack::most))
    throw ShapeError(std::string(who) + ": the matrices are too large: shape " + to_string(shape) + "; the elements of LAPACK's workspace are counted to " + std::to_string(lapack::most));
}

template <Real T>
bool is_finite(const T* x, std::size_t size) {
  return std::all_of(x, x + size, [](T value) { return std::isfinite(value); });
}
template <Real T>
bool is_triangle_finite(const T* x, std::size_t n, bool upper) {
  for (std::size_t i = 0; i < n; ++i)
    if (!is_finite(x + i * n + (upper ? i : 0), upper ? n - i : i + 1)) return false;
  return true;
}

/// Whether there is something to factor; what there is not is NaN.
template <Real T>
bool is_due(bool finite, std::size_t elements, T* to, std::size_t size) {
  if (!finite) std::fill_n(to, size, std::numeric_limits<T>::quiet_NaN());
  return finite && elements > 0;
}

template <class T>
Array<T> copied(const T* from, std::size_t size) {
  return Array<T>::build({size}, [&](std::span<T> out) { std::copy_n(from, size, out.data()); });
}

/// The factors of a matrix, scaled where they must be.
template <Real T>
struct Factored {
  Array<T> factors;
  std::vector<blasint> pivots;
  Scales scales;
  bool singular;

  T pivot(std::size_t k) const { return factors.data()[k * pivots.size() + k]; }
};

/// result(factors, i) for each matrix that is finite, each of whose results has `width` elements of `out`.
template <Real T, class Result>
void with_factors(const Matrices& a, const Array<T>& array, std::span<T> out, std::size_t width, Result&& result) {
  for_each(a, [&](std::size_t i) -> blasint {
    const T* const from = array.data() + i * a.size;
    if (!is_due(is_finite(from, a.size), 1, out.data() + i * width, width)) return 0;
    Factored<T> of{Array<T>::uninitialized({a.size}), std::vector<blasint>(a.rows), {}, false};
    of.singular = a.rows > 0 && factor_scaled(a.rows, from, of.factors.writable().data(), of.pivots.data(), of.scales) > 0;
    result(of, i);
    return 0;
  }, never_fails);
}

/// Whether the exchanges of rows, counted from 1, are odd in number.
bool is_odd(const std::vector<blasint>& pivots) {
  bool odd = false;
  for (std::size_t k = 0; k < pivots.size(); ++k) odd ^= static_cast<std::size_t>(pivots[k]) != k + 1;
  return odd;
}

}  // namespace

Shape batch_of(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

std::string name_of_matrix(const Shape& shape, std::size_t place) {
  return shape.rank() == 2 ? "the matrix" : "matrix " + std::to_string(place) + " of shape " + to_string(shape);
}

void check_matrices(std::string_view who, const Shape& shape) {
  if (shape.rank() < 2) throw ShapeError(std::string(who) + ": no matrix: shape " + to_string(shape) + "; two axes or more are needed");
  if (const Matrices a(shape); std::max(a.rows, a.columns) > lapack::most)
    throw ShapeError(std::string(who) + ": a side of a matrix is too long: shape " + to_string(shape) + "; LAPACK counts to " + std::to_string(lapack::most));
}

void check_square(std::string_view who, const Shape& shape) {
  check_matrices(who, shape);
  if (const Matrices a(shape); a.rows != a.columns)
    throw ShapeError(std::string(who) + ": not square: shape " + to_string(shape) + "; the " + std::to_string(a.rows) + " and the " + std::to_string(a.columns) + " must be equal");
}

// ---- from the factors L U P ----

template <Real T>
Array<T> inverses(std::string_view who, const Array<T>& array) {
  const Matrices a(array.shape());
  return Array<T>::build(a.shape, [&](std::span<T> out) {
    for_each(a, [&](std::size_t i) -> blasint {
      T* const y = out.data() + i * a.size;
      const T* const from = array.data() + i * a.size;
      if (!is_due(is_finite(from, a.size), a.size, y, a.size)) return 0;
      std::vector<blasint> pivots(a.rows);
      Scales scales;
      const blasint singular = factor_scaled(a.rows, from, y, pivots.data(), scales);
      return singular != 0 ? singular : invert_scaled(a.rows, y, pivots.data(), scales);
    }, refuse_singular(who, a));
  });
}

template <Real T>
Array<T> determinants(const Array<T>& array) {
  const Matrices a(array.shape());
  return Array<T>::build(a.batch, [&](std::span<T> out) {
    with_factors(a, array, out, 1, [&](const Factored<T>& of, std::size_t i) {
      // Mantissa and exponent apart: 1e200 * 1e200 * 1e-300 is 1e100.
      T mantissa = of.singular ? T(0) : is_odd(of.pivots) ? T(-1) : T(1);
      long exponent = -of.scales.of_determinant();
      for (std::size_t k = 0; k < a.rows && !of.singular; ++k) {
        int more = 0;
        mantissa = std::frexp(mantissa * of.pivot(k), &more);
        exponent += more;
      }
      out[i] = std::scalbln(mantissa, exponent);
    });
  });
}

template <Real T>
Array<T> signs_and_logarithms(const Array<T>& array) {
  const Matrices a(array.shape());
  return Array<T>::build(a.with(2), [&](std::span<T> out) {
    with_factors(a, array, out, 2, [&](const Factored<T>& of, std::size_t i) {
      bool negative = is_odd(of.pivots);
      T logarithm = 0;
      for (std::size_t k = 0; k < a.rows; ++k) {
        negative ^= of.pivot(k) < 0;
        logarithm += std::log(std::abs(of.pivot(k)));
      }
      logarithm -= static_cast<T>(of.scales.of_determinant()) * std::numbers::ln2_v<T>;
      out[2 * i] = of.singular ? T(0) : negative ? T(-1) : T(1);
      out[2 * i + 1] = of.singular ? -std::numeric_limits<T>::infinity() : logarithm;
    });
  });
}

template <Real T>
Array<T> reciprocal_conditions(const Array<T>& array) {
  const Matrices a(array.shape());
  return Array<T>::build(a.batch, [&](std::span<T> out) {
    with_factors(a, array, out, 1, [&](const Factored<T>& of, std::size_t i) {
      const bool nothing_to_spare = of.singular || !of.scales.empty();
      out[i] = nothing_to_spare ? T(0) : T(1);
      if (nothing_to_spare || a.rows == 0) return;
      T size = 0;
      for (std::size_t row = 0; row < a.rows; ++row) {
        const T* const x = array.data() + i * a.size + row * a.rows;
        T sum = 0;
        for (std::size_t k = 0; k < a.rows; ++k) sum += std::abs(x[k]);
        size = std::max(size, sum);
      }
      lapack::condition(a.rows, of.factors.data(), size, &out[i]);
    });
  });
}

template <Real T>
Array<T> solutions(std::string_view who, const Array<T>& a, const Array<T>& b, MatrixForm form, bool transposed, const Shape& to) {
  const Matrices divisor(a.shape()), right(b.shape()), x(to);
  const bool general = form == MatrixForm::general;
  Array<T> factors = general ? Array<T>::uninitialized(a.shape()) : a;
  T* const writable = general ? factors.writable().data() : nullptr;
  std::vector<blasint> pivots(divisor.count * divisor.rows);
  std::vector<std::uint8_t> finite(divisor.count);
  std::vector<Scales> scales(divisor.count);
  for_each(divisor, [&](std::size_t i) -> blasint {
    const T* const from = a.data() + i * divisor.size;
    finite[i] = is_finite(from, divisor.size) ? 1 : 0;
    if (finite[i] == 0 || divisor.rows == 0) return 0;
    if (general) return factor_scaled(divisor.rows, from, writable + i * divisor.size, pivots.data() + i * divisor.rows, scales[i]);
    for (std::size_t k = 0; k < divisor.rows; ++k)
      if (from[k * divisor.rows + k] == 0) return static_cast<blasint>(k + 1);
    return 0;
  }, refuse_singular(who, divisor));
  const Walk<2> walk(x.batch, {stretched_strides(divisor.batch, x.batch), stretched_strides(right.batch, x.batch)});
  return Array<T>::build(to, [&](std::span<T> out) {
    for_each(x, [&](std::size_t i) -> blasint {
      const auto at = walk.at(i);
      T* const y = out.data() + i * x.size;
      if (!is_due(finite[at[0]] != 0, x.size, y, x.size)) return 0;
      std::copy_n(b.data() + at[1] * x.size, x.size, y);
      const T* const by = factors.data() + at[0] * divisor.size;
      const blasint* const exchanged = pivots.data() + at[0] * divisor.rows;
      if (general) divide_scaled(by, exchanged, scales[at[0]], transposed, x.rows, x.columns, y); else lapack::divide(by, exchanged, form, transposed, x.rows, x.columns, y);
      return 0;
    }, never_fails);
  });
}

// ---- other factors ----

template <Real T>
Array<T> cholesky_factors(std::string_view who, const Array<T>& array, bool upper) {
  const Matrices a(array.shape());
  return Array<T>::build(a.shape, [&](std::span<T> out) {
    for_each(a, [&](std::size_t i) -> blasint {
      T* const y = out.data() + i * a.size;
      const T* const from = array.data() + i * a.size;
      if (!is_due(is_triangle_finite(from, a.rows, upper), a.size, y, a.size)) return 0;
      for (std::size_t row = 0; row < a.rows; ++row)
        for (std::size_t column = 0; column < a.rows; ++column) y[row * a.rows + column] = (upper ? column >= row : column <= row) ? from[row * a.rows + column] : T(0);
      return lapack::cholesky(upper, a.rows, y);
    }, [&](std::size_t i, blasint pivot) {
      throw ValueError(std::string(who) + ": not positive definite: pivot " + std::to_string(pivot - 1) + " of " + name_of_matrix(a.shape, i) + " is not positive; a matrix with positive eigenvalues is needed");
    });
  });
}

template <Real T>
Array<T> packed_qr(const Array<T>& array) {
  const Matrices a(array.shape());
  const std::size_t q_size = a.rows * a.inner, size = q_size + a.inner * a.columns;
  return Array<T>::build(a.with(size), [&](std::span<T> out) {
    for_each(a, [&](std::size_t i) -> blasint {
      T* const q = out.data() + i * size;
      const T* const from = array.data() + i * a.size;
      if (!is_due(is_finite(from, a.size), a.size, q, size)) return 0;
      return lapack::qr(a.rows, a.columns, copied(from, a.size).writable().data(), q, q + q_size);
    }, never_fails);
  });
}

template <Real T>
Array<T> packed_svd(std::string_view who, const Array<T>& array) {
  const Matrices a(array.shape());
  check_workspace(who, a.shape, lapack::svd_workspace(a.rows, a.columns));
  const std::size_t u_size = a.rows * a.inner, size = u_size + a.inner + a.inner * a.columns;
  return Array<T>::build(a.with(size), [&](std::span<T> out) {
    for_each(a, [&](std::size_t i) -> blasint {
      T* const u = out.data() + i * size;
      const T* const from = array.data() + i * a.size;
      if (!is_due(is_finite(from, a.size), a.size, u, size)) return 0;
      return lapack::svd(a.rows, a.columns, copied(from, a.size).writable().data(), u, u + u_size, u + u_size + a.inner);
    }, refuse_unconverged(who, a));
  });
}

template <Real T>
Array<T> packed_eigh(std::string_view who, const Array<T>& array) {
  const Matrices a(array.shape());
  check_workspace(who, a.shape, lapack::eigh_workspace(a.rows));
  const std::size_t size = a.rows + a.size;
  return Array<T>::build(a.with(size), [&](std::span<T> out) {
    for_each(a, [&](std::size_t i) -> blasint {
      T* const values = out.data() + i * size;
      const T* const from = array.data() + i * a.size;
      if (!is_due(is_triangle_finite(from, a.rows, false), a.size, values, size)) return 0;
      return lapack::eigh(a.rows, copied(from, a.size).writable().data(), values, values + a.rows);
    }, refuse_unconverged(who, a));
  });
}

template Array<float> inverses(std::string_view, const Array<float>&);
template Array<float> determinants(const Array<float>&);
template Array<float> signs_and_logarithms(const Array<float>&);
template Array<float> reciprocal_conditions(const Array<float>&);
template Array<float> solutions(std::string_view, const Array<float>&, const Array<float>&, MatrixForm, bool, const Shape&);
template Array<float> cholesky_factors(std::string_view, const Array<float>&, bool);
template Array<float> packed_qr(const Array<float>&);
template Array<float> packed_svd(std::string_view, const Array<float>&);
template Array<float> packed_eigh(std::string_view, const Array<float>&);
template Array<double> inverses(std::string_view, const Array<double>&);
template Array<double> determinants(const Array<double>&);
template Array<double> signs_and_logarithms(const Array<double>&);
template Array<double> reciprocal_conditions(const Array<double>&);
template Array<double> solutions(std::string_view, const Array<double>&, const Array<double>&, MatrixForm, bool, const Shape&);
template Array<double> cholesky_factors(std::string_view, const Array<double>&, bool);
template Array<double> packed_qr(const Array<double>&);
template Array<double> packed_svd(std::string_view, const Array<double>&);
template Array<double> packed_eigh(std::string_view, const Array<double>&);

}  // namespace wengert::detail
