// The buffer pool: classes, alignment, reuse, traffic between threads, and a system that has no more memory.
#include <wengert/array/memory.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/array.hpp>

namespace {

namespace wg = wengert;
using wg::memory_use;
using wg::release_cached_memory;
using wg::detail::give_memory;
using wg::detail::memory_class_size;
using wg::detail::take_memory;

std::size_t held() {
  const auto use = memory_use();
  return use.live + use.cached;
}

TEST(Memory, HasEightClassesPerDoubling) {
  EXPECT_EQ(memory_class_size(0), 64u);
  EXPECT_EQ(memory_class_size(1), 64u);
  EXPECT_EQ(memory_class_size(64), 64u);
  EXPECT_EQ(memory_class_size(65), 128u);
  EXPECT_EQ(memory_class_size(1025), 1152u);
  for (std::size_t bytes = 1; bytes < std::size_t{1} << 37; bytes += 1 + bytes / 57) {
    const std::size_t size = memory_class_size(bytes);
    ASSERT_GE(size, bytes);
    ASSERT_EQ(size % 64, 0u);
    ASSERT_EQ(memory_class_size(size), size);
    ASSERT_GT(memory_class_size(size + 1), size);
    ASSERT_LE(size, std::max(bytes + bytes / 8, bytes / 64 * 64 + 64));
  }
  for (int k = 10; k < 37; ++k) {
    const std::size_t power = std::size_t{1} << k;
    EXPECT_EQ(memory_class_size(power), power);
    int classes = 0;
    for (std::size_t size = power; size < 2 * power; size = memory_class_size(size + 1)) ++classes;
    EXPECT_EQ(classes, 8);
  }
}

TEST(Memory, IsAlignedAndMayBeWrittenWhole) {
  for (std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000}, std::size_t{65536}, std::size_t{65537}, std::size_t{3'000'001}}) {
    void* const memory = take_memory(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0u);
    std::memset(memory, 0xAB, bytes);
    give_memory(memory, bytes);
  }
}

TEST(Memory, WhatIsGivenIsTakenAgain) {
  for (std::size_t bytes : {std::size_t{40}, std::size_t{5000}, std::size_t{1} << 22}) {
    void* const memory = take_memory(bytes);
    give_memory(memory, bytes);
    EXPECT_EQ(take_memory(bytes), memory);
    give_memory(memory, bytes);
  }
}

TEST(Memory, NullMayBeGiven) { give_memory(nullptr, 100); }

TEST(Memory, IsCounted) {
  const auto before = memory_use();
  void* const small = take_memory(100);
  void* const large = take_memory(1'000'000);
  EXPECT_EQ(memory_use().live - before.live, memory_class_size(100) + memory_class_size(1'000'000));
  give_memory(small, 100);
  give_memory(large, 1'000'000);
  const auto after = memory_use();
  EXPECT_EQ(after.live, before.live);
  EXPECT_GE(after.cached, memory_class_size(100) + memory_class_size(1'000'000));
}

TEST(Memory, ReleasingGivesBackWhatIsCached) {
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(take_memory(300));
  const auto live = memory_use().live;
  for (std::size_t i = 1; i < blocks.size(); ++i) give_memory(blocks[i], 300);
  release_cached_memory();
  const auto use = memory_use();
  EXPECT_EQ(use.cached, 0u);
  EXPECT_EQ(live - use.live, 999 * memory_class_size(300));
  give_memory(blocks[0], 300);
}

TEST(Memory, LargeBlocksGoAndComeBack) {
  release_cached_memory();
  const auto before = memory_use();
  constexpr std::size_t bytes = std::size_t{5} << 20;
  for (int round = 0; round < 2; ++round) {
    std::vector<void*> blocks;
    for (int i = 0; i < 20; ++i) {
      blocks.push_back(take_memory(bytes));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back()) % 64, 0U);
      std::memset(blocks.back(), i, bytes);
    }
    for (int i = 0; i < 20; ++i) {
      const auto* const first = static_cast<const unsigned char*>(blocks[static_cast<std::size_t>(i)]);
      EXPECT_EQ(first[0], i);
      EXPECT_EQ(first[bytes - 1], i);
      give_memory(blocks[static_cast<std::size_t>(i)], bytes);
    }
    release_cached_memory();
    EXPECT_EQ(memory_use().live, before.live);
    EXPECT_EQ(memory_use().cached, 0U);
  }
}

TEST(Memory, BlocksDoNotOverlap) {
  std::mt19937 random(1);
  struct Held {
    unsigned char* memory;
    std::size_t bytes;
    unsigned char mark;
  };
  std::vector<Held> blocks;
  for (int step = 0; step < 20000; ++step) {
    if (blocks.size() < 200 || random() % 2 != 0) {
      const std::size_t bytes = std::size_t{1} << random() % 14;
      Held held{static_cast<unsigned char*>(take_memory(bytes)), bytes, static_cast<unsigned char>(step)};
      std::memset(held.memory, held.mark, held.bytes);
      blocks.push_back(held);
    } else {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      const Held held = blocks.back();
      blocks.pop_back();
      ASSERT_TRUE(held.memory[0] == held.mark && held.memory[held.bytes / 2] == held.mark && held.memory[held.bytes - 1] == held.mark);
      give_memory(held.memory, held.bytes);
    }
  }
  for (const auto& block : blocks) give_memory(block.memory, block.bytes);
}

