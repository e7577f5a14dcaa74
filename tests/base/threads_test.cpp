// The pool: every block once, errors passed on, no deadlock whoever calls from wherever.
#include <wengert/base/threads.hpp>

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

namespace {

namespace wg = wengert;
using wg::detail::parallel;

/// The number of threads for one test.
class Threads : public testing::Test {
 protected:
  void TearDown() override { wg::set_threads(before_); }

 private:
  std::size_t before_ = wg::threads();
};

TEST_F(Threads, AreAtFirstTheProcessorsThatMayBeUsed) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
  EXPECT_EQ(wg::threads(), static_cast<std::size_t>(CPU_COUNT(&set)));
}

TEST_F(Threads, AreAtLeastOne) {
  wg::set_threads(3);
  try {
    wg::set_threads(0);
    FAIL();
  } catch (const wg::ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("set_threads: too few threads: 0"), std::string::npos);
  }
  EXPECT_EQ(wg::threads(), 3u);
}

TEST_F(Threads, EveryBlockRunsOnce) {
  for (const std::size_t count : {1u, 2u, 3u, 8u}) {
    wg::set_threads(count);
    for (std::size_t blocks = 0; blocks < 40; ++blocks) {
      std::vector<std::atomic<int>> runs(blocks);
      parallel(blocks, [&](std::size_t block) { ++runs.at(block); });
      for (const auto& run : runs) ASSERT_EQ(run, 1);
    }
  }
}

TEST_F(Threads, ResultsOfBlocksAreVisibleToTheCaller) {
  wg::set_threads(4);
  std::vector<std::size_t> squares(64);
  for (int round = 0; round < 500; ++round) {
    parallel(squares.size(), [&](std::size_t block) { squares[block] += block * block; });  // plain memory: the thread sanitizer watches
    ASSERT_EQ(squares[63], 63u * 63u * static_cast<std::size_t>(round + 1));
  }
}

TEST_F(Threads, SeveralTakePart) {
  wg::set_threads(3);
  std::atomic<int> present{0};
  std::mutex mutex;
  std::set<std::thread::id> who;
  parallel(3, [&](std::size_t) {
    {
      const std::lock_guard lock(mutex);
      who.insert(std::this_thread::get_id());
    }
    ++present;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (present < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  });
  EXPECT_EQ(who.size(), 3u);
}

TEST_F(Threads, OneIsTheCallerAlone) {
  wg::set_threads(1);
  const auto me = std::this_thread::get_id();
  std::vector<std::size_t> order;
  parallel(20, [&](std::size_t block) {
    EXPECT_EQ(std::this_thread::get_id(), me);
    order.push_back(block);
  });
  EXPECT_TRUE(order.size() == 20 && std::is_sorted(order.begin(), order.end()));
}

TEST_F(Threads, TheFirstErrorReachesTheCaller) {
  for (const std::size_t count : {1u, 4u}) {
    wg::set_threads(count);
    for (int round = 0; round < 200; ++round) {
      std::atomic<int> inside{0};
      try {
        parallel(50, [&](std::size_t block) {
          ++inside;
          const struct Leave {
            std::atomic<int>& n;
            ~Leave() { --n; }
          } leave{inside};
          if (block % 5 == 3) throw std::runtime_error("block " + std::to_string(block));
        });
        FAIL();
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, 6), "block ");
      }
      EXPECT_EQ(inside, 0);  // nobody is still at it
    }
    int sum = 0;
    std::mutex mutex;
    parallel(10, [&](std::size_t) {
      const std::lock_guard lock(mutex);
      ++sum;
    });
    EXPECT_EQ(sum, 10);
  }
}

TEST_F(Threads, WhatIsThrownNeedBeNoException) {
  wg::set_threads(3);
  EXPECT_THROW(parallel(8, [](std::size_t) { throw 7; }), int);
}

TEST_F(Threads, AnErrorAbandonsWhatIsNotBegun) {
  wg::set_threads(2);
  std::atomic<int> runs{0};
  EXPECT_THROW(parallel(1'000'000,
                        [&](std::size_t) {
                          ++runs;
                          throw std::runtime_error("at once");
                        }),
               std::runtime_error);
  EXPECT_LE(runs, 2);
}

