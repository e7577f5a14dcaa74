// The arena of nodes: how they are added, what they hold on to, and when each value goes.
#include "graph/tape_state.hpp"

#include <algorithm>
#include <atomic>
#include <new>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

thread_local constinit char thread_mark = 0;

void refuse_thread(const char* act) {
  throw GraphError(std::string(act) + ": the tape belongs to another thread; a tape and its Vars are used by one thread at a time, another one calls adopt() first");
}

void more_nodes(TapeHead& tape) { TapeState::of(tape).reserve_node(); }
void forget_nodes(TapeHead& tape, std::uint32_t generation, std::uint32_t size) noexcept {
  if (tape.is_alive() && tape.generation == generation) TapeState::of(tape).truncate(size);
}
void refuse_lost_tape(std::string_view who) { throw GraphError(std::string(who) + ": the tape was cleared or ended within the card's own forward pass; do so afterwards"); }
void handle_gone(TapeHead& tape, std::uint32_t id, std::uint32_t generation) noexcept { TapeState::of(tape).handle_gone(id, generation); }

// ---- life ----

TapeState::TapeState(TapeOptions chosen) : options(chosen) {
  static std::atomic<std::uint64_t> serials{0};
  serial = ++serials;
  owner.store(&thread_mark, std::memory_order_relaxed);
  quiet = chosen.recording == Recording::off;
  first_keeps = chosen.retain == Retain::everything ? 1 : 0;
  guarded = chosen.check == Check::finite;
  note_watched();
}

TapeState::~TapeState() {
  for (std::uint32_t id = 0; id < used; ++id)
    if (node(id).value.is_block()) node(id).value.reset();
  for (Node* chunk : chunk_list) give_memory(chunk, chunk_nodes * sizeof(Node));
}

void TapeState::grow() {
  if (chunk_list.size() == (std::size_t{1} << (32 - chunk_bits)) - 1) throw GraphError("tape: too many nodes: 2^32; call clear() between steps");
  chunk_list.reserve(chunk_list.size() + 1);
  chunks = chunk_list.data();  // the list may have moved, whether or not there is memory for the chunk
  chunk_list.push_back(static_cast<Node*>(take_memory(chunk_nodes * sizeof(Node))));
  room += chunk_nodes;
}

std::uint32_t TapeState::append_leaf(Handle value, NodeKind kind, NumberType type, std::string_view name) {
  if (guarded) {
    check_leaf(kind, name, value, type);
    note_caller();
  }
  const Shape* const shape = shapes.interned(value.shape());
  reserve_node();
  reserve_within(1);
  const std::uint32_t id = append(kind, type);
  Node& leaf = node(id);
  any_to_release |= value.is_block();
  leaf.value = std::move(value);
  leaf.shape = shape;
  leaf.is.differentiable = kind != NodeKind::constant && !quiet;
  if (!open_segments.empty()) note_within(id);
  return id;
}

std::uint32_t* TapeState::parameter_slot(const AnyParameterState* parameter) noexcept {
  const std::size_t mask = parameter_slots_.size() - 1;
  std::size_t i = (reinterpret_cast<std::uintptr_t>(parameter) >> 4U) * 0x9E3779B97F4A7C15ULL >> 32U & mask;
  while (parameter_slots_[i] != 0 && parameters[parameter_slots_[i] - 1].first.get() != parameter) i = (i + 1) & mask;
  return &parameter_slots_[i];
}

void TapeState::rebuild_parameter_slots() {
  parameter_slots_.assign(std::max<std::size_t>(16, std::bit_ceil(4 * parameters.size())), 0);
  for (std::size_t i = 0; i < parameters.size(); ++i) *parameter_slot(parameters[i].first.get()) = static_cast<std::uint32_t>(i + 1);
}

std::uint32_t TapeState::leaf_of(const std::shared_ptr<AnyParameterState>& parameter, NumberType type) {
  if (parameter_slots_.size() < 2 * (parameters.size() + 1)) {
    parameters.reserve(parameters.size() + 1);
    rebuild_parameter_slots();
  }
  std::uint32_t* const slot = parameter_slot(parameter.get());
  if (*slot != 0) {
    const std::uint32_t id = parameters[*slot - 1].second;
    Node& leaf = node(id);
    // A consuming backward has let go of it and no pullback to come reads it: it takes today's value. An array is gone then; a number
    // takes no room and is not counted.
    if (!leaf.value || (leaf.value.is_number() && !leaf.is.keeps_counted && can_go(leaf) && !is_still_read(id))) {
      if (guarded) check_leaf(NodeKind::parameter, parameter->name, parameter->value, type);
      leaf.value = parameter->value;
      leaf.is.keeps_counted = true;
      ++leaf.keeps;
    }
    return id;
  }
  if (quiet) return append_leaf(parameter->value, NodeKind::constant, type, parameter->name);
  parameters.reserve(parameters.size() + 1);
  const std::uint32_t id = append_leaf(parameter->value, parameter->frozen || holds_parameters ? NodeKind::constant : NodeKind::parameter, type, parameter->name);
  Node& leaf = node(id);
  leaf.card = parameter.get();
  leaf.is.keeps_counted = true;
  ++leaf.keeps;  // the value of the first use holds until a consuming backward or clear()
  parameters.emplace_back(parameter, id);
  *slot = static_cast<std::uint32_t>(parameters.size());
  return id;
}

