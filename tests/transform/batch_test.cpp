// Gradients of examples and of parts of a batch: against loops and the whole, bit for bit where that is promised, and from many threads.
#include <wengert/transform/batch.hpp>

#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/sequential.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert::test {

namespace {

Array<float> random(const Shape& shape, std::uint64_t seed) {
  RandomEngine engine(seed);
  return Array<float>::build(shape, [&](std::span<float> out) { engine.fill_normal(out); });
}

Array<std::int64_t> labels_of(std::size_t count) {
  return Array<std::int64_t>::build({count}, [](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(i * 7 % 3);
  });
}

nn::Sequential<float> network() {
  RandomEngine engine(3);
  return nn::Sequential<float>{nn::Linear<float>(5, 8, engine), nn::Tanh<float>{}, nn::Linear<float>(8, 3, engine)};
}

struct Threads {
  explicit Threads(std::size_t count) : before(threads()) { set_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { set_threads(before); }
  std::size_t before;
};

bool same_bits(const Array<float>& a, const Array<float>& b) { return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0; }

}  // namespace

TEST(PerExampleGradients, AreThoseOfALoopOverTheExamples) {
  const auto net = network();
  const auto x = random({11, 5}, 1);
  const auto labels = labels_of(11);
  const auto loss = [&](auto in, const auto& t) { return cross_entropy(net(in, Mode::evaluate), t); };
  const auto all = per_example_gradients(loss, net.parameters())(x, labels);
  const auto parameters = net.parameters();
  ASSERT_EQ(all.size(), parameters.size());
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    Shape shape = parameters[p].shape();
    shape.insert(0, 11);
    ASSERT_EQ(all[p].shape(), shape);
  }
  for (std::size_t i = 0; i < 11; ++i) {
    const auto row = Array<float>::build({1, 5}, [&](std::span<float> out) { std::copy_n(x.data() + i * 5, 5, out.begin()); });
    const auto one = grad(loss, parameters)(row, full<std::int64_t>({1}, labels(i)));
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const auto want = one[parameters[p]];
      for (std::size_t k = 0; k < want.size(); ++k) EXPECT_EQ(all[p].data()[i * want.size() + k], want.data()[k]);
    }
  }
}

TEST(PerExampleGradients, RefuseBatchesOfDifferentSizes) {
  Parameter<float> w("w", random({5}, 1));
  const auto f = [&](auto x, const auto&) { return sum(x * w); };
  EXPECT_THROW(static_cast<void>(per_example_gradients(f, {w})(random({3, 5}, 1), labels_of(4))), ShapeError);
  EXPECT_THROW(static_cast<void>(per_example_gradients(f, {w})(full<float>({}, 1), labels_of(4))), ShapeError);
  EXPECT_EQ(per_example_gradients(f, {w})(zeros<float>({0, 5}), labels_of(0))[0].shape(), (Shape{0, 5}));
}

TEST(ParallelGradients, AreThoseOfTheWholeBatch) {
  const auto net = network();
  const auto x = random({101, 5}, 1);
  const auto labels = labels_of(101);
  const auto loss = [&](auto in, const auto& t) { return cross_entropy(net(in, Mode::evaluate), t); };
  const auto [whole, by_whole] = value_and_grad(loss, net.parameters())(x, labels);
  const auto [value, by_parts] = parallel_gradients(loss, net.parameters(), {.parts = 4})(x, labels);
  EXPECT_NEAR(value.item(), whole.item(), 1e-6F);
  for (const auto& p : net.parameters())
    for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(by_parts[p].data()[k], by_whole[p].data()[k], 1e-6F);
  const auto total = [&](auto in, const auto& t) { return cross_entropy(net(in, Mode::evaluate), t, {.reduction = Reduction::sum}); };
  EXPECT_NEAR(parallel_gradients(total, net.parameters(), {.parts = 3, .combine = Combine::sum})(x, labels).first.item(), 101 * whole.item(), 1e-4F);
}

TEST(ParallelGradients, HaveTheSameBitsWhateverTheThreadsDo) {
  const auto net = network();
  const auto x = random({64, 5}, 1);
  const auto labels = labels_of(64);
  const auto loss = [&](auto in, const auto& t) { return cross_entropy(net(in, Mode::evaluate), t); };
  const auto run = [&](std::size_t count) {
    const Threads chosen(count);
    return parallel_gradients(loss, net.parameters(), {.parts = 8})(x, labels).second;
  };
  const auto serial = run(1);
  for (const std::size_t count : {2u, 3u, 8u, 8u}) {
    const auto again = run(count);
    for (const auto& p : net.parameters()) EXPECT_TRUE(same_bits(serial[p], again[p])) << count << " threads";
  }
}

TEST(ParallelGradients, PassAnExceptionOn) {
  Parameter<float> w("w", random({5}, 1));
  const auto f = [&](auto x) {
    if (x.shape()[0] > 0) throw std::runtime_error("mine");
    return sum(x * w);
  };
  EXPECT_THROW(static_cast<void>(parallel_gradients(f, {w}, {.parts = 4})(random({8, 5}, 1))), std::runtime_error);
}

TEST(SeveralTapes, OfManyThreadsShareOneNetwork) {
  const auto net = network();
  const auto x = random({16, 5}, 1);
  const auto labels = labels_of(16);
  const auto step = [&] {
    Tape tape;
    const auto in = tape.variable(x);
    return tape.backward(cross_entropy(net(in, Mode::evaluate), labels))[in];
  };
  const auto want = step();
  constexpr std::size_t count = 64;
  std::vector<Array<float>> got(count);
  std::vector<std::thread> running;
  for (std::size_t k = 0; k < count; ++k) running.emplace_back([&, k] { got[k] = step(); });
  for (auto& thread : running) thread.join();
  for (const auto& gradient : got) EXPECT_TRUE(same_bits(gradient, want));
}

}  // namespace wengert::test
