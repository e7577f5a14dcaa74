// Places of extremes, and those that sort.
#include <wengert/ops/order.hpp>

#include <algorithm>
#include <span>
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

/// An element and its place along the axis, side by side: comparing them reads one memory.
template <Real T>
struct Entry {
  T value;
  std::int64_t place;
};

/// Whether a comes before b: NaN last, of equal ones the first.
template <SortOrder order, Real T>
bool is_before(const Entry<T>& a, const Entry<T>& b) {
  const T p = a.value, q = b.value;
  if (order == SortOrder::ascending ? p < q : p > q) return true;
  if (order == SortOrder::ascending ? p > q : p < q) return false;
  if (p == q) return a.place < b.place;
  return p == p || (q != q && a.place < b.place);
}

/// Puts an entry in the place of the one on top of a heap, the last of all.
template <SortOrder order, Real T>
void replace_top(std::span<Entry<T>> heap, const Entry<T>& entry) {
  std::size_t hole = 0;
  for (std::size_t child = 1; child < heap.size(); child = 2 * hole + 1) {
    if (child + 1 < heap.size() && is_before<order>(heap[child], heap[child + 1])) ++child;
    if (!is_before<order>(entry, heap[child])) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = entry;
}

/// The first of n elements in order, as many as `first` holds. Fewer than all are found by a heap, the last of them on top.
template <SortOrder order, Real T>
void find_first(const T* x, std::size_t n, std::size_t step, std::span<Entry<T>> first) {
  const auto before = [](const Entry<T>& a, const Entry<T>& b) { return is_before<order>(a, b); };
  const auto entry = [=](std::size_t i) { return Entry<T>{x[i * step], static_cast<std::int64_t>(i)}; };
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = entry(i);
  if (first.size() == n) return std::sort(first.begin(), first.end(), before);
  std::make_heap(first.begin(), first.end(), before);
  // Most elements are seen by their value alone to come behind the top, stretch by stretch.
  const auto is_behind = [](T value, T last) { return order == SortOrder::ascending ? value >= last : value <= last; };
  constexpr std::size_t stretch = 16;
  for (std::size_t i = first.size(); i < n;) {
    const std::size_t stop = std::min(n, i + stretch);
    const T last = first.front().value;
    unsigned behind = 0;
    if (step == 1) {
      for (std::size_t k = i; k < stop; ++k) behind += is_behind(x[k], last) ? 1U : 0U;
    }
    if (behind == stop - i) {
      i = stop;
      continue;
    }
    for (; i < stop; ++i) {
      if (is_behind(x[i * step], first.front().value)) continue;
      if (const Entry<T> found = entry(i); before(found, first.front())) replace_top<order>(first, found);
    }
  }
  std::sort_heap(first.begin(), first.end(), before);
}

template <SortOrder order, Real T>
Array<std::int64_t> ordered_places(const Array<T>& x, std::size_t axis, std::size_t count) {
  const AxisView view(x.shape(), axis);
  Shape to = x.shape();
  to[axis] = count;
  return Array<std::int64_t>::build(to, [&](std::span<std::int64_t> out) {
    if (count == 0) return;
    in_ranges(view.outer * view.inner, view.extent, [&](std::size_t first, std::size_t last) {
      std::vector<Entry<T>, PoolAllocator<Entry<T>>> found(count);
      for (std::size_t line = first; line < last; ++line) {
        const std::size_t o = line / view.inner, j = line % view.inner;
        find_first<order, T>(x.data() + o * view.extent * view.inner + j, view.extent, view.inner, found);
        for (std::size_t k = 0; k < count; ++k) out[(o * count + k) * view.inner + j] = found[k].place;
      }
    });
  });
}

template <Real T>
Array<std::int64_t> ordered_places(const Array<T>& x, std::size_t axis, std::size_t count, SortOrder order) {
  return order == SortOrder::ascending ? ordered_places<SortOrder::ascending>(x, axis, count) : ordered_places<SortOrder::descending>(x, axis, count);
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
