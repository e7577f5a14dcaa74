// Rows of the cards in ops/cards/trigonometric.hpp.
#include "ops/cards/trigonometric.hpp"

#include <cmath>
#include <vector>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "sin", .inputs = {{matrix}}, .function = function([](auto x) { return sin(x[0]); }),
       .formula = [](const long double* x) { return std::sin(x[0]); }, .probe = probe<cards::Sin>()},
      {.name = "cos", .inputs = {{matrix}}, .function = function([](auto x) { return cos(x[0]); }),
       .formula = [](const long double* x) { return std::cos(x[0]); }, .probe = probe<cards::Cos>()},
      {.name = "tan", .inputs = {{matrix}}, .function = function([](auto x) { return tan(x[0] * 0.5); }),
       .formula = [](const long double* x) -> long double { return std::tan(x[0] * 0.5L); }, .probe = probe<cards::Tan>()},
      {.name = "asin", .inputs = {{matrix}}, .function = function([](auto x) { return asin(x[0] * 0.4); }),
       .formula = [](const long double* x) -> long double { return std::asin(x[0] * 0.4L); }, .probe = probe<cards::Asin>()},
      {.name = "acos", .inputs = {{matrix}}, .function = function([](auto x) { return acos(x[0] * 0.4); }),
       .formula = [](const long double* x) -> long double { return std::acos(x[0] * 0.4L); }, .probe = probe<cards::Acos>()},
      {.name = "atan", .inputs = {{matrix}}, .function = function([](auto x) { return atan(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::atan(x[0]); }, .probe = probe<cards::Atan>()},
      {.name = "atan2", .inputs = {{matrix, D::nonzero}, {matrix, D::nonzero}}, .function = function([](auto x) { return atan2(x[0], x[1]); }),
       .formula = [](const long double* x) -> long double { return std::atan2(x[0], x[1]); }, .probe = probe<cards::Atan2>()},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Trigonometric, rows());

template <>
constexpr KernelNotes kernel_notes<cards::Sin>{.neighbours_change = true};
template <>
constexpr KernelNotes kernel_notes<cards::Cos>{.neighbours_change = true};

template std::vector<KernelCase<float>> kernel_cases<cards::Trigonometric, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Trigonometric, double>();

}  // namespace wengert::test
