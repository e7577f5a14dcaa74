// Reductions: the cards' bodies.
#include <wengert/ops/reduce.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

#include "array/movement.hpp"
#include "array/ranges.hpp"
#include "array/reduce.hpp"
#include "array/walk.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert::cards {

namespace {

/// A reduction's shapes.
struct Plan {
  Axes axes;              // normal
  Shape kept;             // with 1 in place of each reduced extent
  Shape out;              // as the card's options have it
  std::size_t count = 1;  // elements that become one

  template <class Card>
  Plan(const Card& card, const Shape& in) : axes(normal_axes(card.name, card.axes, in)), kept(in) {
    std::size_t next = 0;
    for (std::size_t k = 0; k < in.rank(); ++k) {
      const bool reduced = next < axes.size() && static_cast<std::size_t>(axes[next]) == k;
      if (reduced) {
        ++next;
        count *= in[k];
        kept[k] = 1;
      }
      if (!reduced || card.keep_dims) out.push_back(kept[k]);
    }
  }
};

[[noreturn]] void refuse_empty(std::string_view who, const Shape& in) {
  throw ValueError(std::string(who) + ": no elements to reduce: shape " + to_string(in) + "; along the reduced axes there must be at least one");
}

template <class Card>
Plan plan_of_some(const Card& card, const Shape& in) {
  Plan plan(card, in);
  if (plan.count == 0) refuse_empty(card.name, in);
  return plan;
}

/// x as outer x n x inner elements, of which n become one: its own, or a copy with the reduced axes side by side.
template <Real T>
struct Arranged {
  Array<T> x;
  std::size_t outer = 1, n = 1, inner = 1;
  Axes order;  // of the axes, where they had to be moved

  Arranged(const Array<T>& given, const Plan& plan, bool as_rows = false) : x(given), n(plan.count) {
    const Shape& shape = given.shape();
    std::size_t first = shape.rank(), last = shape.rank();  // the stretch of axes that are reduced, those of length 1 aside
    for (const auto axis : plan.axes) {
      const auto k = static_cast<std::size_t>(axis);
      if (shape[k] == 1) continue;
      if (first == shape.rank()) first = k;
      last = k + 1;
    }
    for (std::size_t k = 0; k < first; ++k) outer *= shape[k];
    for (std::size_t k = last; k < shape.rank(); ++k) inner *= shape[k];
    const bool side_by_side = outer * inner == plan.kept.elements();
    if (side_by_side && (inner == 1 || !as_rows)) return;
    for (std::size_t k = 0; k < shape.rank(); ++k)
      if (plan.kept[k] == shape[k]) order.push_back(static_cast<std::int64_t>(k));
    for (std::size_t k = 0; k < shape.rank(); ++k)
      if (plan.kept[k] != shape[k]) order.push_back(static_cast<std::int64_t>(k));
    x = detail::permuted(given, order);
    outer = plan.kept.elements();
    inner = 1;
  }

  /// An array of x's arrangement with the axes back in their places.
  Array<T> put_back(const Array<T>& y) const {
    if (order.empty()) return y;
    std::array<std::int64_t, Shape::max_rank> places{};
    for (std::size_t k = 0; k < order.size(); ++k) places[static_cast<std::size_t>(order[k])] = static_cast<std::int64_t>(k);
    Axes back;
    for (std::size_t k = 0; k < order.size(); ++k) back.push_back(places[k]);
    return detail::permuted(y, back);
  }
};

/// fold(x, outer, n, inner, out) over the reduced axes, in the shape `to`.
template <Real T, class F>
Array<T> folded(const Array<T>& x, const Plan& plan, const Shape& to, F&& fold) {
  if (plan.count == 1) return x.reshaped(to);
  const Arranged<T> arranged(x, plan);
  return Array<T>::build(to, [&](std::span<T> out) { fold(arranged.x.data(), arranged.outer, arranged.n, arranged.inner, out.data()); });
}

template <Real T>
Array<T> sum_of(const Array<T>& x, const Plan& plan, const Shape& to) {
  return folded(x, plan, to, detail::sum_over<T>);
}

template <Real T>
Array<T> mean_of(const Array<T>& x, const Plan& plan, const Shape& to) {
  return sum_of(x, plan, to) / static_cast<T>(plan.count);
}

/// y(i) = term(x(i), place of the fold that x(i) went into), of x's shape.
template <Real T, class F>
Array<T> spread(const Array<T>& x, const Plan& plan, F&& term) {
  return Array<T>::build(x.shape(), [&](std::span<T> out) {
    const detail::Walk<1> walk(x.shape(), {detail::stretched_strides(plan.kept, x.shape())});
    const std::size_t step = walk.column_steps()[0];
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      const T* const from = x.data() + position;
      T* const to = out.data() + position;
      const std::size_t start = at[0];
      // A run's last axis is either reduced or kept whole: the step is 0 or 1. Written out, so that the compiler vectorises both.
      if (step == 0) {
        for (std::size_t i = 0; i < count; ++i) to[i] = term(from[i], start);
      } else {
        for (std::size_t i = 0; i < count; ++i) to[i] = term(from[i], start + i);
      }
    });
  });
}

