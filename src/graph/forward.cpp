// Tangents: one pass forward over what was recorded, which gives the derivative of the output along one direction.
#include <algorithm>
#include <array>
#include <type_traits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/record.hpp>

#include "array/loops.hpp"
#include "array/movement.hpp"
#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

/// What a card's pushforward, or its forward pass on tangents, must return.
void check_pushed(std::string_view who, bool given, const Shape& got, const Shape& wanted) {
  if (!given) throw GraphError(std::string(who) + ": the pushforward returned nothing (an empty or moved-from handle); a tangent of shape " + to_string(wanted) + " is needed");
  if (got != wanted) throw ShapeError(std::string(who) + ": the pushforward returned shape " + to_string(got) + "; it must be the output's shape " + to_string(wanted));
}

/// The tangent of a node's output by differentiating its pullback, which is linear in its cotangent u: <t, J' u> differentiated by u is J t.
template <Real T>
Var<T> by_double_reverse(TapeState& tape, std::uint32_t id, std::span<const Var<T>> tangents) {
  const Node& node = tape.node(id);
  const auto& rules = static_cast<const TypedRules<T>&>(*node.rules);
  const std::string_view who = tape.name_of(node);
  if (rules.recorded_pullback == nullptr)
    throw GraphError(std::string(who) + ": it has no pushforward, and its pullback is for plain arrays only (Orders::first): no derivative along a direction can be made of it; write a pushforward, or the "
                     "pullback over Step<V>");
  PoolVector<std::uint8_t> moving(id, 0);
  for (std::uint32_t i = 0; i < node.arity; ++i)
    if (!tangents[i].is_nothing()) moving[node.inputs()[i]] = 1;
  const AnyVar u = tape.leaf(ones<T>(*node.shape).handle(), NodeKind::variable, number_type<T>);  // of any value; 1 meets no special case
  PoolVector<Var<T>> pulled(node.arity);
  const StepSource source{tape, node, id, moving.data()};
  rules.recorded_pullback(node.card_place(), Step<Var<T>>(Var<T>(u), source), pulled.data());
  std::vector<AnyVar> outputs, cotangents;
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    if (tangents[i].is_nothing()) continue;
    const Shape& shape = *tape.node(node.inputs()[i]).shape;
    check_pulled(who, i, !pulled[i].is_nothing(), pulled[i].is_nothing() ? shape : pulled[i].shape(), shape, false);
    if (!pulled[i].is_taped() || !tape.node(pulled[i].id()).is.differentiable) continue;  // a gradient of zeros
    outputs.push_back(pulled[i]);
    cotangents.push_back(tangents[i]);
  }
  if (outputs.empty()) return Var<T>(tape.leaf(zeros<T>(*node.shape).handle(), NodeKind::constant, number_type<T>));
  return Var<T>(pull_back_recorded(who, outputs, cotangents, std::span<const AnyVar>(&u, 1), u.id())[0]);
}

// ---- plain arrays ----

struct OnArrays {
  using Cell = Handle;
  template <Real T>
  using Value = Array<T>;
  static bool is_nothing(const Cell& cell) { return cell.is_nothing(); }
  template <Real T>
  static Array<T> value(const Cell& cell) { return Array<T>(cell); }
  template <Real T>
  static Cell cell(const Array<T>& value) { return value.handle(); }

  template <Real T>
  static Array<T> zeros_of(TapeState&, const Shape& shape) { return zeros<T>(shape); }
  template <Real T>
  static Array<T> forward(const TypedRules<T>& rules, const void* card, std::span<const Array<T>> in) { return evaluate<T>(rules, card, in); }
  template <Real T>
  static Array<T> sum(const Array<T>& a, const Array<T>& b) {
    return Array<T>::build(a.shape(), [&](std::span<T> out) { std::transform(a.begin(), a.end(), b.begin(), out.begin(), [](T x, T y) { return x + y; }); });
  }
  template <Real T>
  static Array<T> pushforward(const TypedRules<T>& rules, const void* card, std::span<const Array<T>> tangents, const StepSource& source) {
    return rules.pushforward(card, ForwardStep<Array<T>>(tangents, source));
  }
  template <Real T>
  static bool has_pushforward(const TypedRules<T>& rules) { return rules.pushforward != nullptr; }

