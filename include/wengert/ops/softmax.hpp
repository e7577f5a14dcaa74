// The softmax family: normalised exponentials along an axis, fused because composing them takes several passes and overflows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

namespace cards {

/// y = e^x / sum of e^x along an axis.   dx = y (g - sum of g y).
struct WENGERT_API Softmax {
  static constexpr std::string_view name = "softmax";
  static constexpr Keeps keeps = Keeps::output;
  std::int64_t axis = -1;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
  template <class V> V pushforward(const ForwardStep<V>& s) const;
};

/// y = x - log of the sum of e^x along an axis.   dx = g - e^y sum of g.
struct WENGERT_API LogSoftmax {
  static constexpr std::string_view name = "log_softmax";
  static constexpr Keeps keeps = Keeps::output;
  std::int64_t axis = -1;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
  template <class V> V pushforward(const ForwardStep<V>& s) const;
};

/// y = -log_softmax(x)[label] along the axis of classes, which is gone from y.   dx = g (softmax(x) - [class = label]).
struct WENGERT_API LabelCrossEntropy {
  static constexpr std::string_view name = "cross_entropy";
  static constexpr Keeps keeps = Keeps::both;
  static constexpr bool takes_uniform = true;
  Array<std::int64_t> labels;
  std::int64_t axis = -1;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using SoftmaxFamily = detail::CardList<Softmax, LogSoftmax, LabelCrossEntropy>;
template <class Card>
  requires(SoftmaxFamily::contains<Card>)
SoftmaxFamily family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::SoftmaxFamily, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::SoftmaxFamily, double>(std::size_t place) noexcept;
}  // namespace detail

/// y = e^x / sum of e^x along an axis.   dx = y (g - sum of g y).   Shifted by the largest element, so that nothing overflows. NaN along
/// the axis where an element is NaN or inf, or all are -inf; -inf beside others is 0. Over an axis of length 0: an empty array.
template <Tensor X>
X softmax(const X& x, std::int64_t axis) {
  return record(cards::Softmax{axis}, x);
}

/// y = x - log of the sum of e^x along an axis.   dx = g - e^y sum of g.   Edges as softmax; where that rounds to 0 this is exact.
template <Tensor X>
X log_softmax(const X& x, std::int64_t axis) {
  return record(cards::LogSoftmax{axis}, x);
}

/// y = log of the sum of e^x along the axis of classes, less x[label]: the loss of each row.   dx = g (softmax(x) - [class = label]).
/// `labels` has x's shape without that axis (ShapeError); ValueError for a label that is no class. Exact where it is small; finite for any finite x.
template <Tensor X>
X label_cross_entropy(const X& x, const Array<std::int64_t>& labels, std::int64_t axis) {
  return record(cards::LabelCrossEntropy{labels, axis}, x);
}

}  // namespace wengert
