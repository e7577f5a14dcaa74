// From a family's list of cards to their tables. Included by the one source file of each family, which defines family_rules with it.
#pragma once

#include <array>
#include <cstddef>

#include <wengert/graph/card.hpp>
#include <wengert/ops/cards/list.hpp>

#include "ops/loops.hpp"

namespace wengert::detail {

template <class Card, Real T>
constexpr TypedRules<T> library_table() {
  if constexpr (ElementwiseCard<Card>) {
    return BindElementwise<Card, T>::rules(library_loops<Card, T>);
  } else {
    return BindGeneral<Card, T>::rules();
  }
}

/// The tables of a family, in the order of its list.
template <Real T, class... Cards>
const TypedRules<T>& family_table(CardList<Cards...>, std::size_t place) noexcept {
  static constexpr std::array<TypedRules<T>, sizeof...(Cards)> tables{library_table<Cards, T>()...};
  return tables[place];
}

}  // namespace wengert::detail
