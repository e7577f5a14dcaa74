// Reductions: the cards' bodies.
#include <wengert/ops/reduce.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

#include "array/reduce.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"
#include "ops/reduction.hpp"

namespace wengert::cards {

namespace {

/// The pullback of what is linear in x with the same weight for all: g, or the number that stands for it.
template <class V, class Card>
V spread_back(const Card& card, const V& g, const Shape& in) {
  if (detail::is_uniform(g)) return g;
  return broadcast_to(kept(g, Plan(card, in)), in);
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

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Reduce, float>(std::size_t place) noexcept { return family_table<cards::Reduce, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Reduce, double>(std::size_t place) noexcept { return family_table<cards::Reduce, double>(place); }

}  // namespace wengert::detail