/// A cotangent, or the output, with the reduced axes back in their places, with length 1.
template <class V>
V kept(const V& y, const Plan& plan) {
  return plan.kept == plan.out ? y : reshape(y, plan.kept);
}

/// The pullback of what is linear in x with the same weight for all: g, or the number that stands for it.
template <class V, class Card>
V spread_back(const Card& card, const V& g, const Shape& in) {
  if (detail::is_uniform(g)) return g;
  return broadcast_to(kept(g, Plan(card, in)), in);
}

/// g times a slope, 0 where g is 0, both stretched.
template <class V, class S>
V joined(const V& g, const S& slope) {
  return detail::record_library<StrongProduct>(g, slope);
}

}  // namespace

// ---- sums ----

Shape Sum::shape(std::span<const Shape> in) const { return Plan(*this, in[0]).out; }

template <class T>
Array<T> Sum::forward(Inputs<T> in) const {
  const Plan plan(*this, in[0].shape());
  return sum_of(in[0], plan, plan.out);
}

template <class V>
V Sum::pullback(std::size_t, const Step<V>& s) const {
  return spread_back(*this, s.g, s.shape(0));
}

Shape Mean::shape(std::span<const Shape> in) const { return plan_of_some(*this, in[0]).out; }

template <class T>
Array<T> Mean::forward(Inputs<T> in) const {
  const Plan plan = plan_of_some(*this, in[0].shape());
  return mean_of(in[0], plan, plan.out);
}

template <class V>
V Mean::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const std::size_t count = Plan(*this, s.shape(0)).count;
  return spread_back(*this, V(s.g / static_cast<T>(count)), s.shape(0));
}

// ---- spread ----

namespace {

/// The divisor n - correction; ValueError unless it is positive.
template <class Card>
std::size_t divisor(const Card& card, const Plan& plan, const Shape& in) {
  if (card.correction < 0) throw ValueError(std::string(card.name) + ": the correction is negative: " + std::to_string(card.correction) + "; it is 0 or more");
  if (plan.count <= static_cast<std::size_t>(card.correction))
    throw ValueError(std::string(card.name) + ": too few elements: " + std::to_string(plan.count) + " along the reduced axes of shape " + to_string(in) + "; more than the correction, " +
                     std::to_string(card.correction) + ", are needed");
  return plan.count - static_cast<std::size_t>(card.correction);
}

template <class Card>
Shape spread_shape(const Card& card, const Shape& in) {
  const Plan plan = plan_of_some(card, in);
  static_cast<void>(divisor(card, plan, in));
  return plan.out;
}

/// The sums of squared distances from the mean, over the divisor.
template <class Card, Real T>
Array<T> variances(const Card& card, const Array<T>& x) {
  const Plan plan = plan_of_some(card, x.shape());
  const auto over = static_cast<T>(divisor(card, plan, x.shape()));
  const Array<T> mean = mean_of(x, plan, plan.kept);
  const Arranged<T> arranged(x, plan);
  const Array<T> squares = Array<T>::build(
      plan.out, [&](std::span<T> out) { detail::squares_over(arranged.x.data(), mean.data(), arranged.outer, arranged.n, arranged.inner, out.data()); });
  return squares / over;
}

/// x - mean.
template <class V>
V centred(const V& x, const Plan& plan) {
  return x - mean(x, {.axes = plan.axes, .keep_dims = true});
}

}  // namespace

