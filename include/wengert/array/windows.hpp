// Windows that move over the places of an image: how they are asked for, and where they lie. What convolution and pooling share.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <wengert/array/shape.hpp>
#include <wengert/base/export.hpp>

namespace wengert {

/// How much is put around an image, where no number says it.
enum class Padding : std::uint8_t {
  valid,  ///< nothing: all windows lie inside
  same,   ///< so much that there are as many windows as places (over the stride, rounded up); what is odd comes behind
};

/// A number for the height of an image and one for its width: {3, 5}, or 3 for both.
struct HeightWidth {
  template <std::integral I>
  constexpr HeightWidth(I both) : HeightWidth(both, both) {}  // NOLINT: implicit, so that {.stride = 2} works
  constexpr HeightWidth(detail::Extent of_height, detail::Extent of_width) : height(of_height), width(of_width) {}

  std::size_t height, width;
};

/// What is put before and behind the places of one axis: {1, 2}, 1 for both, or a Padding.
struct AxisPadding {
  template <std::integral I>
  constexpr AxisPadding(I both) : AxisPadding(both, both) {}                // NOLINT: implicit, so that {.padding = 1} works
  constexpr AxisPadding(Padding by) : is_same(by == Padding::same) {}       // NOLINT
  constexpr AxisPadding(detail::Extent in_front, detail::Extent at_the_end) : before(in_front), behind(at_the_end) {}

  std::size_t before = 0, behind = 0;
  bool is_same = false;  ///< then the numbers follow from the windows
};

/// What is put around an image: {1, 2} above and below, left and right; {{0, 1}, {2, 3}} for each side; 1 for all; or a Padding.
struct ImagePadding {
  template <std::integral I>
  constexpr ImagePadding(I all) : height(all), width(all) {}            // NOLINT: implicit, so that {.padding = 1} works
  constexpr ImagePadding(Padding by) : height(by), width(by) {}         // NOLINT
  constexpr ImagePadding(AxisPadding of_height, AxisPadding of_width) : height(of_height), width(of_width) {}

  AxisPadding height, width;
};

namespace detail {

/// The windows along one axis: the k-th place of window o is o * stride + k * dilation - before; it is there if it is in [0, length).
struct Windows {
  std::size_t length = 1, kernel = 1, stride = 1, dilation = 1, before = 0, behind = 0, count = 1;

  /// How many places a window reaches over.
  std::size_t reach() const noexcept { return (kernel - 1) * dilation + 1; }
};

/// Whether a last window that is only partly there counts.
enum class LastWindow : std::uint8_t { whole, partial };

/// The windows along an axis of this length. ValueError for a kernel, stride or dilation of 0, and where a number is too large to count with;
/// ShapeError where no window fits.
WENGERT_API Windows windows_along(std::string_view who, std::string_view axis, std::size_t length, std::size_t kernel, std::size_t stride, std::size_t dilation, const AxisPadding& padding,
                                  LastWindow last = LastWindow::whole);

}  // namespace detail
}  // namespace wengert
