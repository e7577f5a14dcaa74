// The Tape's own functions: leaves, clearing, what it says of itself, and gradients that are recorded.
#include <wengert/graph/tape.hpp>

#include <algorithm>
#include <type_traits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>

#include "array/loops.hpp"
#include "graph/tape_state.hpp"

namespace wengert {

using detail::AnyVar;
using detail::Handle;
using detail::Node;
using detail::NodeKind;
using detail::NumberType;
using detail::TapeState;

void detail::refuse_moved_from() { throw GraphError("tape: this Tape was moved from; make a new one"); }

namespace {
TapeState& state_of(detail::TapeHead* head) {
  if (head == nullptr) detail::refuse_moved_from();
  return TapeState::of(*head);
}
}  // namespace

Tape::Tape(TapeOptions options) : state_(new TapeState(options)) {}

Tape::Tape(Tape&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Tape& Tape::operator=(Tape&& other) noexcept {
  Tape moved(std::move(other));
  std::swap(state_, moved.state_);
  return *this;
}

Tape::~Tape() {
  if (state_ != nullptr) TapeState::of(*state_).abandon();
}

detail::TapeHead& Tape::head() const noexcept { return *state_; }

const TapeOptions& Tape::options() const { return state_of(state_).options; }

// ---- leaves ----

template <Real T>
Var<T> Tape::leaf(Array<T> value, NodeKind kind) {
  TapeState& tape = state_of(state_);
  tape.check_usable("tape");
  if (value.is_nothing()) throw GraphError("tape: the array holds nothing: it was default-constructed or moved from; an array of any shape is needed");
  return Var<T>(AnyVar::of_node(tape, tape.append_leaf(std::move(value).handle(), kind, detail::number_type<T>)));
}

template <Real T>
Var<T> Tape::use(const Parameter<T>& parameter) {
  TapeState& tape = state_of(state_);
  tape.check_usable("use");
  return Var<T>(AnyVar::of_node(tape, tape.leaf_of(parameter.state(), detail::number_type<T>)));
}

// ---- recorded gradients ----

namespace {

/// Adds what a node's pullback makes of its cotangent to those of its inputs.
template <Real T>
void pull_recorded(TapeState& tape, std::uint32_t id, const Var<T>& g, const detail::PoolVector<std::uint8_t>& reach, detail::PoolVector<AnyVar>& cotangents) {
  const Node& node = tape.node(id);
  const auto leads_on = [&](std::uint32_t i) { return i != node.number_operand && reach[node.inputs()[i]] != 0; };
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
    if (piece.is_literal()) piece = Var<T>(AnyVar::of_node(tape, tape.append_leaf(Handle::number(piece.template literal<T>()), NodeKind::constant, detail::number_type<T>)));
    if (rules.is_elementwise && !piece.is_nothing() && piece.shape() != shape) {
      if (!broadcasts_to(piece.shape(), *node.shape)) detail::check_pulled(who, i, true, piece.shape(), shape, false);
      piece = detail::summed_to(piece, shape);
    }
    detail::check_pulled(who, i, !piece.is_nothing(), piece.is_nothing() ? shape : piece.shape(), shape, false);
    deposit(i, std::move(piece));
  }
}

}  // namespace

template <Real T>
std::vector<Var<T>> Tape::gradients_of(const Var<T>& output, std::span<const Var<T>> xs, const GradientOptions<T>& options) {
  TapeState& tape = state_of(state_);
  const Cotangent<T>& seed = options.cotangent;
  if (seed.var().is_taped() && seed.var().head() != &tape) throw GraphError("gradient: the cotangent is a Var of another tape; name a Var of this tape, or its value()");
  const Shape seed_shape = seed.is_given() ? seed.value().shape() : Shape{};
  const Node& top = detail::check_output("gradient", tape, output, seed.is_given() ? &seed_shape : nullptr);
  std::uint32_t lowest = output.id();
  for (const Var<T>& x : xs) {
    TapeState::checked_node("gradient", x);
    if (x.head() != &tape) throw GraphError("gradient: a Var to differentiate by is of another tape; name Vars of this tape");
    if (const Node& by = tape.node(x.id()); !by.is.differentiable)
      throw GraphError("gradient: the Var to differentiate by is a constant or depends on constants alone: \"" + std::string(tape.name_of(by)) + "\" of shape " + to_string(*by.shape) +
                       "; make it of a leaf from tape.variable or tape.use");
    lowest = std::min(lowest, x.id());
  }

  const std::uint32_t before = tape.used;
  const detail::Walking walking(tape);
  try {
    // Which nodes depend on an x: only they are walked.
    detail::PoolVector<std::uint8_t> reach(output.id() + 1, 0);
    for (const Var<T>& x : xs)
      if (x.id() <= output.id()) reach[x.id()] = 1;
    for (std::uint32_t id = lowest + 1; id <= output.id(); ++id) {
      const Node& node = tape.node(id);
      if (node.kind != NodeKind::operation || reach[id] != 0) continue;
      for (std::uint32_t i = 0; i < node.arity && reach[id] == 0; ++i)
        if (i != node.number_operand) reach[id] = reach[node.inputs()[i]];
    }

    detail::PoolVector<AnyVar> cotangents(output.id() + 1);
    std::vector<Var<T>> results(xs.size());
    if (!seed.is_given()) {
      cotangents[output.id()] = constant(top.shape->empty() ? Array<T>(T(1)) : full<T>(*top.shape, T(1)));
    } else if (seed.var().is_taped()) {
      cotangents[output.id()] = detail::spread_to(seed.var(), *top.shape);
    } else {
      cotangents[output.id()] = constant(seed_shape == *top.shape ? seed.value() : full<T>(*top.shape, seed.value().item()));
    }
    for (std::uint32_t id = output.id() + 1; id-- > lowest;) {
      if (reach[id] == 0 || cotangents[id].is_nothing()) continue;
      const AnyVar g = std::move(cotangents[id]);
      for (std::size_t k = 0; k < xs.size(); ++k)
        if (xs[k].id() == id) results[k] = Var<T>(g);
      if (tape.node(id).kind != NodeKind::operation) continue;
      if (tape.node(id).type == NumberType::float32) {
        pull_recorded(tape, id, Var<float>(g), reach, cotangents);
      } else {
        pull_recorded(tape, id, Var<double>(g), reach, cotangents);
      }
    }
    for (std::size_t k = 0; k < xs.size(); ++k)
      if (results[k].is_nothing()) results[k] = constant(zeros<T>(xs[k].shape()));
    return results;
  } catch (...) {
    tape.truncate(before);
    throw;
  }
}

template <Real T>
std::vector<Array<T>> Tape::local_derivatives(const Var<T>& output) {
  TapeState& tape = state_of(state_);
  const Node& node = TapeState::checked_node("local_derivatives", output);
  if (output.head() != &tape) throw GraphError("local_derivatives: the Var is of another tape; ask the tape that recorded it");
  if (node.kind != NodeKind::operation || node.rules == nullptr || !node.rules->is_elementwise)
    throw GraphError("local_derivatives: not an elementwise operation: \"" + std::string(tape.name_of(node)) + "\"; arithmetic and elementwise operations have one local derivative per input");
  const auto& rules = static_cast<const detail::TypedRules<T>&>(*node.rules);
  const void* const card = node.card_place();
  std::vector<Handle> numbers(node.arity);
  std::vector<const Handle*> in(node.arity, nullptr);
  bool all_numbers = node.value.is_number();
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    if (i == node.number_operand) {
      T value;
      std::memcpy(&value, node.inline_card, sizeof(T));
      numbers[i] = Handle::number(value);
      in[i] = &numbers[i];
      continue;
    }
    const Handle& value = tape.node(node.inputs()[i]).value;
    if (!value && (static_cast<unsigned>(node.rules->keeps) & static_cast<unsigned>(Keeps::inputs)) != 0)
      throw GraphError("local_derivatives: \"" + std::string(tape.name_of(node)) + "\" no longer has its inputs; use a tape that keeps them: {.retain = Retain::everything}");
    in[i] = value ? &value : nullptr;
    all_numbers = all_numbers && value.is_number();
  }
  std::vector<Array<T>> out;
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    if (all_numbers) {
      T x[detail::max_elementwise_inputs];
      for (std::uint32_t j = 0; j < node.arity; ++j) x[j] = in[j]->template as<T>();
      out.emplace_back(rules.pull[i](card, T(1), x, node.value.template as<T>()));
    } else {
      out.push_back(Array<T>::build(*node.shape, [&](std::span<T> values) {
        detail::backward_elementwise<T>(rules.loops(), card, i, Handle::number(T(1)), in, &node.value, *node.shape, values.data(), false);
      }));
    }
  }
  return out;
}

