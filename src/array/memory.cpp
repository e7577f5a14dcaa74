// The buffer pool. Each thread keeps two short lists of free blocks per small size class and trades whole lists with a
// shared pool, so that taking and giving is a few instructions, and a thread that only gives feeds one that only takes.
#include <wengert/array/memory.hpp>

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define WENGERT_ADDRESS_SANITIZER 1
#elif defined(__SANITIZE_THREAD__)
#define WENGERT_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WENGERT_ADDRESS_SANITIZER 1
#elif __has_feature(thread_sanitizer)
#define WENGERT_THREAD_SANITIZER 1
#endif
#endif
#if defined(WENGERT_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace wengert {

namespace {

constexpr std::size_t alignment = 64;

// ---- size classes ----
// 64, 128, ... 1024, then eight to a doubling: a small floating-point number with a mantissa of three bits.

constexpr std::size_t class_of(std::size_t bytes) noexcept {
  const std::size_t last = bytes - (bytes != 0);  // the offset of the last byte: exact multiples stay in their own class
  const auto shift = static_cast<std::size_t>(std::bit_width(last | 512)) - 4;
  return (shift - 6) * 8 + (last >> shift);
}

constexpr std::size_t class_bytes(std::size_t index) noexcept {
  if (index < 8) return (index + 1) * 64;
  return (index % 8 + 9) << (index / 8 + 5);
}

#if defined(WENGERT_ADDRESS_SANITIZER) || defined(WENGERT_THREAD_SANITIZER)
constexpr std::size_t most_bytes = std::size_t{1} << 38;  // beyond its limit a sanitizer ends the program where it should throw
#else
constexpr std::size_t most_bytes = std::size_t{1} << 47;  // the address space of a process
#endif
constexpr std::size_t most_local_bytes = 64 * 1024;  // larger blocks go to the shared pool at once: a lock costs nothing beside their use
constexpr std::size_t classes = class_of(most_bytes) + 1;
constexpr std::size_t local_classes = class_of(most_local_bytes) + 1;

static_assert(class_bytes(class_of(0)) == 64 && class_bytes(class_of(1024)) == 1024 && class_bytes(class_of(1025)) == 1152);
static_assert(class_bytes(class_of(most_bytes)) == most_bytes && class_bytes(local_classes - 1) == most_local_bytes);

/// How many blocks make a list that a thread trades with the shared pool.
constexpr std::uint32_t list_length(std::size_t index) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(32 * 1024 / class_bytes(index), 1, 128));
}

// ---- free blocks ----

/// What a free block holds: the rest of its list and, in the first block of a list, the next list and its own list's length.
struct Free {
  Free* next;
  Free* next_list;
  std::uint32_t length;
};
static_assert(sizeof(Free) <= alignment && std::is_trivially_destructible_v<Free>);

// Free blocks are poisoned whole, so that whoever still uses one is caught; only what is marked so may look inside.
#if defined(WENGERT_ADDRESS_SANITIZER)
#define WENGERT_SEES_POISONED __attribute__((no_sanitize("address"), noinline))
void poison(void* block, std::size_t bytes) noexcept { __asan_poison_memory_region(block, bytes); }
void unpoison(void* block, std::size_t bytes) noexcept { __asan_unpoison_memory_region(block, bytes); }
#else
#define WENGERT_SEES_POISONED
void poison(void*, std::size_t) noexcept {}
void unpoison(void*, std::size_t) noexcept {}
#endif

WENGERT_SEES_POISONED inline Free* next_of(const Free* block) noexcept { return block->next; }
WENGERT_SEES_POISONED inline void set_next(Free* block, Free* next) noexcept { block->next = next; }
WENGERT_SEES_POISONED Free* next_list_of(const Free* block) noexcept { return block->next_list; }
WENGERT_SEES_POISONED std::uint32_t length_of(const Free* block) noexcept { return block->length; }
WENGERT_SEES_POISONED void set_next_list(Free* block, Free* next_list, std::uint32_t length) noexcept {
  block->next_list = next_list;
  block->length = length;
}

/// Blocks of one class, chained.
struct List {
  Free* first = nullptr;
  std::uint32_t length = 0;

  void push(Free* block) noexcept {
    set_next(block, first);
    first = block;
    ++length;
  }
  Free* pop() noexcept {
    Free* const block = first;
    first = next_of(block);
    --length;
    return block;
  }
};

/// One thread's free blocks. The second list of a class is full or empty, so that a thread that takes and gives around the
/// end of a list does not trade at each step.
struct Local {
  struct Bin {
    List list;
    List spare;
  };
  Bin bins[local_classes];
  std::atomic<std::int64_t> live{0};  // bytes taken less bytes given by this thread; written by it alone
  Local* next = nullptr;
  Local* previous = nullptr;

