// A family's list of cards: what its tables and its kernel units are compiled from, in this order.
#pragma once

#include <cstddef>
#include <type_traits>

namespace wengert::detail {

template <class... Cards>
struct CardList {
  static constexpr std::size_t size = sizeof...(Cards);

  template <class Card>
  static constexpr bool contains = (std::is_same_v<Card, Cards> || ...);

  /// The place of a card in this list.
  template <class Card>
    requires contains<Card>
  static constexpr std::size_t place() {
    std::size_t index = 0;
    static_cast<void>(((std::is_same_v<Card, Cards> || (++index, false)) || ...));
    return index;
  }
};

}  // namespace wengert::detail
