// Rearrangements of random shapes. Each is told where every element of its result comes from, which says what its values and its gradient
// must be.
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

#include "ops/naive.hpp"
#include "ops/property.hpp"
#include "ops/random_shapes.hpp"

namespace wengert::test {

namespace {

using naive::at, naive::filled, naive::Index;

/// A result, and for each of its elements the number of the element of x that it is; -1 for one that is 0.
struct Rearranged {
  Var<double> y;
  Array<double> origin;
};

/// x and the numbers of its elements, in x's shape.
using Rearrangement = Rearranged (*)(const Var<double>& x, const Array<double>& numbers);

struct Named {
  std::string_view name;
  std::size_t lowest_rank, highest_rank;
  Rearrangement rearrange;
};

std::int64_t signed_of(std::size_t n) { return static_cast<std::int64_t>(n); }
std::size_t random_place(const Shape& shape) { return pick<std::size_t>(0, shape.rank() - 1); }
Shape with(const Shape& shape, std::size_t axis, std::size_t extent) {
  Shape changed;
  for (std::size_t k = 0; k < shape.rank(); ++k) changed.push_back(k == axis ? extent : shape[k]);
  return changed;
}
Array<double> as(const Array<double>& x, const Shape& shape) { return from_values<double>(x.values(), shape); }

/// y's shape, and i moved to where it comes from along one axis.
template <class F>
Array<double> along(const Array<double>& numbers, std::size_t axis, std::size_t extent, F from) {
  return filled(with(numbers.shape(), axis, extent), [&](Index i) {
    i[axis] = from(i[axis]);
    return at(numbers, i);
  });
}

/// Places of an axis, some of them counted from its end; none of an axis without elements.
std::vector<std::int64_t> random_places(std::size_t extent, std::size_t count) {
  std::vector<std::int64_t> found(extent == 0 ? 0 : count);
  for (auto& place : found) place = pick(-signed_of(extent), signed_of(extent) - 1);
  return found;
}
std::size_t counted(std::int64_t place, std::size_t extent) { return static_cast<std::size_t>(place < 0 ? place + signed_of(extent) : place); }

Rearranged reversed_extents(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t open = pick<std::size_t>(0, x.shape().rank());  // behind the last: none
  Axes to;
  Shape shape;
  for (std::size_t axis = x.shape().rank(); axis-- > 0;) {
    shape.push_back(x.shape()[axis]);
    to.push_back(axis == open && x.size() > 0 ? -1 : signed_of(x.shape()[axis]));
  }
  return {reshape(x, to), as(numbers, shape)};
}

Rearranged transposed(const Var<double>& x, const Array<double>& numbers) {
  std::vector<std::size_t> order(x.shape().rank());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[pick<std::size_t>(0, k - 1)]);
  Axes axes;
  Shape to;
  for (const std::size_t axis : order) {
    axes.push_back(random_axis(axis, order.size()));
    to.push_back(x.shape()[axis]);
  }
  return {order.empty() ? transpose(x) : transpose(x, axes), filled(to, [&](const Index& i) {
            Index from(i.size());
            for (std::size_t k = 0; k < i.size(); ++k) from[order[k]] = i[k];
            return at(numbers, from);
          })};
}

Rearranged with_axis_of_length_1(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t place = pick<std::size_t>(0, x.shape().rank());
  Shape to(x.shape().begin(), x.shape().begin() + signed_of(place));
  to.push_back(1);
  for (std::size_t axis = place; axis < x.shape().rank(); ++axis) to.push_back(x.shape()[axis]);
  return {expand_dims(x, random_axis(place, to.rank())), as(numbers, to)};
}

Rearranged without_axes_of_length_1(const Var<double>& x, const Array<double>& numbers) {
  Shape to;
  for (const std::size_t extent : x.shape())
    if (extent != 1) to.push_back(extent);
  return {squeeze(x), as(numbers, to)};
}

Rearranged stretched(const Var<double>& x, const Array<double>& numbers) {
  Shape to = random_shape(0, 1);
  for (const std::size_t extent : x.shape()) to.push_back(extent == 1 ? pick<std::size_t>(0, 3) : extent);
  return {broadcast_to(x, to), filled(to, [&](const Index& i) { return at(numbers, i); })};
}

Rearranged cut(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const std::size_t start = pick<std::size_t>(0, extent), stop = pick(start, extent);
  const std::int64_t first = start < extent && pick(0, 1) == 0 ? signed_of(start) - signed_of(extent) : signed_of(start);
  return {slice(x, random_axis(axis, x.shape().rank()), first, signed_of(stop)), along(numbers, axis, stop - start, [&](std::size_t i) { return start + i; })};
}

Rearranged taken(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const auto places = random_places(extent, pick<std::size_t>(0, 4));
  return {take(x, from_values<std::int64_t>(places, {places.size()}), random_axis(axis, x.shape().rank())),
          along(numbers, axis, places.size(), [&](std::size_t i) { return counted(places[i], extent); })};
}

Rearranged gathered(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const Shape to = with(x.shape(), axis, extent == 0 ? 0 : pick<std::size_t>(0, 4));
  const auto places = random_places(extent, to.elements());
  std::size_t next = 0;
  return {gather(x, from_values<std::int64_t>(places, to), random_axis(axis, x.shape().rank())), filled(to, [&](Index i) {
            i[axis] = counted(places[next++], extent);
            return at(numbers, i);
          })};
}

Rearranged joined(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const std::size_t cut = pick<std::size_t>(0, extent);
  const std::vector<Var<double>> pieces{slice(x, signed_of(axis), signed_of(cut), signed_of(extent)), x};
  return {concatenate(pieces, random_axis(axis, x.shape().rank())), along(numbers, axis, 2 * extent - cut, [&](std::size_t i) { return i < extent - cut ? cut + i : i - (extent - cut); })};
}

Rearranged stacked(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t place = pick<std::size_t>(0, x.shape().rank());
  const auto apart = [&](std::size_t length) {
    Shape shape(x.shape().begin(), x.shape().begin() + signed_of(place));
    shape.push_back(length);
    for (std::size_t axis = place; axis < x.shape().rank(); ++axis) shape.push_back(x.shape()[axis]);
    return shape;
  };
  const auto one = as(numbers, apart(1));
  return {stack({x, x, x}, random_axis(place, x.shape().rank() + 1)), filled(apart(3), [&](const Index& i) { return at(one, i); })};
}

Rearranged piece(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const std::size_t first = pick<std::size_t>(0, extent), second = pick<std::size_t>(0, extent - first);
  const auto pieces = split(x, {first, second, extent - first - second}, random_axis(axis, x.shape().rank()));
  return {pieces[1], along(numbers, axis, second, [&](std::size_t i) { return first + i; })};
}

Rearranged flipped(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  return {flip(x, {random_axis(axis, x.shape().rank())}), along(numbers, axis, extent, [&](std::size_t i) { return extent - 1 - i; })};
}

Rearranged flipped_everywhere(const Var<double>& x, const Array<double>& numbers) {
  return {flip(x), filled(x.shape(), [&](Index i) {
            for (std::size_t axis = 0; axis < i.size(); ++axis) i[axis] = x.shape()[axis] - 1 - i[axis];
            return at(numbers, i);
          })};
}

Rearranged rolled(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), extent = x.shape()[axis];
  const std::int64_t shift = pick<std::int64_t>(-7, 7);
  return {roll(x, shift, random_axis(axis, x.shape().rank())),
          along(numbers, axis, extent, [&](std::size_t i) { return static_cast<std::size_t>((signed_of(i) - shift + 70 * signed_of(extent)) % signed_of(extent)); })};
}

