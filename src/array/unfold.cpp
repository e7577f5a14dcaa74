// Array-level copying between images and the windows over them.
#include "array/unfold.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <wengert/array/memory.hpp>

#include "array/ranges.hpp"

namespace wengert::detail {

namespace {

/// The windows [first, last) whose k-th place is there; that of the first is `place`.
struct Inside {
  std::size_t first, last, place;

  Inside(const Windows& along, std::size_t k) {
    const std::size_t at = k * along.dilation;
    const auto windows_before = [&](std::size_t end) { return end <= at ? 0 : (end - at + along.stride - 1) / along.stride; };  // whose place, with the padding, is less than this
    last = std::min(windows_before(along.before + along.length), along.count);
    first = std::min(windows_before(along.before), last);
    place = first == last ? 0 : first * along.stride + at - along.before;
  }
  bool empty() const noexcept { return first == last; }
};

/// One place of all windows over an image: the image moved, and cut where the stride is more than 1.
template <Real T>
class Plane {
 public:
  Plane(const Windows& height, const Windows& width, std::size_t i, std::size_t j)
      : height_(height), width_(width), rows_(height, i), columns_(width, j), is_dense_(height.stride == 1 && width.stride == 1 && width.count == width.length) {}

  void unfold(const T* image, T* to, T beyond) const {
    if (rows_.empty() || columns_.empty()) return static_cast<void>(std::fill_n(to, height_.count * width_.count, beyond));
    const std::size_t length = columns_.last - columns_.first, row = width_.count;
    std::fill_n(to, rows_.first * row, beyond);
    // Where the rows of both follow each other, all is one stretch; what it takes around the edges is written over below.
    if (is_dense_) std::memcpy(to + first_window(), image + first_place(), ((rows_.last - rows_.first - 1) * row + length) * sizeof(T));
    for (std::size_t p = rows_.first; p < rows_.last; ++p) {
      T* const line = to + p * row;
      const T* const from = image + place_of(p);
      std::fill_n(line, columns_.first, beyond);
      if (width_.stride != 1) {
        for (std::size_t q = 0; q < length; ++q) line[columns_.first + q] = from[q * width_.stride];
      } else if (!is_dense_) {
        std::memcpy(line + columns_.first, from, length * sizeof(T));
      }
      std::fill_n(line + columns_.last, row - columns_.last, beyond);
    }
    std::fill_n(to + rows_.last * row, (height_.count - rows_.last) * row, beyond);
  }

  /// f(place in the image, window) for all windows that have this place.
  template <class F>
  void each(F f) const {
    if (rows_.empty() || columns_.empty()) return;
    const std::size_t length = columns_.last - columns_.first, step = width_.stride;
    for (std::size_t p = rows_.first; p < rows_.last; ++p) {
      const std::size_t window = p * width_.count + columns_.first, place = place_of(p);
      if (step == 1) {
        for (std::size_t q = 0; q < length; ++q) f(place + q, window + q);
      } else {
        for (std::size_t q = 0; q < length; ++q) f(place + q * step, window + q);
      }
    }
  }

  void fold(const T* from, T* image) const {
    if (rows_.empty() || columns_.empty()) return;
    const std::size_t length = columns_.last - columns_.first;
    for (std::size_t p = rows_.first; p < rows_.last; ++p) {
      const T* const line = from + p * width_.count + columns_.first;
      T* const to = image + place_of(p);
      if (width_.stride == 1) {
        for (std::size_t q = 0; q < length; ++q) to[q] += line[q];
      } else {
        for (std::size_t q = 0; q < length; ++q) to[q * width_.stride] += line[q];
      }
    }
  }

 private:
  std::size_t first_window() const noexcept { return rows_.first * width_.count + columns_.first; }
  std::size_t first_place() const noexcept { return rows_.place * width_.length + columns_.place; }
  std::size_t place_of(std::size_t row) const noexcept { return (rows_.place + (row - rows_.first) * height_.stride) * width_.length + columns_.place; }

  const Windows &height_, &width_;
  Inside rows_, columns_;
  bool is_dense_;
};

}  // namespace

Shape unfolded_shape(const Shape& image, const Windows& height, const Windows& width) {
  return {image[1], height.kernel, width.kernel, image[0], height.count, width.count};
}

template <Real T>
Array<T> unfolded(const Array<T>& x, const Windows& height, const Windows& width, T beyond) {
  return Array<T>::build(unfolded_shape(x.shape(), height, width), [&](std::span<T> out) {
    if (out.empty()) return;
    const std::size_t images = x.shape()[0], channels = x.shape()[1], image = height.length * width.length, plane = height.count * width.count;
    in_ranges(channels * height.kernel * width.kernel, images * plane, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) {
        const std::size_t j = row % width.kernel, i = row / width.kernel % height.kernel, channel = row / width.kernel / height.kernel;
        const Plane<T> place(height, width, i, j);
        for (std::size_t n = 0; n < images; ++n) place.unfold(x.data() + (n * channels + channel) * image, out.data() + (row * images + n) * plane, beyond);
      }
    });
  });
}

