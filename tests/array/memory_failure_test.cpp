// What the pool does when the system has no memory: an operator new that fails when told to.
#include <wengert/array/memory.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include <wengert/array/array.hpp>

namespace {
std::atomic<int> requests_until_failure{-1};  // of aligned memory; negative: none fails
std::atomic<bool> persistent{false};

bool fails_now() noexcept {
  int left = requests_until_failure.load();
  if (left < 0) return false;
  if (left == 0) {
    if (!persistent) requests_until_failure = -1;
    return true;
  }
  requests_until_failure = left - 1;
  return false;
}
}  // namespace

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  if (fails_now()) throw std::bad_alloc();
  const auto align = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(align, (bytes + align - 1) / align * align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

namespace wg = wengert;

struct Failing {
  Failing(int requests, bool for_ever) {
    persistent = for_ever;
    requests_until_failure = requests;
  }
  ~Failing() { requests_until_failure = -1; }
};

TEST(MemoryFailure, ARefusalIsAnsweredByReleasingTheCacheAndAskingAgain) {
  wg::release_cached_memory();
  wg::detail::give_memory(wg::detail::take_memory(1 << 20), 1 << 20);
  EXPECT_GE(wg::memory_use().cached, std::size_t{1} << 20);
  const Failing failing(0, false);
  void* const memory = wg::detail::take_memory(1 << 21);
  EXPECT_EQ(wg::memory_use().cached, 0u);
  wg::detail::give_memory(memory, 1 << 21);
}

TEST(MemoryFailure, ASecondRefusalIsReported) {
  wg::release_cached_memory();
  const auto live = wg::memory_use().live;
  {
    const Failing failing(0, true);
    EXPECT_THROW((void)wg::detail::take_memory(100), std::bad_alloc);
    EXPECT_THROW((void)wg::detail::take_memory(1 << 20), std::bad_alloc);
    EXPECT_THROW((void)wg::detail::take_memory(0), std::bad_alloc);
  }
  EXPECT_EQ(wg::memory_use().live, live);
  wg::detail::give_memory(wg::detail::take_memory(100), 100);
}

TEST(MemoryFailure, WhatIsCachedIsHandedOutWithoutTheSystem) {
  void* const memory = wg::detail::take_memory(1 << 20);
  wg::detail::give_memory(memory, 1 << 20);
  const Failing failing(0, true);
  EXPECT_EQ(wg::detail::take_memory(1 << 20), memory);
  wg::detail::give_memory(memory, 1 << 20);
}

TEST(MemoryFailure, MakingArraysFailsWithoutALeak) {
  for (int n = 0; n < 8; ++n) {
    wg::release_cached_memory();
    const auto live = wg::memory_use().live;
    const Failing failing(n, true);
    try {
      const auto a = wg::ones<float>({100});
      const auto b = a.reshaped({10, 10}), c = b.copy();
      EXPECT_EQ(c(9, 9), 1.f);
    } catch (const std::bad_alloc&) {
    }
    EXPECT_EQ(wg::memory_use().live, live) << n;
  }
}

}  // namespace