  void count(std::size_t bytes, std::int64_t sign) noexcept {
    live.store(live.load(std::memory_order_relaxed) + sign * static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }
};

/// The blocks that all threads share. Never destroyed: static destructors of any order may still give blocks back.
struct Shared {
  std::mutex mutex;
  Free* lists[classes] = {};
  Local* locals = nullptr;
  std::int64_t live = 0;   // of threads that are gone, and of blocks that passed by no thread's own lists
  std::int64_t owned = 0;  // bytes that the system gave
  bool ended = false;      // nothing is cached any more: a block that static destructors give goes to the system

  void push(std::size_t index, List list) noexcept {
    if (list.first == nullptr) return;
    set_next_list(list.first, lists[index], list.length);
    lists[index] = list.first;
  }
  List pop(std::size_t index) noexcept {
    Free* const first = lists[index];
    if (first == nullptr) return {};
    lists[index] = next_list_of(first);
    return {first, length_of(first)};
  }
};
static_assert(std::is_trivially_destructible_v<Shared>);

constinit Shared shared;

// ---- the calling thread's lists ----

// Eight bytes of static thread storage: reached by one instruction, and little enough for a library loaded at run time.
constinit thread_local Local* local __attribute__((tls_model("initial-exec"))) = nullptr;
constinit thread_local bool farewell_said __attribute__((tls_model("initial-exec"))) = false;

void flush(Local& mine) noexcept {
  const std::lock_guard lock(shared.mutex);
  for (std::size_t index = 0; index < local_classes; ++index) {
    shared.push(index, std::exchange(mine.bins[index].list, {}));
    shared.push(index, std::exchange(mine.bins[index].spare, {}));
  }
}

/// At the end of a thread: its blocks go to the shared pool, and what still runs in it afterwards uses that directly.
struct Farewell {
  ~Farewell() {
    farewell_said = true;
    Local* const mine = std::exchange(local, nullptr);
    if (mine == nullptr) return;
    flush(*mine);
    {
      const std::lock_guard lock(shared.mutex);
      shared.live += mine->live.load(std::memory_order_relaxed);
      (mine->previous != nullptr ? mine->previous->next : shared.locals) = mine->next;
      if (mine->next != nullptr) mine->next->previous = mine->previous;
    }
    delete mine;
  }
  void say_at_the_end() noexcept {}
};
thread_local Farewell farewell;

/// The calling thread's lists; null once it has said farewell, or where there is no memory for them.
Local* local_lists() noexcept {
  if (local != nullptr || farewell_said) return local;
  Local* const mine = new (std::nothrow) Local;
  if (mine == nullptr) return nullptr;
  farewell.say_at_the_end();
  const std::lock_guard lock(shared.mutex);
  mine->next = shared.locals;
  if (mine->next != nullptr) mine->next->previous = mine;
  shared.locals = mine;
  return local = mine;
}

// ---- the system ----

// A large block begins on a huge page and asks for such: fresh pages are dear, and so are the misses of their translation. All
// that begin at the same place of a page would fight for the same lines of the caches, which costs a pass over four arrays a
// factor of two: hence they begin an odd number of lines further in each.
constexpr std::size_t huge_page = std::size_t{2} << 20, stagger = 33 * alignment, staggered = 16;
constexpr bool is_huge(std::size_t index) noexcept { return class_bytes(index) >= huge_page; }

void* new_huge(std::size_t bytes) {
  static std::atomic<std::size_t> taken{0};
  const std::size_t offset = taken.fetch_add(1, std::memory_order_relaxed) % staggered * stagger;
  void* const memory = ::operator new(offset + bytes, std::align_val_t{huge_page});
  madvise(memory, offset + bytes, MADV_HUGEPAGE);  // a wish: without it small pages do
  return static_cast<std::byte*>(memory) + offset;
}

void* new_block_of(std::size_t index) { return is_huge(index) ? new_huge(class_bytes(index)) : ::operator new(class_bytes(index), std::align_val_t{alignment}); }

void return_to_system(Free* block, std::size_t index) noexcept {
  unpoison(block, class_bytes(index));
  // clang 14 has no sized form of delete by default.
  if (is_huge(index)) {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    ::operator delete(reinterpret_cast<void*>(address / huge_page * huge_page), std::align_val_t{huge_page});
  } else {
    ::operator delete(block, std::align_val_t{alignment});
  }
}

void release_shared() noexcept {
  for (std::size_t index = 0; index < classes; ++index) {
    for (;;) {
      List list;
      {
        const std::lock_guard lock(shared.mutex);
        list = shared.pop(index);
        shared.owned -= static_cast<std::int64_t>(list.length * class_bytes(index));
      }
      if (list.first == nullptr) break;
      while (list.length != 0) return_to_system(list.pop(), index);
    }
  }
}

/// Gives back what it can where the library is unloaded, and leaves a clean heap at the end of the program.
struct LastRelease {
  ~LastRelease() {
    {
      const std::lock_guard lock(shared.mutex);
      shared.ended = true;
    }
    release_shared();
  }
} const last_release;

// A child process must not inherit the lock held by a thread that it does not have.
const int fork_handlers = pthread_atfork([] { shared.mutex.lock(); }, [] { shared.mutex.unlock(); }, [] { shared.mutex.unlock(); });

Free* from_system(std::size_t index) {
  const std::size_t bytes = class_bytes(index);
  void* memory = nullptr;
  try {
    memory = new_block_of(index);
  } catch (const std::bad_alloc&) {
    release_cached_memory();
    memory = new_block_of(index);
  }
  const std::lock_guard lock(shared.mutex);
  shared.owned += static_cast<std::int64_t>(bytes);
  return static_cast<Free*>(memory);
}

// ---- the slow ways ----

[[gnu::noinline]] Free* take_elsewhere(std::size_t index) {
  Local* const mine = index < local_classes ? local_lists() : nullptr;
  if (mine != nullptr) {
    auto& bin = mine->bins[index];
    if (bin.spare.first != nullptr) {
      bin.list = std::exchange(bin.spare, {});
    } else if (bin.list.first == nullptr) {
      const std::lock_guard lock(shared.mutex);
      bin.list = shared.pop(index);
    }
    Free* const block = bin.list.first != nullptr ? bin.list.pop() : from_system(index);
    mine->count(class_bytes(index), 1);
    return block;
  }
  Free* block = nullptr;
  {
    const std::lock_guard lock(shared.mutex);
    if (List list = shared.pop(index); list.first != nullptr) {
      block = list.pop();
      shared.push(index, list);
      shared.live += static_cast<std::int64_t>(class_bytes(index));
    }
  }
  if (block == nullptr) {
    block = from_system(index);
    const std::lock_guard lock(shared.mutex);
    shared.live += static_cast<std::int64_t>(class_bytes(index));
  }
  return block;
}

[[gnu::noinline]] void give_elsewhere(Free* block, std::size_t index) noexcept {
  Local* const mine = index < local_classes ? local_lists() : nullptr;
  if (mine != nullptr) {
    auto& bin = mine->bins[index];
    if (bin.list.length == list_length(index)) {
      if (bin.spare.first != nullptr) {
        const std::lock_guard lock(shared.mutex);
        shared.push(index, bin.spare);
      }
      bin.spare = std::exchange(bin.list, {});
    }
    bin.list.push(block);
    mine->count(class_bytes(index), -1);
    return;
  }
  {
    const std::lock_guard lock(shared.mutex);
    shared.live -= static_cast<std::int64_t>(class_bytes(index));
    if (!shared.ended) {
      set_next(block, nullptr);
      return shared.push(index, {block, 1});
    }
    shared.owned -= static_cast<std::int64_t>(class_bytes(index));
  }
  return_to_system(block, index);
}

}  // namespace

