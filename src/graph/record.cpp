// Recording: from operands to a node. Whatever can fail happens before the node is appended.
#include <wengert/graph/record.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <wengert/base/errors.hpp>

#include "array/loops.hpp"
#include "graph/evaluate.hpp"
#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

/// An operand on its way into a node.
template <Real T>
struct Input {
  std::uint32_t id = 0;
  bool is_number = false;  // a plain number that has no node
  T number = 0;
};

template <Real T>
using Kind = typename Operand<T>::Kind;

/// The tape of the first Var; nullptr where there is none. All Vars must agree.
template <Real T>
TapeState* tape_of(const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands) {
  TapeState* tape = nullptr;
  for (const auto& operand : operands) {
    if (operand.kind() != Kind<T>::var) continue;
    const Var<T>& var = operand.var();
    if (!var.is_taped() || var.head() != tape) TapeState::checked_node(name_of(rules, card), var);
    TapeState& here = TapeState::of(var);
    if (var.generation() != here.generation) TapeState::checked_node(name_of(rules, card), var);
    if (tape == nullptr) {
      tape = &here;
      tape->check_usable(name_of(rules, card));
    } else if (tape != &here) {
      throw GraphError(std::string(name_of(rules, card)) + ": the operands are on two tapes; all Vars of an operation must be on one (use value() to carry one over as a constant)");
    }
  }
  return tape;
}

/// The operand as a node of the tape or as a number. Arrays and parameters get their leaf here.
template <Real T>
Input<T> resolved(TapeState& tape, const TypedRules<T>& rules, const void* card, const Operand<T>& operand, bool number_is_free) {
  switch (operand.kind()) {
    case Kind<T>::var:
      if (!tape.postponed.empty() && !tape.node(operand.var().id()).value) tape.compute_postponed(operand.var().id());
      return {.id = operand.var().id()};
    case Kind<T>::parameter: return {.id = tape.leaf_of(operand.parameter().state(), number_type<T>)};
    case Kind<T>::array: {
      const Handle& handle = operand.array().handle();
      if (handle.is_nothing()) throw GraphError(std::string(name_of(rules, card)) + ": an operand holds nothing: it was default-constructed or moved from; an array is needed");
      if (!handle.is_number() || !number_is_free) return {.id = tape.append_leaf(handle, NodeKind::constant, number_type<T>)};
      return {.is_number = true, .number = handle.template as<T>()};
    }
    case Kind<T>::number: break;
  }
  if (number_is_free) return {.is_number = true, .number = operand.number()};
  return {.id = tape.append_leaf(Handle::number(operand.number()), NodeKind::constant, number_type<T>)};
}

/// Copies the card beside its node.
template <Real T>
void* stored_card(TapeState& tape, const TypedRules<T>& rules, const void* card) {
  void* const place = tape.arena.take(rules.card_size, rules.card_alignment);
  if (rules.copy_card != nullptr) {
    rules.copy_card(place, card);
  } else {
    std::memcpy(place, card, rules.card_size);
  }
  return place;
}

template <Real T>
bool fits_inline(const TypedRules<T>& rules) noexcept {
  return rules.card_size <= sizeof(Node::inline_card) && rules.card_alignment <= alignof(void*) && rules.copy_card == nullptr && rules.destroy_card == nullptr;
}

/// Whether the pullback to be recorded will read input j.
template <Real T>
bool slope_may_read(const TapeState& tape, const TypedRules<T>& rules, std::span<const Input<T>> in, std::size_t j) {
  if (!keeps(rules, Keeps::inputs)) return false;
  if (rules.reads == nullptr) return true;
  for (std::size_t i = 0; i < in.size(); ++i)
    if (!in[i].is_number && tape.node(in[i].id).is.differentiable && rules.reads(i, j)) return true;
  return false;
}

/// Whether a node's value goes with the operand, the last Var that names it: then a reader that does not come back to it may write
/// over it. A leaf's value is its owner's.
template <Real T>
bool goes_with(const TapeState& tape, const Operand<T>& operand, std::uint32_t id) {
  const Node& node = tape.node(id);
  return operand.is_taken() && node.handles == 1 && node.keeps == 0 && node.kind == NodeKind::operation;
}

