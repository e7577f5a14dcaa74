// Allocation N fails, for N = 1, 2, ..., once and for ever, in every step of every optimizer and in every layer: each call
// succeeds or throws and leaves parameters, state and running averages as they were, and nothing leaks.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/sequential.hpp>
#include <wengert/optim/adam.hpp>
#include <wengert/optim/gradient_descent.hpp>

#include "optim/optim_tests.hpp"

namespace {

std::atomic<int> requests_until_failure{-1};  // negative: none fails
std::atomic<bool> for_ever{false};
std::atomic<bool> failed{false};

bool fails_now() noexcept {
  const int left = requests_until_failure.load();
  if (left < 0) return false;
  if (left > 0) {
    requests_until_failure = left - 1;
    return false;
  }
  failed = true;
  if (!for_ever) requests_until_failure = -1;
  return true;
}

void* taken(std::size_t bytes, std::size_t alignment) {
  void* const memory = fails_now() ? nullptr : std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Not inlined, or g++ compares free with the operator new that it does not see through.
[[gnu::noinline]] void given(void* memory) noexcept { std::free(memory); }

}  // namespace

// They reach into the shared library too.
void* operator new(std::size_t bytes) { return taken(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) { return taken(bytes, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return taken(bytes, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { given(memory); }
void operator delete(void* memory, std::size_t) noexcept { given(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { given(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { given(memory); }

namespace wengert::test {
namespace {

/// A small training, and copies of all that it may change.
struct Scene {
  Parameter<double> a{"a", row<double>({1, 2, 3})}, b{"b", row<double>({4, 5})};
  Gradients g = gradients<double>({{a, row<double>({1, -1, 2})}, {b, row<double>({0.5, 3})}});
  std::unique_ptr<optim::Optimizer<double>> optimizer;
  std::vector<Array<double>> held;  // so that an update has to copy

  RandomEngine engine{1};
  nn::BatchNorm<double> norm{3};
  nn::Sequential<double> net{nn::Linear<double>(3, 4, engine), nn::BatchNorm<double>(4), nn::ReLU<double>{}, nn::Dropout<double>(), nn::Linear<double>(4, 2, engine)};
  Array<double> x = from_values<double>({1, 2, 3, -4, 0.5, 6}, {2, 3});

  std::vector<double> standing() const {
    std::vector<double> all;
    const auto add = [&](const Array<double>& array) { all.insert(all.end(), array.begin(), array.end()); };
    add(a.value());
    add(b.value());
    if (optimizer) {
      for (const auto& one : optimizer->state()) add(one.value);
      for (std::size_t i = 0; i < 2; ++i) all.push_back(static_cast<double>(optimizer->updates(i)));
    }
    add(norm.running_mean());
    add(norm.running_variance());
    for (const auto& parameter : net.parameters()) add(parameter.value());
    return all;
  }
};

struct Case {
  std::string name;
  std::function<void(Scene&)> prepare, call;
};

std::vector<Case> cases() {
  std::vector<Case> all{
      {"BatchNormTraining", [](Scene&) {}, [](Scene& s) { (void)s.norm(s.x, Mode::train); }},
      {"BatchNormAnswers", [](Scene&) {}, [](Scene& s) { (void)s.norm(s.x, Mode::evaluate); }},
      {"NetworkPredicts", [](Scene&) {}, [](Scene& s) { (void)s.net.predict(s.x); }},
      {"NetworkIsCloned", [](Scene&) {}, [](Scene& s) { (void)s.net.clone(); }},
      {"NetworkIsCopied", [](Scene&) {}, [](Scene& s) { (void)nn::Sequential<double>(s.net); }},
      {"NetworkIsListed", [](Scene&) {}, [](Scene& s) { (void)(s.net.parameters().size() + s.net.buffers().size()); }},
      {"NetworkLearns", [](Scene&) {}, [](Scene& s) {
         Tape tape;
         (void)tape.backward(mean(square(s.net(tape.constant(s.x), {Mode::train, s.engine}))));
       }},
      {"LayerIsMade", [](Scene&) {}, [](Scene& s) { (void)nn::Linear<double>(init::glorot_uniform<double>({5, 6}, s.engine)); }},
  };
  const std::pair<std::string, std::function<std::unique_ptr<optim::Optimizer<double>>(const Parameters<double>&)>> kinds[] = {
      {"GradientDescent", [](const Parameters<double>& p) { return std::make_unique<optim::GradientDescent<double>>(p); }},
      {"Momentum", [](const Parameters<double>& p) { return std::make_unique<optim::Momentum<double>>(p); }},
      {"Nesterov", [](const Parameters<double>& p) { return std::make_unique<optim::Nesterov<double>>(p); }},
      {"Adam", [](const Parameters<double>& p) { return std::make_unique<optim::Adam<double>>(p); }}};
  for (const auto& [name, make] : kinds) {
    const auto made = [make = make](Scene& s) { s.optimizer = make({s.a, s.b}); };
    const auto step = [](Scene& s) { s.optimizer->step(s.g); };
    all.push_back({name + "IsMade", [](Scene&) {}, [make = make](Scene& s) { (void)make({s.a, s.b}); }});
    all.push_back({name + "TakesItsFirstStep", made, step});
    all.push_back({name + "StepsWhereArraysAreHeld", [=](Scene& s) {
                     made(s);
                     step(s);
                     s.held = {s.a.value(), s.b.value()};
                     for (const auto& one : s.optimizer->state()) s.held.push_back(one.value);
                   }, step});
    all.push_back({name + "Minimizes", made, [](Scene& s) { (void)s.optimizer->minimize([&](Tape& tape) { return sum(tape.use(s.a) * tape.use(s.a)); }); }});
  }
  return all;
}

class InEveryStep : public testing::TestWithParam<Case> {};

TEST_P(InEveryStep, AFailingAllocationLeavesEverythingAsItWas) {
  const Case& one = GetParam();
  for (const bool persistent : {false, true}) {
    bool any = true;
    for (int n = 0; any; ++n) {
      ASSERT_LT(n, 2000);
      release_cached_memory();
      const std::size_t live = memory_use().live;
      {
        Scene scene;
        one.prepare(scene);
        release_cached_memory();  // so that every request goes to the system
        const auto before = scene.standing();
        bool threw = false;
        for_ever = persistent;
        failed = false;
        requests_until_failure = n;
        try {
          one.call(scene);
        } catch (const std::bad_alloc&) {
          threw = true;
        } catch (const Error&) {
          threw = true;
        }
        requests_until_failure = -1;
        any = failed;
        EXPECT_TRUE(!threw || any) << "it threw of itself";
        if (threw) {
          EXPECT_EQ(scene.standing(), before) << "allocation " << n << (persistent ? " and all later ones" : "");
        }
        EXPECT_NO_THROW(one.call(scene)) << "with memory again it succeeds";
      }
      EXPECT_EQ(memory_use().live, live) << "a leak after failing allocation " << n;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Calls, InEveryStep, testing::ValuesIn(cases()), [](const auto& call) { return call.param.name; });

}  // namespace
}  // namespace wengert::test
