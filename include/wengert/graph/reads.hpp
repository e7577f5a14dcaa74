// Which values of the forward pass a slope may read, as its card declares it. As light as the card header.
#pragma once

#include <cstddef>

#include <wengert/graph/elementwise.hpp>

namespace wengert::detail {

/// Whether slope i reads input j: what `keeps` says, unless the card has a reads(i, j) that says less.
template <class Card>
constexpr bool slope_reads_input(std::size_t i, std::size_t j) {
  if constexpr ((static_cast<unsigned>(Card::keeps) & static_cast<unsigned>(Keeps::inputs)) == 0) {
    return false;
  } else if constexpr (requires { Card::reads(i, j); }) {
    return Card::reads(i, j);
  } else {
    return true;
  }
}

template <class Card>
inline constexpr bool slope_reads_output = (static_cast<unsigned>(Card::keeps) & static_cast<unsigned>(Keeps::output)) != 0;

}  // namespace wengert::detail
