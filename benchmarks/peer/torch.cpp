// The table's workloads in libtorch. Reads lines `ID THREADS`; answers each with the seconds of a step, 0 for what it does not have.
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

// Of the BLAS that libtorch was linked with, where that is OpenBLAS.
extern "C" [[gnu::weak]] void openblas_set_num_threads(int count);

namespace {

using Step = std::function<void()>;
using torch::Tensor;

Tensor variable(torch::IntArrayRef shape) { return torch::rand(shape).mul_(2).sub_(1).requires_grad_(); }

Step scalar_chain(int rounds) {
  return [=, x = torch::tensor(0.3, torch::dtype(torch::kDouble).requires_grad(true))]() mutable {
    Tensor y = x;
    for (int i = 0; i < rounds; ++i) y = torch::tanh(y * 0.7 + x);
    x.mutable_grad() = Tensor();
    y.backward();
  };
}

template <class Activation>
torch::nn::Sequential network(const std::vector<int64_t>& sizes) {
  torch::nn::Sequential net;
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    net->push_back(torch::nn::Linear(sizes[l - 1], sizes[l]));
    if (l + 1 < sizes.size()) net->push_back(Activation());
  }
  return net;
}

template <class Optimizer, class Loss>
Step training_step(torch::nn::Sequential net, Optimizer optimizer, const Tensor& x, Loss loss_of) {
  return [=, optimizer = std::make_shared<Optimizer>(std::move(optimizer))]() mutable {
    optimizer->zero_grad();
    loss_of(net->forward(x)).backward();
    optimizer->step();
  };
}

template <class Optimizer, class Options>
Step classifier_step(const std::vector<int64_t>& sizes, int64_t batch) {
  auto net = network<torch::nn::ReLU>(sizes);
  const Tensor y = torch::arange(batch).remainder(sizes.back());
  return training_step(net, Optimizer(net->parameters(), Options(1e-6)), torch::rand({batch, sizes.front()}), [=](const Tensor& logits) { return torch::nn::functional::cross_entropy(logits, y); });
}

Step deep_tanh(std::size_t layers, int64_t width, int64_t batch) {
  auto net = network<torch::nn::Tanh>(std::vector<int64_t>(layers + 1, width));
  net->push_back(torch::nn::Tanh());
  return training_step(net, torch::optim::SGD(net->parameters(), torch::optim::SGDOptions(1e-6)), torch::rand({batch, width}),
                       [y = torch::zeros({batch, width})](const Tensor& answer) { return torch::mse_loss(answer, y); });
}

Step adam(int64_t elements) {
  const Tensor p = variable({elements});
  p.mutable_grad() = torch::rand({elements});
  return [optimizer = std::make_shared<torch::optim::Adam>(std::vector<Tensor>{p}, torch::optim::AdamOptions(1e-6))] { optimizer->step(); };
}

template <class F>
Step there_and_back(torch::IntArrayRef shape, F f, Tensor cotangent = {}) {
  return [=, x = variable(shape)]() mutable {
    x.mutable_grad() = Tensor();
    const Tensor y = f(x);
    y.backward(cotangent.defined() ? cotangent : torch::ones({}).expand_as(y));
  };
}

Step matmul(int64_t side) {
  return [a = variable({side, side}), b = variable({side, side}), c = torch::rand({side, side})]() mutable {
    a.mutable_grad() = b.mutable_grad() = Tensor();
    torch::matmul(a, b).backward(c);
  };
}

Step bias(int64_t rows, int64_t columns) {
  return [x = torch::rand({rows, columns}), b = variable({columns})]() mutable {
    b.mutable_grad() = Tensor();
    (x + b).sum().backward();
  };
}

const std::map<std::string, std::function<Step()>> workloads{
    {"scalar_chain", [] { return scalar_chain(1000); }},
    {"small_step", [] { return classifier_step<torch::optim::SGD, torch::optim::SGDOptions>({64, 64, 64, 10}, 32); }},
    {"mlp_step", [] { return classifier_step<torch::optim::Adam, torch::optim::AdamOptions>({784, 512, 256, 10}, 128); }},
    {"deep_tanh", [] { return deep_tanh(10, 500, 1000); }},
    {"adam", [] { return adam(10'000'000); }},
    {"silu_composed", [] { return there_and_back({1'000'000}, [](const Tensor& x) { return x * torch::reciprocal(torch::exp(-x) + 1); }); }},
    {"tanh", [] { return there_and_back({1'000'000}, [](const Tensor& x) { return torch::tanh(x); }); }},
    {"silu", [] { return there_and_back({1'000'000}, [](const Tensor& x) { return torch::silu(x); }); }},
    {"sigmoid", [] { return there_and_back({1'000'000}, [](const Tensor& x) { return torch::sigmoid(x); }); }},
    {"softmax_ce",
     [] { return there_and_back({4096, 1000}, [y = torch::arange(4096).remainder(1000)](const Tensor& x) { return torch::nn::functional::cross_entropy(x, y); }); }},
    {"matmul", [] { return matmul(1024); }},
    {"bias", [] { return bias(4096, 1024); }},
    {"sum_axis0", [] { return there_and_back({4096, 1024}, [](const Tensor& x) { return x.sum(0); }, torch::rand({1024})); }},
    {"sum_axis1", [] { return there_and_back({4096, 1024}, [](const Tensor& x) { return x.sum(1); }, torch::rand({4096})); }},
};

double seconds_per_step(const Step& step) {
  constexpr double shortest_run = 0.1;
  step();
  const auto start = std::chrono::steady_clock::now();
  for (int steps = 1;; ++steps) {
    step();
    if (const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); seconds >= shortest_run) return seconds / steps;
  }
}

}  // namespace

int main() {
  std::string id, current;
  int threads = 0;
  Step step;
  while (std::cin >> id >> threads) {
    const auto found = workloads.find(id);
    if (found == workloads.end()) {
      std::cout << 0 << std::endl;
      continue;
    }
    at::set_num_threads(threads);
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(threads);
    if (current != id) step = nullptr, step = found->second();
    current = id;
    std::cout << seconds_per_step(step) << std::endl;
  }
}
