// Reductions: many elements to one, over all axes or some. Axes count from the end where negative; no axis given means all, one needs no braces: sum(x, 1).
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

/// Axes, or one axis, as a template's parameter: less specialised than the options, so that g++ 12 too takes {.axes = {0, 1}} for options.
template <class A>
concept AxisList = std::same_as<A, Axes> || std::integral<A>;

struct ReduceOptions {
  Axes axes = {};          ///< the axes to reduce; all where none is given
  bool keep_dims = false;  ///< leave a reduced axis there, with length 1
};

struct VarianceOptions {
  Axes axes = {};               ///< the axes to reduce; all where none is given
  std::int64_t correction = 1;  ///< what is subtracted from the number of elements in the divisor
  bool keep_dims = false;       ///< leave a reduced axis there, with length 1
};

namespace cards {

/// y = sum of x over axes.   dx = g, spread back over those axes.
struct WENGERT_API Sum {
  static constexpr std::string_view name = "sum";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = mean of x over axes of n elements.   dx = g / n, spread back over those axes.
struct WENGERT_API Mean {
  static constexpr std::string_view name = "mean";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = sum of (x - mean)^2 / (n - correction).   dx = g 2 (x - mean) / (n - correction).
struct WENGERT_API Variance {
  static constexpr std::string_view name = "var";
  static constexpr Keeps keeps = Keeps::inputs;
  Axes axes;
  std::int64_t correction = 1;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the square root of var.   dx = g (x - mean) / ((n - correction) y), 0 where y is 0.
struct WENGERT_API StandardDeviation {
  static constexpr std::string_view name = "stddev";
  static constexpr Keeps keeps = Keeps::both;
  Axes axes;
  std::int64_t correction = 1;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the largest of x over axes.   dx = g in equal shares where x = y, else 0.
struct WENGERT_API Amax {
  static constexpr std::string_view name = "amax";
  static constexpr Keeps keeps = Keeps::both;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the smallest of x over axes.   dx = g in equal shares where x = y, else 0.
struct WENGERT_API Amin {
  static constexpr std::string_view name = "amin";
  static constexpr Keeps keeps = Keeps::both;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = log of the sum of e^x over axes.   dx = g e^(x - y).
struct WENGERT_API Logsumexp {
  static constexpr std::string_view name = "logsumexp";
  static constexpr Keeps keeps = Keeps::both;
  static constexpr bool takes_uniform = true;
  Axes axes;
  bool keep_dims = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using Reduce = detail::CardList<Sum, Mean, Variance, StandardDeviation, Amax, Amin, Logsumexp>;
template <class Card>
  requires(Reduce::contains<Card>)
Reduce family_of(const Card&);

}  // namespace cards

namespace detail {
template <AxisList A>
Axes axes_of(const A& axes) {
  if constexpr (std::integral<A>) return {axes}; else return axes;
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Reduce, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Reduce, double>(std::size_t place) noexcept;
}  // namespace detail

// ---- sums ----

/// y = sum of x over axes.   dx = g, spread back over those axes.   Shape: axes removed, or 1 with keep_dims. Over no elements: 0.
template <Tensor X>
X sum(const X& x, const ReduceOptions& options) {
  return record(cards::Sum{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X sum(const X& x, const A& axes = {}) {
  return record(cards::Sum{detail::axes_of(axes)}, x);
}

/// y = mean of x over axes of n elements.   dx = g / n, spread back over those axes.   Shape as sum. Over no elements: ValueError.
template <Tensor X>
X mean(const X& x, const ReduceOptions& options) {
  return record(cards::Mean{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X mean(const X& x, const A& axes = {}) {
  return record(cards::Mean{detail::axes_of(axes)}, x);
}

// ---- spread ----

/// y = sum of (x - mean)^2 / (n - correction) over axes.   dx = g 2 (x - mean) / (n - correction).   Shape as sum. In two passes: 1e8 + {1, 2, 3}
/// has variance 1. ValueError unless n > correction, and n > 0.
template <Tensor X>
X var(const X& x, const VarianceOptions& options) {
  return record(cards::Variance{options.axes, options.correction, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X var(const X& x, const A& axes = {}) {
  return record(cards::Variance{detail::axes_of(axes)}, x);
}

/// y = the square root of var(x).   dx = g (x - mean) / ((n - correction) y), 0 where y is 0.   Shape and errors as var.
template <Tensor X>
X stddev(const X& x, const VarianceOptions& options) {
  return record(cards::StandardDeviation{options.axes, options.correction, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X stddev(const X& x, const A& axes = {}) {
  return record(cards::StandardDeviation{detail::axes_of(axes)}, x);
}

// ---- extremes ----

/// y = the largest element of x over axes.   dx = g in equal shares among the elements that are largest, else 0.   Shape as sum. NaN where one
/// of the elements is, and then NaN for all of their gradients where g is not 0. Over no elements: ValueError.
template <Tensor X>
X amax(const X& x, const ReduceOptions& options) {
  return record(cards::Amax{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X amax(const X& x, const A& axes = {}) {
  return record(cards::Amax{detail::axes_of(axes)}, x);
}

/// y = the smallest element of x over axes.   dx = g in equal shares among the elements that are smallest, else 0.   The rest as amax.
template <Tensor X>
X amin(const X& x, const ReduceOptions& options) {
  return record(cards::Amin{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X amin(const X& x, const A& axes = {}) {
  return record(cards::Amin{detail::axes_of(axes)}, x);
}

// ---- exponentials ----

/// y = log of the sum of e^x over axes.   dx = g e^(x - y).   Shape as sum. Shifted by the largest element, so that nothing overflows.
/// Over no elements, or none but -inf: -inf with gradient 0; {inf, 0}: inf with gradient {1, 0}, shared equally among several inf.
template <Tensor X>
X logsumexp(const X& x, const ReduceOptions& options) {
  return record(cards::Logsumexp{options.axes, options.keep_dims}, x);
}
template <Tensor X, AxisList A = Axes>
X logsumexp(const X& x, const A& axes = {}) {
  return record(cards::Logsumexp{detail::axes_of(axes)}, x);
}

}  // namespace wengert
