// Elements in another order, repeated, set apart: compositions of the operations in shape.hpp and select.hpp, so that each has
// gradients of every order. Axes count from the end where negative; ShapeError for one that is not there.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <wengert/graph/use.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

/// What stands beyond the edges of a padded array.
enum class PadMode : std::uint8_t {
  constant,   ///< one number
  reflect,    ///< the elements mirrored at the first and the last, which are not repeated
  replicate,  ///< the first and the last
  circular,   ///< the elements from the other end
};

struct PadOptions {
  PadMode mode = PadMode::constant;
  double value = 0;  ///< of PadMode::constant
};

/// How many elements are put before and behind those of an axis.
struct PadWidth {
  std::size_t before = 0, behind = 0;
};

namespace detail {
/// Where each of the `before + length + behind` elements comes from. ShapeError where the mode does not reach so far.
WENGERT_API Array<std::int64_t> padded_places(std::size_t length, const PadWidth& width, PadMode mode);
/// The places first, first + step, ... of an axis.
WENGERT_API Array<std::int64_t> places(std::int64_t first, std::int64_t step, std::size_t count);
/// The lengths of `parts` equal pieces of an axis: ShapeError where there are none.
WENGERT_API std::vector<std::size_t> equal_parts(const Shape& shape, std::int64_t axis, std::size_t parts);
/// ShapeError unless the lengths add up to that of the axis.
WENGERT_API void check_parts(const Shape& shape, std::int64_t axis, std::span<const std::size_t> lengths);
/// ShapeError unless there is one width for each axis.
WENGERT_API void check_pad(const Shape& shape, std::size_t widths);
/// Where column - row >= k (upper) or <= k, for the last two axes. ShapeError for fewer axes than two.
WENGERT_API Array<bool> triangle(std::string_view who, const Shape& shape, std::int64_t k, bool upper);
/// The places of the k-th diagonal among all elements of a matrix of that shape.
WENGERT_API Array<std::int64_t> diagonal_places(std::size_t rows, std::size_t columns, std::int64_t k);
WENGERT_API void check_diag(const Shape& shape);
WENGERT_API void check_trace(const Shape& shape);
/// The shape with an axis replaced by others.
WENGERT_API Shape with_axis(const Shape& shape, std::size_t axis, std::initializer_list<std::size_t> instead);
}  // namespace detail

// ---- order ----

/// y = x with two axes exchanged.   dx = g with them exchanged.
template <Tensor X>
X swapaxes(const X& x, std::int64_t a, std::int64_t b) {
  const Shape shape = detail::operand_shape("swapaxes", x);
  const std::size_t one = normal_axis("swapaxes", a, shape), other = normal_axis("swapaxes", b, shape);
  Axes order;
  for (std::size_t k = 0; k < shape.rank(); ++k) order.push_back(static_cast<std::int64_t>(k == one ? other : k == other ? one : k));
  return transpose(x, order);
}

/// y = x with the elements of an axis moved on by `shift` places, those beyond its end to its beginning.   dx = g moved back.
template <Tensor X>
X roll(const X& x, std::int64_t shift, std::int64_t axis) {
  const Shape shape = detail::operand_shape("roll", x);
  const auto length = static_cast<std::int64_t>(shape[normal_axis("roll", axis, shape)]);
  const std::int64_t moved = length == 0 ? 0 : (shift % length + length) % length;
  if (moved == 0) return x;
  return concatenate({slice(x, axis, length - moved, length), slice(x, axis, 0, length - moved)}, axis);
}
/// The same of all elements one behind the other.
template <Tensor X>
X roll(const X& x, std::int64_t shift) {
  const Shape shape = detail::operand_shape("roll", x);
  return reshape(roll(flatten(x), shift, 0), shape);
}

// ---- joining and cutting ----

/// y = arrays of one shape side by side along a new axis, which is axis `axis` of y.   Each dx = its piece of g.   ShapeError unless they have
/// one shape, and for none.
template <Tensor X>
X stack(std::span<const X> list, std::int64_t axis = 0) {
  detail::check_operands("stack", list);
  std::vector<X> apart;
  for (const X& x : list) apart.push_back(expand_dims(x, axis));
  return concatenate(apart, axis);
}
template <Tensor X>
X stack(const std::vector<X>& list, std::int64_t axis = 0) {
  return stack(std::span<const X>(list), axis);
}
template <Tensor X>
X stack(std::initializer_list<X> list, std::int64_t axis = 0) {
  return stack(std::span<const X>(list.begin(), list.size()), axis);
}

/// x cut along an axis into pieces of these lengths.   dx = the pieces' cotangents one behind the other.   ShapeError unless they add up to the
/// axis' own length.
template <Tensor X>
std::vector<X> split(const X& x, const std::vector<std::size_t>& lengths, std::int64_t axis = 0) {
  detail::check_parts(detail::operand_shape("split", x), axis, lengths);
  std::vector<X> pieces;
  std::int64_t start = 0;
  for (const std::size_t length : lengths) {
    const auto stop = start + static_cast<std::int64_t>(length);
    pieces.push_back(slice(x, axis, start, stop));
    start = stop;
  }
  return pieces;
}
/// The same into so many pieces of one length; ShapeError where there are none.
template <Tensor X, std::integral N>
std::vector<X> split(const X& x, N parts, std::int64_t axis = 0) {
  return split(x, detail::equal_parts(detail::operand_shape("split", x), axis, static_cast<std::size_t>(parts)), axis);
}

