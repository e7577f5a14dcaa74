// By size: places of extremes, sorting, the largest few. Axes count from the end where negative. Places are never differentiated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/select.hpp>

namespace wengert {

/// Which comes first.
enum class SortOrder : std::uint8_t { ascending, descending };

/// Elements of an array in order, and the places along the axis where they were.
template <Tensor X>
struct Sorted {
  X values;                     ///< the elements in order
  Array<std::int64_t> indices;  ///< where along the axis they were
};

namespace detail {
/// The elements of a tensor; GraphError in `who`'s name where it holds nothing.
template <Tensor X>
Array<typename X::value_type> elements_of(std::string_view who, const X& x) {
  check_not_nothing(who, x);
  return value_of(x);
}

/// Which end of the order a search is for.
enum class Extreme : std::uint8_t { largest, smallest };

template <Real T>
WENGERT_API Array<std::int64_t> extreme_of_all(Extreme which, const Array<T>& x);
template <Real T>
WENGERT_API Array<std::int64_t> extreme_along(Extreme which, const Array<T>& x, std::int64_t axis);
/// The places of all elements along an axis in this order; of the first `count`.
template <Real T>
WENGERT_API Array<std::int64_t> sorted_places(std::string_view who, const Array<T>& x, std::int64_t axis, SortOrder order);
template <Real T>
WENGERT_API Array<std::int64_t> first_places(const Array<T>& x, std::size_t count, std::int64_t axis, SortOrder order);
}  // namespace detail

/// The place of the first largest element, counted row by row; the first NaN wins over all. Never differentiated. ValueError without elements.
template <Tensor X>
Array<std::int64_t> argmax(const X& x) {
  return detail::extreme_of_all(detail::Extreme::largest, detail::elements_of("argmax", x));
}
/// The same along one axis, which is gone from the result's shape.
template <Tensor X>
Array<std::int64_t> argmax(const X& x, std::int64_t axis) {
  return detail::extreme_along(detail::Extreme::largest, detail::elements_of("argmax", x), axis);
}

/// The place of the first smallest element, counted row by row; the first NaN wins over all. Never differentiated. ValueError without elements.
template <Tensor X>
Array<std::int64_t> argmin(const X& x) {
  return detail::extreme_of_all(detail::Extreme::smallest, detail::elements_of("argmin", x));
}
/// The same along one axis, which is gone from the result's shape.
template <Tensor X>
Array<std::int64_t> argmin(const X& x, std::int64_t axis) {
  return detail::extreme_along(detail::Extreme::smallest, detail::elements_of("argmin", x), axis);
}

/// The places along an axis that sort it: equal elements in the order in which they stand, NaN last in either order. Never differentiated.
template <Tensor X>
Array<std::int64_t> argsort(const X& x, std::int64_t axis = -1, SortOrder order = SortOrder::ascending) {
  return detail::sorted_places("argsort", detail::elements_of("argsort", x), axis, order);
}

/// y.values = x sorted along an axis, y.indices = argsort(x).   dx = g brought back to where each element was.   Equal elements keep their
/// order, NaN comes last in either order. ShapeError for an axis that is not there.
template <Tensor X>
Sorted<X> sort(const X& x, std::int64_t axis = -1, SortOrder order = SortOrder::ascending) {
  const Array<std::int64_t> places = detail::sorted_places("sort", detail::elements_of("sort", x), axis, order);
  return {gather(x, places, axis), places};
}

/// y.values = the `count` largest elements along an axis, the largest first, y.indices = where they were; the smallest ones with
/// SortOrder::ascending.   dx = g brought back there, else 0.   The first `count` elements of sort(x): of equal ones the first, NaN only where there is nothing
/// else. ShapeError where the axis has fewer elements.
template <Tensor X>
Sorted<X> topk(const X& x, std::size_t count, std::int64_t axis = -1, SortOrder order = SortOrder::descending) {
  const Array<std::int64_t> places = detail::first_places(detail::elements_of("topk", x), count, axis, order);
  return {gather(x, places, axis), places};
}

}  // namespace wengert
