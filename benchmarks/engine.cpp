// What the engine costs beside what it cannot do without: each row has its limit measured in the same process.
// Run with the environment a user has; medians of several repetitions: --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include <wengert/core.hpp>

namespace wg = wengert;

namespace {

constexpr int rounds = 1000;

// ---- scalars: three nodes a round, y = tanh(y * c + x) ----

void scalar_chain(benchmark::State& state) {
  wg::Tape tape;
  for (auto _ : state) {
    auto x = tape.variable(0.3);
    auto y = x;
    for (int i = 0; i < rounds; ++i) y = wg::tanh(y * 0.7 + x);
    auto g = tape.backward(y);
    benchmark::DoNotOptimize(g[x].item());
    tape.clear();
  }
  state.counters["ns_per_node"] = benchmark::Counter(3.0 * rounds * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(scalar_chain);

void scalar_chain_by_hand(benchmark::State& state) {
  std::vector<double> ys(rounds + 1);
  for (auto _ : state) {
    double x = 0.3;
    benchmark::DoNotOptimize(x);
    ys[0] = x;
    for (std::size_t i = 0; i < rounds; ++i) ys[i + 1] = std::tanh(ys[i] * 0.7 + x);
    double g = 1, dx = 0;
    for (std::size_t i = rounds; i > 0; --i) {
      g *= 1 - ys[i] * ys[i];
      dx += g;
      g *= 0.7;
    }
    benchmark::DoNotOptimize(dx + g);
  }
  state.counters["ns_per_node"] = benchmark::Counter(3.0 * rounds * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(scalar_chain_by_hand);

// ---- training steps ----

wg::Array<std::int64_t> labels(std::size_t n) {
  return wg::Array<std::int64_t>::build({n}, [](std::span<std::int64_t> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(i % 10); });
}

wg::Array<float> ramp(std::size_t rows, std::size_t columns) {
  return wg::Array<float>::build({rows, columns}, [](std::span<float> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i % 17) / 17.F - 0.5F; });
}

template <class Optimizer>
void training_step(benchmark::State& state, wg::nn::Sequential<float>& net, Optimizer& optimizer, const wg::Array<float>& x) {
  const auto y = labels(x.shape()[0]);
  wg::Tape tape;
  for (auto _ : state) {
    auto loss = wg::cross_entropy(net(tape.constant(x), wg::Mode::train), y);
    optimizer.step(tape.backward(loss));
    tape.clear();
  }
}

void small_step(benchmark::State& state) {
  wg::set_threads(1);
  wg::RandomEngine engine(1);
  wg::nn::Sequential<float> net{wg::nn::Linear<float>(64, 64, engine), wg::nn::ReLU<float>{}, wg::nn::Linear<float>(64, 64, engine), wg::nn::ReLU<float>{},
                                wg::nn::Linear<float>(64, 10, engine)};
  wg::optim::GradientDescent<float> descent(net.parameters(), {.learning_rate = 1e-3});
  training_step(state, net, descent, ramp(32, 64));
}
BENCHMARK(small_step)->Unit(benchmark::kMicrosecond);

void mlp_step(benchmark::State& state) {
  wg::set_threads(static_cast<std::size_t>(state.range(0)));
  wg::RandomEngine engine(1);
  wg::nn::Sequential<float> net{wg::nn::Linear<float>(784, 512, engine), wg::nn::ReLU<float>{}, wg::nn::Linear<float>(512, 256, engine), wg::nn::ReLU<float>{},
                                wg::nn::Linear<float>(256, 10, engine)};
  wg::optim::Adam<float> adam(net.parameters(), {.learning_rate = 1e-3});
  training_step(state, net, adam, ramp(128, 784));
  wg::set_threads(1);
}
BENCHMARK(mlp_step)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

/// The products of a step of layers `sizes` at this batch, by BLAS alone: forward, and both gradients (the first layer has one).
void raw_products(benchmark::State& state, std::vector<int> sizes, int batch) {
  std::vector<std::vector<float>> activations, weights, weight_gradients, activation_gradients;
  for (std::size_t l = 0; l < sizes.size(); ++l) {
    activations.emplace_back(static_cast<std::size_t>(batch * sizes[l]), 0.5F);
    activation_gradients.emplace_back(static_cast<std::size_t>(batch * sizes[l]), 0.5F);
    if (l == 0) continue;
    weights.emplace_back(static_cast<std::size_t>(sizes[l - 1] * sizes[l]), 0.5F);
    weight_gradients.push_back(weights.back());
  }
  openblas_set_num_threads(1);
  for (auto _ : state) {
    for (std::size_t l = 1; l < sizes.size(); ++l)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, sizes[l], sizes[l - 1], 1, activations[l - 1].data(), sizes[l - 1], weights[l - 1].data(), sizes[l], 0,
                  activations[l].data(), sizes[l]);
    for (std::size_t l = sizes.size() - 1; l > 0; --l) {
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, sizes[l - 1], sizes[l], batch, 1, activations[l - 1].data(), sizes[l - 1], activation_gradients[l].data(), sizes[l], 0,
                  weight_gradients[l - 1].data(), sizes[l]);
      if (l > 1)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, sizes[l - 1], sizes[l], 1, activation_gradients[l].data(), sizes[l], weights[l - 1].data(), sizes[l], 0,
                    activation_gradients[l - 1].data(), sizes[l - 1]);
    }
    benchmark::ClobberMemory();
  }
}
void small_step_products(benchmark::State& state) { raw_products(state, {64, 64, 64, 10}, 32); }
BENCHMARK(small_step_products)->Unit(benchmark::kMicrosecond);
void mlp_step_products(benchmark::State& state) { raw_products(state, {784, 512, 256, 10}, 128); }
BENCHMARK(mlp_step_products)->Unit(benchmark::kMicrosecond);

// ---- large arrays ----

constexpr std::size_t million = 1'000'000;

void tanh_million(benchmark::State& state) {
  wg::set_threads(1);
  const auto x = wg::Array<float>::build({million}, [](std::span<float> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i) * 2e-6F - 1; });
  wg::Tape tape;
  for (auto _ : state) {
    auto v = tape.variable(x);
    auto g = tape.backward(wg::sum(wg::tanh(v)));
    benchmark::DoNotOptimize(g[v].data());
    tape.clear();
  }
}
BENCHMARK(tanh_million)->Unit(benchmark::kMicrosecond);

