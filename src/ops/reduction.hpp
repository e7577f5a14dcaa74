// What reductions have in common: which elements become one, and how they are brought side by side.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/shape.hpp>

#include "array/movement.hpp"
#include "array/reduce.hpp"
#include "array/walk.hpp"

namespace wengert::cards {

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

[[noreturn]] inline void refuse_empty(std::string_view who, const Shape& in) {
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

/// g times a slope, 0 where g is 0, both stretched.
template <class V, class S>
V joined(const V& g, const S& slope) {
  return detail::record_library<StrongProduct>(g, slope);
}

}  // namespace wengert::cards
