// Rows of the cards in ops/cards/strong_zero.hpp.
#include "ops/cards/strong_zero.hpp"

#include <vector>

#include <wengert/ops/arithmetic.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      // Away from zero they are a product, and a first input left alone.
      {.name = "strong_product", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::StrongProduct>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::StrongProduct>(), .order = 3, .ulps = 1},
      {.name = "both", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::Both>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::Both>(), .order = 3, .ulps = 1},
      {.name = "guarded", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::Guarded>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0]; }, .probe = probe<cards::Guarded>(), .order = 3, .ulps = 0},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(StrongZero, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::StrongZero, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::StrongZero, double>();

}  // namespace wengert::test