// ---- repeating ----

/// y = each element of an axis `times` times in a row.   dx = g summed over the repetitions.
template <Tensor X>
X repeat(const X& x, std::size_t times, std::int64_t axis) {
  const Shape shape = detail::operand_shape("repeat", x);
  const std::size_t at = normal_axis("repeat", axis, shape), length = shape[at];
  const X apart = expand_dims(x, static_cast<std::int64_t>(at + 1));
  return reshape(broadcast_to(apart, detail::with_axis(shape, at, {length, times})), detail::with_axis(shape, at, {length * times}));
}

/// y = x `times[k]` times one behind the other along axis k, for the last axes where there are fewer of them; x gets new axes in front where
/// there are more.   dx = g summed over the repetitions.
template <Tensor X>
X tile(const X& x, const std::vector<std::size_t>& times) {
  detail::check_operands("tile", x);
  X y = x;
  while (y.shape().rank() < times.size()) y = expand_dims(y, 0);
  const std::size_t first = y.shape().rank() - times.size();
  for (std::size_t k = 0; k < times.size(); ++k) {
    if (times[k] == 1) continue;
    const Shape shape = y.shape();
    const std::size_t at = first + k, length = shape[at];
    const X apart = expand_dims(y, static_cast<std::int64_t>(at));
    y = reshape(broadcast_to(apart, detail::with_axis(shape, at, {times[k], length})), detail::with_axis(shape, at, {length * times[k]}));
  }
  return y;
}

/// y = x with elements before and behind those of each axis, one width for each axis.   dx = g without them, plus, where they repeat elements, theirs.
/// ShapeError unless there is one width for each axis, where reflection needs more elements than there are beside the edge, and circular
/// ones more than there are.
template <Tensor X>
X pad(const X& x, const std::vector<PadWidth>& widths, const PadOptions& options = {}) {
  using T = typename X::value_type;
  detail::check_pad(detail::operand_shape("pad", x), widths.size());
  X y = x;
  for (std::size_t k = 0; k < widths.size(); ++k) {
    const auto axis = static_cast<std::int64_t>(k);
    if (widths[k].before == 0 && widths[k].behind == 0) continue;
    if (options.mode != PadMode::constant) {
      y = take(y, detail::padded_places(y.shape()[k], widths[k], options.mode), axis);
    } else if (options.value == 0) {
      y = record(cards::Pad{axis, widths[k].before, widths[k].behind}, y);
    } else {
      const auto edge = [&](std::size_t width) { return full<T>(detail::with_axis(y.shape(), k, {width}), static_cast<T>(options.value)); };
      y = concatenate({edge(widths[k].before), y, edge(widths[k].behind)}, axis);
    }
  }
  return y;
}

// ---- parts of matrices ----

/// y = x where column <= row + k, else 0, for the last two axes.   dx = g there, else 0.   ShapeError for fewer axes than two.
template <Tensor X>
X tril(const X& x, std::int64_t k = 0) {
  return where(detail::triangle("tril", detail::operand_shape("tril", x), k, false), x, 0);
}

/// y = x where column >= row + k, else 0, for the last two axes.   dx = g there, else 0.   ShapeError for fewer axes than two.
template <Tensor X>
X triu(const X& x, std::int64_t k = 0) {
  return where(detail::triangle("triu", detail::operand_shape("triu", x), k, true), x, 0);
}

/// y = the k-th diagonal of a matrix, as a vector; or a square matrix of zeros with a vector on its k-th diagonal. Above the main diagonal k is
/// positive.   dx = g brought back, 0 beside the diagonal.   ShapeError for another rank.
template <Tensor X>
X diag(const X& x, std::int64_t k = 0) {
  detail::check_diag(detail::operand_shape("diag", x));
  if (x.shape().rank() == 2) return take(flatten(x), detail::diagonal_places(x.shape()[0], x.shape()[1], k), 0);
  const std::size_t side = x.shape()[0] + static_cast<std::size_t>(k < 0 ? -k : k);
  return reshape(record(cards::TakeBack{detail::diagonal_places(side, side, k), 0, {side * side}}, x), {side, side});
}

/// y = the sum of a matrix's diagonal.   dx = g on the diagonal, else 0.   ShapeError for another rank.
template <Tensor X>
X trace(const X& x) {
  detail::check_trace(detail::operand_shape("trace", x));
  return sum(diag(x));
}

// ---- by mask and index ----

/// y = x, but `value` where the mask holds.   dx = g, 0 there.   ShapeError unless the mask stretches with x.
template <Tensor X, class M>
  requires std::convertible_to<M, Array<bool>>
X masked_fill(const X& x, const M& mask, double value) {
  detail::check_operands("masked_fill", x);
  return where(Array<bool>(mask), value, x);
}

/// y = x, to which each element of `more` is added at (.., indices(.., i, ..), ..): what gather takes apart.   dx = g,   dmore = g gathered.
/// Indices of more's shape, which is nowhere but along `axis` longer than x's; as for take() otherwise.
template <Tensor X, class Y>
  requires Operands<X, Y>
auto scatter_add(const X& x, const Array<std::int64_t>& indices, const Y& more, std::int64_t axis) {
  detail::check_operands("scatter_add", x, more);
  return x + record(cards::GatherBack{indices, axis, x.shape()}, more);
}

}  // namespace wengert
