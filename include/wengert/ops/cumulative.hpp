// Products of many elements, and running sums and products along an axis. Axes count from the end where negative.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert {

namespace cards {

/// y = product of x over axes.   dx = g times the product of all the others.
struct WENGERT_API Prod {
  static constexpr std::string_view name = "prod";
  static constexpr Keeps keeps = Keeps::both;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y: y_k = x_0 + ... + x_k along an axis, from the other end where reverse.   dx = the same of g from the other end.
struct WENGERT_API Cumsum {
  static constexpr std::string_view name = "cumsum";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  std::int64_t axis = 0;
  bool reverse = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y: y_k = x_0 ... x_k along an axis.   dx = r_k y_(k-1) with r_k = g_k + x_(k+1) r_(k+1).
struct WENGERT_API Cumprod {
  static constexpr std::string_view name = "cumprod";
  static constexpr Keeps keeps = Keeps::both;
  std::int64_t axis = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y: y_k = b_k + a_k y_(k-1) along an axis; reverse: y_k = b_k + a_(k+1) y_(k+1).   db = the recurrence of g from the other end,
/// da_k = db_k y_(k-1); reverse: da_k = db_(k-1) y_k.   What the gradient of cumprod is made of: closed under differentiation.
struct WENGERT_API Recurrence {
  static constexpr std::string_view name = "recurrence";
  static constexpr Keeps keeps = Keeps::both;
  static constexpr std::size_t arity = 2;
  static constexpr bool reads(std::size_t, std::size_t j) { return j == 0; }
  std::int64_t axis = 0;
  bool reverse = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> std::array<V, 2> pullbacks(const Step<V>& s) const;
};

using Cumulative = detail::CardList<Prod, Cumsum, Cumprod, Recurrence>;
template <class Card>
  requires(Cumulative::contains<Card>)
Cumulative family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Cumulative, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Cumulative, double>(std::size_t place) noexcept;
}  // namespace detail

/// y = product of x over axes.   dx = g times the product of all the others, also where elements are 0.
/// Shape: axes removed, or 1 with keep_dims. Over no elements: 1.
template <Tensor X>
X prod(const X& x, const ReduceOptions& options) {
  return record(cards::Prod{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X prod(const X& x, const A& axes = {}) {
  return record(cards::Prod{detail::axes_of(axes)}, x);
}

/// y_k = x_0 + ... + x_k along an axis.   dx_k = g_k + g_(k+1) + ...   The sum keeps what rounding takes from it: a million floats keep
/// their digits. ShapeError for an axis that is not there.
template <Tensor X>
X cumsum(const X& x, std::int64_t axis) {
  return record(cards::Cumsum{axis}, x);
}

/// y_k = x_0 ... x_k along an axis.   dx_k = sum over i >= k of g_i times the product of x_0 ... x_i without x_k: without a division, so exact
/// also where elements are 0.   ShapeError for an axis that is not there.
template <Tensor X>
X cumprod(const X& x, std::int64_t axis) {
  return record(cards::Cumprod{axis}, x);
}

}  // namespace wengert