  template <Real T>
  static Array<T> elementwise(TapeState& tape, std::uint32_t id, const TypedRules<T>& rules, std::span<const Array<T>> tangents) {
    const Node& node = tape.node(id);
    const void* const card = node.card_place();
    std::array<Handle, max_elementwise_inputs> values;
    std::array<const Handle*, max_elementwise_inputs> in{};
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      values[i] = input_of<Array<T>>(tape, node, i).handle();
      in[i] = values[i] ? &values[i] : nullptr;
    }
    if (node.shape->empty()) {
      T x[max_elementwise_inputs] = {}, sum = 0;
      for (std::uint32_t i = 0; i < node.arity; ++i) x[i] = values[i].template as<T>();
      for (std::uint32_t i = 0; i < node.arity; ++i)
        if (!tangents[i].is_nothing()) sum += rules.pull[i](card, tangents[i].item(), x, node.value.template as<T>());
      return Array<T>(sum);
    }
    const std::span<const Handle* const> inputs(in.data(), node.arity);
    const Handle* const y = node.value ? &node.value : nullptr;
    Array<T> out = Array<T>::uninitialized(*node.shape);
    T* const place = out.writable().data();
    bool first = true;
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      if (tangents[i].is_nothing()) continue;
      const Handle t = tangents[i].handle().is_number() || tangents[i].shape() == *node.shape ? tangents[i].handle() : stretched(tangents[i], *node.shape).handle();
      backward_elementwise<T>(rules.loops(), card, i, t, inputs, y, *node.shape, place, !std::exchange(first, false));
    }
    return out;
  }

  template <Real T>
  static Array<T> double_reverse(TapeState& tape, std::uint32_t id, std::span<const Array<T>> tangents) {
    const std::uint32_t before = tape.used;
    Array<T> pushed;
    try {
      PoolVector<Var<T>> taped(tangents.size());
      for (std::size_t i = 0; i < tangents.size(); ++i)
        if (!tangents[i].is_nothing()) taped[i] = Var<T>(tape.leaf(tangents[i].handle(), NodeKind::constant, number_type<T>));
      pushed = by_double_reverse<T>(tape, id, taped).value();
    } catch (...) {
      tape.truncate(before);
      throw;
    }
    tape.truncate(before);
    return pushed;
  }
  template <Real To, Real From>
  static Cell convert(TapeState&, const Node&, const Cell& cell) { return converted<To>(Array<From>(cell)).handle(); }
};

// ---- recorded ----

struct OnVars {
  using Cell = AnyVar;
  template <Real T>
  using Value = Var<T>;
  static bool is_nothing(const Cell& cell) { return cell.is_nothing(); }
  template <Real T>
  static Var<T> value(const Cell& cell) { return Var<T>(cell); }
  template <Real T>
  static Cell cell(const Var<T>& value) { return value; }

  template <Real T>
  static Var<T> zeros_of(TapeState& tape, const Shape& shape) { return Var<T>(tape.leaf(zeros<T>(shape).handle(), NodeKind::constant, number_type<T>)); }
  template <Real T>
  static Var<T> forward(const TypedRules<T>& rules, const void* card, std::span<const Var<T>> in) {
    const std::vector<Operand<T>> operands(in.begin(), in.end());
    return record_many<T>(rules, card, operands);
  }
  template <Real T>
  static Var<T> sum(const Var<T>& a, const Var<T>& b) { return added(a, b); }
  template <Real T>
  static Var<T> pushforward(const TypedRules<T>& rules, const void* card, std::span<const Var<T>> tangents, const StepSource& source) {
    return rules.recorded_pushforward(card, ForwardStep<Var<T>>(tangents, source));
  }
  template <Real T>
  static bool has_pushforward(const TypedRules<T>& rules) { return rules.recorded_pushforward != nullptr; }

