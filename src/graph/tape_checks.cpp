// What a tape knows of its nodes for messages and tables, and what it asks of those who use it.
#include <cstring>
#include <string>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert::detail {

void TapeState::note_caller() {
  if (quiet) return;
  stacks.resize(used);
  stacks.push_back(call_stack());
}

std::string_view TapeState::name_of(const Node& named) const {
  switch (named.kind) {
    case NodeKind::operation: return named.rules != nullptr ? named.rules->name(named.card_place()) : std::string_view("operation");
    case NodeKind::variable: return "variable";
    case NodeKind::parameter: return "parameter";
    case NodeKind::constant: break;
  }
  return "constant";
}

std::string TapeState::given_name(std::uint32_t id) const {
  if (const auto given = names.find(id); given != names.end()) return given->second;
  return node(id).kind == NodeKind::parameter ? static_cast<const AnyParameterState*>(node(id).card)->name : std::string();
}

std::size_t TapeState::kept_bytes(const Node& node) noexcept {
  if (node.keeps > 0 && node.kind != NodeKind::parameter && node.value.is_block() && node.value.block()->owner == nullptr) return node.value.block()->bytes;
  if (node.is.keeps_counted && node.kind == NodeKind::operation && node.value.is_number()) return node.type == NumberType::float32 ? sizeof(float) : sizeof(double);
  return 0;
}

double number_operand(const Node& node) noexcept {
  if (node.type == NumberType::float64) {
    double number = 0;
    std::memcpy(&number, node.inline_card, sizeof number);
    return number;
  }
  float number = 0;
  std::memcpy(&number, node.inline_card, sizeof number);
  return static_cast<double>(number);
}

TapeState& TapeState::of_tape(const Tape& tape, std::string_view who) {
  if (tape.is_moved_from()) refuse_moved_from();
  TapeState& state = of(tape.head());
  state.check_usable(who);
  return state;
}

void TapeState::check_usable(std::string_view who) const {
  if (!is_mine()) refuse_thread(std::string(who).c_str());
  if (!is_alive()) throw GraphError(std::string(who) + ": the tape of this Var no longer exists; only its value() can still be read");
}

Node& TapeState::checked_node(std::string_view who, const AnyVar& var) {
  if (var.is_nothing()) throw GraphError(std::string(who) + ": the Var holds nothing: it was default-constructed or moved from; a Var made by a tape is needed");
  if (var.is_literal()) throw GraphError(std::string(who) + ": the Var is a plain number: it is on no tape yet; a Var made by a tape is needed");
  TapeHead& head = *var.head();
  if (!head.is_mine()) refuse_thread(std::string(who).c_str());
  if (var.generation() != head.generation)
    throw GraphError(std::string(who) + ": the Var is stale: its tape has been cleared since it was made; make it anew after clear()");
  return head.node(var.id());
}

}  // namespace wengert::detail
