// Array-level copying.
#include "array/movement.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <wengert/base/errors.hpp>

#include "array/ranges.hpp"
#include "array/walk.hpp"

namespace wengert::detail {

namespace {

/// `rows` pieces of `length` elements each, from one place to another.
template <Real T>
void copy_rows(T* to, std::size_t to_step, const T* from, std::size_t from_step, std::size_t rows, std::size_t length) {
  if (length == 0) return;
  in_ranges(rows, length, [&](std::size_t first, std::size_t last) {
    for (std::size_t row = first; row < last; ++row) std::memcpy(to + row * to_step, from + row * from_step, length * sizeof(T));
  });
}

/// to(i, j) = from(j, i) for `rows` x `columns` elements of `to`, through tiles that fit into the nearest cache.
template <Real T>
void transpose_plane(T* to, std::size_t to_row, const T* from, std::size_t from_row, std::size_t rows, std::size_t columns) {
  constexpr std::size_t side = 64 / sizeof(T);  // a cache line
  T tile[side][side];
  for (std::size_t i = 0; i < rows; i += side) {
    const std::size_t height = std::min(side, rows - i);
    for (std::size_t j = 0; j < columns; j += side) {
      const std::size_t width = std::min(side, columns - j);
      if (height == side && width == side) {
        for (std::size_t b = 0; b < side; ++b)
          for (std::size_t a = 0; a < side; ++a) tile[a][b] = from[(j + b) * from_row + i + a];
        for (std::size_t a = 0; a < side; ++a) std::memcpy(to + (i + a) * to_row + j, tile[a], sizeof tile[a]);
      } else {
        for (std::size_t a = 0; a < height; ++a)
          for (std::size_t b = 0; b < width; ++b) to[(i + a) * to_row + j + b] = from[(j + b) * from_row + i + a];
      }
    }
  }
}

std::size_t place(std::int64_t index, std::size_t extent) noexcept {
  return static_cast<std::size_t>(index < 0 ? index + static_cast<std::int64_t>(extent) : index);
}

}  // namespace

// ---- all elements, in another order or repeated ----

template <Real T>
Array<T> permuted(const Array<T>& x, const Axes& order) {
  const Strides in = dense_strides(x.shape());
  Shape to;
  Strides from{};
  bool moves = false;
  std::size_t last = 0;  // the axis of x that the last one longer than 1 came from
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto axis = static_cast<std::size_t>(order[k]);
    to.push_back(x.shape()[axis]);
    from[k] = in[axis];
    if (x.shape()[axis] == 1) continue;
    moves = moves || axis < last;
    last = axis;
  }
  if (!moves || x.size() == 0) return x.reshaped(to);
  return Array<T>::build(to, [&](std::span<T> out) {
    const Walk<2> walk(to, {from, dense_strides(to)});
    const std::size_t columns = walk.rank() - 1;
    if (walk.steps(columns)[0] == 1) {
      walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) { std::memcpy(out.data() + position, x.data() + at[0], count * sizeof(T)); });
      return;
    }
    // Planes of two axes: the last one of y, and the one that is last in x. Slabs of rows of the planes are the items.
    std::size_t rows = columns;
    while (walk.steps(rows)[0] != 1) --rows;
    constexpr std::size_t slab = 64;
    const std::size_t slabs = (walk.extent(rows) + slab - 1) / slab;
    std::size_t planes = 1;
    for (std::size_t axis = 0; axis < columns; ++axis) planes *= axis == rows ? 1 : walk.extent(axis);
    in_ranges(planes * slabs, std::min(slab, walk.extent(rows)) * walk.columns(), [&](std::size_t first, std::size_t end) {
      for (std::size_t item = first; item < end; ++item) {
        const std::size_t start = item % slabs * slab;
        std::size_t rest = item / slabs, source = start, target = start * walk.steps(rows)[1];
        for (std::size_t axis = columns; axis-- > 0;) {
          if (axis == rows) continue;
          const std::size_t index = rest % walk.extent(axis);
          rest /= walk.extent(axis);
          source += index * walk.steps(axis)[0];
          target += index * walk.steps(axis)[1];
        }
        transpose_plane(out.data() + target, walk.steps(rows)[1], x.data() + source, walk.steps(columns)[0], std::min(slab, walk.extent(rows) - start), walk.columns());
      }
    });
  });
}

template <Real T>
Array<T> reversed(const Array<T>& x, const Axes& axes) {
  if (x.size() < 2) return x;
  Strides from = dense_strides(x.shape());
  std::size_t start = 0;  // where the first element of the result comes from
  for (const std::int64_t axis : axes) {
    const auto k = static_cast<std::size_t>(axis);
    start += (x.shape()[k] - 1) * from[k];
    from[k] = -from[k];  // backwards: offsets wrap around, and so does their sum
  }
  return Array<T>::build(x.shape(), [&](std::span<T> out) {
    const Walk<1> walk(x.shape(), {from});
    const bool forwards = walk.column_steps()[0] == 1;
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      const T* const source = x.data() + (start + at[0]);
      T* const y = out.data() + position;
      if (forwards) {
        std::memcpy(y, source, count * sizeof(T));
      } else {
        std::reverse_copy(source + 1 - count, source + 1, y);
      }
    });
  });
}

