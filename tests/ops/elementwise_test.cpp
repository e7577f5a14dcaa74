// Rows of the functions of one element.
#include <algorithm>
#include <cmath>

#include <wengert/ops/elementwise.hpp>

#include "ops/table.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "exp", .inputs = {{matrix}}, .function = function([](auto x) { return exp(x[0]); }),
       .formula = [](const long double* x) { return std::exp(x[0]); }, .probe = probe<cards::Exp>(), .order = 3},
      {.name = "expm1", .inputs = {{matrix}}, .function = function([](auto x) { return expm1(x[0]); }),
       .formula = [](const long double* x) { return std::expm1(x[0]); }, .probe = probe<cards::Expm1>(), .order = 3},
      {.name = "log", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return log(x[0]); }),
       .formula = [](const long double* x) { return std::log(x[0]); }, .probe = probe<cards::Log>(), .order = 3},
      {.name = "log1p", .inputs = {{matrix, D::above_minus_one}}, .function = function([](auto x) { return log1p(x[0]); }),
       .formula = [](const long double* x) { return std::log1p(x[0]); }, .probe = probe<cards::Log1p>(), .order = 3},
      {.name = "sqrt", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return sqrt(x[0]); }),
       .formula = [](const long double* x) { return std::sqrt(x[0]); }, .probe = probe<cards::Sqrt>(), .order = 3, .ulps = 1},
      {.name = "rsqrt", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return rsqrt(x[0]); }),
       .formula = [](const long double* x) { return 1 / std::sqrt(x[0]); }, .probe = probe<cards::Rsqrt>(), .order = 3, .ulps = 2},
      {.name = "sin", .inputs = {{matrix}}, .function = function([](auto x) { return sin(x[0]); }),
       .formula = [](const long double* x) { return std::sin(x[0]); }, .probe = probe<cards::Sin>(), .order = 3},
      {.name = "cos", .inputs = {{matrix}}, .function = function([](auto x) { return cos(x[0]); }),
       .formula = [](const long double* x) { return std::cos(x[0]); }, .probe = probe<cards::Cos>(), .order = 3},
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

WENGERT_ELEMENTWISE_ROWS(Elementwise, rows());

}  // namespace wengert::test
