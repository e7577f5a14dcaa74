// Array-level copying: what reorders, cuts, joins, repeats and picks elements and computes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/array/shape.hpp>

namespace wengert::detail {

/// A shape seen from one of its axes.
struct AxisView {
  std::size_t outer = 1, extent = 1, inner = 1;

  AxisView(const Shape& shape, std::size_t axis) noexcept : extent(shape[axis]) {
    for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
    for (std::size_t i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

// ---- all elements, in another order or repeated ----

/// y(i[0], i[1], ...) = x with axis k of y being axis order[k] of x. Shares the elements where no element moves.
template <Real T>
Array<T> permuted(const Array<T>& x, const Axes& order);
/// x with the order of elements reversed along these axes, which are counted from the front.
template <Real T>
Array<T> reversed(const Array<T>& x, const Axes& axes);
/// x repeated to the shape `to`, to which it can be stretched.
template <Real T>
Array<T> stretched(const Array<T>& x, const Shape& to);

// ---- pieces along one axis ----

/// The elements [start, stop) of an axis.
template <Real T>
Array<T> cut(const Array<T>& x, std::size_t axis, std::size_t start, std::size_t stop);
/// x between zeros: `before` of them and as many behind as make the axis `extent` long.
template <Real T>
Array<T> padded(const Array<T>& x, std::size_t axis, std::size_t before, std::size_t extent);
/// The arrays one behind the other along an axis, as an array of shape `to`.
template <Real T>
Array<T> joined_along(std::span<const Array<T>> parts, std::size_t axis, const Shape& to);

// ---- elements by index; every index is known to be in [-extent, extent) ----

/// ShapeError in `who`'s name unless all indices are in [-extent, extent).
void check_indices(std::string_view who, const Array<std::int64_t>& indices, std::size_t extent);

/// The elements of an axis that `indices` names; the axis is replaced by the axes of `indices`.
template <Real T>
Array<T> taken(const Array<T>& x, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to);
/// Zeros of shape `to`, with g added at the places where taken() would take it from.
template <Real T>
Array<T> taken_back(const Array<T>& g, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to);
/// y(.., i, ..) = x(.., indices(.., i, ..), ..), of the indices' shape, which is nowhere but along the axis longer than x's.
template <Real T>
Array<T> gathered(const Array<T>& x, const Array<std::int64_t>& indices, std::size_t axis);
/// Zeros of shape `to`, with g added at the places where gathered() would take it from.
template <Real T>
Array<T> gathered_back(const Array<T>& g, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to);

// ---- one of two ----

/// a where the mask holds, else b, all stretched to `to`.
template <Real T>
Array<T> chosen(const Array<bool>& mask, const Array<T>& a, const Array<T>& b, const Shape& to);

}  // namespace wengert::detail