template <Real T>
Array<T> folded(const Array<T>& y, const Windows& height, const Windows& width) {
  const std::size_t channels = y.shape()[0], images = y.shape()[3];
  return Array<T>::build({images, channels, height.length, width.length}, [&](std::span<T> out) {
    if (out.empty()) return;
    const std::size_t image = height.length * width.length, plane = height.count * width.count, places = height.kernel * width.kernel;
    // A place may be in many windows: each image is one thread's alone, and is added to in order.
    in_ranges(images * channels, places * plane, [&](std::size_t first, std::size_t last) {
      std::fill_n(out.data() + first * image, (last - first) * image, T(0));
      for (std::size_t k = 0; k < places && y.size() != 0; ++k) {
        const Plane<T> place(height, width, k / width.kernel, k % width.kernel);
        for (std::size_t item = first; item < last; ++item) {
          const std::size_t n = item / channels, channel = item % channels;
          place.fold(y.data() + ((channel * places + k) * images + n) * plane, out.data() + item * image);
        }
      }
    });
  });
}

namespace {

/// One plane for each place of the windows.
template <Real T>
auto planes_of(const Windows& height, const Windows& width) {
  std::vector<Plane<T>, PoolAllocator<Plane<T>>> planes;
  planes.reserve(height.kernel * width.kernel);
  for (std::size_t i = 0; i < height.kernel; ++i)
    for (std::size_t j = 0; j < width.kernel; ++j) planes.emplace_back(height, width, i, j);
  return planes;
}

/// f(first, last) for ranges of channels, each one thread's alone.
template <class F>
void in_channels(std::size_t channels, const Windows& height, const Windows& width, F f) {
  in_ranges(channels, height.kernel * width.kernel * height.count * width.count, f);
}

}  // namespace

namespace {

/// The larger of two numbers; NaN if either is, where there may be one.
template <bool any_nan, Real T>
T larger(T best, T value) {
  if constexpr (any_nan) return value > best || value != value ? value : best;
  return value > best ? value : best;
}

/// to[i] = the larger of best[i] and line[i * step].
template <bool any_nan, Real T>
void keep_larger(T* to, const T* best, const T* line, std::size_t count, std::size_t step) {
  if (step == 2) {  // written out, as is 1: so the compiler vectorises them
    for (std::size_t i = 0; i < count; ++i) to[i] = larger<any_nan>(best[i], line[2 * i]);
  } else if (step == 1) {
    for (std::size_t i = 0; i < count; ++i) to[i] = larger<any_nan>(best[i], line[i]);
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = larger<any_nan>(best[i], line[i * step]);
  }
}

/// The largest elements of the windows over an image: down its columns first, where neighbours lie side by side, then along the one row that is left.
template <Real T>
class LargestInWindows {
 public:
  LargestInWindows(const Windows& height, const Windows& width) : height_(height), width_(width), of_pairs_(are_pairs(height) && are_pairs(width)), line_(width.length) {
    for (std::size_t j = 0; j < width.kernel; ++j) columns_.emplace_back(width, j);
  }

  void find(const T* image, T* to) {
    if (of_pairs_) {
      if (!found_in_pairs(image, to)) find_in<true>(image, to);
      return;
    }
    bool any_nan = false;
    for (std::size_t row = 0; row < height_.length && !any_nan; ++row) any_nan = has_nan(image + row * width_.length);
    if (any_nan) find_in<true>(image, to); else find_in<false>(image, to);
  }

 private:
  /// The windows most often asked for: two by two, side by side.
  static bool are_pairs(const Windows& along) noexcept {
    return along.kernel == 2 && along.stride == 2 && along.dilation == 1 && along.before == 0 && 2 * along.count <= along.length;
  }

  /// All in one pass, unless there is a NaN: false.
  bool found_in_pairs(const T* image, T* to) const noexcept {
    unsigned nans = 0;  // counted, not searched for: so the compiler vectorises it
    for (std::size_t p = 0; p < height_.count; ++p, to += width_.count) {
      const T *const top = image + 2 * p * width_.length, *const bottom = top + width_.length;
      for (std::size_t i = 0; i < width_.count; ++i) {
        const T left = larger<false>(top[2 * i], bottom[2 * i]), right = larger<false>(top[2 * i + 1], bottom[2 * i + 1]);
        nans += std::isunordered(top[2 * i], bottom[2 * i]) ? 1U : 0U;
        nans += std::isunordered(top[2 * i + 1], bottom[2 * i + 1]) ? 1U : 0U;
        to[i] = larger<false>(left, right);
      }
    }
    return nans == 0;
  }

  bool has_nan(const T* row) const noexcept {
    unsigned nans = 0;
    for (std::size_t k = 0; k < width_.length; ++k) nans += row[k] != row[k] ? 1U : 0U;
    return nans != 0;
  }

