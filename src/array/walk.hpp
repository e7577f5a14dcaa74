// Walking through several arrays at once that are stretched, permuted or picked from: as few and as long rows as possible.
#pragma once

#include <array>
#include <cstddef>

#include <wengert/array/shape.hpp>

#include "array/ranges.hpp"

namespace wengert::detail {

using Strides = std::array<std::size_t, Shape::max_rank>;

/// The strides of a dense array of this shape.
inline Strides dense_strides(const Shape& shape) noexcept {
  Strides strides{};
  std::size_t step = 1;
  for (std::size_t axis = shape.rank(); axis-- > 0; step *= shape[axis]) strides[axis] = step;
  return strides;
}

/// The strides, along the axes of `to`, of a dense array that is stretched to it: 0 where it repeats.
inline Strides stretched_strides(const Shape& from, const Shape& to) noexcept {
  Strides strides{};
  const std::size_t lead = to.rank() - from.rank();
  std::size_t step = 1;
  for (std::size_t axis = from.rank(); axis-- > 0; step *= from[axis])
    if (from[axis] != 1) strides[lead + axis] = step;
  return strides;
}

/// Where each of N arrays stands at every index of a shape. Neighbouring axes that all of them pass through evenly are one.
template <std::size_t N>
class Walk {
 public:
  using Offsets = std::array<std::size_t, N>;

  Walk(const Shape& shape, const std::array<Strides, N>& strides) noexcept {
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      bool joins = rank_ > 0;
      for (std::size_t k = 0; k < N && joins; ++k) joins = steps_[rank_ - 1][k] == strides[k][axis] * shape[axis];
      if (!joins) ++rank_;
      extents_[rank_ - 1] = joins ? extents_[rank_ - 1] * shape[axis] : shape[axis];
      for (std::size_t k = 0; k < N; ++k) steps_[rank_ - 1][k] = strides[k][axis];
    }
    if (rank_ == 0) extents_[rank_++] = 1;  // one element
  }

  std::size_t rank() const noexcept { return rank_; }
  std::size_t extent(std::size_t axis) const noexcept { return extents_[axis]; }
  const Offsets& steps(std::size_t axis) const noexcept { return steps_[axis]; }
  /// The length of a row, and how far each array moves inside it.
  std::size_t columns() const noexcept { return extents_[rank_ - 1]; }
  const Offsets& column_steps() const noexcept { return steps_[rank_ - 1]; }
  std::size_t rows() const noexcept {
    std::size_t product = 1;
    for (std::size_t axis = 0; axis + 1 < rank_; ++axis) product *= extents_[axis];
    return product;
  }

  /// Where each array stands at the element of this place in a dense array of the shape.
  Offsets at(std::size_t position) const noexcept {
    Offsets offsets{};
    for (std::size_t axis = rank_; axis-- > 0; position /= extents_[axis])
      for (std::size_t k = 0; k < N; ++k) offsets[k] += position % extents_[axis] * steps_[axis][k];
    return offsets;
  }

  /// Calls row(i, offsets) for the rows [first, last).
  template <class F>
  void in_rows(std::size_t first, std::size_t last, F&& row) const {
    std::array<std::size_t, Shape::max_rank> index{};
    Offsets at{};
    std::size_t rest = first;
    for (std::size_t axis = rank_ - 1; axis-- > 0; rest /= extents_[axis]) {
      index[axis] = rest % extents_[axis];
      for (std::size_t k = 0; k < N; ++k) at[k] += index[axis] * steps_[axis][k];
    }
    for (std::size_t i = first; i < last; ++i) {
      row(i, static_cast<const Offsets&>(at));
      for (std::size_t axis = rank_ - 1; axis-- > 0;) {
        for (std::size_t k = 0; k < N; ++k) at[k] += steps_[axis][k];
        if (++index[axis] < extents_[axis]) break;
        index[axis] = 0;
        for (std::size_t k = 0; k < N; ++k) at[k] -= extents_[axis] * steps_[axis][k];
      }
    }
  }

  /// Calls run(position, offsets, count) for stretches of rows that cover everything, on several threads where that pays;
  /// `position` is the element's place in a dense array of the shape.
  template <class F>
  void in_runs(F&& run) const {
    const std::size_t length = columns();
    if (length == 0) return;
    if (rank_ == 1) {
      in_ranges(length, 1, [&](std::size_t first, std::size_t last) {
        Offsets at;
        for (std::size_t k = 0; k < N; ++k) at[k] = first * steps_[0][k];
        run(first, static_cast<const Offsets&>(at), last - first);
      });
    } else {
      in_ranges(rows(), length, [&](std::size_t first, std::size_t last) {
        in_rows(first, last, [&](std::size_t i, const Offsets& at) { run(i * length, at, length); });
      });
    }
  }

 private:
  std::size_t rank_ = 0;
  std::array<std::size_t, Shape::max_rank + 1> extents_{};
  std::array<Offsets, Shape::max_rank + 1> steps_{};
};

}  // namespace wengert::detail
