// Rows of the cards in ops/cards/activation.hpp.
#include "ops/cards/activation.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <wengert/ops/elementwise.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      {.name = "tanh", .inputs = {{matrix}}, .function = function([](auto x) { return tanh(x[0]); }),
       .formula = [](const long double* x) { return std::tanh(x[0]); }, .probe = probe<cards::Tanh>(), .order = 3},
      {.name = "sigmoid", .inputs = {{matrix}}, .function = function([](auto x) { return sigmoid(x[0]); }),
       .formula = [](const long double* x) { return 1 / (1 + std::exp(-x[0])); }, .probe = probe<cards::Sigmoid>(), .order = 3},
      {.name = "silu", .inputs = {{matrix}}, .function = function([](auto x) { return silu(x[0]); }),
       .formula = [](const long double* x) { return x[0] / (1 + std::exp(-x[0])); }, .probe = probe<cards::Silu>(), .order = 3},
      {.name = "relu", .inputs = {{matrix}}, .function = function([](auto x) { return relu(x[0]); }),
       .formula = [](const long double* x) { return std::max(x[0], 0.0L); }, .probe = probe<cards::Relu>(), .order = 3, .ulps = 0},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Activation, rows());

template <>
constexpr KernelNotes kernel_notes<cards::Silu>{.slope_cancels = true, .bound = 4};  // it squares an exponential's error

template std::vector<KernelCase<float>> kernel_cases<cards::Activation, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Activation, double>();

}  // namespace wengert::test
