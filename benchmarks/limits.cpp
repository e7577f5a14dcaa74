// The limits by hand.
#include "limits.hpp"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "streams.hpp"

namespace limits {

namespace {

// ---- a network's arrays and products ----

struct Layer {
  int inputs, outputs;
  std::size_t weight;  // where its weight, and behind that its bias, stands among all parameters
};

/// The arrays of a training step: parameters in one piece, values and cotangents of the input and of each layer.
struct Training {
  explicit Training(const Network& network);
  void multiply();

  int batch;
  std::vector<Layer> layers;
  std::vector<Floats> values, cotangents;
  std::unique_ptr<Floats> parameters, gradients;
};

Training::Training(const Network& network) : batch(network.batch) {
  std::size_t total = 0;
  for (std::size_t l = 0; l < network.sizes.size(); ++l) {
    const int outputs = network.sizes[l];
    values.emplace_back(static_cast<std::size_t>(outputs * batch));
    cotangents.emplace_back(static_cast<std::size_t>(outputs * batch));
    if (l == 0) continue;
    layers.push_back({network.sizes[l - 1], outputs, total});
    total += static_cast<std::size_t>((layers.back().inputs + 1) * outputs);
  }
  parameters = std::make_unique<Floats>(total);
  gradients = std::make_unique<Floats>(total, 1e-3F);
  // Each output is the mean of its inputs: nothing overflows, and nothing becomes so small that arithmetic is slow.
  for (const Layer& layer : layers) std::fill_n(parameters->data() + layer.weight, layer.inputs * layer.outputs, 1 / static_cast<float>(layer.inputs));
}

void Training::multiply() {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto [inputs, outputs, at] = layers[l];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, outputs, inputs, 1, values[l].data(), inputs, parameters->data() + at, outputs, 0, values[l + 1].data(), outputs);
  }
  for (std::size_t l = layers.size(); l-- > 0;) {
    const auto [inputs, outputs, at] = layers[l];
    const float* const g = cotangents[l + 1].data();
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, inputs, outputs, batch, 1, values[l].data(), inputs, g, outputs, 0, gradients->data() + at, outputs);
    if (l == 0) break;  // nobody asks for the input's gradient
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, inputs, outputs, 1, g, outputs, parameters->data() + at, outputs, 0, cotangents[l].data(), inputs);
  }
}

/// OpenBLAS's own threads for one scope; wengert keeps them at one.
struct BlasThreads {
  explicit BlasThreads(int count) { openblas_set_num_threads(count); }
  BlasThreads(const BlasThreads&) = delete;
  BlasThreads& operator=(const BlasThreads&) = delete;
  ~BlasThreads() { openblas_set_num_threads(1); }
};

}  // namespace

// ---- the limits ----

Step scalar_chain(std::size_t rounds) {
  return [ys = std::vector<double>(rounds + 1), rounds]() mutable {
    const volatile double input = 0.3;
    const double x = input;
    ys[0] = x;
    for (std::size_t i = 0; i < rounds; ++i) ys[i + 1] = std::tanh(ys[i] * 0.7 + x);
    double g = 1, dx = 0;
    for (std::size_t i = rounds; i > 0; --i) {
      g *= 1 - ys[i] * ys[i];
      dx += g;
      g *= 0.7;
    }
    [[maybe_unused]] volatile double result = dx + g;
  };
}

Step products(const Network& network, int threads) {
  return [step = std::make_shared<Training>(network), threads] {
    const BlasThreads several(threads);
    step->multiply();
  };
}

Step pass_over(const Network& network) {
  return [step = std::make_shared<Training>(network)] {
    for (std::size_t l = 1; l < step->values.size(); ++l) mask(step->values[l].data(), step->cotangents[l].data(), step->values[l].size());
    descend(step->parameters->data(), step->gradients->data(), step->parameters->size());
  };
}

Step square_products(int side, int threads) {
  const auto elements = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  const auto matrix = [&] { return std::make_shared<Floats>(elements); };
  return [=, a = matrix(), b = matrix(), c = matrix(), g = matrix(), da = matrix(), db = matrix()] {
    const BlasThreads several(threads);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, side, side, side, 1, a->data(), side, b->data(), side, 0, c->data(), side);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, side, side, side, 1, g->data(), side, b->data(), side, 0, da->data(), side);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, side, side, side, 1, a->data(), side, g->data(), side, 0, db->data(), side);
  };
}

/// make(store) with whichever kind of store is quicker on this machine.
template <class F>
Step quicker(F make) {
  const auto median_seconds = [](const Step& step) {
    std::array<double, 21> seconds;
    for (double& each : seconds) {
      const auto start = std::chrono::steady_clock::now();
      step();
      each = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
    return seconds[seconds.size() / 2];
  };
  const Step cached = make(Store::cached), streamed = make(Store::streamed);
  return median_seconds(cached) <= median_seconds(streamed) ? cached : streamed;
}

Step forward_and_backward(std::size_t elements) {
  return quicker([=, x = std::make_shared<Floats>(elements), y = std::make_shared<Floats>(elements), dx = std::make_shared<Floats>(elements)](Store store) -> Step {
    return [=] {
      pass(x->data(), y->data(), elements, store);
      pass(y->data(), dx->data(), elements, store);
    };
  });
}

Step read_and_pass(std::size_t elements) {
  return quicker([=, x = std::make_shared<Floats>(elements), dx = std::make_shared<Floats>(elements)](Store store) -> Step {
    return [=] {
      [[maybe_unused]] volatile float total = read(x->data(), elements);
      pass(x->data(), dx->data(), elements, store);
    };
  });
}

Step read_and_write(std::size_t elements) {
  return quicker([=, x = std::make_shared<Floats>(elements), dx = std::make_shared<Floats>(elements)](Store store) -> Step {
    return [=] { write(dx->data(), elements, read(x->data(), elements), store); };
  });
}

Step row_added_and_summed(std::size_t rows, std::size_t columns) {
  const auto matrix = [&] { return std::make_shared<Floats>(rows * columns); };
  const auto vector = [&] { return std::make_shared<Floats>(columns); };
  return quicker([=, x = matrix(), y = matrix(), row = vector(), sums = vector()](Store store) -> Step {
    return [=] {
      add_row(x->data(), row->data(), y->data(), rows, columns, store);
      std::fill_n(sums->data(), columns, 0.F);
      add_up_columns(y->data(), sums->data(), rows, columns);
    };
  });
}

Step four_arrays(std::size_t elements, int threads) {
  const auto array = [&](float value) { return std::make_shared<Floats>(elements, value); };
  return [=, p = array(0.5F), g = array(0.5F), m = array(0), v = array(0), both = std::make_shared<TwoThreads>()] {
    constexpr std::size_t part = 1U << 15U;  // elements: 128 KiB of each array
    const auto update = [&](std::size_t start, std::size_t length) { adam(p->data() + start, g->data() + start, m->data() + start, v->data() + start, length); };
    if (threads == 1) {
      update(0, elements);
    } else {
      both->split(elements, part, update);
    }
  };
}

}  // namespace limits
