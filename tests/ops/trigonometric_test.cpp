// Rows of the cards in ops/cards/trigonometric.hpp.
#include "ops/cards/trigonometric.hpp"

#include <cmath>
#include <vector>

#include <wengert/ops/elementwise.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      {.name = "sin", .inputs = {{matrix}}, .function = function([](auto x) { return sin(x[0]); }),
       .formula = [](const long double* x) { return std::sin(x[0]); }, .probe = probe<cards::Sin>(), .order = 3},
      {.name = "cos", .inputs = {{matrix}}, .function = function([](auto x) { return cos(x[0]); }),
       .formula = [](const long double* x) { return std::cos(x[0]); }, .probe = probe<cards::Cos>(), .order = 3},
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
