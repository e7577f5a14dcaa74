// What an embedding's indices say: which are the padding's, how often each is there.
#include <wengert/ops/embedding.hpp>

#include <algorithm>
#include <string>

#include <wengert/base/errors.hpp>

#include "array/movement.hpp"
#include "ops/general.hpp"

namespace wengert::detail {

namespace {

/// The indices' shape with an axis of length 1 behind it.
Shape along_rows(const Array<std::int64_t>& indices) {
  Shape shape = indices.shape();
  shape.push_back(1);
  return shape;
}

std::size_t row_of(std::int64_t index, std::size_t rows) { return static_cast<std::size_t>(index < 0 ? index + static_cast<std::int64_t>(rows) : index); }

}  // namespace

void check_embedding(const Array<std::int64_t>& indices, const Shape& weights, const std::optional<std::int64_t>& padding) {
  require_values("embedding", "array of indices", indices);
  if (weights.rank() != 2) throw ShapeError("embedding: the weights are no matrix: " + to_string(weights) + "; (rows, features) is needed");
  check_indices("embedding", indices, weights[0]);
  const auto end = static_cast<std::int64_t>(weights[0]);
  if (padding && (*padding < -end || *padding >= end))
    throw ShapeError("embedding: padding_index is out of range: " + std::to_string(*padding) + " for weights " + to_string(weights) + "; it must be that of a row, from the end where negative");
}

Array<bool> padding_places(const Array<std::int64_t>& indices, std::int64_t padding, std::size_t rows) {
  return Array<bool>::build(along_rows(indices), [&](std::span<bool> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = row_of(indices.data()[i], rows) == row_of(padding, rows);
  });
}

template <Real T>
Array<T> index_shares(const Array<std::int64_t>& indices, std::size_t rows) {
  const auto counts = Array<std::int64_t>::build({rows}, [&](std::span<std::int64_t> out) {
    std::fill(out.begin(), out.end(), 0);
    for (const std::int64_t index : indices) ++out[row_of(index, rows)];
  });
  return Array<T>::build(along_rows(indices), [&](std::span<T> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = T(1) / static_cast<T>(counts.data()[row_of(indices.data()[i], rows)]);
  });
}

template Array<float> index_shares(const Array<std::int64_t>&, std::size_t);
template Array<double> index_shares(const Array<std::int64_t>&, std::size_t);

}  // namespace wengert::detail