Rearranged exchanged(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t a = random_place(x.shape()), b = random_place(x.shape());
  const Shape to = with(with(x.shape(), a, x.shape()[b]), b, x.shape()[a]);
  return {swapaxes(x, random_axis(a, to.rank()), random_axis(b, to.rank())), filled(to, [&](Index i) {
            std::swap(i[a], i[b]);
            return at(numbers, i);
          })};
}

Rearranged repeated(const Var<double>& x, const Array<double>& numbers) {
  const std::size_t axis = random_place(x.shape()), times = pick<std::size_t>(0, 3);
  return {repeat(x, times, random_axis(axis, x.shape().rank())), along(numbers, axis, x.shape()[axis] * times, [&](std::size_t i) { return i / times; })};
}

Rearranged tiled(const Var<double>& x, const Array<double>& numbers) {
  std::vector<std::size_t> times;
  Shape to;
  for (const std::size_t extent : x.shape()) {
    times.push_back(pick<std::size_t>(0, 3));
    to.push_back(times.back() * extent);
  }
  return {tile(x, times), filled(to, [&](Index i) {
            for (std::size_t axis = 0; axis < i.size(); ++axis) i[axis] %= x.shape()[axis];
            return at(numbers, i);
          })};
}

Rearranged padded(const Var<double>& x, const Array<double>& numbers) {
  const auto mode = static_cast<PadMode>(pick(0, 3));
  std::vector<PadWidth> widths;
  Shape to;
  for (const std::size_t extent : x.shape()) {
    // Reflection reaches to all elements but the one at the edge, a circle once around.
    const std::size_t reach = mode == PadMode::constant ? 3 : mode == PadMode::reflect ? (extent == 0 ? 0 : extent - 1) : mode == PadMode::circular ? extent : extent == 0 ? 0 : 3;
    widths.push_back({pick<std::size_t>(0, reach), pick<std::size_t>(0, reach)});
    to.push_back(widths.back().before + extent + widths.back().behind);
  }
  return {pad(x, widths, {.mode = mode}), filled(to, [&](Index i) {
            for (std::size_t axis = 0; axis < i.size(); ++axis) {
              const std::int64_t extent = signed_of(x.shape()[axis]), place = signed_of(i[axis]) - signed_of(widths[axis].before);
              if (mode == PadMode::constant && (place < 0 || place >= extent)) return -1.0;
              const std::int64_t last = extent - 1;
              const std::int64_t from = mode == PadMode::reflect ? (place < 0 ? -place : place > last ? 2 * last - place : place) : mode == PadMode::circular ? (place + extent) % extent : std::clamp<std::int64_t>(place, 0, last);
              i[axis] = static_cast<std::size_t>(from);
            }
            return at(numbers, i);
          })};
}

