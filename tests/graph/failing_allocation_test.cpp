// Row 25 of the list of hostile inputs: allocation N fails, for N = 1, 2, ..., once and for ever, in every call that records
// or walks. Each such call either succeeds or throws and leaves the tape as it was, and nothing leaks.
#include <wengert/graph/tape.hpp>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

#include "graph/graph_tests.hpp"

namespace {

std::atomic<int> requests_until_failure{-1};  // negative: none fails
std::atomic<bool> persistent{false};
std::atomic<int> failures{0};
std::atomic<std::size_t> requests{0};

bool fails_now() noexcept {
  const int left = requests_until_failure.load();
  if (left < 0) return false;
  if (left == 0) {
    ++failures;
    if (!persistent) requests_until_failure = -1;
    return true;
  }
  requests_until_failure = left - 1;
  return false;
}

void* taken(std::size_t bytes, std::size_t alignment) {
  requests.fetch_add(1, std::memory_order_relaxed);
  if (fails_now()) throw std::bad_alloc();
  void* const memory = alignment == 0 ? std::malloc(bytes + (bytes == 0)) : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Not inlined, or g++ compares free with the operator new that it does not see through.
[[gnu::noinline]] void given(void* memory) noexcept { std::free(memory); }

}  // namespace

// All forms that the library and the standard library call: they reach into the shared library too.
void* operator new(std::size_t bytes) { return taken(bytes, 0); }
void* operator new[](std::size_t bytes) { return taken(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) { return taken(bytes, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t bytes, std::align_val_t alignment) { return taken(bytes, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return taken(bytes, 0);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { given(memory); }
void operator delete[](void* memory) noexcept { given(memory); }
void operator delete(void* memory, std::size_t) noexcept { given(memory); }
void operator delete[](void* memory, std::size_t) noexcept { given(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { given(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { given(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { given(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { given(memory); }

std::size_t requests_for_memory() noexcept { return requests; }

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Tape;
using wg::Var;

/// A card that is more than bytes.
struct Weighty {
  static constexpr std::string_view name = "weighty";
  static constexpr wg::Keeps keeps = wg::Keeps::both;
  std::vector<double> weights;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return in[0] * static_cast<T>(weights[1]);
  }
  template <class V>
  V pullback(std::size_t, const wg::Step<V>& s) const {
    return s.g * s.y() / s.x(0);
  }
};

/// A tape with something on it, and what calls need besides.
struct Scene {
  Tape tape;
  Array<double> a = wg::from_values<double>({.1, .2, .3, .4, .5, .6}, {2, 3});
  Array<double> row = wg::ones<double>({3});
  Array<double> batch = wg::ones<double>({4, 3, 2});
  Array<std::int64_t> labels = wg::from_values<std::int64_t>({2, 0}, {2});
  wg::Parameter<double> w{"w", wg::ones<double>({3, 2})};
  Weighty card{{1, 2, 3}};
  Var<double> m = tape.variable(a), n = tape.variable(2.0), y = wg::exp(m), f = wg::sum(wg::tanh(y) * n), slope;
};

struct Case {
  std::string name;
  std::function<void(Scene&)> call;
  std::function<void(Scene&)> prepare = [](Scene&) {};
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      // ---- leaves ----
      {"variable", [](Scene& s) { (void)s.tape.variable(wg::zeros<double>({5, 7})); }},
      {"constant", [](Scene& s) { (void)s.tape.constant(s.row); }},
      {"use", [](Scene& s) { (void)s.tape.use(s.w); }},
      {"detach", [](Scene& s) { (void)s.y.detach(); }},
      {"named", [](Scene& s) { (void)s.y.named("a name that is too long to be kept inside of a string itself"); }},
      // ---- recording ----
      {"number_at_the_end_of_a_chunk", [](Scene& s) { (void)(s.n * s.n); }, [](Scene& s) { while (s.tape.size() % 1024 != 0) (void)(s.n + s.n); }},
      {"number_operand", [](Scene& s) { (void)(s.n * 3.0); }},
      {"add_array", [](Scene& s) { (void)(s.y + s.row); }},
      {"multiply_parameter", [](Scene& s) { (void)(s.slope * s.w); }, [](Scene& s) { s.slope = wg::reshape(s.y, {2, 3, 1}); }},
      {"subtract_column", [](Scene& s) { (void)(s.y - wg::zeros<double>({2, 1})); }},
      {"matmul_parameter", [](Scene& s) { (void)wg::matmul(s.y, s.w); }},
      {"matmul_batch", [](Scene& s) { (void)wg::matmul(s.y, s.batch); }},
      {"sum", [](Scene& s) { (void)wg::sum(s.y, 1); }},
      {"mean", [](Scene& s) { (void)wg::mean(s.y, 0); }},
      {"var", [](Scene& s) { (void)wg::var(s.y); }},
      {"stddev", [](Scene& s) { (void)wg::stddev(s.y, 1); }},
      {"amax", [](Scene& s) { (void)wg::amax(s.y, 1); }},
      {"argmax", [](Scene& s) { (void)wg::argmax(s.y, 1); }},
      {"logsumexp", [](Scene& s) { (void)wg::logsumexp(s.y, 1); }},
      {"softmax", [](Scene& s) { (void)wg::softmax(s.y, 1); }},
      {"log_softmax", [](Scene& s) { (void)wg::log_softmax(s.y, 1); }},
      {"label_cross_entropy", [](Scene& s) { (void)wg::label_cross_entropy(s.y, s.labels, 1); }},
      {"reshape", [](Scene& s) { (void)wg::reshape(s.y, {3, 2}); }},
      {"transpose", [](Scene& s) { (void)wg::transpose(s.y); }},
      {"broadcast_to", [](Scene& s) { (void)wg::broadcast_to(s.y, {5, 2, 3}); }},
      {"concatenate", [](Scene& s) { (void)wg::concatenate({s.y, s.a, s.m}, 0); }},
      {"slice", [](Scene& s) { (void)wg::slice(s.y, 1, 0, 2); }},
      {"take", [](Scene& s) { (void)wg::take(s.y, s.labels, 1); }},
      {"where", [](Scene& s) { (void)wg::where(wg::greater(s.a, wg::full<double>({2, 3}, .3)), s.y, s.a); }},
      {"custom_card", [](Scene& s) { (void)wg::record(s.card, s.y); }},
      {"custom_card_of_a_list", [](Scene& s) { (void)wg::record(s.card, {s.y, s.a, s.w, 1.0}); }},
      {"elementwise_lambda", [](Scene& s) { (void)wg::elementwise("by lambda", [](auto v) { return v * v; }, [](auto v, auto) { return v + v; })(s.y); }},
      {"with_gradient", [](Scene& s) { (void)wg::with_gradient(s.y, [](auto v) { return v * v; }, [](auto v, auto, auto g) { return v * g; }); }},
      // ---- walking ----
      {"backward", [](Scene& s) { (void)s.tape.backward(s.f, {.also = {s.y, s.f}, .keep_tape = true}); }},
      {"backward_cotangent", [](Scene& s) { (void)s.tape.backward(s.y, {.cotangent = s.a, .keep_tape = true}); }},
      {"gradients_of_nothing", [](Scene& s) { (void)s.tape.backward(s.n, {.keep_tape = true})[s.m]; }},
      {"gradient", [](Scene& s) { (void)s.tape.gradient(s.f, {s.m, s.n}); }},
      {"gradient_of_a_gradient", [](Scene& s) { (void)s.tape.gradient(s.slope, s.m); }, [](Scene& s) { s.slope = wg::sum(s.tape.gradient(s.f, s.m)); }},
      {"gradient_stretched_cotangent", [](Scene& s) { (void)s.tape.gradient(s.y, s.m, {.cotangent = s.n}); }},
      {"local_derivatives", [](Scene& s) { (void)s.tape.local_derivatives(s.y); }},
      {"graph_of", [](Scene& s) { (void)wg::graph_of(s.f); }},
      {"statistics", [](Scene& s) { (void)(s.tape.size() + s.tape.saved_bytes() + s.tape.peak_bytes()); }},
      // ---- beside the tape ----
      {"another_tape", [](Scene& s) { (void)wg::exp(Tape().variable(s.a)); }},
      {"quiet_tape", [](Scene& s) { Tape quiet{{.recording = wg::Recording::off}}; (void)wg::exp(quiet.constant(s.a) + s.row).value(); }},
      {"arrays", [](Scene& s) { (void)wg::softmax(wg::matmul(s.a, s.w.value()) + 1.0, 1); }},
      {"parameter_writable", [](Scene& s) { const auto held = s.w.value(); (void)s.w.writable(); }},
      {"parameter_clone", [](Scene& s) { (void)s.w.clone(); }},
      {"parameter", [](Scene& s) { (void)wg::Parameter<double>("a name that is too long to be kept inside of a string itself", s.a); }},
  };
  return all;
}

/// What a failing call must leave as it was.
struct Standing {
  std::size_t nodes, saved;
  const double* y;
  explicit Standing(const Scene& s) : nodes(s.tape.size()), saved(s.tape.saved_bytes()), y(s.y.value().data()) {}
  bool operator==(const Standing&) const = default;
};

/// Calls with allocation n failing; whether it threw. Nothing of the test itself allocates in there.
bool throws_when_failing(const std::function<void(Scene&)>& call, Scene& scene, int n, bool for_ever) {
  bool threw = false;
  failures = 0;
  persistent = for_ever;
  requests_until_failure = n;
  try {
    call(scene);
  } catch (const std::bad_alloc&) {
    threw = true;
  } catch (const wg::Error&) {
    threw = true;
  }
  requests_until_failure = -1;
  return threw;
}

class InEveryCall : public testing::TestWithParam<std::size_t> {};

TEST_P(InEveryCall, AFailingAllocationLeavesTheTapeAsItWas) {
  const Case& one = cases()[GetParam()];
  for (const bool for_ever : {false, true}) {
    bool any = true;
    for (int n = 0; any; ++n) {
      ASSERT_LT(n, 2000);
      wg::release_cached_memory();
      const auto live = wg::memory_use().live;
      {
        Scene scene;
        one.prepare(scene);
        wg::release_cached_memory();  // so that every request goes to the system
        const Standing before(scene);
        const bool threw = throws_when_failing(one.call, scene, n, for_ever);
        any = failures > 0;
        if (threw) {
          ASSERT_TRUE(any) << "it threw of itself";
          EXPECT_TRUE(Standing(scene) == before) << "allocation " << n << (for_ever ? " and all later ones" : "");
          EXPECT_EQ(scene.y.name(), "");
        } else if (for_ever && any && n == 0) {
          ADD_FAILURE() << "it succeeded without memory";
        }
        EXPECT_NO_THROW(one.call(scene)) << "with memory again it succeeds";
        const auto g = scene.tape.backward(scene.f, {.keep_tape = true});
        EXPECT_NEAR(g[scene.m](0, 0), 2 * std::exp(.1) / std::pow(std::cosh(std::exp(.1)), 2), 1e-14);
        EXPECT_NEAR(g[scene.n].item(), scene.f.item() / 2, 1e-14);
      }
      EXPECT_EQ(wg::memory_use().live, live) << "allocation " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(FailingAllocation, InEveryCall, testing::Range<std::size_t>(0, cases().size()), [](const auto& chosen) { return cases()[chosen.param].name; });

TEST(FailingAllocation, InAConsumingBackwardLeavesValuesAndATapeThatClearMakesWhole) {
  for (const bool for_ever : {false, true}) {
    bool any = true;
    for (int n = 0; any; ++n) {
      ASSERT_LT(n, 200);
      wg::release_cached_memory();
      const auto live = wg::memory_use().live;
      {
        Scene scene;
        wg::release_cached_memory();
        const double f = scene.f.item(), y = scene.y.value()(1, 2);
        const bool threw = throws_when_failing([](Scene& s) { (void)s.tape.backward(s.f); }, scene, n, for_ever);
        any = failures > 0;
        EXPECT_EQ(scene.f.item(), f);
        EXPECT_EQ(scene.y.value()(1, 2), y) << "values that a Var names are intact";
        if (!threw) {
          EXPECT_THROW((void)scene.tape.backward(scene.f), wg::GraphError);
        }
        scene.tape.clear();
        auto x = scene.tape.variable(3.0);
        EXPECT_EQ(scene.tape.backward(x * x)[x].item(), 6);
      }
      EXPECT_EQ(wg::memory_use().live, live) << "allocation " << n;
    }
  }
}

TEST(FailingAllocation, NeverHappensInClearNorAtTheEndOfATape) {
  auto* tape = new Tape;
  {
    auto x = tape->variable(wg::ones<double>({100})), y = wg::exp(x);
    persistent = true;
    requests_until_failure = 0;
    failures = 0;
    tape->clear();
    x = y = Var<double>();
    delete tape;
    requests_until_failure = -1;
  }
  EXPECT_EQ(failures, 0);
}

}  // namespace
