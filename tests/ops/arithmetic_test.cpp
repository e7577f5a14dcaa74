// Rows of arithmetic, and what its operators accept.
#include <algorithm>
#include <cmath>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/table.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "add", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] + x[1]; }),
       .formula = [](const long double* x) { return x[0] + x[1]; }, .probe = probe<cards::Add>(), .order = 3, .ulps = 1},
      {.name = "subtract", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] - x[1]; }),
       .formula = [](const long double* x) { return x[0] - x[1]; }, .probe = probe<cards::Subtract>(), .order = 3, .ulps = 1},
      {.name = "multiply", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return x[0] * x[1]; }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::Multiply>(), .order = 3, .ulps = 1},
      {.name = "divide", .inputs = {{matrix}, {matrix, D::nonzero}}, .function = function([](auto x) { return x[0] / x[1]; }),
       .formula = [](const long double* x) { return x[0] / x[1]; }, .probe = probe<cards::Divide>(), .order = 3, .ulps = 1},
      {.name = "negative", .inputs = {{matrix}}, .function = function([](auto x) { return -x[0]; }),
       .formula = [](const long double* x) { return -x[0]; }, .probe = probe<cards::Negative>(), .order = 3, .ulps = 0},
      {.name = "square", .inputs = {{matrix}}, .function = function([](auto x) { return square(x[0]); }),
       .formula = [](const long double* x) { return x[0] * x[0]; }, .probe = probe<cards::Square>(), .order = 3, .ulps = 1},
      {.name = "reciprocal", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return reciprocal(x[0]); }),
       .formula = [](const long double* x) { return 1 / x[0]; }, .probe = probe<cards::Reciprocal>(), .order = 3, .ulps = 1},
      {.name = "pow", .inputs = {{matrix, D::positive}, {matrix}}, .function = function([](auto x) { return pow(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::pow(x[0], x[1]); }, .probe = probe<cards::Pow>(), .order = 3},
      {.name = "pow_of_negative", .card = "pow", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return pow(x[0], 3); }),
       .formula = [](const long double* x) { return x[0] * x[0] * x[0]; }, .order = 3},
      {.name = "maximum", .inputs = {{matrix, D::distinct}, {matrix, D::distinct}}, .function = function([](auto x) { return maximum(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::max(x[0], x[1]); }, .probe = probe<cards::Maximum>(), .order = 3, .ulps = 0},
      {.name = "minimum", .inputs = {{matrix, D::distinct}, {matrix, D::distinct}}, .function = function([](auto x) { return minimum(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::min(x[0], x[1]); }, .probe = probe<cards::Minimum>(), .order = 3, .ulps = 0},
      {.name = "abs", .inputs = {{matrix}}, .function = function([](auto x) { return abs(x[0]); }),
       .formula = [](const long double* x) { return std::fabs(x[0]); }, .probe = probe<cards::Abs>(), .order = 3, .ulps = 0},
      {.name = "sign", .inputs = {{matrix}}, .function = function([](auto x) { return sign(x[0]); }),
       .formula = [](const long double* x) { return x[0] < 0 ? -1.0L : x[0] > 0 ? 1.0L : 0.0L; }, .probe = probe<cards::Sign>(), .order = 3, .ulps = 0},
      {.name = "clip", .inputs = {{matrix}}, .function = function([](auto x) { return clip(x[0], -1, 1); }),
       .formula = [](const long double* x) { return std::clamp(x[0], -1.0L, 1.0L); }, .probe = probe<cards::Clip>(), .order = 3, .ulps = 0},
      // The strong zero's own cards, away from zero: there they are a product, and a first input left alone.
      {.name = "strong_product", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return record(cards::StrongProduct{}, x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::StrongProduct>(), .order = 3, .ulps = 1},
      {.name = "both", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return record(cards::Both{}, x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::Both>(), .order = 3, .ulps = 1},
      {.name = "guarded", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return record(cards::Guarded{}, x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0]; }, .probe = probe<cards::Guarded>(), .order = 3, .ulps = 0},
      // A plain number beside a Var is stored in the node: another way through the record and the backward pass.
      {.name = "number_minus", .card = "subtract", .inputs = {{matrix}}, .function = function([](auto x) { return 1.5 - x[0]; }),
       .formula = [](const long double* x) { return 1.5L - x[0]; }, .order = 3, .ulps = 1},
      {.name = "divided_by_number", .card = "divide", .inputs = {{matrix}}, .function = function([](auto x) { return x[0] / 0.75; }),
       .formula = [](const long double* x) { return x[0] / 0.75L; }, .order = 3, .ulps = 1},
      {.name = "number_over", .card = "divide", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return 2 / x[0]; }),
       .formula = [](const long double* x) { return 2 / x[0]; }, .order = 3, .ulps = 1},
      {.name = "number_to_the", .card = "pow", .inputs = {{matrix}}, .function = function([](auto x) { return pow(2.5, x[0]); }),
       .formula = [](const long double* x) { return std::pow(2.5L, x[0]); }, .order = 3},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Arithmetic, rows());

}  // namespace wengert::test
