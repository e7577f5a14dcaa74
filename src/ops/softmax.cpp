// The softmax family: the cards' bodies. Rows are worked on by the fused kernels; an axis that is not the last is brought there.
#include <wengert/ops/softmax.hpp>

#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

#include "array/movement.hpp"
#include "array/reduce.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert::cards {

namespace {

/// The order of axes that puts one of them last, and the one that puts it back.
struct Orders {
  Axes there, back;

  Orders(std::size_t rank, std::size_t axis) {
    for (std::size_t k = 0; k < rank; ++k)
      if (k != axis) there.push_back(static_cast<std::int64_t>(k));
    there.push_back(static_cast<std::int64_t>(axis));
    for (std::size_t k = 0; k < rank; ++k) back.push_back(static_cast<std::int64_t>(k < axis ? k : (k == axis ? rank - 1 : k - 1)));
  }
};

/// x with an axis last.
template <Real T>
Array<T> with_last(const Array<T>& x, std::size_t axis) {
  return axis + 1 == x.rank() ? x : detail::permuted(x, Orders(x.rank(), axis).there);
}

/// x with its last axis back in its place.
template <Real T>
Array<T> with_last_back(const Array<T>& x, std::size_t axis) {
  return axis + 1 == x.rank() ? x : detail::permuted(x, Orders(x.rank(), axis).back);
}

/// work(inputs..., rows, n, output) for the rows along an axis of arrays of one shape, in that shape.
template <class F, Real T, class... More>
Array<T> by_rows(std::size_t axis, F&& work, const Array<T>& first, const More&... more) {
  const std::size_t n = first.shape()[axis];
  if (first.size() == 0) return first;
  const auto worked = [&](const Array<T>& x, const auto&... others) {
    return Array<T>::build(x.shape(), [&](std::span<T> out) { work(x.data(), others.data()..., x.size() / n, n, out.data()); });
  };
  return with_last_back(worked(with_last(first, axis), with_last(more, axis)...), axis);
}

}  // namespace

// ---- softmax ----

Shape Softmax::shape(std::span<const Shape> in) const {
  static_cast<void>(normal_axis(name, axis, in[0]));
  return in[0];
}

template <class T>
Array<T> Softmax::forward(Inputs<T> in) const {
  return by_rows(normal_axis(name, axis, in[0].shape()), detail::softmax_rows<T>, in[0]);
}

template <class V>
V Softmax::pullback(std::size_t, const Step<V>& s) const {
  if constexpr (detail::is_array<V>) {
    using T = typename V::value_type;
    return by_rows(normal_axis(name, axis, s.shape(0)), detail::softmax_rows_backward<T>, s.y(), s.g);
  } else {
    const V y = s.y();
    return y * (s.g - sum(s.g * y, {.axes = {axis}, .keep_dims = true}));
  }
}

/// The Jacobian, diag(y) - y y', is symmetric: the tangent goes forward as a cotangent goes back.
template <class V>
V Softmax::pushforward(const ForwardStep<V>& s) const {
  if constexpr (detail::is_array<V>) {
    using T = typename V::value_type;
    return by_rows(normal_axis(name, axis, s.shape(0)), detail::softmax_rows_backward<T>, s.y(), s.t(0));
  } else {
    const V y = s.y(), t = s.t(0);
    return y * (t - sum(t * y, {.axes = {axis}, .keep_dims = true}));
  }
}

// ---- log_softmax ----

Shape LogSoftmax::shape(std::span<const Shape> in) const {
  static_cast<void>(normal_axis(name, axis, in[0]));
  return in[0];
}

template <class T>
Array<T> LogSoftmax::forward(Inputs<T> in) const {
  return by_rows(normal_axis(name, axis, in[0].shape()), detail::log_softmax_rows<T>, in[0]);
}

template <class V>
V LogSoftmax::pullback(std::size_t, const Step<V>& s) const {
  if constexpr (detail::is_array<V>) {
    using T = typename V::value_type;
    return by_rows(normal_axis(name, axis, s.shape(0)), detail::log_softmax_rows_backward<T>, s.y(), s.g);
  } else {
    return s.g - exp(s.y()) * sum(s.g, {.axes = {axis}, .keep_dims = true});
  }
}

template <class V>
V LogSoftmax::pushforward(const ForwardStep<V>& s) const {
  const V t = s.t(0);
  return t - sum(exp(s.y()) * t, {.axes = {axis}, .keep_dims = true});
}

// ---- cross-entropy with labels ----

namespace {

void check_labels(const Array<std::int64_t>& labels, std::size_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int64_t label = labels.data()[i];
    if (label < 0 || static_cast<std::uint64_t>(label) >= classes)
      throw ValueError(std::string(LabelCrossEntropy::name) + ": a label is no class: " + std::to_string(label) + " at place " + std::to_string(i) + " of the labels; classes go from 0 to less than " +
                       std::to_string(classes));
  }
}

}  // namespace

Shape LabelCrossEntropy::shape(std::span<const Shape> in) const {
  detail::require_values(name, "array of labels", labels);
  Shape out = in[0];
  out.erase(normal_axis(name, axis, in[0]));
  if (labels.shape() != out)
    throw ShapeError(std::string(name) + ": the labels do not fit: labels " + to_string(labels.shape()) + " for logits " + to_string(in[0]) + "; labels of shape " + to_string(out) + " are needed");
  return out;
}

template <class T>
Array<T> LabelCrossEntropy::forward(Inputs<T> in) const {
  const Shape& from = in[0].shape();
  const Shape to = shape(std::span<const Shape>(&from, 1));
  const std::size_t at = normal_axis(name, axis, from), n = from[at];
  check_labels(labels, n);
  const Array<T> x = with_last(in[0], at);
  return Array<T>::build(to, [&](std::span<T> out) {
    if (!out.empty()) detail::cross_entropy_rows(x.data(), labels.data(), out.size(), n, out.data());
  });
}

template <class V>
V LabelCrossEntropy::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const std::size_t at = normal_axis(name, axis, s.shape(0)), n = s.shape(0)[at];
  if constexpr (detail::is_array<V>) {
    const V x = with_last(s.x(0), at), loss = s.y();
    return with_last_back(V::build(x.shape(), [&](std::span<T> out) {
      if (!out.empty()) detail::cross_entropy_rows_backward(x.data(), labels.data(), loss.data(), s.g.data(), detail::is_uniform(s.g), loss.size(), n, out.data());
    }), at);
  } else {
    // e^-loss - 1 for the label's own class: softmax - 1 would lose its digits there.
    const auto front = static_cast<std::int64_t>(at);
    const Array<T> hot = one_hot<T>(labels, n);
    const Array<bool> is_label = equal(with_last_back(hot, at), T(1));
    const V loss = expand_dims(s.y(), front);
    return detail::record_library<StrongProduct>(expand_dims(s.g, front), where(is_label, expm1(-loss), softmax(s.x(0), front)));
  }
}

}  // namespace wengert::cards

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::SoftmaxFamily, float>(std::size_t place) noexcept { return family_table<cards::SoftmaxFamily, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::SoftmaxFamily, double>(std::size_t place) noexcept { return family_table<cards::SoftmaxFamily, double>(place); }

}  // namespace wengert::detail
