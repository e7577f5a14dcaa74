// Splitting a list of equal items over the pool: in ranges that depend on the work alone, never on the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include <wengert/base/threads.hpp>

namespace wengert::detail {

/// Elements that a range should have at least: below some 50 us of work a second thread costs more than it brings.
inline constexpr std::size_t range_elements = std::size_t{1} << 16U;

/// Calls f(first, last) for ranges that cover [0, items) once, each of about range_elements elements.
template <class F>
void in_ranges(std::size_t items, std::size_t elements_per_item, F&& f) {
  const std::size_t length = std::max<std::size_t>(1, range_elements / std::max<std::size_t>(1, elements_per_item));
  if (items <= length) {
    if (items > 0) f(std::size_t{0}, items);
    return;
  }
  parallel((items + length - 1) / length, [&](std::size_t range) { f(range * length, std::min(items, (range + 1) * length)); });
}

}  // namespace wengert::detail
