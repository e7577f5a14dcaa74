// The rows of single operations on large arrays.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <wengert/core.hpp>

#include "arrays.hpp"
#include "limits.hpp"
#include "row.hpp"

namespace bench {

namespace wg = wengert;

namespace {

using Variable = wg::Var<float>;

constexpr std::size_t million = 1'000'000;

/// Forward and backward through f, which leads from x to any shape; the cotangent is a number for all of it. The gradient is written out.
template <class F>
Step there_and_back(const wg::Array<float>& x, F f, wg::Array<float> cotangent = 1.F) {
  return [=, tape = std::make_shared<wg::Tape>()] {
    auto v = tape->variable(x);
    auto g = tape->backward(f(v), {.cotangent = cotangent});
    benchmark::DoNotOptimize(g[v].data());
    tape->clear();
  };
}

Step matmul(std::size_t side) {
  return [a = waves({side, side}), b = waves({side, side}), c = waves({side, side}), tape = std::make_shared<wg::Tape>()] {
    auto va = tape->variable(a), vb = tape->variable(b);
    auto g = tape->backward(wg::matmul(va, vb), {.cotangent = c});
    benchmark::DoNotOptimize(g[va].data());
    benchmark::DoNotOptimize(g[vb].data());
    tape->clear();
  };
}

/// A layer's bias: of the matrix, which comes from the layer's product, no gradient is asked for.
Step bias(std::size_t rows, std::size_t columns) {
  return [x = waves({rows, columns}), b = waves({columns}), tape = std::make_shared<wg::Tape>()] {
    auto vb = tape->variable(b);
    auto g = tape->backward(wg::sum(tape->constant(x) + vb));
    benchmark::DoNotOptimize(g[vb].data());
    tape->clear();
  };
}

template <class F>
Row elementwise(const std::string& id, double ratio, F f) {
  return {{id, 1, "us"}, {.ratio = ratio}, {.ours = [=] { return there_and_back(waves({million}), f); }, .limit = [] { return std::vector{limits::forward_and_backward(million)}; }}};
}

}  // namespace

std::vector<Row> array_rows() {
  std::vector<Row> rows;
  rows.push_back(elementwise("silu_composed", 6, [](const Variable& x) { return x * wg::reciprocal(wg::exp(-x) + 1); }));
  rows.push_back(elementwise("tanh", 1.3, [](const Variable& x) { return wg::tanh(x); }));
  rows.push_back(elementwise("silu", 1.3, [](const Variable& x) { return wg::silu(x); }));
  rows.push_back(elementwise("sigmoid", 1.3, [](const Variable& x) { return wg::sigmoid(x); }));

  constexpr std::size_t examples = 4096, classes = 1000;
  rows.push_back({{"softmax_ce", 1, "ms"},
                  {.ratio = 1.15},
                  {.ours = [] { return there_and_back(waves({examples, classes}), [y = labels(examples, classes)](const Variable& x) { return wg::cross_entropy(x, y); }); },
                   .limit = [] { return std::vector{limits::read_and_pass(examples * classes)}; }}});
  for (const int threads : {1, 2})
    rows.push_back({{"matmul", threads, "ms"}, {.ratio = 1.05}, {.ours = [] { return matmul(1024); }, .limit = [=] { return std::vector{limits::square_products(1024, threads)}; }}});

  constexpr std::size_t height = 4096, width = 1024;
  rows.push_back({{"bias", 1, "ms"}, {.ratio = 1.3}, {.ours = [] { return bias(height, width); }, .limit = [] { return std::vector{limits::row_added_and_summed(height, width)}; }}});
  for (const int axis : {0, 1}) {
    rows.push_back({{"sum_axis" + std::to_string(axis), 1, "ms"},
                    {.ratio = 1.3},
                    {.ours = [=] { return there_and_back(waves({height, width}), [=](const Variable& x) { return wg::sum(x, axis); }, waves({axis == 0 ? width : height})); },
                     .limit = [] { return std::vector{limits::read_and_write(height * width)}; }}});
  }
  return rows;
}

}  // namespace bench