template <Real T>
Array<T> stretched(const Array<T>& x, const Shape& to) {
  if (x.shape() == to) return x;
  const std::size_t elements = to.elements();
  if (elements == x.size()) return x.reshaped(to);
  return Array<T>::build(to, [&](std::span<T> out) {
    const Walk<1> walk(to, {stretched_strides(x.shape(), to)});
    const bool repeats = walk.column_steps()[0] == 0;
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      const T* const from = x.data() + at[0];
      if (repeats) {
        std::fill_n(out.data() + position, count, *from);
      } else {
        std::memcpy(out.data() + position, from, count * sizeof(T));
      }
    });
  });
}

// ---- pieces along one axis ----

template <Real T>
Array<T> cut(const Array<T>& x, std::size_t axis, std::size_t start, std::size_t stop) {
  Shape to = x.shape();
  to[axis] = stop - start;
  if (to == x.shape()) return x;
  const AxisView from(x.shape(), axis);
  return Array<T>::build(to, [&](std::span<T> out) {
    const std::size_t length = (stop - start) * from.inner;
    copy_rows(out.data(), length, x.data() + start * from.inner, from.extent * from.inner, from.outer, length);
  });
}

template <Real T>
Array<T> padded(const Array<T>& x, std::size_t axis, std::size_t before, std::size_t extent) {
  Shape to = x.shape();
  to[axis] = extent;
  if (to == x.shape()) return x;
  const AxisView from(x.shape(), axis);
  return Array<T>::build(to, [&](std::span<T> out) {
    const std::size_t head = before * from.inner, body = from.extent * from.inner, row = extent * from.inner;
    in_ranges(from.outer, row, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) {
        T* const start = out.data() + i * row;
        std::fill_n(start, head, T(0));
        std::copy_n(x.data() + i * body, body, start + head);
        std::fill_n(start + head + body, row - head - body, T(0));
      }
    });
  });
}

template <Real T>
Array<T> joined_along(std::span<const Array<T>> parts, std::size_t axis, const Shape& to) {
  return Array<T>::build(to, [&](std::span<T> out) {
    const AxisView whole(to, axis);
    std::size_t done = 0;
    for (const Array<T>& part : parts) {
      const std::size_t length = part.shape()[axis] * whole.inner;
      copy_rows(out.data() + done, whole.extent * whole.inner, part.data(), length, whole.outer, length);
      done += length;
    }
  });
}

// ---- elements by index ----

void check_indices(std::string_view who, const Array<std::int64_t>& indices, std::size_t extent) {
  const auto end = static_cast<std::int64_t>(extent);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t index = indices.data()[i];
    if (index < -end || index >= end)
      throw ShapeError(std::string(who) + ": index out of range: " + std::to_string(index) + " at place " + std::to_string(i) + " of the indices, along an axis of " +
                       std::to_string(extent) + (extent == 0 ? "; it has no elements" : "; indices go from " + std::to_string(-end) + " to " + std::to_string(end - 1)));
  }
}

template <Real T>
Array<T> taken(const Array<T>& x, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to) {
  return Array<T>::build(to, [&](std::span<T> out) {
    const AxisView from(x.shape(), axis);
    const std::size_t count = indices.size(), inner = from.inner;
    if (out.empty()) return;
    in_ranges(from.outer * count, inner, [&](std::size_t first, std::size_t last) {
      std::size_t outer = first / count, j = first % count;
      for (std::size_t row = first; row < last; ++row) {
        const T* const source = x.data() + (outer * from.extent + place(indices.data()[j], from.extent)) * inner;
        if (inner == 1) {
          out[row] = *source;
        } else {
          std::memcpy(out.data() + row * inner, source, inner * sizeof(T));
        }
        if (++j == count) {
          j = 0;
          ++outer;
        }
      }
    });
  });
}

template <Real T>
Array<T> taken_back(const Array<T>& g, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to) {
  return Array<T>::build(to, [&](std::span<T> out) {
    std::fill(out.begin(), out.end(), T(0));
    const AxisView into(to, axis);
    const std::size_t count = indices.size();
    if (g.size() == 0) return;
    // An index may come twice: each element of the result is one thread's alone, and is added to in order. So the other axes are
    // what is split: the outer ones, or where there are none, the inner ones in stretches.
    const std::size_t stretch = into.outer > 1 ? into.inner : std::min<std::size_t>(into.inner, 256);
    const std::size_t stretches = (into.inner + stretch - 1) / stretch;
    in_ranges(into.outer * stretches, count * stretch, [&](std::size_t first, std::size_t last) {
      for (std::size_t item = first; item < last; ++item) {
        const std::size_t outer = item / stretches, start = item % stretches * stretch, length = std::min(stretch, into.inner - start);
        for (std::size_t j = 0; j < count; ++j) {
          T* const target = out.data() + (outer * into.extent + place(indices.data()[j], into.extent)) * into.inner + start;
          const T* const source = g.data() + (outer * count + j) * into.inner + start;
          for (std::size_t i = 0; i < length; ++i) target[i] += source[i];
        }
      }
    });
  });
}