  /// An elementwise pullback multiplies by the slope, and so does the derivative: one call for each input that moves.
  template <Real T>
  static Var<T> elementwise(TapeState& tape, std::uint32_t id, const TypedRules<T>& rules, std::span<const Var<T>> tangents) {
    const Node& node = tape.node(id);
    if (rules.recorded_pullback == nullptr)
      throw GraphError(std::string(tape.name_of(node)) + ": its slope is for plain arrays only (Orders::first): a derivative along a direction cannot be recorded");
    const std::uint32_t* const ids = node.inputs();
    PoolVector<std::uint8_t> moving(id, 0);
    Var<T> out;
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      if (tangents[i].is_nothing()) continue;
      const auto is_moved_again = [&](std::uint32_t j) { return j < i && !tangents[j].is_nothing() && ids[j] == ids[i]; };
      if (is_moved_again(0) || is_moved_again(1)) continue;  // x * x: both went with the first
      moving[ids[i]] = 1;
      const StepSource source{tape, node, id, moving.data()};
      PoolVector<Var<T>> pulled(node.arity);
      rules.recorded_pullback(node.card_place(), Step<Var<T>>(spread_to(tangents[i], *node.shape), source), pulled.data());
      moving[ids[i]] = 0;
      for (Var<T>& piece : pulled) {
        if (piece.is_nothing()) continue;
        if (piece.is_literal()) piece = Var<T>(tape.leaf(Handle::number(piece.template literal<T>()), NodeKind::constant, number_type<T>));
        piece = spread_to(piece, *node.shape);
        out = out.is_nothing() ? std::move(piece) : added(out, piece);
      }
    }
    return out;
  }

  template <Real T>
  static Var<T> double_reverse(TapeState& tape, std::uint32_t id, std::span<const Var<T>> tangents) { return by_double_reverse<T>(tape, id, tangents); }
  template <Real To, Real From>
  static Cell convert(TapeState&, const Node& node, const Cell& cell) { return record_conversion<To>(static_cast<const TypedRules<To>&>(*node.rules), Var<From>(cell)); }
};

// ---- the pass ----

/// Which nodes have tangents that matter: those that depend on an x and lead to the output.
PoolVector<std::uint8_t> between(const TapeState& tape, std::uint32_t output, std::span<const AnyVar> xs, std::uint32_t first) {
  PoolVector<std::uint8_t> leads(output + 1, 0), moves(output + 1, 0);
  leads[output] = 1;
  for (std::uint32_t id = output + 1; id-- > 0;) {
    const Node& node = tape.node(id);
    if (leads[id] == 0 || node.kind != NodeKind::operation) continue;
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i)) leads[node.inputs()[i]] = 1;
  }
  for (const AnyVar& x : xs)
    if (x.id() <= output) moves[x.id()] = leads[x.id()];
  for (std::uint32_t id = first; id <= output; ++id) {
    const Node& node = tape.node(id);
    if (leads[id] == 0 || node.kind != NodeKind::operation) continue;
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i) && moves[node.inputs()[i]] != 0) moves[id] = 1;
  }
  return moves;
}

template <class On, Real T>
typename On::Cell pushed(TapeState& tape, std::uint32_t id, std::span<const typename On::Cell> cells) {
  using V = typename On::template Value<T>;
  const Node& node = tape.node(id);
  if (node.rules->conversion_back != nullptr) {
    using From = std::conditional_t<std::is_same_v<T, float>, double, float>;
    return On::template convert<T, From>(tape, node, cells[node.two[0]]);
  }
  const auto& rules = static_cast<const TypedRules<T>&>(*node.rules);
  const void* const card = node.card_place();
  PoolVector<V> tangents(node.arity);
  for (std::uint32_t i = 0; i < node.arity; ++i)
    if (!is_number(node, i) && !On::is_nothing(cells[node.inputs()[i]])) tangents[i] = On::template value<T>(cells[node.inputs()[i]]);
  const std::span<const V> moving(tangents);
  if (rules.is_elementwise) return On::template cell<T>(On::template elementwise<T>(tape, id, rules, moving));

  V out;
  if (On::has_pushforward(rules)) {
    out = On::pushforward(rules, card, moving, StepSource{tape, node, id, nullptr});
  } else if (rules.linear == Linear::jointly) {
    PoolVector<V> in(tangents);
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (in[i].is_nothing()) in[i] = On::template zeros_of<T>(tape, is_number(node, i) ? scalar_shape() : *tape.node(node.inputs()[i]).shape);
    out = On::forward(rules, card, std::span<const V>(in));
  } else if (rules.linear == Linear::in_each) {
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      if (tangents[i].is_nothing()) continue;
      PoolVector<V> in(node.arity);
      for (std::uint32_t j = 0; j < node.arity; ++j) in[j] = j == i ? tangents[i] : input_of<V>(tape, node, j);
      V piece = On::forward(rules, card, std::span<const V>(in));
      out = out.is_nothing() ? std::move(piece) : On::sum(out, piece);
    }
  } else {
    out = On::template double_reverse<T>(tape, id, moving);
  }
  check_pushed(tape.name_of(node), !out.is_nothing(), out.is_nothing() ? scalar_shape() : out.shape(), *node.shape);
  return On::template cell<T>(out);
}