/// Before the node is appended, where its value is to be finite: ValueError if it is not, else a note of who called.
template <class In>
[[gnu::noinline]] void guard(TapeState& tape, std::string_view operation, std::span<const In> in, const Handle& value, NumberType type) {
  PoolVector<GraphInput> inputs;
  for (const auto& input : in) inputs.push_back({.node = input.id, .number = input.is_number ? std::optional(static_cast<double>(input.number)) : std::nullopt});
  check_value(tape, operation, inputs, value, type);
  tape.note_caller();
}

/// A shape as the tape keeps it. An output most often has the shape of an input: then its address is known.
template <Real T>
const Shape* interned(TapeState& tape, std::span<const Input<T>> in, const Shape& wanted) {
  for (const auto& input : in)
    if (!input.is_number && *tape.node(input.id).shape == wanted) return tape.node(input.id).shape;
  return tape.shapes.interned(wanted);
}

/// Appends the node and counts what its pullback will read. A product that waits for a reader has a shape, and no value yet.
template <Real T>
Var<T> appended(TapeState& tape, const TypedRules<T>& rules, const void* card, std::span<const Input<T>> in, Handle value, const Shape* shape) {
  if (tape.guarded) guard(tape, name_of(rules, card), in, value, number_type<T>);
  void* card_place = nullptr;
  const bool arena_card = rules.card_size > 0 && !fits_inline(rules);
  std::uint32_t* many = nullptr;
  bool differentiable = false;
  unsigned wants = 0;
  if (!tape.quiet) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i].is_number || !tape.node(in[i].id).is.differentiable) continue;
      differentiable = true;
      wants |= 1U << std::min<std::size_t>(i, max_elementwise_inputs);
    }
    if (in.size() > 2) many = static_cast<std::uint32_t*>(tape.arena.take(in.size() * sizeof(std::uint32_t), alignof(std::uint32_t)));
    tape.reserve_node();
    tape.reserve_within(in.size() + 1);
    if (arena_card) card_place = stored_card(tape, rules, card);
  } else {
    tape.reserve_node();
  }

  // From here on nothing can fail.
  const std::uint32_t id = tape.append(NodeKind::operation, number_type<T>);
  Node& node = tape.node(id);
  node.rules = &rules;
  node.shape = shape;
  node.value = std::move(value);
  tape.any_to_release |= arena_card || node.value.is_block();
  if (tape.quiet) {
    node.rules = nullptr;
    tape.charge(node.value);
    return Var<T>(AnyVar::of_node(tape, id));
  }
  node.arity = static_cast<std::uint32_t>(in.size());
  node.is.differentiable = differentiable;
  node.is.numbers_alone = rules.is_elementwise && node.value.is_number();
  node.is.wants = static_cast<std::uint8_t>(wants & 7U);
  if (many != nullptr) node.many = many;
  std::uint32_t* const ids = many != nullptr ? many : node.two;
  for (std::size_t i = 0; i < in.size(); ++i) {
    ids[i] = in[i].id;
    if (in[i].is_number) {
      node.number_operand = static_cast<std::uint8_t>(i);
      std::memcpy(node.inline_card, &in[i].number, sizeof(T));
    }
  }
  if (arena_card) {
    node.card = card_place;
    node.is.card_in_arena = true;
  } else if (rules.card_size > 0) {
    std::memcpy(node.inline_card, card, rules.card_size);
  }
  if (node.value.is_block()) tape.charge(node.value);
  if (!tape.open_segments.empty()) tape.note_within(id);
  if (differentiable && tape.counts_keeps()) tape.count_keeps(id);
  return Var<T>(AnyVar::of_node(tape, id));
}

/// Whether a card's forward pass can wait until somebody reads its output.
template <Real T>
bool can_wait(const TypedRules<T>& rules) noexcept {
  return rules.linear == Linear::in_each && rules.shape != nullptr && !keeps(rules, Keeps::output);
}