Shape Variance::shape(std::span<const Shape> in) const { return spread_shape(*this, in[0]); }

template <class T>
Array<T> Variance::forward(Inputs<T> in) const {
  return variances(*this, in[0]);
}

template <class V>
V Variance::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const Plan plan(*this, s.shape(0));
  const auto scale = T(2) / static_cast<T>(divisor(*this, plan, s.shape(0)));
  if constexpr (detail::is_array<V>) {
    const V x = s.x(0), mean = mean_of(x, plan, plan.kept);
    const T *const g = s.g.data(), *const m = mean.data();
    return spread(x, plan, [&](T value, std::size_t at) { return g[at] == T(0) ? T(0) : g[at] * (scale * (value - m[at])); });
  } else {
    return joined(kept(s.g, plan), centred(s.x(0), plan) * scale);
  }
}

Shape StandardDeviation::shape(std::span<const Shape> in) const { return spread_shape(*this, in[0]); }

template <class T>
Array<T> StandardDeviation::forward(Inputs<T> in) const {
  return sqrt(variances(*this, in[0]));
}

template <class V>
V StandardDeviation::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const Plan plan(*this, s.shape(0));
  const auto over = static_cast<T>(divisor(*this, plan, s.shape(0)));
  const V y = kept(s.y(), plan), zero(T(0));
  return joined(kept(s.g, plan), where(y == zero, zero, centred(s.x(0), plan) / (y * over)));
}

// ---- extremes ----

namespace {

/// What each element has of its fold's extreme: equal shares for those that are equal to it; NaN for all where it is NaN.
template <Real T>
Array<T> shares(const Array<T>& x, const Array<T>& y, const Plan& plan) {
  const T* const extreme = y.data();
  const Array<T> ties = sum_of(spread(x, plan, [=](T value, std::size_t at) { return value == extreme[at] ? T(1) : T(0); }), plan, plan.kept);
  const T* const count = ties.data();
  return spread(x, plan, [=](T value, std::size_t at) { return (value == extreme[at] ? T(1) : T(0)) / count[at]; });
}

/// A value as it is on the tape's other side: its array.
template <class V>
auto array_of(const V& x) {
  if constexpr (detail::is_var<V>) return x.value(); else return x;
}

template <class V, class Card>
V pull_extremes(const Card& card, const Step<V>& s) {
  const Plan plan(card, s.shape(0));
  return joined(kept(s.g, plan), shares(array_of(s.x(0)), array_of(s.y()), plan));
}

}  // namespace

Shape Amax::shape(std::span<const Shape> in) const { return plan_of_some(*this, in[0]).out; }

template <class T>
Array<T> Amax::forward(Inputs<T> in) const {
  const Plan plan = plan_of_some(*this, in[0].shape());
  return folded(in[0], plan, plan.out, detail::largest_over<T>);
}

template <class V>
V Amax::pullback(std::size_t, const Step<V>& s) const {
  return pull_extremes(*this, s);
}

Shape Amin::shape(std::span<const Shape> in) const { return plan_of_some(*this, in[0]).out; }

template <class T>
Array<T> Amin::forward(Inputs<T> in) const {
  const Plan plan = plan_of_some(*this, in[0].shape());
  return folded(in[0], plan, plan.out, detail::smallest_over<T>);
}

template <class V>
V Amin::pullback(std::size_t, const Step<V>& s) const {
  return pull_extremes(*this, s);
}

// ---- exponentials ----

Shape Logsumexp::shape(std::span<const Shape> in) const { return Plan(*this, in[0]).out; }

template <class T>
Array<T> Logsumexp::forward(Inputs<T> in) const {
  const Plan plan(*this, in[0].shape());
  if (plan.count == 0) return full<T>(plan.out, -std::numeric_limits<T>::infinity());
  const Arranged<T> rows(in[0], plan, true);
  return Array<T>::build(plan.out, [&](std::span<T> out) { detail::logsumexp_rows(rows.x.data(), rows.outer, rows.n, out.data()); });
}