  template <bool any_nan>
  void find_in(const T* image, T* to) {
    const bool pairs = are_pairs(width_);
    for (std::size_t p = 0; p < height_.count; ++p, to += width_.count) {
      const T* const row = largest_row<any_nan>(image, p);
      if (pairs && row != nullptr) {
        for (std::size_t i = 0; i < width_.count; ++i) to[i] = larger<any_nan>(row[2 * i], row[2 * i + 1]);
        continue;
      }
      std::fill_n(to, width_.count, -std::numeric_limits<T>::infinity());
      if (row == nullptr) continue;
      for (const Inside& at : columns_) keep_larger<any_nan>(to + at.first, to + at.first, row + at.place, at.last - at.first, width_.stride);
    }
  }

  /// The largest of each column in the rows of windows p; null where there are none.
  template <bool any_nan>
  const T* largest_row(const T* image, std::size_t p) {
    const T* row = nullptr;
    for (std::size_t i = 0; i < height_.kernel; ++i) {
      const std::size_t place = p * height_.stride + i * height_.dilation;
      if (place < height_.before || place >= height_.before + height_.length) continue;
      const T* const next = image + (place - height_.before) * width_.length;
      if (row != nullptr) keep_larger<any_nan>(line_.data(), row, next, width_.length, 1);
      row = row == nullptr ? next : line_.data();
    }
    return row;
  }

  const Windows &height_, &width_;
  bool of_pairs_;
  std::vector<T, PoolAllocator<T>> line_;
  std::vector<Inside, PoolAllocator<Inside>> columns_;
};

}  // namespace

template <Real T>
Array<T> largest_in_windows(const Array<T>& x, const Windows& height, const Windows& width) {
  const std::size_t channels = x.shape()[1], image = height.length * width.length, plane = height.count * width.count;
  return Array<T>::build({channels, height.count, width.count}, [&](std::span<T> out) {
    in_channels(channels, height, width, [&](std::size_t first, std::size_t last) {
      LargestInWindows<T> largest(height, width);
      for (std::size_t c = first; c < last; ++c) largest.find(x.data() + c * image, out.data() + c * plane);
    });
  });
}

template <Real T>
Array<T> largest_in_windows_backward(const Array<T>& x, const Array<T>& y, const Array<T>& g, const Windows& height, const Windows& width) {
  const std::size_t channels = x.shape()[1], image = height.length * width.length, plane = height.count * width.count;
  const T places = static_cast<T>(height.kernel * width.kernel);
  const auto planes = planes_of<T>(height, width);
  std::vector<T, PoolAllocator<T>> beyond(plane, places);  // how many places of each window are not there
  for (const auto& place : planes) place.each([&](std::size_t, std::size_t window) { beyond[window] -= T(1); });
  return Array<T>::build(x.shape(), [&](std::span<T> out) {
    in_channels(channels, height, width, [&](std::size_t first, std::size_t last) {
      std::vector<T, PoolAllocator<T>> ties(plane), share(plane);
      for (std::size_t c = first; c < last; ++c) {
        const T* const from = x.data() + c * image;
        const T* const best = y.data() + c * plane;
        T* const to = out.data() + c * image;
        std::fill(ties.begin(), ties.end(), T(0));
        for (const auto& place : planes) {
          place.each([&](std::size_t at, std::size_t window) { ties[window] += from[at] == best[window] ? T(1) : T(0); });
        }
        for (std::size_t k = 0; k < plane; ++k) {
          const T padding = best[k] == -std::numeric_limits<T>::infinity() ? beyond[k] : T(0);  // which is as large
          share[k] = g.data()[c * plane + k] == T(0) ? T(0) : g.data()[c * plane + k] / (ties[k] + padding);
        }
        std::fill_n(to, image, T(0));
        for (const auto& place : planes) {
          place.each([&](std::size_t at, std::size_t window) {
            // All places of a window with NaN have NaN, unless nothing is asked of it.
            if (from[at] == best[window]) to[at] += share[window]; else if (best[window] != best[window] && share[window] != T(0)) to[at] = best[window];
          });
        }
      }
    });
  });
}

template Array<float> largest_in_windows(const Array<float>&, const Windows&, const Windows&);
template Array<double> largest_in_windows(const Array<double>&, const Windows&, const Windows&);
template Array<float> largest_in_windows_backward(const Array<float>&, const Array<float>&, const Array<float>&, const Windows&, const Windows&);
template Array<double> largest_in_windows_backward(const Array<double>&, const Array<double>&, const Array<double>&, const Windows&, const Windows&);
template Array<float> unfolded(const Array<float>&, const Windows&, const Windows&, float);
template Array<double> unfolded(const Array<double>&, const Windows&, const Windows&, double);
template Array<float> folded(const Array<float>&, const Windows&, const Windows&);
template Array<double> folded(const Array<double>&, const Windows&, const Windows&);

}  // namespace wengert::detail
