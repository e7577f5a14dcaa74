// Elementwise cards on numbers, which is all there is in a scalar graph: one function records a node, one walks back over it,
// each compiled for its card. No array, no list of operands and no shape is looked at. docs/performance.md says what that gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/node.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/reads.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::detail {

template <Real T>
struct TypedRules;

/// A card of the library's own: found, by argument-dependent look-up, in a family's list (ops/families.hpp), where it need be no more
/// than a name.
template <class Card>
concept LibraryCard = requires(const Card& card) { family_of(card); };

// The general way, for one operand and for two: a list of them would cost as much as the rest on small graphs.
template <Real T>
WENGERT_API Var<T> record_one(const TypedRules<T>& rules, const void* card, const Operand<T>& x);
template <Real T>
WENGERT_API Var<T> record_two(const TypedRules<T>& rules, const void* card, const Operand<T>& a, const Operand<T>& b);

/// g joined with a slope, on numbers.
template <Join join, Real T>
constexpr T join_numbers(T g, T slope) {
  if (g == T(0)) return T(0);
  if constexpr (join == Join::both) {
    if (slope == T(0)) return T(0);
  }
  return g * slope;
}

/// Whether a node has room for the card in itself.
template <class Card>
inline constexpr bool fits_node = std::is_empty_v<Card> || (sizeof(Card) <= sizeof(Node::inline_card) && alignof(Card) <= alignof(void*) && std::is_trivially_copyable_v<Card> &&
                                                            std::is_trivially_destructible_v<Card>);

template <class Card, Real T>
struct NumberNodes {
  static constexpr std::size_t arity = elementwise_arity<Card>();
  static constexpr auto indices = std::make_index_sequence<arity>{};

  static const Card& as(const void* card) { return *static_cast<const Card*>(card); }

  static T apply(const void* card, const T* in) {
    return [&]<std::size_t... J>(std::index_sequence<J...>) { return static_cast<T>(as(card).apply(in[J]...)); }(indices);
  }