bool TapeState::is_still_read(std::uint32_t id) const noexcept {
  for (std::uint32_t later = id + 1; later < used; ++later) {
    const Node& reader = node(later);
    if (reader.kind != NodeKind::operation || !reader.is.differentiable || reader.is.consumed) continue;
    for (std::uint32_t i = 0; i < reader.arity; ++i)
      if (!is_number(reader, i) && reader.inputs()[i] == id && reads_input(reader, i)) return true;
  }
  return false;
}

void TapeState::truncate(std::uint32_t size) noexcept {
  if (quiet) return;  // slots of a quiet tape come back one by one
  for (std::uint32_t id = size; id < used; ++id)
    if (node(id).handles != 0) return;  // somebody kept a Var of the failed attempt: its nodes stay, unused
  truncate_segments(size);
  for (std::uint32_t id = used; id-- > size;) {
    Node& last = node(id);
    if (last.rules != nullptr) {
      consume(last);
      if (last.is.card_in_arena && last.rules->destroy_card != nullptr) last.rules->destroy_card(last.card);
    }
    release_value(last);
    names.erase(id);
  }
  used = std::min(used, size);
  while (!postponed.empty() && postponed.back().id >= size) postponed.pop_back();
  hooks.erase(hooks.lower_bound(used), hooks.end());
  const auto gone = [size](const auto& entry) { return entry.second >= size; };
  if (std::any_of(parameters.begin(), parameters.end(), gone)) {
    parameters.erase(std::remove_if(parameters.begin(), parameters.end(), gone), parameters.end());
    std::fill(parameter_slots_.begin(), parameter_slots_.end(), 0);
    for (std::size_t i = 0; i < parameters.size(); ++i) *parameter_slot(parameters[i].first.get()) = static_cast<std::uint32_t>(i + 1);
  }
}

void TapeState::clear() noexcept {
  std::exchange(hooks, {}).clear();  // first: a callback may hold Vars of this very tape
  drop_foreign();
  for (std::uint32_t id = 0; any_to_release && id < used; ++id) {
    Node& old = node(id);
    if (old.value.is_block()) release_value(old);
    if (old.is.card_in_arena && old.rules->destroy_card != nullptr) old.rules->destroy_card(old.card);
  }
  used = 0;
  ++generation;
  arena.reset();
  free_slots.clear();
  postponed.clear();
  segments.clear();
  open_segments.clear();
  bytes_now = 0;  // another tape may have had the last word on a block that both held
  stacks.clear();
  names.clear();
  parameters.clear();
  std::fill(parameter_slots_.begin(), parameter_slots_.end(), 0);
  any_consumed = any_to_release = false;
}

void TapeState::abandon() noexcept {
  count_live(1);  // of its own: a card or a callback may hold the last Var of this very tape
  std::exchange(hooks, {}).clear();
  if (profile != nullptr) profile->tape = nullptr;
  profile = nullptr;
  drop_foreign();
  for (std::uint32_t id = 0; id < used; ++id) {
    Node& old = node(id);
    if (old.is.card_in_arena && old.rules->destroy_card != nullptr) old.rules->destroy_card(old.card);
    old.is.card_in_arena = false;
    old.rules = nullptr;
    old.keeps = 0;
  }
  // Only now: what the cards held is gone.
  for (std::uint32_t id = 0; id < used; ++id)
    if (node(id).handles == 0) release_value(node(id));
  const auto unnamed = [this](const auto& entry) { return node(entry.second).handles == 0; };
  parameters.erase(std::remove_if(parameters.begin(), parameters.end(), unnamed), parameters.end());
  bool last = false;
  {
    const std::lock_guard lock(foreign_mutex_);
    count_foreign();
    alive.store(false, std::memory_order_relaxed);
    note_recorder();
    discount_live(1);
    last = live == 0;
  }
  if (last) delete this;
}

// ---- values ----

namespace {
Block* memory_of(const Handle& handle) noexcept { return handle.block()->owner != nullptr ? handle.block()->owner : handle.block(); }
}  // namespace

void TapeState::charge(const Handle& handle) noexcept {
  if (!handle.is_block()) return;
  Block* const block = memory_of(handle);
  if (block->charges.fetch_add(1, std::memory_order_relaxed) > 0) return;
  bytes_now += block->bytes;
  bytes_peak = std::max(bytes_peak, bytes_now);
}

