// The rows of recording and training: a chain of numbers, steps of networks, the optimizer's pass.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <wengert/core.hpp>

#include "arrays.hpp"
#include "limits.hpp"
#include "networks.hpp"
#include "row.hpp"

namespace bench {

namespace wg = wengert;

namespace {

Step scalar_chain(int rounds) {
  return [rounds, tape = std::make_shared<wg::Tape>()] {
    auto x = tape->variable(0.3);
    auto y = x;
    for (int i = 0; i < rounds; ++i) y = wg::tanh(y * 0.7 + x);
    auto g = tape->backward(y);
    benchmark::DoNotOptimize(g[x].item());
    tape->clear();
  };
}

/// One turn of a training loop on the same batch. At so small a rate the network is the same after thousands of turns.
template <class Optimizer, class Loss>
Step training_step(const wg::nn::Sequential<float>& net, const wg::Array<float>& x, Loss loss_of, wg::TapeOptions options = {}) {
  auto optimizer = std::make_shared<Optimizer>(net.parameters());
  optimizer->set_learning_rate(1e-6);
  return [=, tape = std::make_shared<wg::Tape>(options)] {
    auto loss = loss_of(net(tape->constant(x), wg::Mode::train));
    optimizer->step(tape->backward(loss));
    tape->clear();
  };
}

template <class Optimizer>
Step classifier_step(const std::vector<std::size_t>& sizes, std::size_t batch, wg::TapeOptions options = {}) {
  const auto loss = [y = labels(batch, sizes.back())](const wg::Var<float>& logits) { return wg::cross_entropy(logits, y); };
  return training_step<Optimizer>(network<wg::nn::ReLU<float>>(sizes), waves({batch, sizes.front()}), loss, options);
}

Step deep_tanh(std::size_t layers, std::size_t width, std::size_t batch) {
  auto net = network<wg::nn::Tanh<float>>(std::vector<std::size_t>(layers + 1, width));
  net.add(wg::nn::Tanh<float>{});
  const auto loss = [y = wg::zeros<float>({batch, width})](const wg::Var<float>& answer) { return wg::mse_loss(answer, y); };
  return training_step<wg::optim::GradientDescent<float>>(net, waves({batch, width}), loss);
}

/// The product of the Hessian of a classifier's loss with a vector, by all of its parameters.
Step hessian_product(const std::vector<std::size_t>& sizes, std::size_t batch) {
  const auto net = network<wg::nn::Tanh<float>>(sizes);
  std::vector<wg::Array<float>> v;
  for (const auto& parameter : net.parameters()) v.push_back(waves(parameter.shape()));
  const auto loss = [net](const auto& x, const wg::Array<std::int64_t>& y) { return wg::cross_entropy(net(x, wg::Mode::train), y); };
  const auto product = wg::hvp(loss, net.parameters(), v);
  return [product, x = waves({batch, sizes.front()}), y = labels(batch, sizes.back())] { benchmark::DoNotOptimize(product(x, y)); };
}

/// A batch's gradients: `transform` of the network's loss, on the batch.
template <class Transform>
Step gradients_of(const std::vector<std::size_t>& sizes, std::size_t batch, const Transform& transform) {
  const auto net = network<wg::nn::ReLU<float>>(sizes);
  const auto loss = [net](const auto& x, const wg::Array<std::int64_t>& y) { return wg::cross_entropy(net(x, wg::Mode::train), y); };
  return [gradients = transform(loss, net.parameters()), x = waves({batch, sizes.front()}), y = labels(batch, sizes.back())] { benchmark::DoNotOptimize(gradients(x, y)); };
}

/// Adam's update alone, with the gradients of one backward pass again and again.
Step adam(std::size_t elements) {
  const wg::Parameter<float> p("p", waves({elements}));
  wg::Tape tape;
  auto gradients = std::make_shared<wg::Gradients>(tape.backward(wg::sum(tape.use(p) * waves({elements}))));
  tape.clear();
  auto optimizer = std::make_shared<wg::optim::Adam<float>>(wg::Parameters<float>{p}, wg::optim::AdamOptions{.learning_rate = 1e-6});
  return [=] { optimizer->step(*gradients); };
}

}  // namespace

std::vector<Row> step_rows() {
  using Descent = wg::optim::GradientDescent<float>;
  using Adam = wg::optim::Adam<float>;
  std::vector<Row> rows;

  constexpr int rounds = 1000;
  rows.push_back({{"scalar_chain", 1, "ns"},
                  {.ratio = 2},
                  {.ours = [] { return scalar_chain(rounds); }, .limit = [] { return std::vector{limits::scalar_chain(rounds)}; }, .parts = 3 * rounds}});

  const limits::Network small{{64, 64, 64, 10}, 32};
  rows.push_back({{"small_step", 1, "us"},
                  {.ratio = 2.5, .value = 15},
                  {.ours = [] { return classifier_step<Descent>({64, 64, 64, 10}, 32); },
                   .limit = [=] { return std::vector{limits::products(small, 1), limits::pass_over(small)}; }}});

  const limits::Network mlp{{784, 512, 256, 10}, 128};
  constexpr std::size_t parameters = (784 + 1) * 512 + (512 + 1) * 256 + (256 + 1) * 10;
  for (const int threads : {1, 2}) {
    rows.push_back({{"mlp_step", threads, "ms"},
                    {.ratio = threads == 1 ? 1.1 : 1.25},
                    {.ours = [] { return classifier_step<Adam>({784, 512, 256, 10}, 128); },
                     .limit = [=] { return std::vector{limits::products(mlp, threads), limits::four_arrays(parameters, threads)}; }}});
  }

  // Twice the products of the plain gradient.
  rows.push_back({{"hessian_product", 1, "ms"},
                  {.ratio = 1.15},
                  {.ours = [] { return hessian_product({784, 512, 256, 10}, 128); }, .limit = [=] { return std::vector{limits::products(mlp, 1), limits::products(mlp, 1)}; }}});
  // The batch in two parts, each a thread's, and whole, its products and passes split.
  const limits::Network large{{784, 512, 256, 10}, 512};
  const auto in_parts = [](const auto& loss, const auto& by) { return wg::parallel_gradients(loss, by, {.parts = 2}); };
  const auto whole = [](const auto& loss, const auto& by) { return wg::value_and_grad(loss, by); };
  rows.push_back({{"parallel_gradients", 2, "ms"},
                  {.ratio = 1.25},
                  {.ours = [=] { return gradients_of({784, 512, 256, 10}, 512, in_parts); }, .limit = [=] { return std::vector{limits::products(large, 2)}; }}});
  for (const int threads : {1, 2}) {
    rows.push_back({{"serial_gradients", threads, "ms"},
                    {.ratio = 1.25},
                    {.ours = [=] { return gradients_of({784, 512, 256, 10}, 512, whole); }, .limit = [=] { return std::vector{limits::products(large, threads)}; }}});
  }
  // What the guard costs: its limit is the same step without it.
  rows.push_back({{"guarded_step", 1, "ms"},
                  {.ratio = 1.5},
                  {.ours = [] { return classifier_step<Adam>({784, 512, 256, 10}, 128, {.check = wg::Check::finite}); },
                   .limit = [] { return std::vector{classifier_step<Adam>({784, 512, 256, 10}, 128)}; }}});

  const limits::Network deep{std::vector<int>(11, 500), 1000};
  for (const int threads : {1, 2}) {
    rows.push_back({{"deep_tanh", threads, "ms"},
                    {.ratio = threads == 1 ? 1.05 : 1.1},
                    {.ours = [] { return deep_tanh(10, 500, 1000); }, .limit = [=] { return std::vector{limits::products(deep, threads)}; }}});
  }

  for (const int threads : {1, 2}) {
    rows.push_back({{"adam", threads, "ms"},
                    {.ratio = threads == 1 ? 1.1 : 1.15},
                    {.ours = [] { return adam(10'000'000); }, .limit = [=] { return std::vector{limits::four_arrays(10'000'000, threads)}; }}});
  }
  return rows;
}

}  // namespace bench
