// The inside of a tape: the arena of nodes, its lists, and the book-keeping that every part of the graph room shares.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wengert/array/memory.hpp>
#include <wengert/graph/card.hpp>
#include <wengert/graph/node.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>

#include "base/source_line.hpp"
#include "graph/segments.hpp"
#include "graph/watch.hpp"

namespace wengert::detail {

template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

/// Memory that is handed out bit by bit and taken back all at once.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();
  void* take(std::size_t bytes, std::size_t alignment);
  /// Everything is free again; the chunks stay.
  void reset() noexcept { current_ = offset_ = 0; }

 private:
  struct Chunk {
    std::byte* memory;
    std::size_t bytes;
  };
  PoolVector<Chunk> chunks_;
  std::size_t current_ = 0, offset_ = 0;
};

/// Shapes by value: equal shapes have one address for as long as the tape lives.
class ShapeTable {
 public:
  ~ShapeTable();
  const Shape* interned(const Shape& shape);

 private:
  void grow();
  PoolVector<Shape*> slots_;  // open addressing, a power of two
  std::size_t used_ = 0;
};

/// Whether input i is a plain number in the node itself.
inline bool is_number(const Node& node, std::size_t i) noexcept { return i == node.number_operand && node.number_operand != Node::no_number; }

/// Whether a card's pullback may read this of the forward pass.
inline bool keeps(const Rules& rules, Keeps what) noexcept { return (static_cast<unsigned>(rules.keeps) & static_cast<unsigned>(what)) != 0; }

class TapeState : public TapeHead {
 public:
  explicit TapeState(TapeOptions options);
  ~TapeState();
  TapeState(const TapeState&) = delete;
  TapeState& operator=(const TapeState&) = delete;

  static TapeState& of(TapeHead& head) noexcept { return static_cast<TapeState&>(head); }
  static TapeState& of(const AnyVar& var) noexcept { return of(*var.head()); }
  /// The state of a Tape that is used by `who`: not moved from, of this thread.
  static TapeState& of_tape(const Tape& tape, std::string_view who);

  /// Room for one more node, so that the next append cannot fail.
  void reserve_node() {
    if (used == room && free_slots.empty()) grow();
  }
  /// The next node, blank. Only after reserve_node().
  std::uint32_t append(NodeKind kind, NumberType type) noexcept {
    std::uint32_t id = used;
    if (!quiet || free_slots.empty()) {
      ++used;
    } else {
      id = free_slots.back();
      free_slots.pop_back();
    }
    Node* const blank = new (&node(id)) Node{};
    blank->shape = scalar;
    blank->kind = kind;
    blank->type = type;
    blank->number_operand = Node::no_number;
    blank->keeps = first_keeps;
    return id;
  }
  /// A leaf of this value. A guard that refuses it gives it this name.
  std::uint32_t append_leaf(Handle value, NodeKind kind, NumberType type, std::string_view name = {});
  /// A new leaf, and its first handle.
  AnyVar leaf(Handle value, NodeKind kind, NumberType type) { return AnyVar::of_node(*this, append_leaf(std::move(value), kind, type)); }
  /// The parameter's leaf: the one it has, or a new one.
  std::uint32_t leaf_of(const std::shared_ptr<AnyParameterState>& parameter, NumberType type);

  /// Whether a pullback to come may read the value of this node.
  bool is_still_read(std::uint32_t id) const noexcept;

  /// Puts back the tape to `size` nodes, after a failure that nobody has a handle to what came later.
  void truncate(std::uint32_t size) noexcept;
  void clear() noexcept;
  /// What the end of the Tape object leaves: values that Vars still name.
  void abandon() noexcept;

  bool can_go(const Node& node) const noexcept { return node.handles == 0 && node.keeps == 0; }
  void release_if_unused(std::uint32_t id) noexcept;
  void release_value(Node& node) noexcept;
  void handle_gone(std::uint32_t id, std::uint32_t generation) noexcept;

  /// Counts a slot of the tape that holds a block: its bytes are in use once, however many slots share it.
  void charge(const Handle& handle) noexcept;
  /// The slot's end. Each charge is followed by one discharge of the same handle.
  void discharge(const Handle& handle) noexcept;

  /// Computes a product that was postponed until somebody reads it.
  void compute_postponed(std::uint32_t id);

  /// Counts what the node's pullback will read.
  void count_keeps(std::uint32_t id) noexcept;
  /// Takes that back, and lets go of what nobody else reads.
  void uncount_keeps(Node& node) noexcept;
  /// Lets go of what the node's pullback would read.
  void consume(Node& node) noexcept;
  /// Whether the node's pullback, asked for what leads to a leaf, reads its input j.
  bool reads_input(const Node& node, std::uint32_t j) const noexcept;

  // ---- segments: see segments.cpp ----