TEST(Memory, ASteadyLoopTakesNothingFresh) {
  const auto step = [] {
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < 5000; ++i) blocks.push_back(take_memory(i * 37 % 3000));
    for (std::size_t i = 0; i < 5000; ++i) give_memory(blocks[i], i * 37 % 3000);
  };
  step();
  const auto warm = held();
  for (int i = 0; i < 20; ++i) step();
  EXPECT_EQ(held(), warm);
}

TEST(Memory, RefusesWhatNoMachineHas) {
  const auto before = memory_use();
  EXPECT_THROW((void)take_memory(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW((void)take_memory(SIZE_MAX / 2), std::bad_alloc);
  EXPECT_THROW((void)take_memory((std::size_t{1} << 47) + 1), std::bad_alloc);
  EXPECT_THROW((void)wg::zeros<double>({std::size_t{1} << 45}), std::bad_alloc);
  EXPECT_EQ(memory_use().live, before.live);
}

TEST(Memory, ServesAsAStandardAllocator) {
  std::vector<int, wg::detail::PoolAllocator<int>> list;
  for (int i = 0; i < 10000; ++i) list.push_back(i);
  EXPECT_EQ(list[9999], 9999);
  auto copy = list;
  EXPECT_EQ(copy.back(), 9999);
}

TEST(MemoryThreads, AThreadThatOnlyGivesFeedsOneThatOnlyTakes) {
  constexpr int rounds = 200, blocks = 500;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<void*> in_hand;
  std::size_t most = 0;
  std::thread giver([&] {
    for (int round = 0; round < rounds; ++round) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !in_hand.empty(); });
      for (void* block : in_hand) give_memory(block, 256);
      in_hand.clear();
      changed.notify_all();
    }
  });
  const auto before = held();
  for (int round = 0; round < rounds; ++round) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return in_hand.empty(); });
    for (int i = 0; i < blocks; ++i) in_hand.push_back(take_memory(256));
    most = std::max(most, std::max(held(), before) - before);
    changed.notify_all();
  }
  giver.join();
  EXPECT_LE(most, 4u * blocks * 256);  // of 200 times as much that passed through
}

TEST(MemoryThreads, AThreadLeavesItsBlocksToTheOthers) {
  release_cached_memory();
  const auto live = memory_use().live;
  std::thread([] {
    std::vector<void*> blocks;
    for (int i = 0; i < 1000; ++i) blocks.push_back(take_memory(128));
    for (void* block : blocks) give_memory(block, 128);
  }).join();
  EXPECT_EQ(memory_use().live, live);
  const auto before = held();
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(take_memory(128));
  EXPECT_EQ(held(), before);
  for (void* block : blocks) give_memory(block, 128);
}

TEST(MemoryThreads, ManyThreadsExchangeArrays) {
  const auto live = memory_use().live;
  std::mutex mutex;
  std::vector<wg::Array<float>> shelf;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 2000; ++i) {
        auto array = wg::full<float>({1 + random() % 3000}, static_cast<float>(t));
        const std::lock_guard lock(mutex);
        if (shelf.size() < 50) {
          shelf.push_back(std::move(array));
        } else {
          std::swap(shelf[random() % shelf.size()], array);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  shelf.clear();
  EXPECT_EQ(memory_use().live, live);
}

TEST(MemoryThreads, MayBeUsedAfterAThreadSaidFarewell) {
  static std::atomic<bool> worked{false};
  struct Late {
    void* early = nullptr;
    ~Late() {  // after the thread's own lists, which were made later
      give_memory(early, 200);
      void* const memory = take_memory(200);
      std::memset(memory, 1, 200);
      give_memory(memory, 200);
      give_memory(take_memory(1 << 20), 1 << 20);
      worked = true;
    }
  };
  const auto live = memory_use().live;
  std::thread([] {
    thread_local Late late;
    late.early = take_memory(200);
  }).join();
  EXPECT_TRUE(worked);
  EXPECT_EQ(memory_use().live, live);
}

TEST(Memory, WorksInAChildProcess) {
  void* const before = take_memory(500);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    give_memory(before, 500);
    void* const memory = take_memory(500);
    std::memset(memory, 1, 500);
    give_memory(memory, 500);
    release_cached_memory();
    _exit(memory_use().cached == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  give_memory(before, 500);
}

// ---- static destructors ----

struct UsedAtTheEnd {
  wg::Array<double> array;
  ~UsedAtTheEnd() {
    array = wg::zeros<double>({100});
    array = wg::zeros<double>({100000});
  }
};
UsedAtTheEnd used_at_the_end;  // the sanitizers watch this one: it is destroyed after main

TEST(Memory, MayBeUsedByStaticDestructors) { used_at_the_end.array = wg::ones<double>({10}); }

#if defined(__SANITIZE_ADDRESS__)
TEST(MemoryDeathTest, UseAfterGivingBackIsSeen) {
  auto* const memory = static_cast<volatile char*>(take_memory(100));
  EXPECT_DEATH(memory[100] = 1, "use-after-poison");  // past the end, if within the class
  give_memory(const_cast<char*>(memory), 100);
  EXPECT_DEATH(memory[0] = 1, "use-after-poison");
}
#endif

}  // namespace
