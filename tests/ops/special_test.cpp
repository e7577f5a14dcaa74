// Rows of the cards in ops/cards/special.hpp.
#include "ops/cards/special.hpp"

#include <cmath>
#include <vector>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

/// zeta(n + 1, x) n! up to its sign, summed term by term, the rest as an integral with its first corrections.
long double polygamma_by_terms(int n, long double x) {
  long double sum = 0, s = n + 1;
  for (int k = 0; k < 200000; ++k, x += 1) sum += std::pow(x, -s);
  sum += std::pow(x, 1 - s) / (s - 1) + std::pow(x, -s) / 2 + s * std::pow(x, -s - 1) / 12;
  return (n % 2 == 0 ? -1 : 1) * std::tgamma(s) * sum;
}

/// -gamma + the sum of 1 / (k + 1) - 1 / (k + x), the rest as an integral.
long double digamma_by_terms(long double x) {
  long double sum = -0.57721566490153286060651209L, k = 0;
  for (; k < 200000; k += 1) sum += (x - 1) / ((k + 1) * (k + x));
  return sum + std::log((k + x) / (k + 1)) + (1 / (k + 1) - 1 / (k + x)) / 2;
}

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "erf", .inputs = {{matrix}}, .function = function([](auto x) { return erf(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::erf(x[0]); }, .probe = probe<cards::Erf>()},
      {.name = "erfc", .inputs = {{matrix}}, .function = function([](auto x) { return erfc(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::erfc(x[0]); }, .probe = probe<cards::Erfc>()},
      {.name = "lgamma", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return lgamma(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::lgamma(x[0]); }, .probe = probe<cards::Lgamma>()},
      {.name = "digamma", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return digamma(x[0]); }),
       .formula = [](const long double* x) -> long double { return digamma_by_terms(x[0]); }, .probe = probe<cards::Digamma>()},
      {.name = "polygamma", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return polygamma(2, x[0]); }),
       .formula = [](const long double* x) -> long double { return polygamma_by_terms(2, x[0]); }, .probe = probe<cards::Polygamma>()},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Special, rows());

template <>
constexpr KernelNotes kernel_notes<cards::Erfc>{.bound = 4};
template <>
constexpr KernelNotes kernel_notes<cards::Lgamma>{.bound = 4};  // below 0, the standard library's
template <>
const cards::Polygamma card_example<cards::Polygamma> = [] {
  cards::Polygamma second;
  second.order = 2;
  return second;
}();

template std::vector<KernelCase<float>> kernel_cases<cards::Special, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Special, double>();

}  // namespace wengert::test
