// Backward passes that are recorded, so that they can be differentiated again.
#include <algorithm>
#include <limits>
#include <type_traits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

using detail::AnyVar;
using detail::Handle;
using detail::Node;
using detail::NodeKind;
using detail::NumberType;
using detail::TapeState;

namespace {

/// Adds what a node's pullback makes of its cotangent to those of its inputs.
template <Real T>
void pull_recorded(TapeState& tape, std::uint32_t id, const Var<T>& g, const detail::PoolVector<std::uint8_t>& reach, detail::PoolVector<AnyVar>& cotangents) {
  const Node& node = tape.node(id);
  const auto leads_on = [&](std::uint32_t i) { return !is_number(node, i) && reach[node.inputs()[i]] != 0; };
  bool any = false;
  for (std::uint32_t i = 0; i < node.arity; ++i) any |= leads_on(i);
  if (!any) return;
  const auto deposit = [&]<Real N>(std::uint32_t i, Var<N> piece) {
    AnyVar& cotangent = cotangents[node.inputs()[i]];
    if (cotangent.is_nothing()) cotangent = std::move(piece); else cotangent = detail::added(Var<N>(cotangent), piece);
  };
  const auto& rules = static_cast<const detail::TypedRules<T>&>(*node.rules);
  if (rules.conversion_back != nullptr) {
    using From = std::conditional_t<std::is_same_v<T, float>, double, float>;
    deposit(0, detail::record_conversion<From>(static_cast<const detail::TypedRules<From>&>(*rules.conversion_back), g));
    return;
  }
  const std::string_view who = tape.name_of(node);
  if (rules.recorded_pullback == nullptr)
    throw GraphError(std::string(who) + ": its pullback is for plain arrays only (Orders::first); use backward, or write the pullback over Step<V>");
  detail::PoolVector<Var<T>> pulled(node.arity);
  const detail::StepSource source{tape, node, id, reach.data()};
  rules.recorded_pullback(node.card_place(), Step<Var<T>>(g, source), pulled.data());
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    if (!leads_on(i)) continue;
    const Shape& shape = *tape.node(node.inputs()[i]).shape;
    Var<T>& piece = pulled[i];
    if (piece.is_literal()) piece = Var<T>(tape.leaf(Handle::number(piece.template literal<T>()), NodeKind::constant, detail::number_type<T>));
    if (rules.is_elementwise && !piece.is_nothing() && piece.shape() != shape) {
      if (!broadcasts_to(piece.shape(), *node.shape)) detail::check_pulled(who, i, true, piece.shape(), shape, false);
      piece = detail::summed_to(piece, shape);
    }
    detail::check_pulled(who, i, !piece.is_nothing(), piece.is_nothing() ? shape : piece.shape(), shape, false);
    deposit(i, std::move(piece));
  }
}

/// Products that nobody reads are not computed while this lives.
class Postponing {
 public:
  Postponing(TapeState& tape, detail::Products products) noexcept : tape_(tape), before_(tape.postpones) { tape_.postpones = products == detail::Products::when_read; }
  Postponing(const Postponing&) = delete;
  Postponing& operator=(const Postponing&) = delete;
  ~Postponing() { tape_.postpones = before_; }

 private:
  TapeState& tape_;
  bool before_;
};

/// GraphError unless x is a differentiable Var of this tape.
void check_asked(std::string_view who, TapeState& tape, const AnyVar& x) {
  const Node& by = TapeState::checked_node(who, x);
  if (x.head() != &tape) throw GraphError(std::string(who) + ": a Var to differentiate by is of another tape; name Vars of this tape");
  if (!by.is.differentiable)
    throw GraphError(std::string(who) + ": the Var to differentiate by is a constant or depends on constants alone: \"" + std::string(tape.name_of(by)) + "\" of shape " + to_string(*by.shape) +
                     "; make it of a leaf from tape.variable or tape.use");
}

template <class F>
auto by_type(NumberType type, F f) {
  return type == NumberType::float32 ? f(float{}) : f(double{});
}

}  // namespace

