// Norms of vectors: of all elements of an array, or along some of its axes.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/families.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert {

struct NormOptions {
  double order = 2;        ///< p of (sum of |x|^p)^(1/p): any number but NaN; infinity, -infinity: the largest, smallest |x|; 0: how many are not 0
  Axes axes = {};          ///< the axes to reduce; all where none is given
  bool keep_dims = false;  ///< leave a reduced axis there, with length 1
};

namespace cards {

/// y = (sum of |x|^p over axes)^(1/p).   dx = g sign(x) (|x| / y)^(p-1), 0 where y or, but for p = 2, x is 0.
struct WENGERT_API Norm {
  static constexpr std::string_view name = "norm";
  static constexpr Keeps keeps = Keeps::both;
  double order = 2;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using NormFamily = detail::CardList<Norm>;
template <class Card>
  requires(NormFamily::contains<Card>)
NormFamily family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::NormFamily, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::NormFamily, double>(std::size_t place) noexcept;
/// What norm() asks for: ValueError for an order that is none, or negative over no elements; ShapeError for axes. Whether there are no elements to reduce.
WENGERT_API bool check_norm(const Shape& shape, const NormOptions& options);
/// An order that is too large for a number of type T is infinity.
template <Real T>
double norm_order(double order) {
  constexpr double most = static_cast<double>(std::numeric_limits<T>::max()), infinity = std::numeric_limits<double>::infinity();
  return order > most ? infinity : order < -most ? -infinity : order;
}
}  // namespace detail

/// y = (sum of |x|^p over axes)^(1/p), p = options.order.   dx = g sign(x) (|x| / y)^(p-1), 0 where y is 0 and, for p < 2, where x is 0.   Shape as sum.
/// Scaled, so that it neither overflows nor underflows: the norm of {3e200, 4e200} is 5e200. p = 1, infinity, -infinity: equal shares of the
/// gradient for elements of equal size, as for a p beyond the largest number of x's type; p = 0: a count, with gradient 0. Over no elements: 0; ValueError for negative p.
template <Tensor X>
X norm(const X& x, const NormOptions& options) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const ReduceOptions over{.axes = options.axes, .keep_dims = options.keep_dims};
  const bool none = detail::check_norm(detail::operand_shape("norm", x), options);
  const double order = detail::norm_order<typename X::value_type>(options.order);
  if (order == 0) return sum(square(sign(x)), over);
  if (order == 1 || none) return sum(abs(x), over);
  if (order == infinity) return amax(abs(x), over);
  if (order == -infinity) return amin(abs(x), over);
  return record(cards::Norm{order, options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X norm(const X& x, const A& axes = {}) {
  return norm(x, NormOptions{.axes = detail::axes_of(axes)});
}

}  // namespace wengert
