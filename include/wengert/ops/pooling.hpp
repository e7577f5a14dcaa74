// Pooling: the largest or the mean of each window over a sequence or an image.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/array/windows.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/convolution.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

struct MaxPool1dOptions {
  std::size_t kernel = 2;       ///< places of a window
  std::size_t stride = kernel;  ///< places from window to window
  AxisPadding padding = 0;      ///< -inf before and behind, less than a window reaches over
  std::size_t dilation = 1;     ///< places from one of a window's to its next
  bool ceil_mode = false;       ///< whether a last window that is only partly there counts
};

struct MaxPool2dOptions {
  HeightWidth kernel = 2;       ///< places of a window
  HeightWidth stride = kernel;  ///< places from window to window
  ImagePadding padding = 0;     ///< -inf around the image, less than a window reaches over
  HeightWidth dilation = 1;     ///< places from one of a window's to its next
  bool ceil_mode = false;       ///< whether a last window that is only partly there counts
};

struct AvgPool1dOptions {
  std::size_t kernel = 2;                          ///< places of a window
  std::size_t stride = kernel;                     ///< places from window to window
  AxisPadding padding = 0;                         ///< zeros before and behind, fewer than a window's places
  bool ceil_mode = false;                          ///< whether a last window that is only partly there counts
  bool count_include_pad = true;                   ///< whether the padding's zeros count in the mean
  std::optional<double> divisor_override = {};     ///< what the sums are divided by, instead of the number of places
};

struct AvgPool2dOptions {
  HeightWidth kernel = 2;                          ///< places of a window
  HeightWidth stride = kernel;                     ///< places from window to window
  ImagePadding padding = 0;                        ///< zeros around the image, fewer than a window's places
  bool ceil_mode = false;                          ///< whether a last window that is only partly there counts
  bool count_include_pad = true;                   ///< whether the padding's zeros count in the mean
  std::optional<double> divisor_override = {};     ///< what the sums are divided by, instead of the number of places
};

namespace detail {

/// A pooling's windows, and the shapes of its input and output.
struct PoolingPlan {
  Windows height, width;
  Shape image;  // (1, n channels, h, w)
  Shape out;
};
/// ShapeError and ValueError in `who`'s name.
WENGERT_API PoolingPlan pooling_plan(std::string_view who, const Shape& x, const MaxPool2dOptions& options);
WENGERT_API PoolingPlan pooling_plan(std::string_view who, const Shape& x, const MaxPool1dOptions& options);
/// How many places each window has, or the number instead: of shape (windows down, windows across), or a number. ValueError for 0 instead.
template <Real T>
WENGERT_API Array<T> pooling_divisors(std::string_view who, const PoolingPlan& plan, bool with_padding, const std::optional<double>& instead);

template <Tensor X>
X max_pooled(const PoolingPlan& plan, const X& x) {
  return reshape(record(cards::MaxPool{plan.height, plan.width}, reshape(x, plan.image)), plan.out);
}

template <Tensor X>
X avg_pooled(std::string_view who, const PoolingPlan& plan, const X& x, bool with_padding, const std::optional<double>& instead) {
  const auto divisors = pooling_divisors<typename X::value_type>(who, plan, with_padding, instead);
  // (n channels, kernel height, kernel width, 1, windows down, windows across), added up
  const X windows = record(cards::Unfold{plan.height, plan.width, 0}, reshape(x, plan.image));
  return reshape(sum(windows, Axes{1, 2}) / divisors, plan.out);
}

}  // namespace detail

/// y(n, c, p, q) = the largest of x in the window there.   dx = g in equal shares among the places of a window that are largest, added over
/// the windows, else 0; the padding's share is lost, which is seen only where nothing in a window is larger than -inf.
/// x (n, channels, h, w). NaN where a window has one, as amax. A window of padding alone is -inf. ShapeError for another rank, for no places and
/// where no window fits, ValueError for a kernel, stride or dilation of 0 and for padding that a window does not reach beyond.
template <Tensor X>
X max_pool2d(const X& x, const MaxPool2dOptions& options = {}) {
  return detail::max_pooled(detail::pooling_plan("max_pool2d", detail::operand_shape("max_pool2d", x), options), x);
}

/// y(n, c, p) = the largest of x in the window there: max_pool2d along one axis.   dx likewise.   x (n, channels, length).
template <Tensor X>
X max_pool1d(const X& x, const MaxPool1dOptions& options = {}) {
  return detail::max_pooled(detail::pooling_plan("max_pool1d", detail::operand_shape("max_pool1d", x), options), x);
}

/// y(n, c, p, q) = the mean of x in the window there.   dx = g over the number of its places, added over the windows.
/// x (n, channels, h, w). The padding's zeros count, unless count_include_pad is false; what a partial window lacks never does.
/// Errors as max_pool2d, ValueError for a divisor of 0 too.
template <Tensor X>
X avg_pool2d(const X& x, const AvgPool2dOptions& options = {}) {
  const MaxPool2dOptions windows{.kernel = options.kernel, .stride = options.stride, .padding = options.padding, .ceil_mode = options.ceil_mode};
  return detail::avg_pooled("avg_pool2d", detail::pooling_plan("avg_pool2d", detail::operand_shape("avg_pool2d", x), windows), x, options.count_include_pad, options.divisor_override);
}

/// y(n, c, p) = the mean of x in the window there: avg_pool2d along one axis.   dx likewise.   x (n, channels, length).
template <Tensor X>
X avg_pool1d(const X& x, const AvgPool1dOptions& options = {}) {
  const MaxPool1dOptions windows{.kernel = options.kernel, .stride = options.stride, .padding = options.padding, .ceil_mode = options.ceil_mode};
  return detail::avg_pooled("avg_pool1d", detail::pooling_plan("avg_pool1d", detail::operand_shape("avg_pool1d", x), windows), x, options.count_include_pad, options.divisor_override);
}

}  // namespace wengert
