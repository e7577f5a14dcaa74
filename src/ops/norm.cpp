// Norms: the card's body.
#include <wengert/ops/norm.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>

#include "ops/general.hpp"
#include "ops/library_rules.hpp"
#include "ops/reduction.hpp"

namespace wengert {

namespace cards {

namespace {

/// The root of the sum of squares of n numbers, divided by the largest of them before they are squared.
template <Real T>
T scaled_norm(const T* x, std::size_t n, std::size_t step) {
  T largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const T size = std::abs(x[i * step]);
    if (size != size) return size;
    largest = std::max(largest, size);
  }
  if (largest == 0 || std::isinf(largest)) return largest;
  T squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const T part = x[i * step] / largest;
    squares += part * part;
  }
  return largest * std::sqrt(squares);
}

/// Squares are summed as they are; only where a sum leaves the range in which they have their digits it is done again, scaled.
template <Real T>
Array<T> euclidean(const Array<T>& x, const Plan& plan) {
  constexpr T smallest = std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon(), largest = std::numeric_limits<T>::max();
  const Arranged<T> rows(x, plan);
  const Array<T> centre = zeros<T>({rows.outer * rows.inner});
  return Array<T>::build(plan.out, [&](std::span<T> out) {
    detail::squares_over(rows.x.data(), centre.data(), rows.outer, rows.n, rows.inner, out.data());
    for (std::size_t place = 0; place < out.size(); ++place) {
      const std::size_t o = place / rows.inner, j = place % rows.inner;
      const bool has_its_digits = out[place] >= smallest && out[place] <= largest;
      out[place] = has_its_digits ? std::sqrt(out[place]) : scaled_norm(rows.x.data() + o * rows.n * rows.inner + j, rows.n, rows.inner);
    }
  });
}

/// Any other order: scaled by the largest element, or by the smallest where small elements weigh most.
template <Real T>
Array<T> power_mean(const Array<T>& x, const Plan& plan, T p) {
  const ReduceOptions over{.axes = plan.axes, .keep_dims = true};
  const T infinity = std::numeric_limits<T>::infinity();
  const Array<T> size = abs(x), extreme = p > 0 ? amax(size, over) : amin(size, over);
  const Array<T> scale = where(equal(extreme, T(0)), T(1), where(equal(extreme, infinity), T(1), extreme));
  return (scale * pow(sum(pow(size / scale, p), over), T(1) / p)).reshaped(plan.out);
}

}  // namespace

Shape Norm::shape(std::span<const Shape> in) const { return plan_of_some(*this, in[0]).out; }

template <class T>
Array<T> Norm::forward(Inputs<T> in) const {
  const Plan plan = plan_of_some(*this, in[0].shape());
  return order == 2 ? euclidean(in[0], plan) : power_mean(in[0], plan, static_cast<T>(order));
}

template <class V>
V Norm::pullback(std::size_t, const Step<V>& s) const {
  using T = typename V::value_type;
  const Plan plan(*this, s.shape(0));
  const V x = s.x(0), g = kept(s.g, plan), y = kept(s.y(), plan);
  if (order == 2) {
    if constexpr (detail::is_array<V>) {
      const T *const cotangent = g.data(), *const norm = y.data();
      return spread(x, plan, [=](T value, std::size_t at) { return cotangent[at] == T(0) || norm[at] == T(0) ? T(0) : cotangent[at] * (value / norm[at]); });
    } else {
      return joined(g, where(y == 0, 0, x / y));
    }
  }
  const V size = abs(x);
  // The quotient that is raised to a positive power, so that it may underflow, but not overflow.
  const V power = order > 1 ? V(pow(size / y, static_cast<T>(order - 1))) : V(pow(y / size, static_cast<T>(1 - order)));
  return joined(g, where(size == V(T(0)), T(0), sign(x) * power));
}

}  // namespace cards

namespace detail {

bool check_norm(const Shape& shape, const NormOptions& options) {
  if (options.order != options.order) throw ValueError("norm: the order is NaN; it is any number, or infinity");
  const cards::Plan plan(cards::Norm{options.order, options.axes, options.keep_dims}, shape);
  if (plan.count == 0 && options.order < 0) cards::refuse_empty("norm", shape);
  return plan.count == 0;
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::NormFamily, float>(std::size_t place) noexcept { return family_table<cards::NormFamily, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::NormFamily, double>(std::size_t place) noexcept { return family_table<cards::NormFamily, double>(place); }

}  // namespace detail

}  // namespace wengert
