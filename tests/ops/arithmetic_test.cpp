// Rows of the cards in ops/cards/arithmetic.hpp.
#include "ops/cards/arithmetic.hpp"

#include <vector>

#include <wengert/ops/arithmetic.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "add", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] + x[1]; }),
       .formula = [](const long double* x) { return x[0] + x[1]; }, .probe = probe<cards::Add>(), .ulps = 1},
      {.name = "subtract", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] - x[1]; }),
       .formula = [](const long double* x) { return x[0] - x[1]; }, .probe = probe<cards::Subtract>(), .ulps = 1},
      {.name = "multiply", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] * x[1]; }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::Multiply>(), .ulps = 1},
      {.name = "divide", .inputs = {{matrix}, {matrix, D::nonzero}}, .function = function([](auto x) { return x[0] / x[1]; }),
       .formula = [](const long double* x) { return x[0] / x[1]; }, .probe = probe<cards::Divide>(), .ulps = 1},
      {.name = "negative", .inputs = {{matrix}}, .function = function([](auto x) { return -x[0]; }),
       .formula = [](const long double* x) { return -x[0]; }, .probe = probe<cards::Negative>(), .ulps = 0},
      {.name = "square", .inputs = {{matrix}}, .function = function([](auto x) { return square(x[0]); }),
       .formula = [](const long double* x) { return x[0] * x[0]; }, .probe = probe<cards::Square>(), .ulps = 1},
      {.name = "reciprocal", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return reciprocal(x[0]); }),
       .formula = [](const long double* x) { return 1 / x[0]; }, .probe = probe<cards::Reciprocal>(), .ulps = 1},
      // A plain number beside a Var is stored in the node: another way through the record and the backward pass.
      {.name = "number_minus", .card = "subtract", .inputs = {{matrix}}, .function = function([](auto x) { return 1.5 - x[0]; }),
       .formula = [](const long double* x) { return 1.5L - x[0]; }, .ulps = 1},
      {.name = "divided_by_number", .card = "divide", .inputs = {{matrix}}, .function = function([](auto x) { return x[0] / 0.75; }),
       .formula = [](const long double* x) { return x[0] / 0.75L; }, .ulps = 1},
      {.name = "number_over", .card = "divide", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return 2 / x[0]; }),
       .formula = [](const long double* x) { return 2 / x[0]; }, .ulps = 1},
      {.name = "fma", .inputs = {{matrix}, {matrix}, {matrix}}, .function = function([](auto x) { return fma(x[0], x[1], x[2]); }),
       .formula = [](const long double* x) -> long double { return x[0] * x[1] + x[2]; }, .probe = probe<cards::Fma>(), .ulps = 1},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Arithmetic, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::Arithmetic, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Arithmetic, double>();

}  // namespace wengert::test
