// The rows that are no race: memory, calls to the allocator, what a first program costs.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <wengert/core.hpp>

#include "arrays.hpp"
#include "networks.hpp"
#include "process.hpp"
#include "row.hpp"

namespace bench {

namespace wg = wengert;
namespace files = std::filesystem;

namespace {

// ---- memory ----

/// The peak of recorded values and cotangents in a step of a deep network, in MiB.
double peak_of_step(std::size_t layers, std::size_t width, std::size_t batch) {
  auto net = network<wg::nn::Tanh<float>>(std::vector<std::size_t>(layers + 1, width));
  net.add(wg::nn::Tanh<float>{});
  wg::Tape tape;
  auto gradients = tape.backward(wg::mse_loss(net(tape.constant(waves({batch, width})), wg::Mode::train), wg::zeros<float>({batch, width})));
  return static_cast<double>(tape.peak_bytes()) / (1 << 20);
}

Runs memory(int repetitions) {
  constexpr std::size_t layers = 50, width = 500, batch = 1000;
  constexpr double outputs = static_cast<double>(layers * width * batch * sizeof(float)) / (1 << 20);
  Runs runs{.ours = {}, .limit = {outputs}};
  for (int i = 0; i < repetitions; ++i) runs.ours.push_back(peak_of_step(layers, width, batch));
  return runs;
}

/// The layers [from, to) of a network, each half of them a checkpoint, and each half of those.
wg::Var<float> in_halves(const std::vector<wg::nn::Sequential<float>>& layers, const wg::Var<float>& h, std::size_t from, std::size_t to) {
  if (to - from == 1) return layers[from](h, wg::Mode::train);
  const std::size_t middle = (from + to) / 2;
  const auto half = wg::checkpoint([&](const auto& x) { return in_halves(layers, x, from, middle); }, h);
  return wg::checkpoint([&](const auto& x) { return in_halves(layers, x, middle, to); }, half);
}

/// The row `memory` with nested checkpoints.
Runs memory_in_checkpoints() {
  constexpr std::size_t count = 50, width = 500, batch = 1000;
  wg::RandomEngine engine(1);
  std::vector<wg::nn::Sequential<float>> layers;
  for (std::size_t k = 0; k < count; ++k) layers.emplace_back(wg::nn::Linear<float>(width, width, engine), wg::nn::Tanh<float>{});
  wg::Tape tape;
  auto gradients = tape.backward(wg::mse_loss(in_halves(layers, tape.constant(waves({batch, width})), 0, count), wg::zeros<float>({batch, width})));
  return {.ours = {static_cast<double>(tape.peak_bytes()) / (1 << 20)}};
}

// ---- calls to the allocator, counted by a program that replaces it ----

Runs allocations(int threads) {
  const files::path program = files::read_symlink("/proc/self/exe").replace_filename("allocations");
  Runs runs{.ours = {0}, .limit = {0}};
  for (const std::string& line : output_of({program, std::to_string(threads)})) {  // "small_step 0"
    std::istringstream words(line);
    std::string step;
    double calls = 0;
    if (!(words >> step >> calls)) throw std::runtime_error("allocations: cannot be understood: " + line);
    runs.ours.front() += calls;
  }
  return runs;
}

// ---- a first program ----

constexpr const char* hello_text = R"(#include <cstdio>
#include <wengert/core.hpp>

int main() {
  wengert::Tape tape;
  auto x = tape.variable(3.0);
  auto g = tape.backward(x * x);
  std::printf("%g\n", g[x].item());
}
)";

class Hello {
 public:
  explicit Hello(const files::path& package) : source_(package / "hello.cpp"), program_(package / "hello") {
    const std::string include = (package / "include").string(), library = (package / "lib").string();
    compilation_ = {"g++", "-std=c++20", "-O2", source_, "-o", program_, "-I" + include, "-L" + library, "-lwengert", "-Wl,-rpath," + library};
  }

  double compile() const {
    std::ofstream(source_) << hello_text;
    return seconds_to_run(compilation_);
  }

  double run() const {
    if (!files::exists(program_)) compile();
    return seconds_to_run({program_});
  }

  /// The sum of all shared libraries that it brings with it, in bytes.
  double size_of_libraries() const {
    if (!files::exists(program_)) compile();
    std::set<files::path> libraries;
    for (const std::string& line : output_of({"ldd", program_})) {  // "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)"
      const std::size_t start = line.find('/'), end = line.find(" (");
      if (start != std::string::npos) libraries.insert(files::canonical(line.substr(start, end - start)));
    }
    double total = 0;
    for (const files::path& library : libraries) total += static_cast<double>(files::file_size(library));
    return total;
  }

 private:
  files::path source_, program_;
  Command compilation_;
};

template <class F>
Runs repeated(int repetitions, F f) {
  Runs runs;
  for (int i = 0; i < repetitions; ++i) runs.ours.push_back(f());
  return runs;
}

}  // namespace

std::vector<Row> counted_rows(const std::string& package) {
  std::vector<Row> rows;
  rows.push_back({.name = {"memory", 1, "MiB"}, .goal = {.value = 105}, .count = memory});
  rows.push_back({.name = {"checkpoints", 1, "MiB"}, .goal = {.value = 30}, .count = [](int) { return memory_in_checkpoints(); }});
  for (const int threads : {1, 2})
    rows.push_back({.name = {"allocations", threads, "calls"}, .goal = {.value = 0}, .count = [=](int) { return allocations(threads); }});
  if (package.empty()) return rows;
  const Hello hello(package);
  rows.push_back({.name = {"hello", 1, "s"}, .goal = {.value = 1.5}, .count = [=](int n) { return repeated(n, [&] { return hello.compile(); }); }});
  rows.push_back({.name = {"hello", 1, "MB"}, .goal = {.value = 55}, .count = [=](int n) { return repeated(n, [&] { return hello.size_of_libraries() * 1e-6; }); }});
  rows.push_back({.name = {"hello", 1, "ms"}, .goal = {.value = 20}, .count = [=](int n) { return repeated(n, [&] { return hello.run() * 1e3; }); }});
  return rows;
}

}  // namespace bench
