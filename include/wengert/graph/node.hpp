// What the inside of a tape looks like: nodes in chunks, in order of execution. Shared with the inline parts of Var, so that
// copying and dropping a handle costs a few instructions; not for users.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <wengert/array/handle.hpp>
#include <wengert/base/export.hpp>

namespace wengert {

/// How a tape treats what it computes.
enum class Recording : std::uint8_t { on, off };
/// What a tape holds on to: what the backward pass needs, or everything (for teaching and pictures).
enum class Retain : std::uint8_t { needed, everything };
/// Whether a tape looks at what it computes: at nothing, or for the first NaN or infinity among values and cotangents.
enum class Check : std::uint8_t { nothing, finite };

namespace detail {

enum class NumberType : std::uint8_t { float32, float64 };
template <class T>
inline constexpr NumberType number_type = sizeof(T) == sizeof(float) ? NumberType::float32 : NumberType::float64;

enum class NodeKind : std::uint8_t { operation, variable, parameter, constant };

struct Rules;

/// Its address tells threads apart. Initial-exec: one load, also from inside a shared library.
extern WENGERT_API thread_local constinit char thread_mark __attribute__((tls_model("initial-exec")));

/// One primitive's entry on the tape: one cache line.
struct alignas(64) Node {
  static constexpr std::uint8_t no_number = 0xFF;

  const Rules* rules;  // null for variables, parameters and constants
  union {
    std::byte inline_card[8];  // a card of at most 8 trivial bytes, or the number operand of a card without attributes
    void* card;                // any other, in the arena
  };
  union {
    std::uint32_t two[2];  // the inputs' ids; that of a number operand, and what lies beyond the arity, is not to be read
    std::uint32_t* many;   // for more than two: in the arena
  };
  Handle value;        // nothing, once nobody needs it any more
  const Shape* shape;  // interned: outlives the value
  std::uint32_t handles;  // Vars that name this node
  std::uint32_t keeps;    // later pullbacks that will read the value
  std::uint32_t arity;
  NodeKind kind;
  NumberType type;
  std::uint8_t number_operand;  // which input is a number in inline_card; no_number if none
  struct Marks {
    bool differentiable : 1;  // leads to a variable or a parameter
    bool consumed : 1;        // its pullback's values have been let go of
    bool card_in_arena : 1;
    bool keeps_counted : 1;  // the inputs' and its own keeps include this node's pullback
    bool numbers_alone : 1;  // an elementwise card whose inputs are numbers
    std::uint8_t wants : 3;  // there: one bit for each input that is differentiable, so that the way back need not ask its node
  } is;

  const std::uint32_t* inputs() const noexcept { return arity <= 2 ? two : many; }
  const void* card_place() const noexcept { return is.card_in_arena ? card : inline_card; }
};
static_assert(sizeof(Node) == 64);

/// The part of a tape's state that a Var reads inline.
struct TapeHead {
  static constexpr unsigned chunk_bits = 10;
  static constexpr std::uint32_t chunk_nodes = 1U << chunk_bits;

  Node** chunks = nullptr;
  std::uint32_t generation = 0;  // clear() raises it: handles from before know that they are stale
  std::uint32_t used = 0;        // nodes in the chunks
  std::uint32_t room = 0;        // nodes that the chunks have room for
  std::uint32_t first_keeps = 0; // of a new node: 1 on a tape that retains everything
  const Shape* scalar = &scalar_shape();
  // These four are written by the tape's own thread and read by any that lets go of a Var: atomic, never in need of an order.
  std::atomic<const void*> owner = nullptr;  // the mark of the thread that the tape belongs to
  std::atomic<const void*> recorder = nullptr;  // the same while the tape exists, records and is not watched: one comparison instead of four
  std::atomic<std::uint64_t> live = 0;       // Vars of any generation that refer to this state
  std::atomic<bool> alive = true;            // the Tape object still exists
  bool quiet = false;                        // records nothing: a node's slot is free again when its last handle goes
  bool watched = false;                      // values are checked or operations timed: everything takes the general way
  std::uint64_t serial = 0;                  // no two tapes of a process share it

  bool is_mine() const noexcept { return owner.load(std::memory_order_relaxed) == &thread_mark; }
  bool is_alive() const noexcept { return alive.load(std::memory_order_relaxed); }
  bool records_here() const noexcept { return recorder.load(std::memory_order_relaxed) == &thread_mark; }
  void note_recorder() noexcept { recorder.store(is_alive() && !quiet && !watched ? owner.load(std::memory_order_relaxed) : nullptr, std::memory_order_relaxed); }
  void count_live(std::uint64_t more) noexcept { live.store(live.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); }
  void discount_live(std::uint64_t fewer) noexcept { live.store(live.load(std::memory_order_relaxed) - fewer, std::memory_order_relaxed); }
  Node& node(std::uint32_t id) const noexcept { return chunks[id >> chunk_bits][id & (chunk_nodes - 1)]; }
};

// The rare ends of recording a node: no room for it, a card's own function that has thrown, or has cleared or ended the tape.
WENGERT_API void more_nodes(TapeHead& tape);
WENGERT_API void forget_nodes(TapeHead& tape, std::uint32_t generation, std::uint32_t size) noexcept;
[[noreturn]] WENGERT_API void refuse_lost_tape(std::string_view who);
WENGERT_API void handle_gone(TapeHead& tape, std::uint32_t id, std::uint32_t generation) noexcept;  // the slow ends of a Var's life
[[noreturn]] WENGERT_API void refuse_thread(const char* act);

}  // namespace detail
}  // namespace wengert