std::vector<AnyVar> detail::pull_back_recorded(std::string_view who, std::span<const AnyVar> outputs, std::span<const AnyVar> cotangents, std::span<const AnyVar> xs, std::uint32_t first,
                                               Products products) {
  if (xs.empty()) return {};
  TapeState& tape = TapeState::of(xs.front());
  std::uint32_t top = 0, lowest = std::numeric_limits<std::uint32_t>::max();
  for (const AnyVar& output : outputs) top = std::max(top, output.id());
  for (const AnyVar& x : xs) {
    check_asked(who, tape, x);
    lowest = std::min(lowest, x.id());
  }

  const std::uint32_t before = tape.used;
  const Walking walking(tape);
  const Postponing postponing(tape, products);
  try {
    SegmentWalk segments(tape);
    // Which nodes depend on an x: only they are walked.
    PoolVector<std::uint8_t> reach(top + 1, 0);
    for (const AnyVar& x : xs)
      if (x.id() <= top) reach[x.id()] = 1;
    for (std::uint32_t id = std::max(lowest, first); id <= top; ++id) {
      const Node& node = tape.node(id);
      if (node.kind != NodeKind::operation || reach[id] != 0) continue;
      for (std::uint32_t i = 0; i < node.arity && reach[id] == 0; ++i)
        if (!is_number(node, i)) reach[id] = reach[node.inputs()[i]];
    }

    PoolVector<AnyVar> collected(top + 1);
    const auto add = [](AnyVar& to, const AnyVar& more, NumberType type) {
      if (to.is_nothing()) {
        to = more;
      } else {
        by_type(type, [&]<Real T>(T) { to = added(Var<T>(to), Var<T>(more)); });
      }
    };
    for (std::size_t k = 0; k < outputs.size(); ++k) add(collected[outputs[k].id()], cotangents[k], tape.node(outputs[k].id()).type);
    std::vector<AnyVar> results(xs.size());
    for (std::uint32_t id = top + 1; id-- > lowest;) {
      if (reach[id] == 0 || collected[id].is_nothing()) continue;
      const AnyVar g = std::move(collected[id]);
      for (std::size_t k = 0; k < xs.size(); ++k)
        if (xs[k].id() == id) results[k] = g;
      if (tape.node(id).kind != NodeKind::operation) continue;
      segments.at(id);
      if (tape.node(id).type == NumberType::float32) {
        pull_recorded(tape, id, Var<float>(g), reach, collected);
      } else {
        pull_recorded(tape, id, Var<double>(g), reach, collected);
      }
    }
    for (std::size_t k = 0; k < xs.size(); ++k) {
      if (!results[k].is_nothing()) continue;
      const Node& x = tape.node(xs[k].id());
      results[k] = tape.leaf(by_type(x.type, [&]<Real T>(T) { return zeros<T>(*x.shape).handle(); }), NodeKind::constant, x.type);
    }
    return results;
  } catch (...) {
    tape.truncate(before);
    throw;
  }
}

template <Real T>
std::vector<Var<T>> Tape::gradients_of(const Var<T>& output, std::span<const Var<T>> xs, const GradientOptions<T>& options) {
  if (state_ == nullptr) detail::refuse_moved_from();
  TapeState& tape = TapeState::of(*state_);
  const Cotangent<T>& seed = options.cotangent;
  if (seed.var().is_taped() && seed.var().head() != &tape) throw GraphError("gradient: the cotangent is a Var of another tape; name a Var of this tape, or its value()");
  const Shape seed_shape = seed.is_given() ? seed.value().shape() : Shape{};
  const Node& top = detail::check_output("gradient", tape, output, seed.is_given() ? &seed_shape : nullptr);
  for (const Var<T>& x : xs) check_asked("gradient", tape, x);

  const std::uint32_t before = tape.used;
  try {
    AnyVar cotangent;
    if (!seed.is_given()) {
      cotangent = constant(ones<T>(*top.shape));
    } else if (seed.var().is_taped()) {
      cotangent = detail::spread_to(seed.var(), *top.shape);
    } else {
      cotangent = constant(seed_shape == *top.shape ? seed.value() : full<T>(*top.shape, seed.value().item()));
    }
    const std::vector<AnyVar> asked(xs.begin(), xs.end());
    const AnyVar outputs[] = {output};
    std::vector<AnyVar> found = detail::pull_back_recorded("gradient", outputs, std::span<const AnyVar>(&cotangent, 1), asked);
    std::vector<Var<T>> results;
    results.reserve(found.size());
    for (AnyVar& gradient : found) results.emplace_back(std::move(gradient));
    return results;
  } catch (...) {
    tape.truncate(before);
    throw;
  }
}

template std::vector<Var<float>> Tape::gradients_of(const Var<float>&, std::span<const Var<float>>, const GradientOptions<float>&);
template std::vector<Var<double>> Tape::gradients_of(const Var<double>&, std::span<const Var<double>>, const GradientOptions<double>&);

}  // namespace wengert
