// Random shapes and numbers for properties (see property.hpp), and how results are compared.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

#include <wengert/array/array.hpp>

#include "ops/property.hpp"

namespace wengert::test {

/// Few elements, often along an axis of length 1, now and then none.
inline Shape random_shape(std::size_t lowest_rank, std::size_t highest_rank) {
  const auto extent = rc::gen::weightedElement<std::size_t>({{1, 0}, {3, 1}, {4, 2}, {4, 3}, {1, 5}});
  Shape shape;
  for (std::size_t axis = pick(lowest_rank, highest_rank); axis > 0; --axis) shape.push_back(*extent);
  return shape;
}

/// A shape that stretches to this one.
inline Shape stretching_to(const Shape& to) {
  Shape shape;
  for (std::size_t axis = pick<std::size_t>(0, to.rank()); axis < to.rank(); ++axis) shape.push_back(pick(0, 2) == 0 ? 1 : to[axis]);
  return shape;
}

inline std::int64_t random_axis(std::size_t axis, std::size_t rank) { return static_cast<std::int64_t>(axis) - (pick(0, 1) == 0 ? static_cast<std::int64_t>(rank) : 0); }

inline Array<double> random_numbers(const Shape& shape, double low = -2, double high = 2) {
  std::mt19937_64 engine(pick<std::uint32_t>(0, 1U << 30U));
  return Array<double>::build(shape, [&](std::span<double> out) {
    for (double& x : out) x = low + (high - low) * static_cast<double>(engine() >> 11U) * 0x1p-53;
  });
}

/// Each finite element to 13 digits of the largest, infinities exactly.
inline testing::AssertionResult agrees(const Array<double>& got, const Array<double>& want) {
  if (got.shape() != want.shape()) return testing::AssertionFailure() << "the shape is " << got.shape() << ", not " << want.shape();
  double scale = 1;
  for (const double x : want) scale = std::isfinite(x) ? std::max(scale, std::abs(x)) : scale;
  for (std::size_t k = 0; k < got.size(); ++k) {
    const double a = got.data()[k], b = want.data()[k];
    if (a != b && !(std::abs(a - b) <= 1e-13 * scale)) return testing::AssertionFailure() << "element " << k << " of " << got.shape() << " is " << a << ", not " << b;
  }
  return testing::AssertionSuccess();
}

}  // namespace wengert::test