TEST_F(Threads, WorkWithinWorkIsSerial) {
  wg::set_threads(4);
  std::atomic<int> runs{0}, elsewhere{0};
  parallel(8, [&](std::size_t) {
    const auto me = std::this_thread::get_id();
    parallel(5, [&](std::size_t) {
      ++runs;
      if (std::this_thread::get_id() != me) ++elsewhere;
    });
  });
  EXPECT_EQ(runs, 40);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(Threads, ManyCallersDoNotWaitForOneAnother) {
  wg::set_threads(4);
  std::atomic<long> sum{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 16; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        try {
          parallel(7, [&](std::size_t block) {
            sum += static_cast<long>(block);
            if (round % 50 == 49 && block == 6) throw std::runtime_error("now and then");
          });
        } catch (const std::runtime_error&) {
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_GE(sum, 16 * 294 * 21);
  EXPECT_LE(sum, 16 * 300 * 21);
}

TEST_F(Threads, MayBeMoreThanThereAreBlocksOrProcessors) {
  wg::set_threads(64);
  std::atomic<int> runs{0};
  parallel(2, [&](std::size_t) { ++runs; });
  parallel(100, [&](std::size_t) { ++runs; });
  wg::set_threads(SIZE_MAX);
  parallel(3, [&](std::size_t) { ++runs; });
  EXPECT_EQ(runs, 105);
}

TEST_F(Threads, MayChangeWhileOthersWork) {
  std::atomic<bool> stop{false};
  std::thread changer([&] {
    for (std::size_t count = 1; !stop; count = count % 5 + 1) wg::set_threads(count);
  });
  std::atomic<int> runs{0};
  for (int round = 0; round < 2000; ++round) parallel(6, [&](std::size_t) { ++runs; });
  stop = true;
  changer.join();
  EXPECT_EQ(runs, 12000);
}

TEST_F(Threads, ComputeAsTheCallerRounds) {
  wg::set_threads(4);
  parallel(8, [](std::size_t) {});  // the workers exist before the mode changes
  std::fesetround(FE_UPWARD);
  std::vector<double> thirds(1000);
  volatile double one = 1, three = 3;
  parallel(thirds.size(), [&](std::size_t block) { thirds[block] = one / three; });
  const double upward = one / three;
  std::fesetround(FE_TONEAREST);
  EXPECT_NE(upward, one / three);
  for (const double third : thirds) ASSERT_EQ(third, upward);
  parallel(thirds.size(), [&](std::size_t block) { thirds[block] = one / three; });
  for (const double third : thirds) ASSERT_EQ(third, one / three);
}

TEST_F(Threads, LeaveSignalsToTheProgram) {
  wg::set_threads(3);
  std::atomic<int> present{0}, unblocked{0};
  const auto me = std::this_thread::get_id();
  parallel(3, [&](std::size_t) {
    ++present;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (present < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (std::this_thread::get_id() == me) return;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    if (sigismember(&blocked, SIGTERM) == 0) ++unblocked;
  });
  EXPECT_EQ(unblocked, 0);
}

// The thread sanitizer ends a child that starts threads.
#if defined(__SANITIZE_THREAD__)
#define WENGERT_NO_THREADS_IN_CHILDREN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WENGERT_NO_THREADS_IN_CHILDREN
#endif
#endif
#if !defined(WENGERT_NO_THREADS_IN_CHILDREN)
TEST_F(Threads, StartAnewInAChildProcess) {
  wg::set_threads(4);
  parallel(8, [](std::size_t) {});
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    std::atomic<int> runs{0}, present{0};
    for (int round = 0; round < 100; ++round) parallel(8, [&](std::size_t) { ++runs; });
    parallel(2, [&](std::size_t) {  // by two threads indeed
      ++present;
      while (present < 2) std::this_thread::yield();
    });
    _exit(runs == 800 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Threads, AChildForkedWhileAnotherThreadWorksIsNotStuck) {
  wg::set_threads(3);
  std::atomic<bool> begun{false}, release{false};
  std::thread other([&] {
    parallel(3, [&](std::size_t) {
      begun = true;
      while (!release) std::this_thread::yield();
    });
  });
  while (!begun) std::this_thread::yield();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60);
    std::atomic<int> runs{0};
    parallel(8, [&](std::size_t) { ++runs; });
    _exit(runs == 8 ? 0 : 1);
  }
  release = true;
  other.join();
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Threads, EndWithTheProgramWhereverItEnds) {
  wg::set_threads(4);
  const auto ends = [](auto&& how) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      how();
      _exit(2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(ends([] {
              parallel(8, [](std::size_t) {});
              std::quick_exit(7);
            }),
            7);
  EXPECT_EQ(ends([] {
              static struct Last {
                ~Last() {
                  std::atomic<int> runs{0};
                  parallel(8, [&](std::size_t) { ++runs; });  // the pool may be gone by now
                  _exit(runs == 8 ? 7 : 1);
                }
              } last;
              parallel(8, [](std::size_t) {});
              std::exit(3);
            }),
            7);
}
#endif

}  // namespace
