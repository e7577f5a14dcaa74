// Shape arithmetic, checked: nothing here wraps around, nothing reads past an axis.
#include <wengert/array/shape.hpp>

#include <algorithm>
#include <limits>
#include <ostream>

#include <wengert/base/errors.hpp>

namespace wengert {

namespace detail {

void refuse_extent(std::int64_t given) {
  throw ShapeError("shape: an extent is negative: " + std::to_string(given) + "; extents are 0 or more");
}

void refuse_rank(std::size_t given) {
  throw ShapeError("shape: too many axes: " + std::to_string(given) + "; at most " + std::to_string(Shape::max_rank) + " are supported");
}

}  // namespace detail

namespace {

// Half of what a pointer difference can hold, in bytes of the widest element: sizes below it can be added and compared freely.
constexpr std::size_t most_elements = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 16;

template <class List>
std::string listed(const List& list) {
  std::string text = "(";
  for (std::size_t i = 0; i < list.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(list[i]);
  return text + (list.size() == 1 ? ",)" : ")");
}

}  // namespace

void Shape::insert(std::size_t axis, std::size_t extent) {
  push_back(extent);
  std::rotate(extents_.data() + axis, extents_.data() + rank_ - 1, extents_.data() + rank_);
}

void Shape::erase(std::size_t axis) {
  std::copy(extents_.data() + axis + 1, extents_.data() + rank_, extents_.data() + axis);
  --rank_;
}

std::size_t Shape::elements() const {
  std::size_t product = 1;
  bool empty = false, too_many = false;
  for (const auto extent : *this) {
    if (extent == 0) {
      empty = true;
    } else if (product > most_elements / extent) {
      too_many = true;  // refused even where another axis is 0: strides are products of the others
    } else {
      product *= extent;
    }
  }
  if (too_many) throw ShapeError("shape: too many elements: " + to_string(*this) + "; the product of the extents must stay below " + std::to_string(most_elements));
  return empty ? 0 : product;
}

std::string to_string(const Shape& shape) { return listed(shape); }

std::string Axes::text() const { return listed(*this); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

bool broadcasts_to(const Shape& from, const Shape& to) noexcept {
  if (from.rank() > to.rank()) return false;
  const std::size_t lead = to.rank() - from.rank();
  for (std::size_t i = 0; i < from.rank(); ++i)
    if (from[i] != 1 && from[i] != to[lead + i]) return false;
  return true;
}

Shape broadcast_shape(std::string_view who, const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape out = longer;
  const std::size_t lead = longer.rank() - shorter.rank();
  for (std::size_t i = 0; i < shorter.rank(); ++i) {
    const std::size_t x = longer[lead + i], y = shorter[i];
    if (x != y && x != 1 && y != 1)
      throw ShapeError(std::string(who) + ": shapes do not broadcast: " + to_string(a) + " and " + to_string(b) +
                       "; aligned at the last axis, extents must be equal or 1");
    out[lead + i] = x == 1 ? y : x;
  }
  return out;
}

std::size_t normal_axis(std::string_view who, std::int64_t axis, const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  if (axis < -rank || axis >= rank)
    throw ShapeError(std::string(who) + ": no such axis: " + std::to_string(axis) + " of shape " + to_string(shape) +
                     (rank == 0 ? "; a number has no axes" : "; axes go from " + std::to_string(-rank) + " to " + std::to_string(rank - 1)));
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

Axes normal_axes(std::string_view who, const Axes& axes, const Shape& shape) {
  std::array<bool, Shape::max_rank> chosen{};
  for (const auto axis : axes) {
    const std::size_t a = normal_axis(who, axis, shape);
    if (chosen[a]) throw ShapeError(std::string(who) + ": an axis is given twice: " + axes.text() + " of shape " + to_string(shape) + "; each axis may be named once");
    chosen[a] = true;
  }
  Axes out;
  for (std::size_t a = 0; a < shape.rank(); ++a)
    if (axes.empty() || chosen[a]) out.push_back(static_cast<std::int64_t>(a));
  return out;
}

std::size_t checked_product(std::string_view who, std::size_t a, std::size_t b) {
  if (a != 0 && b > most_elements / a)
    throw ShapeError(std::string(who) + ": too many elements: " + std::to_string(a) + " x " + std::to_string(b) + "; the product must stay below " + std::to_string(most_elements));
  return a * b;
}

}  // namespace wengert
