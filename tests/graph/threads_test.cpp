// Tapes and threads: any number of tapes at once, each of one thread at a time.
#include <wengert/graph/tape.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/sequential.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Tape;
using wg::Var;

constexpr std::size_t crowd = 64;

/// Runs work(i) on `crowd` threads that begin at once.
template <class Work>
void in_a_crowd(Work work) {
  std::barrier start(static_cast<std::ptrdiff_t>(crowd));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < crowd; ++i)
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  for (auto& thread : threads) thread.join();
}

/// One network that everybody reads, and a batch.
struct Shared {
  wg::RandomEngine engine{7};
  wg::nn::Sequential<float> net{wg::nn::Linear<float>(20, 33, engine), wg::nn::Tanh<float>{}, wg::nn::Linear<float>(33, 10, engine)};
  Array<float> x = Array<float>::build({32, 20}, [](std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i % 17) * 0.1F - 0.8F;
  });
  Array<std::int64_t> labels = Array<std::int64_t>::build({32}, [](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(i % 10);
  });

  /// All gradients of one step, one behind the other.
  std::vector<float> step(Tape& tape) const {
    auto loss = wg::cross_entropy(net(tape.constant(x), wg::Mode::train), labels);
    const auto g = tape.backward(loss);
    std::vector<float> all = {loss.item()};
    for (const auto& w : net.parameters()) {
      const auto gradient = g[w];
      all.insert(all.end(), gradient.begin(), gradient.end());
    }
    tape.clear();
    return all;
  }
};

bool equal_bits(const std::vector<float>& a, const std::vector<float>& b) { return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0; }

TEST(TapeThreads, ManyWithATapeEachReadOneNetworkAndGetTheBitsOfTheSerialRun) {
  const Shared shared;
  Tape serial;
  const auto truth = shared.step(serial);
  const auto scores = shared.net.predict(shared.x);
  std::atomic<int> wrong{0};
  in_a_crowd([&](std::size_t) {
    Tape tape;
    for (int i = 0; i < 5; ++i) wrong += equal_bits(shared.step(tape), truth) ? 0 : 1;
    const auto mine = shared.net.predict(shared.x);
    wrong += std::memcmp(mine.data(), scores.data(), mine.size() * sizeof(float)) == 0 ? 0 : 1;
  });
  EXPECT_EQ(wrong, 0);
}

TEST(TapeThreads, OneThatThrowsDisturbsNoOther) {
  const Shared shared;
  Tape serial;
  const auto truth = shared.step(serial);
  std::atomic<int> wrong{0}, thrown{0};
  in_a_crowd([&](std::size_t i) {
    Tape tape;
    for (int round = 0; round < 3; ++round) {
      if (i % 8 == 0) {
        try {
          auto failing = wg::with_gradient(tape.variable(1.0), [](auto v) { return v; }, [](auto, auto, auto g) -> decltype(g) { throw std::runtime_error("mine"); });
          (void)tape.backward(failing);
        } catch (const std::runtime_error&) {
          ++thrown;
        }
        tape.clear();
      }
      wrong += equal_bits(shared.step(tape), truth) ? 0 : 1;
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(thrown, 8 * 3);
}

TEST(TapeThreads, MayExitWithALiveTape) {
  const auto live = wg::memory_use().live;
  in_a_crowd([](std::size_t i) {
    thread_local Tape tape;  // ends with its thread
    thread_local std::optional<Var<double>> last;
    auto x = tape.variable(wg::ones<double>({many}));
    last = wg::tanh(x);
    if (i % 2 == 0) (void)tape.backward(*last, {.cotangent = 1.0});
  });
  EXPECT_EQ(wg::memory_use().live, live);
  std::unique_ptr<Tape> left;  // ends on another thread than the one that recorded
  std::thread([&] {
    left = std::make_unique<Tape>();
    (void)wg::exp(left->variable(wg::ones<double>({many})));
  }).join();
  left.reset();
  EXPECT_EQ(wg::memory_use().live, live);
}

TEST(TapeThreads, OfOthersAreRefusedWhateverTheyCall) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2})), number = tape.variable(1.0);
  auto y = wg::exp(x);
  wg::Parameter<double> w("w", wg::ones<double>({2}));
  const auto nodes = tape.size();
  std::thread([&] {
    const auto refused = [](const char* who, auto&& call) {
      expect_error<wg::GraphError>(call, std::string(who) + ": the tape belongs to another thread; a tape and its Vars are used by one thread at a time, another one calls adopt() first");
    };
    refused("tape", [&] { (void)tape.variable(1.0); });
    refused("tape", [&] { (void)tape.constant(1.0); });
    refused("use", [&] { (void)tape.use(w); });
    refused("add", [&] { (void)(x + 1.0); });
    refused("multiply", [&] { (void)(number * number); });
    refused("exp", [&] { (void)wg::exp(number); });
    refused("backward", [&] { (void)tape.backward(y, {.cotangent = 1.0}); });
    refused("gradient", [&] { (void)tape.gradient(y, x, {.cotangent = 1.0}); });
    refused("local_derivatives", [&] { (void)tape.local_derivatives(y); });
    refused("clear", [&] { tape.clear(); });
    refused("size", [&] { (void)tape.size(); });
    refused("saved_bytes", [&] { (void)tape.saved_bytes(); });
    refused("peak_bytes", [&] { (void)tape.peak_bytes(); });
    refused("clear_peak", [&] { tape.clear_peak(); });
    refused("value", [&] { (void)x.value(); });
    refused("item", [&] { (void)number.item(); });
    refused("shape", [&] { (void)x.shape(); });
    refused("detach", [&] { (void)x.detach(); });
    refused("named", [&] { (void)x.named("x"); });
    refused("name", [&] { (void)x.name(); });
    refused("copy a Var", [&] { auto copy = x; });
  }).join();
  EXPECT_EQ(tape.size(), nodes);
  EXPECT_EQ(tape.backward(y, {.cotangent = 1.0})[x](0), y.value()(0)) << "the tape is usable after it";
}

