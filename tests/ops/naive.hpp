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

/// Row by column, in extended precision, over stretched batches.
inline Array<double> product(const Array<double>& left, const Array<double>& right, bool transpose_a, bool transpose_b) {
  const bool row_vector = left.rank() == 1, column_vector = right.rank() == 1;
  const Array<double> a = row_vector ? from_values<double>(left.values(), {1, left.size()}) : left;
  const Array<double> b = column_vector ? from_values<double>(right.values(), {right.size(), 1}) : right;
  const bool swap_a = transpose_a && !row_vector, swap_b = transpose_b && !column_vector;
  const auto rows_of = [](const Array<double>& m, bool swapped) { return m.shape()[m.rank() - (swapped ? 1 : 2)]; };
  const std::size_t rows = rows_of(a, swap_a), inner = rows_of(a, !swap_a), columns = rows_of(b, !swap_b);
  Shape full = broadcast_shape("product", Shape(a.shape().begin(), a.shape().end() - 2), Shape(b.shape().begin(), b.shape().end() - 2));
  const std::size_t batch_rank = full.rank();
  full.push_back(rows);
  full.push_back(columns);
  Shape to(full.begin(), full.begin() + batch_rank);
  if (!row_vector) to.push_back(rows);
  if (!column_vector) to.push_back(columns);
  const auto y = filled(full, [&](const Index& i) {
    Index in_a = i, in_b = i;
    long double sum = 0;
    for (std::size_t k = 0; k < inner; ++k) {
      in_a[batch_rank] = swap_a ? k : i[batch_rank];
      in_a[batch_rank + 1] = swap_a ? i[batch_rank] : k;
      in_b[batch_rank] = swap_b ? i[batch_rank + 1] : k;
      in_b[batch_rank + 1] = swap_b ? k : i[batch_rank + 1];
      sum += static_cast<long double>(at(a, in_a)) * static_cast<long double>(at(b, in_b));
    }
    return sum;
  });
  return from_values<double>(y.values(), to);
}

}  // namespace wengert::test::naive
