// Shapes, pieces and repetitions: the cards' bodies.
#include <wengert/ops/shape.hpp>

#include <string>

#include <wengert/base/errors.hpp>

#include "array/movement.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert::cards {

namespace {

/// The output's shape by the card's own rule.
template <class Card, class T>
Shape shape_of(const Card& card, Inputs<T> in) {
  return card.shape(std::span<const Shape>(&in[0].shape(), 1));
}

/// The pullback of all cards that leave the elements as they are.
template <class V>
V in_shape_of_input(const Step<V>& s) {
  return detail::is_uniform(s.g) ? s.g : reshape(s.g, s.shape(0));
}

}  // namespace

// ---- the same elements in another shape ----

Shape Reshape::shape(std::span<const Shape> in) const {
  const std::size_t elements = in[0].elements();
  const auto refuse = [&](const std::string& why, const std::string& right) -> void {
    throw ShapeError(std::string(name) + ": " + why + ": " + to_string(in[0]) + " to " + to.text() + "; " + right);
  };
  Shape out;
  std::size_t open = to.size();
  for (std::size_t k = 0; k < to.size(); ++k) {
    if (to[k] < -1) refuse("an extent is negative", "extents are 0 or more, or one -1 for whatever is left");
    if (to[k] == -1 && open != to.size()) refuse("two extents are open", "at most one may be -1");
    if (to[k] == -1) open = k;
    out.push_back(to[k] == -1 ? 1 : static_cast<std::size_t>(to[k]));
  }
  const std::size_t given = out.elements();
  if (open != to.size()) {
    if (given == 0) refuse("the open extent could be anything", "give it where another extent is 0");
    out[open] = elements / given;
    if (elements % given != 0) refuse("the open extent is not whole", "the given extents must divide " + std::to_string(elements));
  } else if (given != elements) {
    refuse("the sizes differ", std::to_string(elements) + " elements are needed, not " + std::to_string(given));
  }
  return out;
}

template <class T>
Array<T> Reshape::forward(Inputs<T> in) const {
  return in[0].reshaped(shape_of(*this, in));
}

template <class V>
V Reshape::pullback(std::size_t, const Step<V>& s) const {
  return in_shape_of_input(s);
}

Shape ExpandDims::shape(std::span<const Shape> in) const {
  Shape out = in[0];
  if (out.rank() == Shape::max_rank) {
    throw ShapeError(std::string(name) + ": too many axes: " + std::to_string(out.rank() + 1) + "; at most " + std::to_string(Shape::max_rank) + " are supported");
  }
  out.push_back(1);
  const std::size_t at = normal_axis(name, axis, out);
  out = in[0];
  out.insert(at, 1);
  return out;
}

template <class T>
Array<T> ExpandDims::forward(Inputs<T> in) const {
  return in[0].reshaped(shape_of(*this, in));
}

template <class V>
V ExpandDims::pullback(std::size_t, const Step<V>& s) const {
  return in_shape_of_input(s);
}

Shape Squeeze::shape(std::span<const Shape> in) const {
  Shape out;
  const Axes chosen = axes.empty() ? Axes() : normal_axes(name, axes, in[0]);
  std::size_t next = 0;
  for (std::size_t k = 0; k < in[0].rank(); ++k) {
    const bool named = next < chosen.size() && static_cast<std::size_t>(chosen[next]) == k;
    if (named) ++next;
    if (named && in[0][k] != 1)
      throw ShapeError(std::string(name) + ": an axis is not of length 1: axis " + std::to_string(k) + " of shape " + to_string(in[0]) + "; only axes of length 1 can go");
    if (!(named || (axes.empty() && in[0][k] == 1))) out.push_back(in[0][k]);
  }
  return out;
}

template <class T>
Array<T> Squeeze::forward(Inputs<T> in) const {
  return in[0].reshaped(shape_of(*this, in));
}

template <class V>
V Squeeze::pullback(std::size_t, const Step<V>& s) const {
  return in_shape_of_input(s);
}

