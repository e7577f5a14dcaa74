// Shapes: the extents of an array, and the checked arithmetic on them that every operation shares.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>

#include <wengert/base/export.hpp>

namespace wengert {

namespace detail {
[[noreturn]] WENGERT_API void refuse_extent(std::int64_t given);
[[noreturn]] WENGERT_API void refuse_rank(std::size_t given);

/// One extent as a caller writes it: any integer, checked to be a size.
class Extent {
 public:
  template <std::integral I>
  constexpr Extent(I value) : value_(static_cast<std::size_t>(value)) {  // NOLINT: implicit, so that {n, 3} works for an int n
    if constexpr (std::signed_integral<I>) {
      if (value < 0) refuse_extent(static_cast<std::int64_t>(value));
    }
  }
  constexpr operator std::size_t() const { return value_; }  // NOLINT

 private:
  std::size_t value_;
};

/// One axis or signed size as a caller writes it: any integer.
class Axis {
 public:
  template <std::integral I>
  constexpr Axis(I value) : value_(static_cast<std::int64_t>(value)) {}  // NOLINT: implicit, so that {n, -1} works for any n
  constexpr operator std::int64_t() const { return value_; }             // NOLINT

 private:
  std::int64_t value_;
};
}  // namespace detail

/// The extents of an array, outermost first. Rank 0 is a number. At most `max_rank` axes.
class Shape {
 public:
  static constexpr std::size_t max_rank = 16;

  constexpr Shape() noexcept = default;
  constexpr Shape(std::initializer_list<detail::Extent> extents) {
    if (extents.size() > max_rank) detail::refuse_rank(extents.size());
    for (const auto extent : extents) extents_[rank_++] = extent;
  }
  template <class Iterator>
    requires requires(Iterator i) { static_cast<std::size_t>(*i); }
  Shape(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(static_cast<std::size_t>(*first));
  }
  constexpr Shape(const Shape& other) noexcept { *this = other; }
  constexpr Shape& operator=(const Shape& other) noexcept {
    rank_ = other.rank_;
    for (std::size_t i = 0; i < rank_; ++i) extents_[i] = other.extents_[i];
    return *this;
  }
  ~Shape() = default;

  constexpr std::size_t rank() const noexcept { return rank_; }
  /// The same as rank(), for those who see a shape as a container.
  constexpr std::size_t size() const noexcept { return rank_; }
  constexpr bool empty() const noexcept { return rank_ == 0; }
  constexpr std::size_t operator[](std::size_t axis) const noexcept { return extents_[axis]; }
  constexpr std::size_t& operator[](std::size_t axis) noexcept { return extents_[axis]; }
  constexpr std::size_t back() const noexcept { return extents_[rank_ - 1]; }
  constexpr const std::size_t* begin() const noexcept { return extents_.data(); }
  constexpr const std::size_t* end() const noexcept { return extents_.data() + rank_; }

  constexpr void push_back(std::size_t extent) {
    if (rank_ == max_rank) detail::refuse_rank(max_rank + 1);
    extents_[rank_++] = extent;
  }
  /// Inserts an axis of this extent before `axis`.
  WENGERT_API void insert(std::size_t axis, std::size_t extent);
  WENGERT_API void erase(std::size_t axis);

  /// The number of elements, 1 for rank 0. Throws ShapeError when it exceeds what memory can address.
  WENGERT_API std::size_t elements() const;

  friend constexpr bool operator==(const Shape& a, const Shape& b) noexcept {
    if (a.rank_ != b.rank_) return false;
    for (std::size_t i = 0; i < a.rank_; ++i)
      if (a.extents_[i] != b.extents_[i]) return false;
    return true;
  }

 private:
  std::size_t rank_ = 0;
  std::array<std::size_t, max_rank> extents_;  // only the first rank_ are ever read or copied
};

/// "(2, 3)", "(4,)", "()": as the field writes shapes.
WENGERT_API std::string to_string(const Shape& shape);
WENGERT_API std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// A list of axes or of sizes in which -1 has a meaning: {0, -1}, {4, -1}.
class Axes {
 public:
  constexpr Axes() noexcept = default;
  constexpr Axes(std::initializer_list<detail::Axis> axes) {
    if (axes.size() > Shape::max_rank) detail::refuse_rank(axes.size());
    for (const auto axis : axes) axes_[size_++] = axis;
  }
  Axes(const Shape& shape) {  // NOLINT: reshape(x, y.shape())
    for (const auto extent : shape) axes_[size_++] = static_cast<std::int64_t>(extent);
  }

  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr std::int64_t operator[](std::size_t i) const noexcept { return axes_[i]; }
  constexpr const std::int64_t* begin() const noexcept { return axes_.data(); }
  constexpr const std::int64_t* end() const noexcept { return axes_.data() + size_; }
  constexpr void push_back(std::int64_t axis) {
    if (size_ == Shape::max_rank) detail::refuse_rank(Shape::max_rank + 1);
    axes_[size_++] = axis;
  }
  WENGERT_API std::string text() const;

 private:
  std::size_t size_ = 0;
  std::array<std::int64_t, Shape::max_rank> axes_{};
};

/// The shape to which two operands are stretched: aligned at the last axis, extents equal or 1. ShapeError in `who`'s name otherwise.
WENGERT_API Shape broadcast_shape(std::string_view who, const Shape& a, const Shape& b);
/// Whether an array of shape `from` can be stretched to `to`.
WENGERT_API bool broadcasts_to(const Shape& from, const Shape& to) noexcept;
/// An axis counted from the front: -1 is the last of `rank`. ShapeError in `who`'s name when there is no such axis.
WENGERT_API std::size_t normal_axis(std::string_view who, std::int64_t axis, const Shape& shape);
/// The same for a list; ascending, each axis once (ShapeError otherwise); no axis given means all of them.
WENGERT_API Axes normal_axes(std::string_view who, const Axes& axes, const Shape& shape);
/// a * b, or ShapeError in `who`'s name when it does not fit into a size.
WENGERT_API std::size_t checked_product(std::string_view who, std::size_t a, std::size_t b);

}  // namespace wengert
