// Rows of the cards in ops/cards/trigonometric.hpp.
#include "ops/cards/trigonometric.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <wengert/graph/tape.hpp>
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

/// The slope, recorded, and the second derivative at a point.
template <class F>
std::pair<double, double> derivatives(F function, double at) {
  Tape tape;
  const auto x = tape.variable(Array<double>(at));
  const auto slope = tape.gradient(function(x), x);
  return {slope.item(), tape.backward(slope)[x].item()};
}

TEST(Trigonometric, HasAnInfiniteSecondDerivativeWhereTheSlopeIsInfinite) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  using Both = std::pair<double, double>;
  const auto of_asin = [](const auto& x) { return asin(x); };
  const auto of_acos = [](const auto& x) { return acos(x); };
  const auto of_atanh = [](const auto& x) { return atanh(x); };
  const auto of_acosh = [](const auto& x) { return acosh(x); };
  EXPECT_EQ(derivatives(of_asin, 1), Both(inf, inf));
  EXPECT_EQ(derivatives(of_asin, -1), Both(inf, -inf));
  EXPECT_EQ(derivatives(of_acos, 1), Both(-inf, -inf));
  EXPECT_EQ(derivatives(of_acos, -1), Both(-inf, inf));
  EXPECT_EQ(derivatives(of_atanh, 1), Both(inf, inf));
  EXPECT_EQ(derivatives(of_atanh, -1), Both(inf, -inf));
  EXPECT_EQ(derivatives(of_acosh, 1), Both(inf, -inf));
  for (const double near : {1 + 1e-12, 1.5, 9e7, 2e8, 1e150}) {
    const auto [slope, second] = derivatives(of_acosh, near);
    const long double root = std::sqrt(static_cast<long double>(near) - 1) * std::sqrt(static_cast<long double>(near) + 1);
    EXPECT_NEAR(slope * static_cast<double>(root), 1, 1e-14) << near;
    EXPECT_NEAR(second / static_cast<double>(-near / root / root / root), 1, 1e-14) << near;
  }
  EXPECT_EQ(derivatives(of_acosh, 1e200), Both(1e-200, -0.0));
  const auto are_nan = [](const Both& found) { return std::isnan(found.first) && std::isnan(found.second); };
  for (const double outside : {0.5, -2.0}) EXPECT_TRUE(are_nan(derivatives(of_acosh, outside))) << outside;
  for (const double outside : {1.5, -2.0}) EXPECT_TRUE(are_nan(derivatives(of_asin, outside)) && are_nan(derivatives(of_acos, outside)) && are_nan(derivatives(of_atanh, outside))) << outside;
  EXPECT_NEAR(derivatives(of_asin, 1 - 0x1p-40).first / 741455.2001896339, 1, 1e-15) << "no digits are lost beside 1";
}

template <>
constexpr KernelNotes kernel_notes<cards::Sin>{.neighbours_change = true};
template <>
constexpr KernelNotes kernel_notes<cards::Cos>{.neighbours_change = true};

template std::vector<KernelCase<float>> kernel_cases<cards::Trigonometric, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Trigonometric, double>();

}  // namespace wengert::test