/// The node of a product that waits, with what it will be computed from.
template <Real T>
Var<T> postponed(TapeState& tape, const TypedRules<T>& rules, const void* card, std::span<const Input<T>> in, const Shape& shape, std::span<const Array<T>> arrays) {
  TapeState::Postponed entry{0, {}};
  for (const auto& array : arrays) entry.in.push_back(array.handle());
  tape.postponed.reserve(tape.postponed.size() + 1);
  Var<T> out = appended<T>(tape, rules, card, in, Handle(), tape.shapes.interned(shape));
  entry.id = out.id();
  tape.postponed.push_back(std::move(entry));
  return out;
}

/// The output of an elementwise card on nodes and numbers, at least one of which is an array.
template <Real T>
Handle recorded_forward(TapeState& tape, const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands, std::span<const Input<T>> in) {
  Handle numbers[max_elementwise_inputs];
  Handle* handles[max_elementwise_inputs];
  const std::size_t arity = std::min(in.size(), max_elementwise_inputs);  // it is; g++ 12 warns of bounds otherwise
  bool differentiable = false, one_goes = false;
  for (std::size_t i = 0; i < arity; ++i) {
    if (in[i].is_number) {
      numbers[i] = Handle::number(in[i].number);
      handles[i] = &numbers[i];
    } else {
      Node& node = tape.node(in[i].id);
      handles[i] = &node.value;
      differentiable |= node.is.differentiable;
      one_goes |= goes_with(tape, operands[i], in[i].id);
    }
  }
  // What is written over cannot be brought back: nothing may fail after it.
  if (one_goes && !tape.guarded && (tape.quiet || (arity <= 2 && fits_inline(rules)))) {
    tape.reserve_node();
    tape.reserve_within(arity + 1);
  } else {
    one_goes = false;
  }
  const auto free_to_write = [&](std::size_t i) {
    if (!one_goes || in[i].is_number || !goes_with(tape, operands[i], in[i].id)) return false;
    if (differentiable && tape.counts_keeps() && slope_may_read(tape, rules, in, i)) return false;
    // What a checkpoint starts from is needed again; what it makes is made again.
    if (!tape.open_segments.empty() && in[i].id < tape.segments[tape.open_segments.front()].first) return false;
    tape.discharge(tape.node(in[i].id).value);
    return true;
  };
  return elementwise_forward(rules, card, std::span<Handle* const>(handles, arity), free_to_write);
}

/// Everything after the tape is known; on failure the leaves that were made for the operands go again.
template <Real T>
Var<T> recorded(TapeState& tape, const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands, std::span<Input<T>> in) {
  const std::uint32_t before = tape.used, generation = tape.generation;
  const Stopwatch stopwatch(tape);
  std::size_t done = 0;  // operands that have their node
  const auto drop_unread_leaves = [&]() noexcept {
    if (tape.generation != generation) return;
    for (std::size_t i = 0; i < done; ++i)
      if (!in[i].is_number && operands[i].kind() != Kind<T>::var) tape.release_if_unused(in[i].id);
  };
  try {
    bool number_is_free = rules.card_size == 0 && operands.size() < Node::no_number;
    bool all_numbers = rules.is_elementwise;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      in[i] = resolved(tape, rules, card, operands[i], number_is_free);
      ++done;
      if (in[i].is_number) number_is_free = false;
      all_numbers = all_numbers && (in[i].is_number || tape.node(in[i].id).value.is_number());
    }
    Handle value;
    if (all_numbers) {
      T x[max_elementwise_inputs];
      for (std::size_t i = 0; i < in.size(); ++i) x[i] = in[i].is_number ? in[i].number : tape.node(in[i].id).value.template as<T>();
      value = Handle::number(rules.apply(card, x));
    } else if (rules.is_elementwise) {
      value = recorded_forward<T>(tape, rules, card, operands, in);
    } else {
      PoolVector<Array<T>> arrays;
      arrays.reserve(in.size());
      for (const auto& input : in) arrays.push_back(input.is_number ? Array<T>(input.number) : Array<T>(tape.node(input.id).value));
      if (tape.postpones && !tape.guarded && can_wait(rules)) {
        if (const Shape shape = shape_of(rules, card, Inputs<T>(arrays)); !shape.empty()) return postponed<T>(tape, rules, card, in, shape, arrays);
      }
      value = general_forward(rules, card, Inputs<T>(arrays));
    }
    if (tape.generation != generation || !tape.is_alive()) refuse_lost_tape(name_of(rules, card));
    const Shape* const shape = value.is_block() ? interned<T>(tape, in, value.shape()) : &scalar_shape();
    Var<T> out = appended<T>(tape, rules, card, in, std::move(value), shape);
    if (tape.watched) stopwatch.made(tape, name_of(rules, card), tape.node(out.id()).value, number_type<T>);
    drop_unread_leaves();
    for (const auto& operand : operands)
      if (operand.is_taken()) static_cast<void>(Var<T>(std::move(const_cast<Var<T>&>(operand.var()))));
    return out;
  } catch (...) {
    drop_unread_leaves();
    if (tape.generation == generation) tape.truncate(before);
    throw;
  }
}

