// The Tape's own functions: leaves, clearing, what it says of itself.
#include <wengert/graph/tape.hpp>

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
  return Var<T>(tape.leaf(std::move(value).handle(), kind, detail::number_type<T>));
}

template <Real T>
Var<T> Tape::use(const Parameter<T>& parameter) {
  TapeState& tape = state_of(state_);
  tape.check_usable("use");
  return Var<T>(AnyVar::of_node(tape, tape.leaf_of(parameter.state(), detail::number_type<T>)));
}

// ---- what it says of its nodes ----

template <Real T>
std::vector<Array<T>> Tape::local_derivatives(const Var<T>& output) {
  TapeState& tape = state_of(state_);
  const Node& node = TapeState::checked_node("local_derivatives", output);
  if (output.head() != &tape) throw GraphError("local_derivatives: the Var is of another tape; ask the tape that recorded it");
  if (node.kind == NodeKind::operation && node.rules != nullptr && node.rules->conversion_back != nullptr) return {full<T>(*node.shape, T(1))};
  if (node.kind != NodeKind::operation || node.rules == nullptr || !node.rules->is_elementwise)
    throw GraphError("local_derivatives: not an elementwise operation: \"" + std::string(tape.name_of(node)) + "\"; arithmetic and elementwise operations have one local derivative per input");
  const auto& rules = static_cast<const detail::TypedRules<T>&>(*node.rules);
  const void* const card = node.card_place();
  std::vector<Handle> numbers(node.arity);
  std::vector<const Handle*> in(node.arity, nullptr);
  bool all_numbers = node.value.is_number();
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    if (is_number(node, i)) {
      numbers[i] = Handle::number(static_cast<T>(detail::number_operand(node)));
      in[i] = &numbers[i];
      continue;
    }
    const Handle& value = tape.node(node.inputs()[i]).value;
    if (!value && keeps(*node.rules, Keeps::inputs))
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
  for (std::uint32_t id = 0; id < tape.used; ++id) bytes += TapeState::kept_bytes(tape.node(id));
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
template std::vector<Array<float>> Tape::local_derivatives(const Var<float>&);
template std::vector<Array<double>> Tape::local_derivatives(const Var<double>&);

}  // namespace wengert