void tanh_million_plain_loops(benchmark::State& state) {
  std::vector<float> x(million), y(million), dx(million);
  for (std::size_t i = 0; i < million; ++i) x[i] = static_cast<float>(i) * 2e-6F - 1;
  for (auto _ : state) {
    for (std::size_t i = 0; i < million; ++i) y[i] = std::tanh(x[i]);
    float total = 0;
    for (std::size_t i = 0; i < million; ++i) total += y[i];
    benchmark::DoNotOptimize(total);
    for (std::size_t i = 0; i < million; ++i) dx[i] = 1 - y[i] * y[i];
    benchmark::ClobberMemory();
  }
}
BENCHMARK(tanh_million_plain_loops)->Unit(benchmark::kMicrosecond);

/// What the memory alone takes: read and write of the forward pass, read for the sum, read and write of the backward pass.
void tanh_million_memory(benchmark::State& state) {
  std::vector<float> x(million, 0.5F), y(million), dx(million);
  for (auto _ : state) {
    for (std::size_t i = 0; i < million; ++i) y[i] = x[i] * 0.5F;
    benchmark::ClobberMemory();
    for (std::size_t i = 0; i < million; ++i) dx[i] = 1 - y[i] * y[i];
    benchmark::ClobberMemory();
  }
}
BENCHMARK(tanh_million_memory)->Unit(benchmark::kMicrosecond);

constexpr int side = 1024;

void matmul_1024(benchmark::State& state) {
  wg::set_threads(static_cast<std::size_t>(state.range(0)));
  const auto a = ramp(side, side), b = ramp(side, side), c = ramp(side, side);
  wg::Tape tape;
  for (auto _ : state) {
    auto va = tape.variable(a), vb = tape.variable(b);
    auto g = tape.backward(wg::matmul(va, vb), {.cotangent = c});
    benchmark::DoNotOptimize(g[va].data());
    benchmark::DoNotOptimize(g[vb].data());
    tape.clear();
  }
  wg::set_threads(1);
}
BENCHMARK(matmul_1024)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

void matmul_1024_products(benchmark::State& state) {
  const std::vector<float> a(side * side, 0.5F), b(side * side, 0.25F), g(side * side, 0.125F);
  std::vector<float> c(side * side), da(side * side), db(side * side);
  openblas_set_num_threads(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, side, side, side, 1, a.data(), side, b.data(), side, 0, c.data(), side);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, side, side, side, 1, g.data(), side, b.data(), side, 0, da.data(), side);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, side, side, side, 1, a.data(), side, g.data(), side, 0, db.data(), side);
    benchmark::ClobberMemory();
  }
  openblas_set_num_threads(1);
}
BENCHMARK(matmul_1024_products)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
