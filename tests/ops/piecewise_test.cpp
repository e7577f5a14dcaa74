// Rows of the cards in ops/cards/piecewise.hpp.
#include "ops/cards/piecewise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <wengert/ops/arithmetic.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "maximum", .inputs = {{matrix, D::distinct}, {matrix, D::distinct}}, .function = function([](auto x) { return maximum(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::max(x[0], x[1]); }, .probe = probe<cards::Maximum>(), .ulps = 0},
      {.name = "minimum", .inputs = {{matrix, D::distinct}, {matrix, D::distinct}}, .function = function([](auto x) { return minimum(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::min(x[0], x[1]); }, .probe = probe<cards::Minimum>(), .ulps = 0},
      {.name = "abs", .inputs = {{matrix}}, .function = function([](auto x) { return abs(x[0]); }),
       .formula = [](const long double* x) { return std::fabs(x[0]); }, .probe = probe<cards::Abs>(), .ulps = 0},
      {.name = "sign", .inputs = {{matrix}}, .function = function([](auto x) { return sign(x[0]); }),
       .formula = [](const long double* x) { return x[0] < 0 ? -1.0L : x[0] > 0 ? 1.0L : 0.0L; }, .probe = probe<cards::Sign>(), .ulps = 0},
      {.name = "clip", .inputs = {{matrix}}, .function = function([](auto x) { return clip(x[0], -1, 1); }),
       .formula = [](const long double* x) { return std::clamp(x[0], -1.0L, 1.0L); }, .probe = probe<cards::Clip>(), .ulps = 0},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Piecewise, rows());

template <>
const cards::Clip card_example<cards::Clip> = [] {
  cards::Clip clip;
  clip.lower = -1.5;
  clip.upper = 2;
  return clip;
}();

template std::vector<KernelCase<float>> kernel_cases<cards::Piecewise, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Piecewise, double>();

}  // namespace wengert::test