TEST(TapeThreads, TwoOnOneTapeAreNoticedWhileItsOwnerWorks) {
  Tape tape;
  auto x = tape.variable(2.0);
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::barrier start(2);
  std::thread intruder([&] {
    start.arrive_and_wait();
    do {
      try {
        (void)(x * x);
      } catch (const wg::GraphError&) {
        ++refused;
      }
    } while (!done);
  });
  start.arrive_and_wait();
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(tape.backward(x * x)[x].item(), 4);
  done = true;
  intruder.join();
  EXPECT_GT(refused, 0);
  EXPECT_EQ(tape.size(), 2001U);
}

TEST(TapeThreads, TakeATapeOverByAdoptingIt) {
  Tape tape;
  auto x = tape.variable(3.0);
  auto y = x * x;
  double slope = 0;
  std::thread([&] {
    tape.adopt();
    slope = tape.backward(y)[x].item();
    y = x * 2.0;
  }).join();
  EXPECT_EQ(slope, 6);
  expect_error<wg::GraphError>([&] { (void)tape.size(); }, "another thread");
  tape.adopt();
  EXPECT_EQ(y.item(), 6);
  EXPECT_EQ(tape.backward(y)[x].item(), 2);
}

// ---- Vars that end on another thread ----

TEST(TapeThreads, MayDropVarsOfATapeThatItsOwnerUses) {
  Tape tape;
  const auto live = wg::memory_use().live;
  for (int round = 0; round < 20; ++round) {
    std::vector<Var<double>> handed;
    for (int i = 0; i < 50; ++i) handed.push_back(tape.variable(wg::ones<double>({many})) + 1.0);
    std::thread dropper([mine = std::move(handed)]() mutable { mine.clear(); });
    auto y = tape.variable(1.0);
    for (int i = 0; i < 200; ++i) y = y * 1.5;
    (void)tape.backward(y);
    dropper.join();
    y = Var<double>();
    tape.clear();
  }
  EXPECT_LE(wg::memory_use().live, live + 300'000) << "what others dropped is let go of at clear(); the nodes' memory stays";
}

TEST(TapeThreads, MayDropTheLastVarOfATapeThatHasEnded) {
  const auto live = wg::memory_use().live;
  for (int round = 0; round < 200; ++round) {
    auto tape = std::make_unique<Tape>();
    auto mine = tape->variable(wg::ones<double>({16}));
    Var<double> handed = mine, second = mine;
    std::thread one([v = std::move(handed)]() mutable { v = Var<double>(); });
    std::thread other([v = std::move(second)]() mutable { v = Var<double>(); });
    if (round % 2 == 0) {
      tape.reset();
      mine = Var<double>();
    } else {
      mine = Var<double>();
      tape.reset();
    }
    one.join();
    other.join();
  }
  EXPECT_EQ(wg::memory_use().live, live) << "whoever is last takes the state along";
}

TEST(TapeThreads, ShareParametersAndArraysThatNobodyChanges) {
  wg::Parameter<double> w("w", wg::ones<double>({many}));
  const auto a = wg::arange<double>(many);
  in_a_crowd([&](std::size_t) {
    Tape tape;
    auto x = tape.variable(a);
    auto mine = w;  // copies of a Parameter and of an Array are counted atomically
    EXPECT_EQ(tape.backward(wg::sum(x * mine))[w](7), 7);
  });
  EXPECT_EQ(w.value()(0), 1);
}

// ---- fork (not under the thread sanitizer, which does not follow a process with threads into its child) ----

TEST(Fork, LeavesTheChildWithWorkingTapes) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({300'000}));  // large enough for the pool's threads
  auto y = wg::sum(wg::exp(x));
  const double before = y.item();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int code = 1;
    try {
      Tape fresh;
      auto u = fresh.variable(wg::ones<double>({300'000}));
      const bool same = wg::sum(wg::exp(u)).item() == before;
      const bool old_works = std::abs(tape.backward(y)[x](0) - std::exp(1.0)) < 1e-15;
      wg::RandomEngine engine(1);
      const wg::nn::Linear<float> linear(64, 64, engine);
      const auto product = linear(wg::ones<float>({64, 64}), wg::Mode::evaluate);
      code = same && old_works && product.size() == 64 * 64 ? 0 : 2;
    } catch (...) {
      code = 3;
    }
    _exit(code);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_NEAR(tape.backward(y)[x](299'999), std::exp(1.0), 1e-15) << "and the parent with its own";
}

}  // namespace
