// Operations that change an array's shape, or cut and join arrays, and compute nothing. Axes count from the end where negative.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

namespace cards {

/// y = the elements of x in another shape.   dx = g in the shape of x.
struct WENGERT_API Reshape {
  static constexpr std::string_view name = "reshape";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes to;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = x with an axis of length 1 more.   dx = g in the shape of x.
struct WENGERT_API ExpandDims {
  static constexpr std::string_view name = "expand_dims";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  std::int64_t axis = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = x without these axes of length 1, or without any where none is given.   dx = g in the shape of x.
struct WENGERT_API Squeeze {
  static constexpr std::string_view name = "squeeze";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes axes;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the elements of x one behind the other.   dx = g in the shape of x.
struct WENGERT_API Flatten {
  static constexpr std::string_view name = "flatten";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y: axis k is axis order[k] of x; reversed where no order is given.   dx = g with the axes back in their places.
struct WENGERT_API Transpose {
  static constexpr std::string_view name = "transpose";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes order;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = x with the order of elements reversed along axes, along all where none is named.   dx = g reversed likewise.
struct WENGERT_API Flip {
  static constexpr std::string_view name = "flip";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Axes axes;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = x repeated.   dx = g summed over the repetitions.
struct WENGERT_API BroadcastTo {
  static constexpr std::string_view name = "broadcast_to";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  Shape to;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the inputs one behind the other.   dx[i] = the piece of g that x[i] became.
struct WENGERT_API Concatenate {
  static constexpr std::string_view name = "concatenate";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  std::int64_t axis = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = the elements start <= i < stop of an axis.   dx = g between zeros.
struct WENGERT_API Slice {
  static constexpr std::string_view name = "slice";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  std::int64_t axis = 0, start = 0, stop = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = x between zeros, `before` and `behind` of them along an axis.   dx = the piece of g that x became.
struct WENGERT_API Pad {
  static constexpr std::string_view name = "pad";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  static constexpr bool takes_uniform = true;
  std::int64_t axis = 0;
  std::size_t before = 0, behind = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using ShapeFamily = detail::CardList<Reshape, ExpandDims, Squeeze, Flatten, Transpose, Flip, BroadcastTo, Concatenate, Slice, Pad>;
template <class Card>
  requires(ShapeFamily::contains<Card>)
ShapeFamily family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::ShapeFamily, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::ShapeFamily, double>(std::size_t place) noexcept;
}  // namespace detail

// ---- the same elements in another shape: these share them, nothing is copied ----

/// y = the elements of x, row by row, in another shape.   dx = g in the shape of x.   One extent may be -1: whatever is left.
/// ShapeError when the number of elements is not that of x.
template <Tensor X>
X reshape(const X& x, const Axes& to) {
  return record(cards::Reshape{to}, x);
}

/// y = x with a new axis of length 1 before `axis`; behind the last for -1.   dx = g in the shape of x.
template <Tensor X>
X expand_dims(const X& x, std::int64_t axis) {
  return record(cards::ExpandDims{axis}, x);
}

/// y = x without its axes of length 1.   dx = g in the shape of x.
template <Tensor X>
X squeeze(const X& x) {
  return record(cards::Squeeze{}, x);
}

/// y = x without this axis.   dx = g in the shape of x.   ShapeError unless its length is 1.
template <Tensor X>
X squeeze(const X& x, std::int64_t axis) {
  return record(cards::Squeeze{{axis}}, x);
}

/// y = the elements of x, row by row, along one axis.   dx = g in the shape of x.
template <Tensor X>
X flatten(const X& x) {
  return record(cards::Flatten{}, x);
}

// ---- all elements, in another order or repeated ----

/// y = x with its axes in the opposite order.   dx = g likewise.
template <Tensor X>
X transpose(const X& x) {
  return record(cards::Transpose{}, x);
}

/// y: axis k is axis order[k] of x.   dx = g with the axes back in their places.   ShapeError unless each axis is named once.
template <Tensor X>
X transpose(const X& x, const Axes& order) {
  return record(cards::Transpose{order}, x);
}

/// y = x with the order of elements reversed along these axes, along all where none is named.   dx = g reversed likewise.   ShapeError for an
/// axis that is named twice.
template <Tensor X>
X flip(const X& x, const Axes& axes = {}) {
  return record(cards::Flip{axes}, x);
}

/// y = x repeated along axes of length 1, and along new ones before its first.   dx = g summed over the repetitions.
/// ShapeError where x cannot be stretched to that shape.
template <Tensor X>
X broadcast_to(const X& x, const Shape& shape) {
  return record(cards::BroadcastTo{shape}, x);
}

// ---- joining and cutting ----

/// y = the operands one behind the other along an axis.   Each dx = its piece of g.   ShapeError unless all other extents agree.
inline Var<float> concatenate(std::initializer_list<Operand<float>> operands, std::int64_t axis) {
  return record(cards::Concatenate{axis}, operands);
}
inline Var<double> concatenate(std::initializer_list<Operand<double>> operands, std::int64_t axis) {
  return record(cards::Concatenate{axis}, operands);
}
inline Array<float> concatenate(std::initializer_list<Array<float>> arrays, std::int64_t axis) {
  return record(cards::Concatenate{axis}, arrays);
}
inline Array<double> concatenate(std::initializer_list<Array<double>> arrays, std::int64_t axis) {
  return record(cards::Concatenate{axis}, arrays);
}
template <Tensor X>
X concatenate(std::span<const X> list, std::int64_t axis) {
  using T = typename X::value_type;
  if constexpr (detail::is_var<X>) {
    return record(cards::Concatenate{axis}, list);
  } else {
    const cards::Concatenate card{axis};
    return detail::evaluate<T>(detail::rules_of<cards::Concatenate, T>(), &card, list);
  }
}
template <Tensor X>
X concatenate(const std::vector<X>& list, std::int64_t axis) {
  return concatenate(std::span<const X>(list), axis);
}

/// y = the elements start <= i < stop of an axis.   dx = g between zeros.   Negative bounds count from the end, as in Python; unlike there
/// they must be inside: 0 <= start <= stop <= extent after counting, else ShapeError.
template <Tensor X>
X slice(const X& x, std::int64_t axis, std::int64_t start, std::int64_t stop) {
  return record(cards::Slice{axis, start, stop}, x);
}

}  // namespace wengert