template <class On>
typename On::Cell push(TapeState& tape, const AnyVar& output, std::span<const AnyVar> xs, std::span<const typename On::Cell> tangents, std::uint32_t first) {
  using Cell = typename On::Cell;
  const std::uint32_t top = output.id();
  const Walking walking(tape);
  const PoolVector<std::uint8_t> moves = between(tape, top, xs, first);
  // A tangent goes after its last reader.
  PoolVector<std::uint32_t> last_reader(top + 1, top);
  for (std::uint32_t id = 0; id <= top; ++id) {
    const Node& node = tape.node(id);
    if (moves[id] == 0 || node.kind != NodeKind::operation) continue;
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i)) last_reader[node.inputs()[i]] = id;
  }
  SegmentWalk segments(tape);
  segments.everywhere();
  PoolVector<Cell> cells(top + 1);
  for (std::size_t k = 0; k < xs.size(); ++k) {
    if (xs[k].id() > top || moves[xs[k].id()] == 0) continue;
    Cell& cell = cells[xs[k].id()];
    const auto add = [&]<Real T>(T) { cell = On::template cell<T>(On::template sum<T>(On::template value<T>(cell), On::template value<T>(tangents[k]))); };
    if (On::is_nothing(cell)) {
      cell = tangents[k];
    } else if (tape.node(xs[k].id()).type == NumberType::float32) {  // a parameter that is listed twice
      add(float{});
    } else {
      add(double{});
    }
  }
  for (std::uint32_t id = 0; id <= top; ++id) {
    const Node& node = tape.node(id);
    if (moves[id] == 0 || !On::is_nothing(cells[id]) || node.kind != NodeKind::operation) continue;
    if (node.type == NumberType::float32) cells[id] = pushed<On, float>(tape, id, cells); else cells[id] = pushed<On, double>(tape, id, cells);
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (!is_number(node, i) && last_reader[node.inputs()[i]] == id) cells[node.inputs()[i]] = Cell();
  }
  if (!On::is_nothing(cells[top])) return std::move(cells[top]);
  const Node& node = tape.node(top);
  if (node.type == NumberType::float32) return On::template cell<float>(On::template zeros_of<float>(tape, *node.shape));
  return On::template cell<double>(On::template zeros_of<double>(tape, *node.shape));
}

}  // namespace

Handle push_forward(std::string_view who, const AnyVar& output, std::span<const AnyVar> xs, std::span<const Handle> tangents, std::uint32_t first) {
  TapeState::checked_node(who, output);
  return push<OnArrays>(TapeState::of(output), output, xs, tangents, first);
}

AnyVar push_forward_recorded(std::string_view who, const AnyVar& output, std::span<const AnyVar> xs, std::span<const AnyVar> tangents, std::uint32_t first) {
  TapeState::checked_node(who, output);
  TapeState& tape = TapeState::of(output);
  const std::uint32_t before = tape.used;
  try {
    return push<OnVars>(tape, output, xs, tangents, first);
  } catch (...) {
    tape.truncate(before);
    throw;
  }
}

}  // namespace wengert::detail
