// Whole matrices of derivatives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include <wengert/ops/cast.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/transform/function.hpp>

namespace wengert {

namespace detail {

/// The shape of a Jacobian: the output's axes, then the argument's.
WENGERT_API Shape joined_shapes(std::string_view who, const Shape& y, const Shape& x);

inline Axes axes_of(const Shape& shape) {
  Axes axes;
  for (const std::size_t extent : shape) axes.push_back(static_cast<std::int64_t>(extent));
  return axes;
}

template <Real T>
Array<T> unit(const Shape& shape, std::size_t place) {
  return Array<T>::build(shape, [&](std::span<T> out) {
    std::fill(out.begin(), out.end(), T(0));
    out[place] = T(1);
  });
}

/// The rows of a Jacobian, one pass back for each element of the output; of all arguments at once. Rows of Arrays lie in memory one
/// behind the other, those of Vars are stacked.
template <Real T, class Recorded>
auto jacobian_by_rows(Recorded& r, const Var<T>& y) {
  const Shape shape = y.shape();
  const std::size_t rows = shape.elements();
  const AnyVar outputs[] = {y};
  const auto pull_row = [&](std::size_t row) {
    const auto seed = r.place.template cotangent<T>("cotangent", unit<T>(shape, row), shape);
    r.place.pull(outputs, std::span(&seed, 1), r.xs, true);
  };
  using Place = std::remove_cvref_t<decltype(r.place)>;
  if constexpr (Place::is_recorded) {
    std::vector<std::vector<AnyVar>> found(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      pull_row(row);
      for (std::size_t k = 0; k < r.xs.size(); ++k) found[row].push_back(r.place.any_at(k));
    }
    return r.for_each_argument([&]<Real N>(std::size_t k) {
      const Shape to = joined_shapes(r.who, shape, Var<N>(r.xs[k]).shape());
      if (rows == 0 || to.elements() == 0) return leaf_beside(y, zeros<N>(to), NodeKind::constant);
      std::vector<Var<N>> list;
      for (std::size_t row = 0; row < rows; ++row) list.emplace_back(found[row][k]);
      return reshape(stack(list), axes_of(to));
    });
  } else {
    auto matrices = r.for_each_argument([&]<Real N>(std::size_t k) { return Array<N>::uninitialized(joined_shapes(r.who, shape, Var<N>(r.xs[k]).shape())); });
    for (std::size_t row = 0; row < rows; ++row) {
      pull_row(row);
      std::size_t k = 0;
      const auto note = [&]<Real N>(Array<N>& matrix) {
        const Array<N> piece = r.place.template at<N>(k++);
        std::copy(piece.begin(), piece.end(), matrix.writable().data() + row * piece.size());
      };
      std::apply([&](auto&... matrix) { (note(matrix), ...); }, matrices);
    }
    return matrices;
  }
}

/// The columns of a Jacobian, one pass forward for each element of the arguments.
template <Real T, class Recorded>
auto jacobian_by_columns(Recorded& r, const Var<T>& y) {
  const Shape shape = y.shape();
  return r.for_each_argument([&]<Real N>(std::size_t k) {
    const AnyVar x = r.xs[k];
    const Shape of_x = Var<N>(x).shape(), to = joined_shapes(r.who, shape, of_x);
    const std::size_t columns = of_x.elements();
    const auto column = [&](std::size_t c) {
      const auto tangent = r.place.template cotangent<N>("tangent", unit<N>(of_x, c), of_x);
      return r.place.template push<T>(y, std::span(&x, 1), std::span(&tangent, 1));
    };
    using Place = std::remove_cvref_t<decltype(r.place)>;
    if constexpr (Place::is_recorded) {
      if (columns == 0 || to.elements() == 0) return leaf_beside(y, zeros<N>(to), NodeKind::constant);
      std::vector<Var<T>> list;
      for (std::size_t c = 0; c < columns; ++c) list.push_back(column(c));
      return cast<N>(reshape(stack(list, -1), axes_of(to)));
    } else {
      return Array<N>::build(to, [&](std::span<N> out) {
        for (std::size_t c = 0; c < columns; ++c) {
          const Array<T> piece = column(c);
          for (std::size_t row = 0; row < piece.size(); ++row) out[row * columns + c] = static_cast<N>(piece.data()[row]);
        }
      });
    }
  });
}

}  // namespace detail

/// All derivatives of fn's result by its argument: an array whose axes are those of the result, then those of x0. By forward mode (see jvp)
/// where x0 has fewer elements than the result, by reverse mode otherwise: as many passes as the smaller has elements. For several
/// arguments x0 is a tuple, and so is the result.
template <class F, class X>
auto jacobian(F&& fn, const X& x0) {
  return detail::evaluate_at("jacobian", fn, detail::packed(x0), std::tuple(), [](auto& r) {
    using T = typename decltype(r.y)::value_type;
    std::size_t inputs = 0;
    r.for_each_argument([&]<Real N>(std::size_t k) {
      inputs += Var<N>(r.xs[k]).size();
      return 0;
    });
    auto matrices = inputs < r.y.size() ? detail::jacobian_by_columns<T>(r, r.y) : detail::jacobian_by_rows<T>(r, r.y);
    return detail::unpacked<detail::is_tuple<X>>(std::move(matrices));
  });
}

/// The second derivatives of a function of one number: an array with the axes of x0 twice. The gradient is recorded and differentiated, one
/// pass back for each of its elements. Several arguments: x0 is a tuple, and the result a tuple of tuples, the block (i, j) having the
/// axes of argument i, then those of j.
template <class F, class X>
auto hessian(F&& fn, const X& x0) {
  return detail::evaluate_at("hessian", fn, detail::packed(x0), std::tuple(), [](auto& r) {
    const auto gradients = detail::recorded_gradient(r);
    auto blocks = r.for_each_argument([&]<Real N>(std::size_t k) { return detail::unpacked<detail::is_tuple<X>>(detail::jacobian_by_rows<N>(r, Var<N>(gradients[k]))); });
    return detail::unpacked<detail::is_tuple<X>>(std::move(blocks));
  });
}

}  // namespace wengert