Rearranged triangle(const Var<double>& x, const Array<double>& numbers) {
  const std::int64_t k = pick<std::int64_t>(-3, 3);
  const bool upper = pick(0, 1) == 1;
  return {upper ? triu(x, k) : tril(x, k), filled(x.shape(), [&](const Index& i) {
            const std::int64_t side = signed_of(i.back()) - signed_of(i[i.size() - 2]);
            return (upper ? side >= k : side <= k) ? at(numbers, i) : -1.0;
          })};
}

Rearranged diagonal(const Var<double>& x, const Array<double>& numbers) {
  const std::int64_t k = pick<std::int64_t>(-3, 3);
  if (x.shape().rank() == 1) {
    const std::size_t side = x.size() + static_cast<std::size_t>(std::abs(k));
    return {diag(x, k), filled({side, side}, [&](const Index& i) { return signed_of(i[1]) - signed_of(i[0]) == k ? numbers.data()[k < 0 ? i[1] : i[0]] : -1.0; })};
  }
  const std::int64_t rows = signed_of(x.shape()[0]), columns = signed_of(x.shape()[1]);
  std::vector<double> on;
  for (std::int64_t row = 0; row < rows; ++row)
    if (row + k >= 0 && row + k < columns) on.push_back(static_cast<double>(row * columns + row + k));
  return {diag(x, k), from_values<double>(on, {on.size()})};
}

constexpr Named rearrangements[] = {
    {"reshape", 0, 4, reversed_extents}, {"transpose", 0, 4, transposed},   {"expand_dims", 0, 3, with_axis_of_length_1}, {"squeeze", 0, 4, without_axes_of_length_1},
    {"broadcast_to", 0, 3, stretched},   {"slice", 1, 4, cut},              {"take", 1, 4, taken},                        {"gather", 1, 4, gathered},
    {"concatenate", 1, 4, joined},       {"stack", 0, 3, stacked},          {"split", 1, 4, piece},                       {"flip", 1, 4, flipped},
    {"flip_everywhere", 0, 4, flipped_everywhere}, {"roll", 1, 4, rolled},  {"swapaxes", 1, 4, exchanged},                {"repeat", 1, 4, repeated},
    {"tile", 0, 3, tiled},               {"pad", 0, 3, padded},             {"tril_and_triu", 2, 4, triangle},            {"diag", 1, 2, diagonal},
};

void rearrange(std::vector<std::size_t>& used) {
  const auto which = pick<std::size_t>(0, std::size(rearrangements) - 1);
  const Named& named = rearrangements[which];
  ++used[which];
  const Shape shape = random_shape(named.lowest_rank, named.highest_rank);
  RC_LOG() << named.name << " of " << to_string(shape);
  const auto numbers = Array<double>::build(shape, [](std::span<double> out) { std::iota(out.begin(), out.end(), 0.0); });
  Tape tape;
  const auto x = tape.variable(random_numbers(shape));
  const Rearranged made = named.rearrange(x, numbers);
  const Array<double>& origin = made.origin;
  const auto c = random_numbers(origin.shape());
  std::vector<double> gradient(x.size());
  const auto value = Array<double>::build(origin.shape(), [&](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      const double from = origin.data()[k];
      out[k] = from < 0 ? 0 : x.value().data()[static_cast<std::size_t>(from)];
      if (from >= 0) gradient[static_cast<std::size_t>(from)] += c.data()[k];
    }
  });
  require(agrees(made.y.value(), value));
  require(agrees(tape.backward(made.y, {.cotangent = c})[x], from_values<double>(gradient, shape)));
}

}  // namespace

TEST(RandomShapes, AreRearranged) {
  std::vector<std::size_t> used(std::size(rearrangements));
  if (!expect_property(6, 3000, [&] { rearrange(used); })) return;
  for (std::size_t i = 0; i < used.size(); ++i) EXPECT_GT(used[i], 20u) << rearrangements[i].name;
}

}  // namespace wengert::test