  template <std::size_t I>
  static T pull(const void* card, T g, const T* in, T y) {
    if constexpr (unit_slope<Card, I>() != 0) return unit_slope<Card, I>() > 0 ? g : -g;
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return join_numbers<join_of<Card>()>(g, static_cast<T>(slope_of<I>(as(card), in[J]..., y)));
    }(indices);
  }

  // ---- forward ----

  /// The card's output as a new node. X are Vars, or one of two is a plain number. A Var whose bit is set in `taken` is moved from:
  /// here, where its node is at hand, its handle costs a few instructions less than at the temporary's end.
  template <class... X>
  static Var<T> record(const TypedRules<T>& rules, const void* card, unsigned taken, const X&... x) {
    TapeHead* const tape = tape_of(x...);
    if (tape == nullptr || tape->used == tape->room) return record_general(rules, card, taken, x...);  // which makes room
    return [&](const auto&... inputs) {
      if (!(inputs.is_number() && ...)) return record_general(rules, card, taken, x...);
      const std::uint32_t id = appended(*tape, rules, card, inputs...);
      std::uint64_t gone = 0;
      std::size_t j = 0;
      ((gone += (taken >> j++ & 1U) != 0 && inputs.let_go() ? 1 : 0), ...);
      if (gone != 1) tape->count_live(1 - gone);
      return Var<T>(AnyVar::of_counted_node(*tape, id));
    }(input(*tape, x)...);
  }

  // ---- backward ----

  /// Takes the node's cotangent from its cell and adds what it contributes to those of its inputs.
  static void pull_back(const TapeHead& tape, const Node& node, Handle* cells, std::uint32_t id) {
    const T g = cells[id].template as<T>();
    cells[id].forget_number();
    const std::uint32_t* const ids = arity <= 2 ? node.two : node.many;
    T in[arity];  // what no slope reads is not even loaded
    for (std::size_t j = 0; j < arity; ++j) {
      if (j == node.number_operand) {
        std::memcpy(&in[j], node.inline_card, sizeof(T));
      } else {
        in[j] = tape.node(ids[j]).value.template as<T>();
      }
    }
    const T y = node.value.template as<T>();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto add = [&](std::uint32_t input, T contribution) {
        Handle& cell = cells[input];
        cell.set_number(cell.is_nothing() ? contribution : static_cast<T>(cell.template as<T>() + contribution));  // an input of a number is a number
      };
      (((node.is.wants >> I & 1U) != 0 ? add(ids[I], pull<I>(node.card_place(), g, in, y)) : void()), ...);
    }(indices);
  }

 private:
  /// An input that is a node's value, and one that is a plain number.
  struct OfNode {
    Node* node;
    std::uint32_t id;
    const Var<T>* var;

    bool is_number() const noexcept { return node->value.is_number(); }
    T number() const noexcept { return node->value.template as<T>(); }
    bool is_differentiable() const noexcept { return node->is.differentiable; }
    void put(Node& reader, std::size_t j) const noexcept { reader.two[j] = id; }
    /// Empties the Var. Its node holds a number: nothing else goes with the handle.
    bool let_go() const noexcept {
      if (!var->is_taped()) return false;  // both operands are one Var
      --node->handles;
      const_cast<Var<T>*>(var)->forget();
      return true;
    }
  };
  struct OfNumber {
    T value;

    static bool is_number() noexcept { return true; }
    T number() const noexcept { return value; }
    static bool is_differentiable() noexcept { return false; }
    void put(Node& reader, std::size_t j) const noexcept {
      reader.number_operand = static_cast<std::uint8_t>(j);
      std::memcpy(reader.inline_card, &value, sizeof(T));
    }
    static bool let_go() noexcept { return false; }
  };
  static OfNode input(const TapeHead& tape, const Var<T>& x) noexcept { return {&tape.node(x.id()), x.id(), &x}; }
  static OfNumber input(const TapeHead&, const T& x) noexcept { return {x}; }

  /// The tape of all the Vars if it is one, of this thread, alive and recording, and none of them is stale; else nullptr.
  template <class First, class... More>
  static TapeHead* tape_of(const First& first, const More&... more) noexcept {
    if constexpr (is_var<First>) {
      TapeHead* const tape = first.head();
      return first.is_taped() && tape->records_here() && is_of(*tape, first) && (is_of(*tape, more) && ...) ? tape : nullptr;
    } else {
      return tape_of(more...);
    }
  }
  static bool is_of(const TapeHead& tape, const Var<T>& x) noexcept { return x.head() == &tape && x.generation() == tape.generation; }
  static bool is_of(const TapeHead&, const T&) noexcept { return true; }

  /// Where anything is out of the ordinary: several tapes, another thread's, a stale Var, an array, a tape that records nothing or whose
  /// nodes are all used.
  template <class... X>
  [[gnu::noinline]] static Var<T> record_general(const TypedRules<T>& rules, const void* card, unsigned taken, const X&... x) {
    std::size_t j = 0;
    const Operand<T> operands[] = {operand(x, (taken >> j++ & 1U) != 0)...};
    if constexpr (arity == 1) {
      return record_one<T>(rules, card, operands[0]);
    } else {
      return record_two<T>(rules, card, operands[0], operands[1]);
    }
  }
  static Operand<T> operand(const Var<T>& x, bool taken) noexcept { return taken ? Operand<T>(std::move(const_cast<Var<T>&>(x))) : Operand<T>(x); }
  static Operand<T> operand(const T& x, bool) noexcept { return Operand<T>(x); }

  /// The card's function, while nodes may be recorded on the tape: a user's may do anything to it.
  template <class... N>
  static T applied(TapeHead& tape, const void* card, N... x) {
    if constexpr (LibraryCard<Card>) {
      return static_cast<T>(as(card).apply(x...));
    } else {
      const std::uint32_t generation = tape.generation, size = tape.used;
      T y;
      try {
        y = static_cast<T>(as(card).apply(x...));
      } catch (...) {
        forget_nodes(tape, generation, size);
        throw;
      }
      if (generation != tape.generation || !tape.is_alive()) refuse_lost_tape(as(card).name);
      if (tape.used == tape.room) more_nodes(tape);
      return y;
    }
  }

  /// The new node, its first handle counted.
  template <class... Inputs>
  static std::uint32_t appended(TapeHead& tape, const TypedRules<T>& rules, const void* card, const Inputs&... inputs) {
    const T y = applied(tape, card, inputs.number()...);
    unsigned wants = 0, bit = 1;
    ((wants |= inputs.is_differentiable() ? bit : 0, bit <<= 1), ...);
    const std::uint32_t id = tape.used++;
    Node& node = *new (&tape.node(id)) Node;  // each member is written once: not blank before
    node.rules = &rules;
    node.number_operand = Node::no_number;
    if constexpr (!std::is_empty_v<Card>) std::memcpy(node.inline_card, card, sizeof(Card));
    std::size_t j = 0;
    (inputs.put(node, j++), ...);
    node.value.set_number(y);
    node.shape = tape.scalar;
    node.handles = 1;
    node.keeps = tape.first_keeps;
    node.arity = arity;
    node.kind = NodeKind::operation;
    node.type = number_type<T>;
    const bool differentiable = wants != 0;
    node.is = {.differentiable = differentiable, .consumed = false, .card_in_arena = false, .keeps_counted = differentiable, .numbers_alone = true, .wants = static_cast<std::uint8_t>(wants & 7U)};
    return id;
  }
};

}  // namespace wengert::detail