template <class V>
V Logsumexp::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const Plan plan(*this, s.shape(0));
  if constexpr (detail::is_array<V>) {
    if (plan.count == 0) return s.x(0);
    const Arranged<T> rows(s.x(0), plan, true);
    const Array<T> y = s.y();
    return rows.put_back(V::build(rows.x.shape(), [&](std::span<T> out) {
      detail::logsumexp_rows_backward(rows.x.data(), y.data(), s.g.data(), detail::is_uniform(s.g), rows.outer, rows.n, out.data());
    }));
  } else {
    const V g = kept(s.g, plan), x = s.x(0), y = kept(s.y(), plan);
    const Array<T> values = y.value();
    // y is rounded: the factor by which all of e^(x - y) are off goes with their sum.
    const auto softmax = [&](const V& power) { return power / kept(sum(power, {.axes = axes, .keep_dims = keep_dims}), plan); };
    if (std::none_of(values.begin(), values.end(), [](T value) { return std::isinf(value); })) return joined(g, softmax(exp(x - y)));
    // Where y is not finite e^(x - y) says nothing: the infinite elements share what there is to have, -inf has nothing.
    const Array<bool> endless = equal(abs(values), std::numeric_limits<T>::infinity());
    const Array<T> none(T(0)), share = where(equal(values, -std::numeric_limits<T>::infinity()), none, shares(x.value(), values, plan));
    return joined(g, where(endless, share, softmax(exp(where(endless, none, x - y)))));
  }
}

}  // namespace wengert::cards

// ---- argmax ----

namespace wengert::detail {

namespace {

/// Whether b, which comes later, is put before a: larger, or the first NaN.
template <Real T>
bool beats(T b, T a) {
  return b > a || (b != b && a == a);
}

}  // namespace

template <Real T>
Array<std::int64_t> argmax_of_all(const Array<T>& x) {
  require_values("argmax", "array", x);
  if (x.size() == 0) throw ValueError("argmax: no elements: shape " + to_string(x.shape()) + "; there must be at least one");
  std::size_t best = 0;
  for (std::size_t i = 1; i < x.size(); ++i)
    if (beats(x.data()[i], x.data()[best])) best = i;
  return Array<std::int64_t>(static_cast<std::int64_t>(best));
}

template <Real T>
Array<std::int64_t> argmax_along(const Array<T>& x, std::int64_t axis) {
  require_values("argmax", "array", x);
  const std::size_t at = normal_axis("argmax", axis, x.shape());
  if (x.shape()[at] == 0) throw ValueError("argmax: no elements along the axis: axis " + std::to_string(at) + " of shape " + to_string(x.shape()) + "; there must be at least one");
  Shape to = x.shape();
  to.erase(at);
  const AxisView view(x.shape(), at);
  return Array<std::int64_t>::build(to, [&](std::span<std::int64_t> out) {
    in_ranges(view.outer, view.extent * view.inner, [&](std::size_t first, std::size_t last) {
      for (std::size_t o = first; o < last; ++o) {
        const T* const from = x.data() + o * view.extent * view.inner;
        std::int64_t* const best = out.data() + o * view.inner;
        for (std::size_t j = 0; j < view.inner; ++j) best[j] = 0;
        for (std::size_t i = 1; i < view.extent; ++i)
          for (std::size_t j = 0; j < view.inner; ++j)
            if (beats(from[i * view.inner + j], from[static_cast<std::size_t>(best[j]) * view.inner + j])) best[j] = static_cast<std::int64_t>(i);
      }
    });
  });
}

template Array<std::int64_t> argmax_of_all(const Array<float>&);
template Array<std::int64_t> argmax_of_all(const Array<double>&);
template Array<std::int64_t> argmax_along(const Array<float>&, std::int64_t);
template Array<std::int64_t> argmax_along(const Array<double>&, std::int64_t);

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Reduce, float>(std::size_t place) noexcept { return family_table<cards::Reduce, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Reduce, double>(std::size_t place) noexcept { return family_table<cards::Reduce, double>(place); }

}  // namespace wengert::detail
