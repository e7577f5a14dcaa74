// Places of extremes, and those that sort.
#include <wengert/ops/order.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>

#include "array/movement.hpp"
#include "array/ranges.hpp"
#include "ops/general.hpp"

namespace wengert::detail {

namespace {

constexpr std::string_view name_of(Extreme which) { return which == Extreme::largest ? "argmax" : "argmin"; }

/// Whether b, which comes later, is put before a: further out, or the first NaN.
template <Extreme which, Real T>
bool beats(T b, T a) {
  return (which == Extreme::largest ? b > a : b < a) || (b != b && a == a);
}

template <Extreme which, Real T>
std::size_t best_of(const T* x, std::size_t count) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i)
    if (beats<which>(x[i], x[best])) best = i;
  return best;
}

template <Extreme which, Real T>
void best_along(const T* x, const AxisView& view, std::int64_t* out) {
  in_ranges(view.outer, view.extent * view.inner, [&](std::size_t first, std::size_t last) {
    for (std::size_t o = first; o < last; ++o) {
      const T* const from = x + o * view.extent * view.inner;
      std::int64_t* const best = out + o * view.inner;
      if (view.inner == 1) {
        *best = static_cast<std::int64_t>(best_of<which>(from, view.extent));
        continue;
      }
      for (std::size_t j = 0; j < view.inner; ++j) best[j] = 0;
      for (std::size_t i = 1; i < view.extent; ++i)
        for (std::size_t j = 0; j < view.inner; ++j)
          if (beats<which>(from[i * view.inner + j], from[static_cast<std::size_t>(best[j]) * view.inner + j])) best[j] = static_cast<std::int64_t>(i);
    }
  });
}

/// Whether the element at place a comes before the one at b; of equal ones the first.
template <Real T>
struct Before {
  const T* x;
  std::size_t step;
  SortOrder order;

  bool operator()(std::int64_t a, std::int64_t b) const {
    const T p = x[static_cast<std::size_t>(a) * step], q = x[static_cast<std::size_t>(b) * step];
    if (p != p || q != q) return p == p || (q != q && a < b);
    if (p == q) return a < b;
    return (p < q) == (order == SortOrder::ascending);
  }
};

template <Real T>
Array<std::int64_t> ordered_places(const Array<T>& x, std::size_t axis, std::size_t count, SortOrder order) {
  const AxisView view(x.shape(), axis);
  Shape to = x.shape();
  to[axis] = count;
  return Array<std::int64_t>::build(to, [&](std::span<std::int64_t> out) {
    if (count == 0) return;
    in_ranges(view.outer * view.inner, view.extent, [&](std::size_t first, std::size_t last) {
      std::vector<std::int64_t, PoolAllocator<std::int64_t>> places(count);
      for (std::size_t line = first; line < last; ++line) {
        const std::size_t o = line / view.inner, j = line % view.inner;
        const T* const from = x.data() + o * view.extent * view.inner + j;
        const Before<T> before{from, view.inner, order};
        std::iota(places.begin(), places.end(), std::int64_t{0});
        if (count == view.extent) {
          std::sort(places.begin(), places.end(), before);
        } else {
          // A heap with the last of the first `count` on top; most elements are seen by their value alone to come behind it.
          std::make_heap(places.begin(), places.end(), before);
          T worst = from[static_cast<std::size_t>(places.front()) * view.inner];
          for (std::size_t i = count; i < view.extent; ++i) {
            const T value = from[i * view.inner];
            if (order == SortOrder::ascending ? value >= worst : value <= worst) continue;
            if (!before(static_cast<std::int64_t>(i), places.front())) continue;
            std::pop_heap(places.begin(), places.end(), before);
            places.back() = static_cast<std::int64_t>(i);
            std::push_heap(places.begin(), places.end(), before);
            worst = from[static_cast<std::size_t>(places.front()) * view.inner];
          }
          std::sort_heap(places.begin(), places.end(), before);
        }
        for (std::size_t k = 0; k < count; ++k) out[(o * count + k) * view.inner + j] = places[k];
      }
    });
  });
}

}  // namespace

template <Real T>
Array<std::int64_t> extreme_of_all(Extreme which, const Array<T>& x) {
  require_values(name_of(which), "array", x);
  if (x.size() == 0) throw ValueError(std::string(name_of(which)) + ": no elements: shape " + to_string(x.shape()) + "; there must be at least one");
  return Array<std::int64_t>(static_cast<std::int64_t>(which == Extreme::largest ? best_of<Extreme::largest>(x.data(), x.size()) : best_of<Extreme::smallest>(x.data(), x.size())));
}

template <Real T>
Array<std::int64_t> extreme_along(Extreme which, const Array<T>& x, std::int64_t axis) {
  require_values(name_of(which), "array", x);
  const std::size_t at = normal_axis(name_of(which), axis, x.shape());
  if (x.shape()[at] == 0)
    throw ValueError(std::string(name_of(which)) + ": no elements along the axis: axis " + std::to_string(at) + " of shape " + to_string(x.shape()) + "; there must be at least one");
  Shape to = x.shape();
  to.erase(at);
  return Array<std::int64_t>::build(to, [&](std::span<std::int64_t> out) {
    const AxisView view(x.shape(), at);
    if (which == Extreme::largest) best_along<Extreme::largest>(x.data(), view, out.data()); else best_along<Extreme::smallest>(x.data(), view, out.data());
  });
}

template <Real T>
Array<std::int64_t> sorted_places(std::string_view who, const Array<T>& x, std::int64_t axis, SortOrder order) {
  require_values(who, "array", x);
  const std::size_t at = normal_axis(who, axis, x.shape());
  return ordered_places(x, at, x.shape()[at], order);
}

template <Real T>
Array<std::int64_t> first_places(const Array<T>& x, std::size_t count, std::int64_t axis, SortOrder order) {
  require_values("topk", "array", x);
  const std::size_t at = normal_axis("topk", axis, x.shape());
  if (count > x.shape()[at])
    throw ShapeError("topk: too few elements: " + std::to_string(x.shape()[at]) + " along axis " + std::to_string(at) + " of shape " + to_string(x.shape()) + "; at least " + std::to_string(count) + " are needed");
  return ordered_places(x, at, count, order);
}

template Array<std::int64_t> extreme_of_all(Extreme, const Array<float>&);
template Array<std::int64_t> extreme_of_all(Extreme, const Array<double>&);
template Array<std::int64_t> extreme_along(Extreme, const Array<float>&, std::int64_t);
template Array<std::int64_t> extreme_along(Extreme, const Array<double>&, std::int64_t);
template Array<std::int64_t> sorted_places(std::string_view, const Array<float>&, std::int64_t, SortOrder);
template Array<std::int64_t> sorted_places(std::string_view, const Array<double>&, std::int64_t, SortOrder);
template Array<std::int64_t> first_places(const Array<float>&, std::size_t, std::int64_t, SortOrder);
template Array<std::int64_t> first_places(const Array<double>&, std::size_t, std::int64_t, SortOrder);

}  // namespace wengert::detail