Shape Flatten::shape(std::span<const Shape> in) const { return {in[0].elements()}; }

template <class T>
Array<T> Flatten::forward(Inputs<T> in) const {
  return in[0].reshaped(shape_of(*this, in));
}

template <class V>
V Flatten::pullback(std::size_t, const Step<V>& s) const {
  return in_shape_of_input(s);
}

// ---- all elements, in another order or repeated ----

namespace {

/// The order with every axis counted from the front.
Axes normal_order(const Axes& order, const Shape& shape) {
  Axes out;
  for (std::size_t k = 0; k < shape.rank(); ++k) {
    const auto axis = static_cast<std::int64_t>(shape.rank() - 1 - k);
    if (order.empty()) out.push_back(axis);
  }
  if (order.empty()) return out;
  if (order.size() != shape.rank())
    throw ShapeError(std::string(Transpose::name) + ": the order does not name every axis: " + order.text() + " for shape " + to_string(shape) + "; " +
                     std::to_string(shape.rank()) + " axes are needed");
  static_cast<void>(normal_axes(Transpose::name, order, shape));  // refuses what is out of range or given twice
  for (const auto axis : order) out.push_back(static_cast<std::int64_t>(normal_axis(Transpose::name, axis, shape)));
  return out;
}

}  // namespace

Shape Transpose::shape(std::span<const Shape> in) const {
  Shape out;
  for (const auto axis : normal_order(order, in[0])) out.push_back(in[0][static_cast<std::size_t>(axis)]);
  return out;
}

template <class T>
Array<T> Transpose::forward(Inputs<T> in) const {
  return detail::permuted(in[0], normal_order(order, in[0].shape()));
}

template <class V>
V Transpose::pullback(std::size_t, const Step<V>& s) const {
  if (detail::is_uniform(s.g)) return s.g;
  if (order.empty()) return transpose(s.g);
  const Axes there = normal_order(order, s.shape(0));
  std::array<std::int64_t, Shape::max_rank> back{};
  for (std::size_t k = 0; k < there.size(); ++k) back[static_cast<std::size_t>(there[k])] = static_cast<std::int64_t>(k);
  Axes inverse;
  for (std::size_t k = 0; k < there.size(); ++k) inverse.push_back(back[k]);
  return transpose(s.g, inverse);
}

Shape Flip::shape(std::span<const Shape> in) const {
  static_cast<void>(normal_axes(name, axes, in[0]));
  return in[0];
}

template <class T>
Array<T> Flip::forward(Inputs<T> in) const {
  return detail::reversed(in[0], normal_axes(name, axes, in[0].shape()));
}

template <class V>
V Flip::pullback(std::size_t, const Step<V>& s) const {
  return detail::is_uniform(s.g) ? s.g : flip(s.g, axes);
}

Shape BroadcastTo::shape(std::span<const Shape> in) const {
  if (!broadcasts_to(in[0], to))
    throw ShapeError(std::string(name) + ": cannot be stretched: " + to_string(in[0]) + " to " + to_string(to) + "; aligned at the last axis, extents must be equal, or 1 in what is stretched");
  return to;
}

template <class T>
Array<T> BroadcastTo::forward(Inputs<T> in) const {
  return detail::stretched(in[0], shape_of(*this, in));
}

template <class V>
V BroadcastTo::pullback(std::size_t, const Step<V>& s) const {
  if constexpr (detail::is_array<V>) {
    using T = typename V::value_type;
    if (detail::is_uniform(s.g)) {
      // Each element of x became equally many of y.
      const std::size_t from = s.shape(0).elements(), made = to.elements();
      return V(made == 0 || from == 0 ? T(0) : static_cast<T>(s.g.item() * static_cast<T>(made / from)));
    }
  }
  return detail::unstretched(s.g, s.shape(0));
}

// ---- joining and cutting ----

