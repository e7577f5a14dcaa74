// The places that rearrangements take elements from, and what they check.
#include <wengert/ops/rearrange.hpp>

#include <algorithm>
#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

Array<std::int64_t> places(std::int64_t first, std::int64_t step, std::size_t count) {
  return Array<std::int64_t>::build({count}, [&](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = first + step * static_cast<std::int64_t>(i);
  });
}

Array<std::int64_t> padded_places(std::size_t length, const PadWidth& width, PadMode mode) {
  const std::size_t widest = std::max(width.before, width.behind), reach = mode == PadMode::circular ? length : length == 0 ? 0 : mode == PadMode::reflect ? length - 1 : widest;
  if (widest > reach)
    throw ShapeError("pad: an axis of length " + std::to_string(length) + " is too short for " + std::to_string(widest) + " more elements on one side; " +
                     (mode == PadMode::reflect ? "reflection reaches to the length less 1" : mode == PadMode::circular ? "circular padding reaches to the length" : "there is nothing to repeat"));
  const auto n = static_cast<std::int64_t>(length);
  return Array<std::int64_t>::build({width.before + length + width.behind}, [&](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::int64_t at = static_cast<std::int64_t>(i) - static_cast<std::int64_t>(width.before);
      switch (mode) {
        case PadMode::reflect: out[i] = at < 0 ? -at : at >= n ? 2 * (n - 1) - at : at; break;
        case PadMode::circular: out[i] = at < 0 ? at + n : at >= n ? at - n : at; break;
        case PadMode::constant:
        case PadMode::replicate: out[i] = std::clamp<std::int64_t>(at, 0, n - 1); break;
      }
    }
  });
}

std::vector<std::size_t> equal_parts(const Shape& shape, std::int64_t axis, std::size_t parts) {
  const std::size_t length = shape[normal_axis("split", axis, shape)];
  if (parts == 0 || length % parts != 0)
    throw ShapeError("split: no " + std::to_string(parts) + " equal parts: axis " + std::to_string(axis) + " of shape " + to_string(shape) + "; a divisor of its length is needed, or a list of lengths");
  return std::vector<std::size_t>(parts, length / parts);
}

void check_parts(const Shape& shape, std::int64_t axis, std::span<const std::size_t> lengths) {
  const std::size_t length = shape[normal_axis("split", axis, shape)];
  std::size_t left = length;
  for (const std::size_t part : lengths) {
    if (part > left) {
      left = 1;  // too many, whatever their sum: it might wrap
      break;
    }
    left -= part;
  }
  if (left != 0) throw ShapeError("split: the lengths do not add up to that of axis " + std::to_string(axis) + " of shape " + to_string(shape) + ", which is " + std::to_string(length));
}

void check_pad(const Shape& shape, std::size_t widths) {
  if (widths != shape.rank()) throw ShapeError("pad: " + std::to_string(widths) + " widths for shape " + to_string(shape) + "; one for each of its " + std::to_string(shape.rank()) + " axes is needed");
}

Array<bool> triangle(std::string_view who, const Shape& shape, std::int64_t k, bool upper) {
  if (shape.rank() < 2) throw ShapeError(std::string(who) + ": no matrix: shape " + to_string(shape) + "; two axes or more are needed");
  const std::size_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
  return Array<bool>::build({rows, columns}, [&](std::span<bool> out) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        const std::int64_t above = static_cast<std::int64_t>(j) - static_cast<std::int64_t>(i);
        out[i * columns + j] = upper ? above >= k : above <= k;
      }
    }
  });
}

Array<std::int64_t> diagonal_places(std::size_t rows, std::size_t columns, std::int64_t k) {
  const auto m = static_cast<std::int64_t>(rows), n = static_cast<std::int64_t>(columns);
  const std::int64_t row = k < 0 ? -k : 0, column = k < 0 ? 0 : k, count = std::max<std::int64_t>(0, std::min(m - row, n - column));
  return places(row * n + column, n + 1, static_cast<std::size_t>(count));
}

void check_diag(const Shape& shape) {
  if (shape.rank() != 1 && shape.rank() != 2) throw ShapeError("diag: neither a vector nor a matrix: shape " + to_string(shape));
}

void check_trace(const Shape& shape) {
  if (shape.rank() != 2) throw ShapeError("trace: no matrix: shape " + to_string(shape) + "; two axes are needed");
}

Shape with_axis(const Shape& shape, std::size_t axis, std::initializer_list<std::size_t> instead) {
  Shape made;
  for (std::size_t k = 0; k < shape.rank(); ++k) {
    if (k != axis) {
      made.push_back(shape[k]);
    } else {
      for (const std::size_t extent : instead) made.push_back(extent);
    }
  }
  return made;
}

}  // namespace wengert::detail
