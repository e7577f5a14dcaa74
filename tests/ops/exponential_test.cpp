// Rows of the cards in ops/cards/exponential.hpp.
#include "ops/cards/exponential.hpp"

#include <cmath>
#include <vector>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "exp", .inputs = {{matrix}}, .function = function([](auto x) { return exp(x[0]); }),
       .formula = [](const long double* x) { return std::exp(x[0]); }, .probe = probe<cards::Exp>()},
      {.name = "expm1", .inputs = {{matrix}}, .function = function([](auto x) { return expm1(x[0]); }),
       .formula = [](const long double* x) { return std::expm1(x[0]); }, .probe = probe<cards::Expm1>()},
      {.name = "log", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return log(x[0]); }),
       .formula = [](const long double* x) { return std::log(x[0]); }, .probe = probe<cards::Log>()},
      {.name = "log1p", .inputs = {{matrix, D::above_minus_one}}, .function = function([](auto x) { return log1p(x[0]); }),
       .formula = [](const long double* x) { return std::log1p(x[0]); }, .probe = probe<cards::Log1p>()},
      {.name = "pow", .inputs = {{matrix, D::positive}, {matrix}}, .function = function([](auto x) { return pow(x[0], x[1]); }),
       .formula = [](const long double* x) { return std::pow(x[0], x[1]); }, .probe = probe<cards::Pow>()},
      {.name = "pow_of_negative", .card = "pow", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return pow(x[0], 3); }),
       .formula = [](const long double* x) { return x[0] * x[0] * x[0]; }},
      {.name = "number_to_the", .card = "pow", .inputs = {{matrix}}, .function = function([](auto x) { return pow(2.5, x[0]); }),
       .formula = [](const long double* x) { return std::pow(2.5L, x[0]); }},
      {.name = "sqrt", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return sqrt(x[0]); }),
       .formula = [](const long double* x) { return std::sqrt(x[0]); }, .probe = probe<cards::Sqrt>(), .ulps = 1},
      {.name = "rsqrt", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return rsqrt(x[0]); }),
       .formula = [](const long double* x) { return 1 / std::sqrt(x[0]); }, .probe = probe<cards::Rsqrt>(), .ulps = 2},
      {.name = "exp2", .inputs = {{matrix}}, .function = function([](auto x) { return exp2(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::exp2(x[0]); }, .probe = probe<cards::Exp2>()},
      {.name = "log2", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return log2(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::log2(x[0]); }, .probe = probe<cards::Log2>()},
      {.name = "log10", .inputs = {{matrix, D::positive}}, .function = function([](auto x) { return log10(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::log10(x[0]); }, .probe = probe<cards::Log10>()},
      {.name = "xlogy", .inputs = {{matrix}, {matrix, D::positive}}, .function = function([](auto x) { return xlogy(x[0], x[1]); }),
       .formula = [](const long double* x) -> long double { return x[0] * std::log(x[1]); }, .probe = probe<cards::Xlogy>()},
      {.name = "cbrt", .inputs = {{matrix, D::nonzero}}, .function = function([](auto x) { return cbrt(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::cbrt(x[0]); }, .probe = probe<cards::Cbrt>()},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Exponential, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::Exponential, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Exponential, double>();

TEST(Pow, LivesOnInItsMixedDerivativeWhereTheExponentIsZero) {
  const auto mixed = [](double at, double exponent) {
    Tape tape;
    const auto a = tape.variable(full<double>({2}, at)), b = tape.variable(full<double>({2}, exponent));
    return tape.gradient(sum(tape.gradient(sum(pow(a, b)), a)), b).value()(1);
  };
  EXPECT_EQ(mixed(2, 0), 0.5);  // a^(b - 1) (1 + b log a)
  EXPECT_EQ(mixed(0, 0), 0);
}

TEST(Xlogy, LivesOnInItsMixedDerivativeWhereTheFactorIsZero) {
  const auto mixed = [](double factor, double at) {
    Tape tape;
    const auto a = tape.variable(full<double>({2}, factor)), b = tape.variable(full<double>({2}, at));
    return tape.gradient(sum(tape.gradient(sum(xlogy(a, b)), b)), a).value()(1);
  };
  EXPECT_EQ(mixed(0, 0.5), 2);  // 1 / b
  EXPECT_EQ(mixed(0, 0), 0);
}

}  // namespace wengert::test
