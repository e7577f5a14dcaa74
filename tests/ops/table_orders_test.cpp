// Promises about derivatives: they are what differences show, up to the third order; the second ones are symmetric; and the gradient is
// the adjoint of the directional derivative.
#include "ops/table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/table_checks.hpp"

namespace wengert::test {

TEST_P(Table, HasTheGradientsThatDifferencesShow) {
  const Row& row = GetParam();
  const auto report = check_gradients(row.function, draw<double>(row.inputs), {.order = row.order});
  EXPECT_TRUE(gradients_hold(report));
  EXPECT_GT(report.compared, 0u);
}

TEST_P(Table, HasSymmetricSecondDerivatives) {
  const Row& row = GetParam();
  if (row.order < 2) return;
  Tape tape;
  const auto x = draw<double>(row.inputs);
  const auto leaves = variables(tape, x);
  const auto y = row.function(std::span<const Var<double>>(leaves));
  // The square gives linear functions second derivatives, too.
  const auto gradient = tape.gradient((y + square(y)) * cotangent_for<double>(y.shape()), leaves, {.cotangent = full<double>(y.shape(), 1)});
  std::vector<std::vector<double>> hessian;
  double scale = 0;
  for (const auto& part : gradient) {
    for (std::size_t k = 0; k < part.size(); ++k) {
      const auto unit = Array<double>::build(part.shape(), [&](std::span<double> out) {
        std::fill(out.begin(), out.end(), 0.0);
        out[k] = 1;
      });
      const Gradients g = tape.backward(part, {.cotangent = unit, .keep_tape = true});
      auto& line = hessian.emplace_back();
      for (const auto& leaf : leaves) {
        const auto by_leaf = g[leaf];
        line.insert(line.end(), by_leaf.begin(), by_leaf.end());
        scale = std::max(scale, largest(by_leaf));
      }
    }
  }
  const auto slopes = outcome_of(row, x).gradients;
  const bool is_flat = std::none_of(slopes.begin(), slopes.end(), [](const auto& slope) { return largest(slope) > 0; });
  EXPECT_EQ(scale == 0, is_flat) << "there is something to compare";
  for (std::size_t i = 0; i < hessian.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NEAR(hessian[i][j], hessian[j][i], 1e-12 * scale) << "entries " << i << " and " << j;
}

namespace {

using Arrays = std::vector<Array<double>>;

Arrays moved(const Arrays& x, const Arrays& v, double t) {
  Arrays y;
  for (std::size_t i = 0; i < x.size(); ++i) y.push_back(x[i] + t * v[i]);
  return y;
}

/// The derivative of a row along a direction, found without a backward pass, and how far it may be off.
struct Slope {
  Array<double> along;
  double tolerance;
};

/// Central differences of the sixth order of the formula, in extended precision.
Slope slope_of_formula(const Row& row, const Arrays& x, const Arrays& v) {
  constexpr long double step = 0x1p-13L;  // rounding (1e-20 / step) and truncation (step^6) are both below 1e-15
  Arrays both = x;
  both.insert(both.end(), v.begin(), v.end());
  const auto slope = elementwise(both, [&](const long double* numbers) {
    const auto at = [&](int steps) {
      long double point[detail::max_elementwise_inputs] = {};
      for (std::size_t i = 0; i < x.size(); ++i) point[i] = numbers[i] + static_cast<long double>(steps) * step * numbers[x.size() + i];
      return row.formula(point);
    };
    return (45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * step);
  });
  return {slope, 1e-12};
}

Slope slope_of(const Row& row, const Arrays& x, const Arrays& v) {
  if (row.is_elementwise()) return slope_of_formula(row, x, v);
  const auto f = [&](const Arrays& at) { return row.function(std::span<const Array<double>>(at)); };
  switch (row.linear) {
    case Linear::jointly: return {f(v) - f(moved(x, x, -1)), 1e-12};
    case Linear::in_each: {
      Array<double> sum = zeros<double>(f(x).shape());
      for (std::size_t i = 0; i < x.size(); ++i) {
        Arrays at = x;
        at[i] = v[i];
        sum = sum + f(at);
      }
      return {sum, 1e-12};
    }
    case Linear::no: break;
  }
  constexpr double step = 0x1p-11;  // of the sixth order too: rounding and truncation are both about 1e-12, and more near a pole
  const auto across = [&](double steps) { return f(moved(x, v, steps * step)) - f(moved(x, v, -steps * step)); };
  return {(45 * across(1) - 9 * across(2) + across(3)) / (60 * step), 1e-8};
}

/// <w, J v> = <J' w, v>.
void expect_adjoint(const Row& row, const std::vector<Input>& inputs) {
  const auto x = draw<double>(inputs);
  std::vector<Input> directions = inputs;
  for (Input& direction : directions) direction.domain = Domain::nonzero;
  const auto v = draw<double>(directions, 11);
  const Slope slope = slope_of(row, x, v);
  const auto w = cotangent_for<double>(slope.along.shape());
  const auto gradients = outcome_of(row, x).gradients;  // for the same w
  long double forth = 0, back = 0, scale = 0;
  const auto add = [&](long double& sum, const Array<double>& a, const Array<double>& b) {
    ASSERT_EQ(a.shape(), b.shape());
    for (std::size_t k = 0; k < a.size(); ++k) {
      const long double term = static_cast<long double>(a.data()[k]) * static_cast<long double>(b.data()[k]);
      sum += term;
      scale += std::fabs(term) / 2;  // of both sums
    }
  };
  add(forth, w, slope.along);
  for (std::size_t i = 0; i < x.size(); ++i) add(back, gradients[i], v[i]);
  EXPECT_LE(std::fabs(forth - back), static_cast<long double>(slope.tolerance) * scale) << static_cast<double>(forth) << " forth, " << static_cast<double>(back) << " back";
}

}  // namespace

TEST_P(Table, PullsBackByTheAdjointOfItsSlope) { expect_adjoint(GetParam(), GetParam().inputs); }

TEST_P(ElementwiseTable, PullsBackByTheAdjointOfItsSlopeWhereItStretches) {
  const Row& row = GetParam();
  if (row.inputs.size() == 2) {
    expect_adjoint(row, with_shapes(row.inputs, {{3}, {2, 1}}));
    expect_adjoint(row, with_shapes(row.inputs, {{2, 3}, {}}));
    expect_adjoint(row, with_shapes(row.inputs, {{1, 3}, {2, 17, 3}}));
  }
  if (row.inputs.size() == 3) expect_adjoint(row, with_shapes(row.inputs, {{3}, {}, {2, 1}}));
}

}  // namespace wengert::test
