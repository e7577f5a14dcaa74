// Memory against time: a deep network's gradient with checkpoints of different sizes, and with checkpoints within checkpoints.
// Prints the table of docs/memory.md.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <wengert/core.hpp>

namespace wg = wengert;

namespace {

constexpr std::size_t depth = 64, width = 256, batch = 512;

class Network {
 public:
  Network() {
    wg::RandomEngine engine(1);
    for (std::size_t k = 0; k < depth; ++k) weights_.emplace_back(std::string("w").append(std::to_string(k)), wg::init::glorot_normal<float>({width, width}, engine));
  }

  wg::Var<float> layers(wg::Var<float> h, std::size_t from, std::size_t to) const {
    for (std::size_t k = from; k < to; ++k) h = wg::tanh(wg::matmul(h, weights_[k]));
    return h;
  }

  /// Checkpoints of `size` layers.
  wg::Var<float> in_parts(wg::Var<float> h, std::size_t size) const {
    for (std::size_t k = 0; k < depth; k += size) h = wg::checkpoint([&](const auto& in) { return layers(in, k, k + size); }, h);
    return h;
  }

  /// Halves of halves, down to `size` layers.
  wg::Var<float> in_halves(const wg::Var<float>& h, std::size_t from, std::size_t to, std::size_t size) const {
    if (to - from <= size) return layers(h, from, to);
    const std::size_t middle = (from + to) / 2;
    const auto half = wg::checkpoint([&](const auto& in) { return in_halves(in, from, middle, size); }, h);
    return wg::checkpoint([&](const auto& in) { return in_halves(in, middle, to, size); }, half);
  }

 private:
  std::vector<wg::Parameter<float>> weights_;
};

/// The median time of a step and its peak, relative to the plain one's where that is given.
template <class F>
void report(const char* name, F network) {
  const auto x = wg::full<float>({batch, width}, 0.5F);
  std::vector<double> times;
  std::size_t peak = 0;
  for (int run = 0; run < 5; ++run) {
    wg::Tape tape;
    const auto start = std::chrono::steady_clock::now();
    const auto gradients = tape.backward(wg::sum(network(tape.constant(x))));
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    peak = tape.peak_bytes();
  }
  std::sort(times.begin(), times.end());
  std::printf("| %s | %.1f | %.0f |\n", name, static_cast<double>(peak) / (1 << 20), times[2]);
}

}  // namespace

int main() {
  const Network net;
  std::printf("| checkpoints | peak, MiB | time, ms |\n|---|---|---|\n");
  report("none", [&](const auto& x) { return net.layers(x, 0, depth); });
  report("of 32 layers", [&](const auto& x) { return net.in_parts(x, 32); });
  report("of 16 layers", [&](const auto& x) { return net.in_parts(x, 16); });
  report("of 8 layers", [&](const auto& x) { return net.in_parts(x, 8); });
  report("of 4 layers", [&](const auto& x) { return net.in_parts(x, 4); });
  report("halves of halves, down to 8", [&](const auto& x) { return net.in_halves(x, 0, depth, 8); });
  report("halves of halves, down to 2", [&](const auto& x) { return net.in_halves(x, 0, depth, 2); });
  report("halves of halves, down to 1", [&](const auto& x) { return net.in_halves(x, 0, depth, 1); });
}
