// The buffer pool: where every array's memory comes from and goes back to. Sizes are classed, blocks are aligned to 64
// bytes and kept for the next taker, so that a training loop in its steady state never calls the allocator and never
// touches a fresh page.
#pragma once

#include <cstddef>

#include <wengert/base/export.hpp>

namespace wengert {

/// What the pool holds, in bytes, over all threads.
struct MemoryUse {
  std::size_t live = 0;    ///< handed out to arrays and tapes at this moment
  std::size_t cached = 0;  ///< free, kept for the next taker
};

/// What it holds at this moment.
WENGERT_API MemoryUse memory_use() noexcept;

/// Gives the cached blocks of the calling thread and the shared ones back to the system.
WENGERT_API void release_cached_memory() noexcept;

namespace detail {

/// Memory for at least `bytes` bytes, aligned to 64; throws std::bad_alloc. Contents are arbitrary.
WENGERT_API void* take_memory(std::size_t bytes);
/// Returns what take_memory gave; `bytes` as then. Any thread may return what another took.
WENGERT_API void give_memory(void* memory, std::size_t bytes) noexcept;
/// The size that a request is rounded up to: eight classes per doubling.
WENGERT_API std::size_t memory_class_size(std::size_t bytes) noexcept;

/// The pool as a standard allocator, for the growing lists inside tapes and gradients.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() noexcept = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) noexcept {}  // NOLINT: as allocators convert
  T* allocate(std::size_t n) { return static_cast<T*>(take_memory(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) noexcept { give_memory(p, n * sizeof(T)); }
  friend bool operator==(PoolAllocator, PoolAllocator) noexcept { return true; }
};

}  // namespace detail
}  // namespace wengert
