// Rows of the cards in ops/cards/activation.hpp.
#include "ops/cards/activation.hpp"

#include <cmath>
#include <vector>

#include <wengert/check/gtest.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      {.name = "tanh", .inputs = {{matrix}}, .function = function([](auto x) { return tanh(x[0]); }),
       .formula = [](const long double* x) { return std::tanh(x[0]); }, .probe = probe<cards::Tanh>()},
      {.name = "sigmoid", .inputs = {{matrix}}, .function = function([](auto x) { return sigmoid(x[0]); }),
       .formula = [](const long double* x) { return 1 / (1 + std::exp(-x[0])); }, .probe = probe<cards::Sigmoid>()},
      {.name = "silu", .inputs = {{matrix}}, .function = function([](auto x) { return silu(x[0]); }),
       .formula = [](const long double* x) { return x[0] / (1 + std::exp(-x[0])); }, .probe = probe<cards::Silu>()},
      {.name = "log_sigmoid", .inputs = {{matrix}}, .function = function([](auto x) { return log_sigmoid(x[0]); }),
       .formula = [](const long double* x) -> long double { return -std::log1p(std::exp(-x[0])); }, .probe = probe<cards::LogSigmoid>()},
      {.name = "softplus", .inputs = {{matrix}}, .function = function([](auto x) { return softplus(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::log1p(std::exp(x[0])); }, .probe = probe<cards::Softplus>()},
      {.name = "softplus_steep", .card = "softplus", .inputs = {{matrix}}, .function = function([](auto x) { return softplus(x[0], {.beta = 3, .threshold = 2.5}); }),
       .formula = [](const long double* x) -> long double { return 3 * x[0] > 2.5L ? x[0] : std::log1p(std::exp(3 * x[0])) / 3; }},
      {.name = "softsign", .inputs = {{matrix}}, .function = function([](auto x) { return softsign(x[0]); }),
       .formula = [](const long double* x) -> long double { return x[0] / (1 + std::fabs(x[0])); }, .probe = probe<cards::Softsign>()},
      {.name = "mish", .inputs = {{matrix}}, .function = function([](auto x) { return mish(x[0]); }),
       .formula = [](const long double* x) -> long double { return x[0] * std::tanh(std::log1p(std::exp(x[0]))); }, .probe = probe<cards::Mish>()},
      {.name = "gelu", .inputs = {{matrix}}, .function = function([](auto x) { return gelu(x[0]); }),
       .formula = [](const long double* x) -> long double { return x[0] * std::erfc(-x[0] / std::sqrt(2.0L)) / 2; }, .probe = probe<cards::Gelu>()},
      {.name = "gelu_by_tanh", .inputs = {{matrix}}, .function = function([](auto x) { return gelu(x[0], GeluForm::tanh); }),
       .formula = [](const long double* x) -> long double { return x[0] / 2 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846264L) * (x[0] + 0.044715L * x[0] * x[0] * x[0]))); }, .probe = probe<cards::GeluByTanh>()},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Activation, rows());

template <>
constexpr KernelNotes kernel_notes<cards::Silu>{.slope_cancels = true, .bound = 3.5};
template <>
constexpr KernelNotes kernel_notes<cards::Mish>{.slope_cancels = true, .bound = 4};
template <>
constexpr KernelNotes kernel_notes<cards::Gelu>{.slope_cancels = true, .bound = 4};
template <>
constexpr KernelNotes kernel_notes<cards::GeluByTanh>{.slope_cancels = true};

template std::vector<KernelCase<float>> kernel_cases<cards::Activation, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Activation, double>();

TEST(Activations, HaveDerivativesOfEveryOrderAtZero) {
  // There the formulas of both sides meet: what chooses between them and e^-|x| must agree on the side.
  for (const double zero : {0.0, -0.0}) {
    for (const Shape& shape : {Shape{}, Shape{2}}) {
      const auto x = full<double>(shape, zero);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return sigmoid(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return silu(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return log_sigmoid(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return softplus(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return mish(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return gelu(v); }, x);
      EXPECT_GRADIENTS_WITH({.order = 3}, [](auto v) { return gelu(v, GeluForm::tanh); }, x);
    }
  }
}

TEST(Softplus, IsStillSmoothAtItsThreshold) {
  Tape tape;
  const auto x = tape.variable(0.5);
  const auto y = softplus(x, {.beta = 2, .threshold = 1});
  EXPECT_NEAR(y.item(), std::log1p(std::exp(1.0)) / 2, 1e-15);
  EXPECT_NEAR(tape.backward(y)[x].item(), 1 / (1 + std::exp(-1.0)), 1e-15);
}

}  // namespace wengert::test
