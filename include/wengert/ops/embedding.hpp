// Embedding: a row of weights for each index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/select.hpp>

namespace wengert {

struct EmbeddingOptions {
  std::optional<std::int64_t> padding_index = {};  ///< the row of this index gets no gradient
  bool scale_gradient_by_frequency = false;        ///< whether each row's gradient is divided by how often its index is there
};

namespace detail {
/// ShapeError unless the weights are a matrix, and all indices and that of the padding of its rows.
WENGERT_API void check_embedding(const Array<std::int64_t>& indices, const Shape& weights, const std::optional<std::int64_t>& padding);
/// Where an index is that of the padding, to stretch along rows.
WENGERT_API Array<bool> padding_places(const Array<std::int64_t>& indices, std::int64_t padding, std::size_t rows);
/// 1 over the number of times that each index is there, to stretch along rows.
template <Real T>
WENGERT_API Array<T> index_shares(const Array<std::int64_t>& indices, std::size_t rows);
}  // namespace detail

/// y(.., k) = weights(indices(..), k).   dweights = zeros, g added to the row that each came from; nothing to that of padding_index, and divided by
/// the index's frequency where that is asked for. weights (rows, features); indices count from the end where negative. ShapeError for
/// indices out of range and for weights that are no matrix.
template <Tensor W>
W embedding(const Array<std::int64_t>& indices, const W& weights, const EmbeddingOptions& options = {}) {
  detail::check_embedding(indices, detail::operand_shape("embedding", weights), options.padding_index);
  W y = take(weights, indices, 0);
  if constexpr (detail::is_var<W>) {
    const std::size_t rows = weights.shape()[0];
    if (options.scale_gradient_by_frequency) {
      const auto shares = detail::index_shares<typename W::value_type>(indices, rows);
      y = with_gradient(y, [](const auto& x) { return x; }, [shares](const auto&, const auto&, const auto& g) { return g * shares; });
    }
    if (options.padding_index) y = where(detail::padding_places(indices, *options.padding_index, rows), y.value(), y);
  }
  return y;
}

}  // namespace wengert