template <Real T>
[[noreturn]] void refuse_no_tape(const TypedRules<T>& rules, const void* card) {
  throw GraphError(std::string(name_of(rules, card)) + ": no operand is on a tape; at least one must be a Var of a tape (tape.variable, tape.constant, tape.use)");
}

template <Real T>
Var<T> record_any(const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands, std::span<Input<T>> in) {
  check_arity(rules, card, operands.size());
  TapeState* const tape = tape_of(rules, card, operands);
  if (tape != nullptr) return recorded(*tape, rules, card, operands, in);
  T x[max_elementwise_inputs];
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (!rules.is_elementwise || operands[i].kind() != Kind<T>::number) refuse_no_tape(rules, card);
    x[i] = operands[i].number();
  }
  return Var<T>(rules.apply(card, x));
}

}  // namespace

template <Real T>
Var<T> record_one(const TypedRules<T>& rules, const void* card, const Operand<T>& x) {
  Input<T> in[1];
  return record_any<T>(rules, card, std::span<const Operand<T>>(&x, 1), in);
}

template <Real T>
Var<T> record_two(const TypedRules<T>& rules, const void* card, const Operand<T>& a, const Operand<T>& b) {
  const Operand<T> operands[] = {a, b};
  Input<T> in[2];
  return record_any<T>(rules, card, operands, in);
}

template <Real T>
Var<T> record_many(const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands) {
  check_arity(rules, card, operands.size());
  PoolVector<Input<T>> in(operands.size());
  return record_any<T>(rules, card, operands, in);
}

template <Real To, Real From>
Var<To> record_conversion(const TypedRules<To>& rules, const Var<From>& x) {
  if (x.is_literal()) return Var<To>(x.template literal<From>());
  static constexpr char nothing = 0;  // a card without attributes is read at no address
  const std::string_view who = name_of<To>(rules, &nothing);
  const Node& node = TapeState::checked_node(who, x);
  TapeState& tape = TapeState::of(x);
  tape.check_usable(who);
  const Stopwatch stopwatch(tape);
  if (!node.value) tape.compute_postponed(x.id());
  const Input<To> in[] = {{.id = x.id()}};
  Var<To> out = appended<To>(tape, rules, &nothing, in, converted<To>(Array<From>(node.value)).handle(), node.shape);
  stopwatch.made(tape, who, tape.node(out.id()).value, number_type<To>);
  return out;
}

std::string_view lasting_name(std::string_view name) {
  static std::mutex mutex;
  static auto& names = *new std::set<std::string, std::less<>>;  // never destroyed: cards in static tapes may outlive this unit
  const std::lock_guard lock(mutex);
  return *names.emplace(name).first;
}

template Var<float> record_one(const TypedRules<float>&, const void*, const Operand<float>&);
template Var<double> record_one(const TypedRules<double>&, const void*, const Operand<double>&);
template Var<float> record_two(const TypedRules<float>&, const void*, const Operand<float>&, const Operand<float>&);
template Var<double> record_two(const TypedRules<double>&, const void*, const Operand<double>&, const Operand<double>&);
template Var<float> record_many(const TypedRules<float>&, const void*, std::span<const Operand<float>>);
template Var<double> record_many(const TypedRules<double>&, const void*, std::span<const Operand<double>>);
template Var<float> record_conversion(const TypedRules<float>&, const Var<double>&);
template Var<double> record_conversion(const TypedRules<double>&, const Var<float>&);

}  // namespace wengert::detail
