// Plain loops over indices, to compare operations with: slow, and so simple that one sees that they are right.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <wengert/array/array.hpp>

namespace wengert::test::naive {

using Index = std::vector<std::size_t>;

/// The k-th index of a shape, row by row.
inline Index index_of(const Shape& shape, std::size_t k) {
  Index index(shape.rank());
  for (std::size_t axis = shape.rank(); axis-- > 0; k /= shape[axis]) index[axis] = k % shape[axis];
  return index;
}

/// The element at an index; along axes of length 1 it is the same everywhere, and leading axes that x lacks do not matter.
inline double at(const Array<double>& x, const Index& index) {
  const Shape& shape = x.shape();
  std::size_t offset = 0;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) offset = offset * shape[axis] + (shape[axis] == 1 ? 0 : index[index.size() - shape.rank() + axis]);
  return x.data()[offset];
}

/// The array of f(index).
template <class F>
Array<double> filled(const Shape& shape, F f) {
  return Array<double>::build(shape, [&](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<double>(f(index_of(shape, k)));
  });
}

/// The array of f(elements) for the elements along `axes`; a reduced axis stays with length 1 if kept.
template <class F>
Array<double> reduced(const Array<double>& x, const std::vector<std::size_t>& axes, bool keep_dims, F f) {
  const Shape& from = x.shape();
  const auto is_reduced = [&](std::size_t axis) { return std::find(axes.begin(), axes.end(), axis) != axes.end(); };
  Shape kept, to;
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    kept.push_back(is_reduced(axis) ? 1 : from[axis]);
    if (keep_dims || !is_reduced(axis)) to.push_back(kept[axis]);
  }
  std::vector<std::vector<long double>> groups(kept.elements());
  for (std::size_t k = 0; k < x.size(); ++k) {
    const Index index = index_of(from, k);
    std::size_t group = 0;
    for (std::size_t axis = 0; axis < from.rank(); ++axis) group = group * kept[axis] + (is_reduced(axis) ? 0 : index[axis]);
    groups[group].push_back(static_cast<long double>(x.data()[k]));
  }
  return Array<double>::build(to, [&](std::span<double> out) { std::transform(groups.begin(), groups.end(), out.begin(), [&](const auto& group) { return static_cast<double>(f(group)); }); });
}

}  // namespace wengert::test::naive