namespace detail {

std::size_t memory_class_size(std::size_t bytes) noexcept { return bytes > most_bytes ? bytes : class_bytes(class_of(bytes)); }

void* take_memory(std::size_t bytes) {
  const std::size_t index = class_of(bytes);
  Free* block = nullptr;
  if (Local* const mine = local; mine != nullptr && index < local_classes && mine->bins[index].list.first != nullptr) [[likely]] {
    block = mine->bins[index].list.pop();
    mine->count(class_bytes(index), 1);
  } else {
    if (bytes > most_bytes) throw std::bad_alloc();
    block = take_elsewhere(index);
  }
  poison(block, class_bytes(index));
  unpoison(block, bytes);
  return block;
}

void give_memory(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  const std::size_t index = class_of(bytes);
  Free* const block = static_cast<Free*>(memory);
  poison(block, class_bytes(index));
  if (Local* const mine = local; mine != nullptr && index < local_classes && mine->bins[index].list.length < list_length(index)) [[likely]] {
    mine->bins[index].list.push(block);
    mine->count(class_bytes(index), -1);
  } else {
    give_elsewhere(block, index);
  }
}

}  // namespace detail

MemoryUse memory_use() noexcept {
  const std::lock_guard lock(shared.mutex);
  std::int64_t live = shared.live;
  for (const Local* each = shared.locals; each != nullptr; each = each->next) live += each->live.load(std::memory_order_relaxed);
  // Other threads go on meanwhile, so that a block may be seen given before it was seen taken.
  live = std::clamp<std::int64_t>(live, 0, shared.owned);
  return {static_cast<std::size_t>(live), static_cast<std::size_t>(shared.owned - live)};
}

void release_cached_memory() noexcept {
  if (local != nullptr) flush(*local);
  release_shared();
}

}  // namespace wengert
