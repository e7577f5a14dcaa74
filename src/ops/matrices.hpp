// What the cards of linear algebra have in common.
#pragma once

#include <wengert/ops/rearrange.hpp>

namespace wengert::cards {

/// x with the last two axes exchanged.
template <class V>
V transposed_matrices(const V& x) {
  return swapaxes(x, -2, -1);
}

}  // namespace wengert::cards