Shape Concatenate::shape(std::span<const Shape> in) const {
  const std::size_t at = normal_axis(name, axis, in[0]);
  Shape out = in[0];
  for (std::size_t i = 1; i < in.size(); ++i) {
    bool fits = in[i].rank() == out.rank();
    for (std::size_t k = 0; k < out.rank() && fits; ++k) fits = k == at || in[i][k] == out[k];
    if (!fits)
      throw ShapeError(std::string(name) + ": shapes do not fit: operand 0 is " + to_string(in[0]) + ", operand " + std::to_string(i) + " is " + to_string(in[i]) +
                       "; but for axis " + std::to_string(at) + " they must be equal");
    out[at] += in[i][at];
  }
  static_cast<void>(out.elements());
  return out;
}

template <class T>
Array<T> Concatenate::forward(Inputs<T> in) const {
  std::vector<Shape> shapes;
  for (const auto& x : in) shapes.push_back(x.shape());
  return detail::joined_along(in, normal_axis(name, axis, in[0].shape()), shape(shapes));
}

template <class V>
V Concatenate::pullback(std::size_t i, const Step<V>& s) const {
  if (detail::is_uniform(s.g)) return s.g;
  const std::size_t at = normal_axis(name, axis, s.shape(i));
  std::size_t start = 0;
  for (std::size_t k = 0; k < i; ++k) start += s.shape(k)[at];
  return slice(s.g, axis, static_cast<std::int64_t>(start), static_cast<std::int64_t>(start + s.shape(i)[at]));
}

namespace {

struct Bounds {
  std::size_t axis, start, stop;
};

Bounds bounds_of(const Slice& card, const Shape& in) {
  const std::size_t axis = normal_axis(Slice::name, card.axis, in);
  const auto extent = static_cast<std::int64_t>(in[axis]);
  const std::int64_t start = card.start < 0 ? card.start + extent : card.start, stop = card.stop < 0 ? card.stop + extent : card.stop;
  if (start < 0 || start > stop || stop > extent)
    throw ShapeError(std::string(Slice::name) + ": outside of the axis: [" + std::to_string(card.start) + ", " + std::to_string(card.stop) + ") of axis " + std::to_string(axis) + " of shape " +
                     to_string(in) + "; 0 <= start <= stop <= " + std::to_string(extent) + " is needed, negative bounds counted from the end");
  return {axis, static_cast<std::size_t>(start), static_cast<std::size_t>(stop)};
}

}  // namespace

Shape Slice::shape(std::span<const Shape> in) const {
  const Bounds bounds = bounds_of(*this, in[0]);
  Shape out = in[0];
  out[bounds.axis] = bounds.stop - bounds.start;
  return out;
}

template <class T>
Array<T> Slice::forward(Inputs<T> in) const {
  const Bounds bounds = bounds_of(*this, in[0].shape());
  return detail::cut(in[0], bounds.axis, bounds.start, bounds.stop);
}

template <class V>
V Slice::pullback(std::size_t, const Step<V>& s) const {
  const Bounds bounds = bounds_of(*this, s.shape(0));
  return record(Pad{axis, bounds.start, s.shape(0)[bounds.axis] - bounds.stop}, s.g);
}

Shape Pad::shape(std::span<const Shape> in) const {
  Shape out = in[0];
  out[normal_axis(name, axis, in[0])] += before + behind;
  static_cast<void>(out.elements());
  return out;
}

template <class T>
Array<T> Pad::forward(Inputs<T> in) const {
  const std::size_t at = normal_axis(name, axis, in[0].shape());
  return detail::padded(in[0], at, before, before + in[0].shape()[at] + behind);
}

template <class V>
V Pad::pullback(std::size_t, const Step<V>& s) const {
  if (detail::is_uniform(s.g)) return s.g;
  const std::size_t at = normal_axis(name, axis, s.shape(0));
  return slice(s.g, axis, static_cast<std::int64_t>(before), static_cast<std::int64_t>(before + s.shape(0)[at]));
}

}  // namespace wengert::cards

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::ShapeFamily, float>(std::size_t place) noexcept { return family_table<cards::ShapeFamily, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::ShapeFamily, double>(std::size_t place) noexcept { return family_table<cards::ShapeFamily, double>(place); }

}  // namespace wengert::detail
