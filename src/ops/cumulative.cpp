// Products and running sums and products: the cards' bodies.
#include <wengert/ops/cumulative.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/shape.hpp>

#include "array/scan.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"
#include "ops/reduction.hpp"

namespace wengert::cards {

namespace {

/// Ones of a shape but for its extent along an axis, which is 1.
template <Real T>
Array<T> edge_of_ones(Shape shape, std::size_t axis) {
  shape[axis] = 1;
  return ones<T>(shape);
}

/// {1, x_0, x_1, ...} without the last of x: for each element of a running product what is there before it.
template <class V>
V one_behind(const V& x, std::size_t at) {
  using T = typename V::value_type;
  const auto axis = static_cast<std::int64_t>(at);
  return concatenate({edge_of_ones<T>(x.shape(), at), slice(x, axis, 0, static_cast<std::int64_t>(x.shape()[at]) - 1)}, axis);
}

/// The product of all elements of a row but each one.
template <class V>
V others_in_rows(const V& x) {
  if (x.shape()[1] == 0) return x;
  return cumprod(one_behind(x, 1), 1) * flip(cumprod(one_behind(flip(x, {1}), 1), 1), {1});
}

}  // namespace

// ---- prod ----

Shape Prod::shape(std::span<const Shape> in) const { return Plan(*this, in[0]).out; }

template <class T>
Array<T> Prod::forward(Inputs<T> in) const {
  const Plan plan(*this, in[0].shape());
  return folded(in[0], plan, plan.out, detail::product_over<T>);
}

template <class V>
V Prod::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const Plan plan(*this, s.shape(0));
  const V x = s.x(0);
  if constexpr (detail::is_array<V>) {
    const Arranged<T> rows(x, plan, true);
    return rows.put_back(V::build(rows.x.shape(), [&](std::span<T> out) { detail::product_rows_backward(rows.x.data(), s.g.data(), rows.outer, rows.n, out.data()); }));
  } else {
    // The reduced axes behind the others, in one row; and back.
    const std::size_t rank = plan.kept.rank();
    Axes order, back;
    Shape moved;
    const auto is_reduced = [&](std::size_t k) { return std::find(plan.axes.begin(), plan.axes.end(), static_cast<std::int64_t>(k)) != plan.axes.end(); };
    for (const bool reduced : {false, true})
      for (std::size_t k = 0; k < rank; ++k)
        if (is_reduced(k) == reduced) order.push_back(static_cast<std::int64_t>(k));
    for (const auto k : order) moved.push_back(s.shape(0)[static_cast<std::size_t>(k)]);
    for (std::size_t k = 0; k < rank; ++k) back.push_back(std::find(order.begin(), order.end(), static_cast<std::int64_t>(k)) - order.begin());
    // Where nothing is 0, what is left of the product: it stays in range where products of some elements do not.
    const Array<T> elements = x.value(), products = s.y().value();
    const auto is_plain = [](T value) { return std::isnormal(value); };
    if (std::all_of(elements.begin(), elements.end(), is_plain) && std::all_of(products.begin(), products.end(), is_plain)) return joined(kept(s.g, plan), kept(s.y(), plan) / x);
    const V others = others_in_rows(reshape(transpose(x, order), Shape{plan.kept.elements(), plan.count}));
    return joined(kept(s.g, plan), transpose(reshape(others, moved), back));
  }
}

// ---- running sums and products ----

Shape Cumsum::shape(std::span<const Shape> in) const {
  static_cast<void>(normal_axis(name, axis, in[0]));
  return in[0];
}

template <class T>
Array<T> Cumsum::forward(Inputs<T> in) const {
  return detail::running_sum(in[0], normal_axis(name, axis, in[0].shape()), reverse);
}

template <class V>
V Cumsum::pullback(std::size_t, const Step<V>& s) const {
  return record(Cumsum{axis, !reverse}, s.g);
}

Shape Cumprod::shape(std::span<const Shape> in) const {
  static_cast<void>(normal_axis(name, axis, in[0]));
  return in[0];
}

template <class T>
Array<T> Cumprod::forward(Inputs<T> in) const {
  return detail::running_product(in[0], normal_axis(name, axis, in[0].shape()));
}

template <class V>
V Cumprod::pullback(std::size_t, const Step<V>& s) const {
  const V x = s.x(0);
  const std::size_t at = normal_axis(name, axis, x.shape());
  if (x.shape()[at] == 0) return s.g;
  return joined(record(Recurrence{axis, true}, x, s.g), one_behind(s.y(), at));
}

Shape Recurrence::shape(std::span<const Shape> in) const {
  if (in[0] != in[1]) throw ShapeError(std::string(name) + ": the shapes differ: " + to_string(in[0]) + " and " + to_string(in[1]) + "; they must be equal");
  static_cast<void>(normal_axis(name, axis, in[0]));
  return in[0];
}

template <class T>
Array<T> Recurrence::forward(Inputs<T> in) const {
  return detail::recurrence(in[0], in[1], normal_axis(name, axis, in[0].shape()), reverse);
}

template <class V>
std::array<V, 2> Recurrence::pullbacks(const Step<V>& s) const {
  const V db = record(Recurrence{axis, !reverse}, s.x(0), s.g);
  if (!s.wanted(0)) return {db, db};
  const auto n = static_cast<std::int64_t>(s.shape(0)[normal_axis(name, axis, s.shape(0))]);
  const V y = s.y(), products = reverse ? joined(slice(db, axis, 0, n - 1), slice(y, axis, 1, n)) : joined(slice(db, axis, 1, n), slice(y, axis, 0, n - 1));
  return {record(Pad{axis, 1, 0}, products), db};
}

}  // namespace wengert::cards

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Cumulative, float>(std::size_t place) noexcept { return family_table<cards::Cumulative, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Cumulative, double>(std::size_t place) noexcept { return family_table<cards::Cumulative, double>(place); }

}  // namespace wengert::detail