template <Real T>
Array<T> gathered(const Array<T>& x, const Array<std::int64_t>& indices, std::size_t axis) {
  return Array<T>::build(indices.shape(), [&](std::span<T> out) {
    Strides from = dense_strides(x.shape());
    const std::size_t extent = x.shape()[axis], step = from[axis];
    from[axis] = 0;
    const Walk<1> walk(indices.shape(), {from});
    const std::size_t along = walk.column_steps()[0];
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) out[position + i] = x.data()[at[0] + i * along + place(indices.data()[position + i], extent) * step];
    });
  });
}

template <Real T>
Array<T> gathered_back(const Array<T>& g, const Array<std::int64_t>& indices, std::size_t axis, const Shape& to) {
  return Array<T>::build(to, [&](std::span<T> out) {
    std::fill(out.begin(), out.end(), T(0));
    if (g.size() == 0) return;
    Strides into = dense_strides(to);
    const std::size_t extent = to[axis], step = into[axis];
    into[axis] = 0;
    const Walk<1> walk(indices.shape(), {into});
    const std::size_t along = walk.column_steps()[0], columns = walk.columns();
    // On one thread: several places of g may belong to one element.
    walk.in_rows(0, walk.rows(), [&](std::size_t row, const auto& at) {
      for (std::size_t i = 0; i < columns; ++i) {
        const std::size_t position = row * columns + i;
        out[at[0] + i * along + place(indices.data()[position], extent) * step] += g.data()[position];
      }
    });
  });
}

// ---- one of two ----

template <Real T>
Array<T> chosen(const Array<bool>& mask, const Array<T>& a, const Array<T>& b, const Shape& to) {
  if (to.empty()) return Array<T>(*mask.data() ? *a.data() : *b.data());
  return Array<T>::build(to, [&](std::span<T> out) {
    const Walk<3> walk(to, {stretched_strides(mask.shape(), to), stretched_strides(a.shape(), to), stretched_strides(b.shape(), to)});
    const auto steps = walk.column_steps();
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      const bool* const m = mask.data() + at[0];
      const T* const p = a.data() + at[1];
      const T* const q = b.data() + at[2];
      T* const y = out.data() + position;
      // Written out for the cases that are hot, both values read before one is chosen: so the compiler vectorises them.
      if (steps[0] == 1 && steps[1] == 1 && steps[2] == 1) {
        for (std::size_t i = 0; i < count; ++i) {
          const T one = p[i], other = q[i];
          y[i] = m[i] ? one : other;
        }
      } else if (steps[0] == 1 && steps[1] == 1 && steps[2] == 0) {
        const T other = *q;
        for (std::size_t i = 0; i < count; ++i) {
          const T one = p[i];
          y[i] = m[i] ? one : other;
        }
      } else if (steps[0] == 1 && steps[1] == 0 && steps[2] == 1) {
        const T one = *p;
        for (std::size_t i = 0; i < count; ++i) {
          const T other = q[i];
          y[i] = m[i] ? one : other;
        }
      } else {
        for (std::size_t i = 0; i < count; ++i) y[i] = m[i * steps[0]] ? p[i * steps[1]] : q[i * steps[2]];
      }
    });
  });
}

// ---- for both number types ----

template Array<float> permuted(const Array<float>&, const Axes&);
template Array<float> reversed(const Array<float>&, const Axes&);
template Array<double> permuted(const Array<double>&, const Axes&);
template Array<double> reversed(const Array<double>&, const Axes&);
template Array<float> stretched(const Array<float>&, const Shape&);
template Array<double> stretched(const Array<double>&, const Shape&);
template Array<float> cut(const Array<float>&, std::size_t, std::size_t, std::size_t);
template Array<double> cut(const Array<double>&, std::size_t, std::size_t, std::size_t);
template Array<float> padded(const Array<float>&, std::size_t, std::size_t, std::size_t);
template Array<double> padded(const Array<double>&, std::size_t, std::size_t, std::size_t);
template Array<float> joined_along(std::span<const Array<float>>, std::size_t, const Shape&);
template Array<double> joined_along(std::span<const Array<double>>, std::size_t, const Shape&);
template Array<float> taken(const Array<float>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<double> taken(const Array<double>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<float> taken_back(const Array<float>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<double> taken_back(const Array<double>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<float> gathered(const Array<float>&, const Array<std::int64_t>&, std::size_t);
template Array<double> gathered(const Array<double>&, const Array<std::int64_t>&, std::size_t);
template Array<float> gathered_back(const Array<float>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<double> gathered_back(const Array<double>&, const Array<std::int64_t>&, std::size_t, const Shape&);
template Array<float> chosen(const Array<bool>&, const Array<float>&, const Array<float>&, const Shape&);
template Array<double> chosen(const Array<bool>&, const Array<double>&, const Array<double>&, const Shape&);

}  // namespace wengert::detail