  /// Whether what is recorded now keeps what its pullbacks will read: not within a checkpoint, unless a pass has brought its values back.
  bool counts_keeps() const noexcept { return open_segments.empty() || segments[open_segments.back()].is_present; }
  /// Memory for notes of so many nodes, so that note_within() cannot fail.
  void reserve_within(std::size_t more) {
    for (const std::uint32_t open : open_segments) {
      auto& held = segments[open].held;
      if (held.capacity() - held.size() < more) held.reserve(std::max(2 * held.capacity(), held.size() + more));
    }
  }
  /// A node was recorded within open segments.
  void note_within(std::uint32_t id) noexcept;
  void note_name(std::uint32_t id);
  /// Computes a segment's values again. What is around it is present.
  void restore(std::uint32_t which);
  void leave(std::uint32_t which) noexcept;

  std::string_view name_of(const Node& node) const;
  /// What the user called a node, or its parameter; empty if nothing.
  std::string given_name(std::uint32_t id) const;

  /// The bytes of its value that later pullbacks will read.
  static std::size_t kept_bytes(const Node& node) noexcept;

  /// Whether everything takes the general way, after `guarded` or `profile` have changed.
  void note_watched() noexcept {
    watched = guarded || profile != nullptr;
    note_recorder();
  }
  /// Notes who called, for the node that comes next.
  void note_caller();

  /// GraphError unless the calling thread may use this tape at this moment.
  void check_usable(std::string_view who) const;
  /// The node of a Var that is used by `who`: not stale, not empty, of this thread.
  static Node& checked_node(std::string_view who, const AnyVar& var);

  TapeOptions options;
  ShapeTable shapes;
  Arena arena;
  PoolVector<Handle> cells;  // cotangents by id; all nothing except during a backward pass
  PoolVector<std::pair<std::shared_ptr<AnyParameterState>, std::uint32_t>> parameters;  // by address: see leaf_of
  std::map<std::uint32_t, std::string> names;
  PoolVector<std::uint32_t> free_slots;  // of a quiet tape
  PoolVector<Node*> chunk_list;
  /// A product that nobody has read yet: its node has no value.
  struct Postponed {
    std::uint32_t id;
    PoolVector<Handle> in;
  };
  PoolVector<Postponed> postponed;  // by id
  PoolVector<Segment> segments;     // in order of their first nodes
  PoolVector<std::uint32_t> open_segments;  // those being recorded, outermost first
  std::size_t bytes_now = 0, bytes_peak = 0;
  PoolVector<CallStack> stacks;  // who recorded the node, by id; of a guarded tape that records
  std::multimap<std::uint32_t, std::function<Handle(const Handle&)>> hooks;  // callbacks for cotangents, by id
  std::shared_ptr<ProfileData> profile;  // null: nothing is measured
  bool guarded = false;       // Check::finite
  bool sweeping = false;      // a backward pass is on its way
  bool postpones = false;     // products wait until somebody reads them
  bool holds_parameters = false;  // a parameter that comes to this tape now is a constant
  bool any_consumed = false;  // since the last clear()
  bool any_to_release = false;  // a node has an array or a card of its own since then: numbers need no walk over the nodes

 private:
  void grow();
  void let_go_of(std::span<const std::uint32_t> held, std::uint32_t from) noexcept;
  void truncate_segments(std::uint32_t size) noexcept;
  void drop_foreign() noexcept;
  void count_foreign() noexcept;  // under foreign_mutex_
  std::uint32_t* parameter_slot(const AnyParameterState* parameter) noexcept;
  void rebuild_parameter_slots();

  PoolVector<std::uint32_t> parameter_slots_;  // open addressing into `parameters`, index + 1
  std::mutex foreign_mutex_;
  PoolVector<std::pair<std::uint32_t, std::uint32_t>> foreign_;  // handles that other threads dropped
  std::size_t foreign_unnoted_ = 0;  // the same, where there was no memory for the note
};

/// A backward pass on its way: until it ends its tape refuses clear() and other passes.
class Walking {
 public:
  explicit Walking(TapeState& tape) noexcept : tape_(tape), within_another_(std::exchange(tape.sweeping, true)) {}
  Walking(const Walking&) = delete;
  Walking& operator=(const Walking&) = delete;
  ~Walking() { tape_.sweeping = within_another_; }

 private:
  TapeState& tape_;
  bool within_another_;
};

/// The number operand of a node that has one.
double number_operand(const Node& node) noexcept;

/// Input i as a pass sees it: an array, or a Var of its node.
template <class V>
V input_of(TapeHead& tape, const Node& node, std::size_t i) {
  if (is_number(node, i)) return V(static_cast<typename V::value_type>(number_operand(node)));
  const std::uint32_t id = node.inputs()[i];
  if constexpr (is_var<V>) {
    return V(AnyVar::of_node(tape, id));
  } else {
    return V(tape.node(id).value);
  }
}

/// An operand that is no Var as a leaf of the tape.
template <Real T>
Var<T> leaf_for(std::string_view who, TapeState& tape, const Operand<T>& operand);

/// The value of an operation's node, from the values of its inputs.
Handle computed_again(TapeState& tape, const Node& node);

/// What every backward pass asks of its output before it starts: GraphError or ShapeError.
Node& check_output(std::string_view who, TapeState& tape, const AnyVar& output, const Shape* cotangent);
[[noreturn]] void refuse_moved_from();
/// What a pullback must return for input i.
void check_pulled(std::string_view who, std::size_t i, bool given, const Shape& got, const Shape& wanted, bool number_will_do);

}  // namespace wengert::detail