// ---- the tape itself ----

void Tape::clear() {
  TapeState& tape = state_of(state_);
  tape.check_usable("clear");
  if (tape.sweeping) throw GraphError("clear: a backward pass of this tape is on its way; clear it afterwards");
  tape.clear();
}

void Tape::adopt() noexcept {
  if (state_ == nullptr) return;
  state_->owner.store(&detail::thread_mark, std::memory_order_relaxed);
  state_->note_recorder();
}

std::size_t Tape::size() const {
  const TapeState& tape = state_of(state_);
  tape.check_usable("size");
  return tape.quiet ? 0 : tape.used;
}

std::size_t Tape::saved_bytes() const {
  const TapeState& tape = state_of(state_);
  tape.check_usable("saved_bytes");
  std::size_t bytes = 0;
  for (std::uint32_t id = 0; id < tape.used; ++id) {
    const Node& node = tape.node(id);
    if (node.keeps > 0 && node.kind != NodeKind::parameter && node.value.is_block() && node.value.block()->owner == nullptr) bytes += node.value.block()->bytes;
    if (node.is.keeps_counted && node.kind == NodeKind::operation && node.value.is_number()) bytes += node.type == NumberType::float32 ? sizeof(float) : sizeof(double);
  }
  return bytes;
}

std::size_t Tape::peak_bytes() const {
  const TapeState& tape = state_of(state_);
  tape.check_usable("peak_bytes");
  return tape.bytes_peak;
}

void Tape::clear_peak() {
  TapeState& tape = state_of(state_);
  tape.check_usable("clear_peak");
  tape.bytes_peak = tape.bytes_now;
}

template Var<float> Tape::leaf(Array<float>, NodeKind);
template Var<double> Tape::leaf(Array<double>, NodeKind);
template Var<float> Tape::use(const Parameter<float>&);
template Var<double> Tape::use(const Parameter<double>&);
template std::vector<Var<float>> Tape::gradients_of(const Var<float>&, std::span<const Var<float>>, const GradientOptions<float>&);
template std::vector<Var<double>> Tape::gradients_of(const Var<double>&, std::span<const Var<double>>, const GradientOptions<double>&);
template std::vector<Array<float>> Tape::local_derivatives(const Var<float>&);
template std::vector<Array<double>> Tape::local_derivatives(const Var<double>&);

}  // namespace wengert
