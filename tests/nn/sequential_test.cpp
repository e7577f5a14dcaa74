// Networks: names and sharing of parameters, clones, layers of one's own, and answers that are the same from every thread.
#include <wengert/nn/sequential.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

using nn::BatchNorm;
using nn::Context;
using nn::Dropout;
using nn::Linear;
using nn::ReLU;
using nn::Sequential;

/// A layer as the header's comment describes it.
template <Real T>
struct Scale {
  Parameter<T> factor{"factor", full<T>({1}, 2)};

  template <nn::TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    return x * use(factor, x);
  }
  void members(nn::Members<T>& all) { all("factor", factor); }
};

/// One that knows recorded variables only.
struct OnTapesOnly {
  Var<float> operator()(const Var<float>& x, const Context&) const { return x + 1.F; }
};

template <class T>
bool equal(const Array<T>& a, const Array<T>& b) {
  return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin());
}

std::vector<std::string> names_of(const auto& handles) {
  std::vector<std::string> names;
  for (const auto& handle : handles) names.push_back(handle.name());
  return names;
}

Sequential<float> example(std::uint64_t seed = 1) {
  RandomEngine engine(seed);
  return Sequential<float>{Linear<float>(4, 8, engine), BatchNorm<float>(8), ReLU<float>{}, Dropout<float>(), Sequential<float>{Linear<float>(8, 3, engine), Scale<float>{}}};
}

Array<float> input(std::size_t rows = 5) {
  RandomEngine engine(99);
  return init::normal<float>({rows, 4}, engine);
}

TEST(Sequential, CallsItsLayersOneAfterTheOther) {
  const Linear<double> first(from_values<double>({1, 2}, {1, 2})), second(from_values<double>({3, -1}, {2, 1}));
  const Sequential<double> net{first, ReLU<double>{}, second};
  EXPECT_EQ(net.size(), 3u);
  const auto x = from_values<double>({2, -2}, {2, 1});
  EXPECT_EQ(net.predict(x)(0, 0), 2 * 3 - 4);
  EXPECT_EQ(net.predict(x)(1, 0), 0);
  Tape tape;
  EXPECT_TRUE(equal(net(tape.constant(x), Mode::train).value(), net.predict(x)));
  EXPECT_EQ(Sequential<double>().predict(x).data(), x.data()) << "a network of no layers gives back its input";
}

TEST(Sequential, NamesItsMembersByTheirPlace) {
  const auto net = example();
  EXPECT_EQ(names_of(net.parameters()), (std::vector<std::string>{"0.weight", "0.bias", "1.gamma", "1.beta", "4.0.weight", "4.0.bias", "4.1.factor"}));
  EXPECT_EQ(names_of(net.buffers()), (std::vector<std::string>{"1.running_mean", "1.running_variance"}));
}

TEST(Sequential, GrowsLayerByLayer) {
  RandomEngine engine(1);
  Sequential<float> net;
  EXPECT_TRUE(net.parameters().empty());
  net.add(Linear<float>(4, 2, engine)).add(ReLU<float>{});
  net.add(Linear<float>(2, 1, engine));
  EXPECT_EQ(names_of(net.parameters()), (std::vector<std::string>{"0.weight", "0.bias", "2.weight", "2.bias"}));
}

TEST(Sequential, ListsASharedParameterOnceUnderItsFirstName) {
  RandomEngine engine(1);
  const Linear<float> square(3, 3, engine);
  const Sequential<float> net{square, ReLU<float>{}, square};
  EXPECT_EQ(names_of(net.parameters()), (std::vector<std::string>{"0.weight", "0.bias"}));
  Tape tape;
  const auto x = tape.constant(ones<float>({2, 3}));
  const auto g = tape.backward(sum(net(x, Mode::train)));
  EXPECT_TRUE(g.contains(square.weight()));
  const auto twin = net.clone();
  EXPECT_EQ(twin.parameters().size(), 2u) << "what layers share they share in the clone";
}

TEST(Sequential, SharesParametersWithItsCopiesAndNotWithItsClones) {
  const auto net = example();
  const auto copy = net;
  const auto clone = net.clone();
  EXPECT_EQ(names_of(clone.parameters()), names_of(net.parameters()));
  const auto x = input();
  const auto before = net.predict(x);
  EXPECT_TRUE(equal(copy.predict(x), before));
  EXPECT_TRUE(equal(clone.predict(x), before));
  auto weight = net.parameters()[0];
  weight.assign(zeros<float>(weight.shape()));
  net.buffers()[0].assign(ones<float>({8}));
  EXPECT_FALSE(equal(net.predict(x), before));
  EXPECT_TRUE(equal(copy.predict(x), net.predict(x)));
  EXPECT_TRUE(equal(clone.predict(x), before));
  for (std::size_t i = 0; i < net.parameters().size(); ++i) EXPECT_FALSE(clone.parameters()[i] == net.parameters()[i]);
}

TEST(Sequential, PredictsInEvaluationModeWithoutATape) {
  const auto net = example();
  const auto x = input();
  EXPECT_TRUE(equal(net.predict(x), net.predict(x))) << "no dropout";
  EXPECT_EQ(net.buffers()[0].value()(0), 0.F) << "no moving averages";
  Tape tape;
  EXPECT_TRUE(equal(net(tape.constant(x), Mode::evaluate).value(), net.predict(x)));
}

TEST(Sequential, TakesLayersThatKnowTapesOnly) {
  const Sequential<float> net{OnTapesOnly{}, ReLU<float>{}};
  EXPECT_EQ(net.predict(from_values<float>({-3, 3}, {2}))(1), 4.F);
}

