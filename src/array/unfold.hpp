// Array-level copying between images and the windows over them: what makes a convolution a product of matrices.
#pragma once

#include <wengert/array/array.hpp>
#include <wengert/array/windows.hpp>

namespace wengert::detail {

/// The shape of unfolded(), (channels, kernel height, kernel width, n, windows down, windows across), of an image of shape (n, channels, h, w).
Shape unfolded_shape(const Shape& image, const Windows& height, const Windows& width);

/// y(c, i, j, n, p, q) = x(n, c, place i of window p, place j of window q), `beyond` where that place is not there.
template <Real T>
Array<T> unfolded(const Array<T>& x, const Windows& height, const Windows& width, T beyond);
/// Zeros of shape (n, channels, h, w), with y added at the places where unfolded() would take it from.
template <Real T>
Array<T> folded(const Array<T>& y, const Windows& height, const Windows& width);

/// y(c, p, q) = the largest of x(0, c, ..) in window (p, q): NaN where one of them is, -infinity where none is there.
template <Real T>
Array<T> largest_in_windows(const Array<T>& x, const Windows& height, const Windows& width);
/// g in equal shares among the places that are equal to the largest, y, of their window, added over the windows; a share of a place that is not
/// there is lost.
template <Real T>
Array<T> largest_in_windows_backward(const Array<T>& x, const Array<T>& y, const Array<T>& g, const Windows& height, const Windows& width);

}  // namespace wengert::detail
