// The one pool. Workers sleep until a caller hands them its job; caller and workers take block after block from it. A caller
// waits only for workers that have begun: one that is slow to wake finds its call withdrawn.
#include <wengert/base/threads.hpp>

#include <immintrin.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <exception>
#include <type_traits>

#include <wengert/base/errors.hpp>

namespace wengert {

namespace {

constexpr std::size_t most_workers = 1023;
constexpr int spins = 64;  // a few microseconds: long enough for the next operation of a loop, too short to be in another's way

/// One call of run_blocks.
struct Job {
  void (*work)(void*, std::size_t);
  void* context;
  std::size_t blocks;
  unsigned floating_mode;  // the caller's rounding and flushing, so that a result does not depend on who computes a block
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error{};  // written by whoever set `failed`

  void take_part() noexcept {
    for (std::size_t block; (block = next.fetch_add(1, std::memory_order_relaxed)) < blocks;) {
      try {
        work(context, block);
      } catch (...) {
        if (!failed.exchange(true, std::memory_order_relaxed)) error = std::current_exception();
        next.store(blocks, std::memory_order_relaxed);  // what nobody has begun is abandoned
      }
    }
  }
};

enum State : std::uint32_t { idle, called, running, dismissed };

struct alignas(64) Worker {
  std::atomic<std::uint32_t> state{idle};
  pthread_t thread{};
};

struct Pool {
  std::atomic<bool> busy{false};  // held by the caller whose job it is; guards all that follows
  std::size_t started = 0;
  Job* job = nullptr;
  Worker workers[most_workers];
};
static_assert(std::is_trivially_destructible_v<Pool>);  // a worker may still look at it while static destructors run

constinit Pool pool;
constinit std::atomic<std::size_t> chosen{0};  // 0: not yet

/// Returns when `state` is no longer `old`.
void await_change(const std::atomic<std::uint32_t>& state, std::uint32_t old) noexcept {
  for (int i = 0; i < spins; ++i) {
    if (state.load(std::memory_order_acquire) != old) return;
    _mm_pause();
  }
  state.wait(old, std::memory_order_acquire);
}

void* serve(void* argument) {
  auto& state = static_cast<Worker*>(argument)->state;
  for (;;) {
    await_change(state, idle);
    std::uint32_t expected = called;
    if (state.compare_exchange_strong(expected, running, std::memory_order_acq_rel)) {
      _mm_setcsr(pool.job->floating_mode);
      pool.job->take_part();
      state.store(idle, std::memory_order_release);
      state.notify_one();
    } else if (expected == dismissed) {
      return nullptr;
    }
  }
}

/// Starts workers until there are `wanted` of them, or as many as the system allows.
void start_workers(std::size_t wanted) noexcept {
  if (pool.started >= wanted) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a program's signals are for its own threads
  while (pool.started < wanted) {
    Worker& worker = pool.workers[pool.started];
    if (pthread_create(&worker.thread, nullptr, serve, &worker) != 0) break;
    pthread_setname_np(worker.thread, "wengert");
    ++pool.started;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Ends the workers with the library or the program. Where a job still runs nothing is touched: the process is being torn down in its midst.
struct Dismissal {
  ~Dismissal() {
    if (pool.busy.exchange(true, std::memory_order_acquire)) return;  // and from now on all work is done by who asks for it
    for (std::size_t i = 0; i < pool.started; ++i) {
      pool.workers[i].state.store(dismissed, std::memory_order_release);
      pool.workers[i].state.notify_one();
    }
    for (std::size_t i = 0; i < pool.started; ++i) pthread_join(pool.workers[i].thread, nullptr);
  }
} const dismissal;

/// In a child process there is no worker and no other caller.
void forget_workers() noexcept {
  for (std::size_t i = 0; i < pool.started; ++i) pool.workers[i].state.store(idle, std::memory_order_relaxed);
  pool.started = 0;
  pool.busy.store(false, std::memory_order_relaxed);
}
const int fork_handler = pthread_atfork(nullptr, nullptr, forget_workers);

std::size_t available_processors() noexcept {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return CPU_SETSIZE;  // it only fails where there are more than fit in the set
  return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

}  // namespace

void set_threads(std::size_t count) {
  if (count == 0) throw ValueError("set_threads: too few threads: 0; 1 (serial) or more are needed");
  chosen.store(count, std::memory_order_relaxed);
}

std::size_t threads() noexcept {
  std::size_t count = chosen.load(std::memory_order_relaxed);
  if (count == 0 && !chosen.compare_exchange_strong(count, available_processors(), std::memory_order_relaxed)) return count;
  return count != 0 ? count : chosen.load(std::memory_order_relaxed);
}

namespace detail {

void run_blocks(std::size_t blocks, void (*work)(void* context, std::size_t block), void* context) {
  const std::size_t helpers = std::min({threads() - 1, blocks - (blocks != 0), most_workers});
  // Busy also within a block, be it a worker's or the caller's own: work inside of work is serial.
  if (helpers == 0 || pool.busy.exchange(true, std::memory_order_acquire)) {
    for (std::size_t block = 0; block < blocks; ++block) work(context, block);
    return;
  }
  start_workers(helpers);
  Job job{work, context, blocks, _mm_getcsr()};
  pool.job = &job;
  const std::size_t present = std::min(helpers, pool.started);
  for (std::size_t i = 0; i < present; ++i) {
    pool.workers[i].state.store(called, std::memory_order_release);
    pool.workers[i].state.notify_one();
  }
  job.take_part();
  for (std::size_t i = 0; i < present; ++i) {
    auto& state = pool.workers[i].state;
    std::uint32_t expected = called;
    if (state.compare_exchange_strong(expected, idle, std::memory_order_acq_rel)) continue;
    while (state.load(std::memory_order_acquire) == running) await_change(state, running);
  }
  pool.busy.store(false, std::memory_order_release);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace detail
}  // namespace wengert