TEST(Sequential, PassesTheEngineToItsLayers) {
  const auto net = example();
  Tape tape;
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)net(tape.constant(input()), Mode::train); }), {"Dropout", "engine"}));
  RandomEngine a(3), b(3);
  const auto y = net(tape.constant(input()), {Mode::train, a});
  const auto again = net(tape.constant(input()), {Mode::train, b});
  EXPECT_TRUE(equal(y.value(), again.value()));
}

TEST(Sequential, GivesEveryParameterItsGradient) {
  const auto net = example();
  Tape tape;
  RandomEngine engine(5);
  const auto loss = cross_entropy(net(tape.constant(input()), {Mode::train, engine}), from_values<std::int64_t>({0, 1, 2, 0, 1}, {5}));
  const auto g = tape.backward(loss);
  for (const auto& parameter : net.parameters()) {
    EXPECT_TRUE(g.contains(parameter)) << parameter.name();
    EXPECT_EQ(g[parameter].shape(), parameter.shape()) << parameter.name();
  }
}

TEST(SequentialThreads, AnswersTheSameBitsToManyThreadsAtOnce) {
  const auto net = example();
  const auto x = input(64);
  const auto expected = net.predict(x);
  constexpr int threads = 8, rounds = 50;
  std::atomic<int> different{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < threads; ++t)
    readers.emplace_back([&] {
      for (int i = 0; i < rounds; ++i)
        if (!equal(net.predict(x), expected)) ++different;
    });
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(different, 0);
}

TEST(SequentialThreads, TrainsOneNetworkPerThreadAsItWouldAlone) {
  const auto gradients_of = [](std::uint64_t seed) {
    const auto net = example(seed);
    Tape tape;
    RandomEngine engine(seed);
    std::vector<Array<float>> all;
    const auto g = tape.backward(mean(square(net(tape.constant(input(32)), {Mode::train, engine}))));
    for (const auto& parameter : net.parameters()) all.push_back(g[parameter]);
    return all;
  };
  constexpr std::size_t threads = 4;
  std::vector<std::vector<Array<float>>> together(threads);
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < threads; ++t) workers.emplace_back([&, t] { together[t] = gradients_of(t); });
  for (auto& worker : workers) worker.join();
  for (std::size_t t = 0; t < threads; ++t) {
    const auto alone = gradients_of(t);
    for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_TRUE(equal(alone[i], together[t][i])) << t << " " << i;
  }
}

// ---- looking on ----

TEST(SequentialOnOutput, IsCalledWithEachLayersOutput) {
  RandomEngine engine(1);
  Sequential<float> net{Linear<float>(3, 4, engine), ReLU<float>{}, Linear<float>(4, 2, engine)};
  std::vector<std::size_t> layers;
  std::vector<Shape> shapes;
  net.on_output([&](std::size_t layer, const Var<float>& output) {
    layers.push_back(layer);
    shapes.push_back(output.shape());
    if (layer == 1) {
      for (const float y : output.value()) EXPECT_GE(y, 0.F);
    }
  });
  Tape tape;
  const auto x = ones<float>({5, 3});
  const auto y = net(tape.constant(x), Mode::train);
  EXPECT_EQ(layers, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(shapes, (std::vector<Shape>{{5, 4}, {5, 4}, {5, 2}}));
  EXPECT_TRUE(equal(net.predict(x), y.value()));
  EXPECT_EQ(layers.size(), 3u) << "it takes no arrays";
  net.on_output(nullptr);
  (void)net(tape.constant(x), Mode::train);
  EXPECT_EQ(layers.size(), 3u);
}

TEST(SequentialOnOutput, IsCalledOnArraysWhenItTakesThem) {
  RandomEngine engine(1);
  Sequential<double> net{Linear<double>(3, 4, engine), nn::Tanh<double>{}};
  std::size_t count = 0;
  net.on_output([&](std::size_t, const auto& output) { count += output.shape()[0]; });
  (void)net.predict(ones<double>({5, 3}));
  EXPECT_EQ(count, 10u);
  Tape tape;
  (void)net(tape.constant(ones<double>({7, 3})), Mode::train);
  EXPECT_EQ(count, 24u);
}

TEST(SequentialOnOutput, IsSharedByCopiesAndPassedOnBySwaps) {
  RandomEngine engine(1);
  Sequential<float> net{ReLU<float>{}}, other{ReLU<float>{}};
  int count = 0;
  net.on_output([&](std::size_t, const auto&) { ++count; });
  const Sequential<float> copy = net, clone = net.clone();
  (void)copy.predict(ones<float>({2}));
  (void)clone.predict(ones<float>({2}));
  EXPECT_EQ(count, 2);
  net = other;
  (void)net.predict(ones<float>({2}));
  EXPECT_EQ(count, 2);
}

TEST(SequentialOnOutput, LetsExceptionsPass) {
  Sequential<float> net{ReLU<float>{}};
  net.on_output([](std::size_t, const auto&) { throw ValueError("dead"); });
  EXPECT_EQ(refusal<ValueError>([&] { (void)net.predict(ones<float>({2})); }), "dead");
  Tape tape;
  const auto x = tape.variable(ones<float>({2}));
  EXPECT_EQ(refusal<ValueError>([&] { (void)net(x, Mode::train); }), "dead");
}

TEST(SequentialOnOutputThreads, CountsFromSeveralThreads) {
  RandomEngine engine(1);
  Sequential<float> net{Linear<float>(3, 4, engine), ReLU<float>{}};
  std::atomic<int> count = 0;
  net.on_output([&](std::size_t, const auto&) { ++count; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&net] {
      for (int i = 0; i < 50; ++i) (void)net.predict(ones<float>({2, 3}));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 4 * 50 * 2);
}

}  // namespace
}  // namespace wengert::test
