// Rows of the cards in ops/cards/hyperbolic.hpp.
#include "ops/cards/hyperbolic.hpp"

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
      {.name = "sinh", .inputs = {{matrix}}, .function = function([](auto x) { return sinh(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::sinh(x[0]); }, .probe = probe<cards::Sinh>()},
      {.name = "cosh", .inputs = {{matrix}}, .function = function([](auto x) { return cosh(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::cosh(x[0]); }, .probe = probe<cards::Cosh>()},
      {.name = "asinh", .inputs = {{matrix}}, .function = function([](auto x) { return asinh(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::asinh(x[0]); }, .probe = probe<cards::Asinh>()},
      {.name = "acosh", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return acosh(x[0] + 1.0); }),
       .formula = [](const long double* x) -> long double { return std::acosh(x[0] + 1); }, .probe = probe<cards::Acosh>()},
      {.name = "atanh", .inputs = {{matrix}}, .function = function([](auto x) { return atanh(x[0] * 0.4); }),
       .formula = [](const long double* x) -> long double { return std::atanh(x[0] * 0.4L); }, .probe = probe<cards::Atanh>()},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Hyperbolic, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::Hyperbolic, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Hyperbolic, double>();

}  // namespace wengert::test
