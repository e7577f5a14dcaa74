// From a family's list of cards to their tables. Included by the one source file of each family, which defines family_rules with it.
#pragma once

#include <array>
#include <cstddef>

#include <wengert/graph/card.hpp>
#include <wengert/ops/families.hpp>

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
constexpr std::array<TypedRules<T>, sizeof...(Cards)> library_tables(CardList<Cards...>) {
  return {library_table<Cards, T>()...};
}

/// What each family's source file defines family_rules by.
template <class Family, Real T>
const TypedRules<T>& family_table(std::size_t place) noexcept {
  static constexpr auto tables = library_tables<T>(Family{});
  return tables[place];
}

}  // namespace wengert::detail
