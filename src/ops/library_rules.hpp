// From a family's list of cards to their tables. Included by the one source file of each family, which defines family_rules with it.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <wengert/graph/card.hpp>
#include <wengert/ops/families.hpp>

#include "ops/loops.hpp"

namespace wengert::detail {

template <class Card, Real T>
constexpr TypedRules<T> library_table() {
  if constexpr (ElementwiseCard<Card>) {
    static_assert(std::is_empty_v<Card> || (std::is_standard_layout_v<Card> && std::is_trivially_copyable_v<Card> && sizeof(Card) % sizeof(double) == 0),
                  "the attributes of an elementwise card are doubles, which record_library hands over as such");
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