void TapeState::discharge(const Handle& handle) noexcept {
  if (!handle.is_block()) return;
  Block* const block = memory_of(handle);
  if (block->charges.fetch_sub(1, std::memory_order_relaxed) > 1) return;
  bytes_now -= std::min(bytes_now, block->bytes);
}

void TapeState::release_value(Node& old) noexcept {
  if (old.kind == NodeKind::operation) discharge(old.value);  // leaves' arrays are their owners'
  old.value.reset();
}

void TapeState::release_if_unused(std::uint32_t id) noexcept {
  Node& candidate = node(id);
  if (!can_go(candidate)) return;
  if (quiet) {
    release_value(candidate);
    if (candidate.is.card_in_arena && candidate.rules->destroy_card != nullptr) candidate.rules->destroy_card(candidate.card);
    candidate.is.card_in_arena = false;
    if (!names.empty()) names.erase(id);
    try {
      free_slots.push_back(id);
    } catch (const std::bad_alloc&) {
      // the slot is lost until clear()
    }
  } else if (candidate.value.is_block()) {
    release_value(candidate);
  }
}

void TapeState::handle_gone(std::uint32_t id, std::uint32_t from) noexcept {
  if (!is_mine()) {
    // The counts are the owner's to change: it finds the note at its next clear(), or at the end of the tape.
    bool last = false;
    {
      const std::lock_guard lock(foreign_mutex_);
      try {
        foreign_.emplace_back(id, from);
      } catch (const std::bad_alloc&) {
        ++foreign_unnoted_;  // the value lives as long as the tape's state
      }
      last = !is_alive() && live == foreign_.size() + foreign_unnoted_;
    }
    if (last) delete this;
    return;
  }
  bool last = false;
  {
    std::unique_lock<std::mutex> lock;
    if (!is_alive()) {  // from here on the last one out, on whatever thread, takes the state along
      lock = std::unique_lock(foreign_mutex_);
      count_foreign();
    }
    discount_live(1);
    if (from == generation) {
      --node(id).handles;
      release_if_unused(id);
    }
    last = !is_alive() && live == 0;
  }
  if (last) delete this;
}

void TapeState::drop_foreign() noexcept {
  const std::lock_guard lock(foreign_mutex_);
  count_foreign();
}

void TapeState::count_foreign() noexcept {
  for (const auto& [id, from] : foreign_) {
    discount_live(1);
    if (from == generation && --node(id).handles == 0) release_if_unused(id);
  }
  foreign_.clear();
  discount_live(std::exchange(foreign_unnoted_, 0));
}

void TapeState::compute_postponed(std::uint32_t id) {
  const auto found = std::lower_bound(postponed.begin(), postponed.end(), id, [](const Postponed& entry, std::uint32_t wanted) { return entry.id < wanted; });
  if (found == postponed.end() || found->id != id) return;
  Node& waiting = node(id);
  const auto compute = [&]<Real T>(T) {
    PoolVector<Array<T>> in(found->in.begin(), found->in.end());
    waiting.value = static_cast<const TypedRules<T>&>(*waiting.rules).forward(waiting.card_place(), in).handle();
  };
  if (waiting.type == NumberType::float32) compute(float{}); else compute(double{});
  found->in.clear();
  charge(waiting.value);
}

bool TapeState::reads_input(const Node& reader, std::uint32_t j) const noexcept {
  if (!keeps(*reader.rules, Keeps::inputs)) return false;
  const std::uint32_t* const in = reader.inputs();
  for (std::uint32_t i = 0; i < reader.arity; ++i) {
    if (is_number(reader, i) || !node(in[i]).is.differentiable) continue;
    if (reader.rules->reads == nullptr || reader.rules->reads(i, j)) return true;
  }
  return false;
}

void TapeState::count_keeps(std::uint32_t id) noexcept {
  Node& reader = node(id);
  reader.is.keeps_counted = true;
  for (std::uint32_t j = 0; j < reader.arity; ++j) {
    if (is_number(reader, j)) continue;
    Node& input = node(reader.inputs()[j]);
    if (input.value.is_block() && reads_input(reader, j)) ++input.keeps;
  }
  if (keeps(*reader.rules, Keeps::output) && reader.value.is_block()) ++reader.keeps;
}

void TapeState::consume(Node& done) noexcept {
  done.is.consumed = true;
  uncount_keeps(done);
}

void TapeState::uncount_keeps(Node& done) noexcept {
  if (!done.is.keeps_counted) return;
  done.is.keeps_counted = false;
  const std::uint32_t* const in = done.inputs();
  for (std::uint32_t j = 0; j < done.arity; ++j) {
    if (is_number(done, j)) continue;
    Node& input = node(in[j]);
    if (!input.value.is_block() || !reads_input(done, j)) continue;  // numbers lie in their nodes: they are not counted
    --input.keeps;
    if (can_go(input)) release_value(input);
  }
  if (keeps(*done.rules, Keeps::output) && done.value.is_block()) {
    --done.keeps;
    if (can_go(done)) release_value(done);
  }
}

}  // namespace wengert::detail
