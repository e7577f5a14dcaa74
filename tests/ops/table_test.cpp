// The driver of the table: each test here is one promise of every card, checked for every row. Those of derivatives of all orders are in
// table_orders_test.cpp, those of elementwise cards alone in table_elementwise_test.cpp.
#include "ops/table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>

#include "ops/table_checks.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

// ---- inputs ----

template <Real T>
std::vector<Array<T>> draw(const std::vector<Input>& inputs, unsigned seed) {
  std::mt19937_64 engine(seed);
  const auto uniform = [&](double low, double high) { return low + (high - low) * static_cast<double>(engine() >> 11U) * 0x1p-53; };
  const auto far_from = [&](std::initializer_list<double> places, double distance) {
    for (;;) {
      const double x = uniform(-2, 2);
      if (std::all_of(places.begin(), places.end(), [&](double place) { return std::abs(x - place) >= distance; })) return x;
    }
  };
  std::size_t total = 0;
  for (const auto& input : inputs) total += input.shape.elements();
  std::vector<double> distinct(total);
  for (std::size_t k = 0; k < total; ++k) distinct[k] = 0.25 * (static_cast<double>(k) - static_cast<double>(total / 2)) + 0.1;
  for (std::size_t k = total; k > 1; --k) std::swap(distinct[k - 1], distinct[engine() % k]);

  std::vector<Array<T>> drawn;
  for (const auto& [shape, domain] : inputs) {
    std::vector<double> x(shape.elements());
    for (double& value : x) {
      switch (domain) {
        case Domain::any: value = far_from({-1, 0, 1}, 0.1); break;
        case Domain::positive: value = uniform(0.3, 3); break;
        case Domain::nonzero: value = far_from({0}, 0.4); break;
        case Domain::above_minus_one: value = uniform(-0.6, 2); break;
        case Domain::weights: value = uniform(0.2, 1); break;
        case Domain::distinct:
          value = distinct.back();
          distinct.pop_back();
          break;
      }
    }
    if (domain == Domain::weights) {
      const std::size_t length = shape.empty() ? 1 : shape.back();
      for (std::size_t row = 0; length > 0 && row < x.size() / length; ++row) {
        const auto begin = x.begin() + static_cast<std::ptrdiff_t>(row * length), end = begin + static_cast<std::ptrdiff_t>(length);
        const double sum = std::accumulate(begin, end, 0.0);
        std::for_each(begin, end, [&](double& value) { value /= sum; });
      }
    }
    // Rounded to float in both types, so that both compute on the same numbers.
    drawn.push_back(Array<T>::build(shape, [&](std::span<T> out) { std::transform(x.begin(), x.end(), out.begin(), [](double value) { return static_cast<T>(static_cast<float>(value)); }); }));
  }
  return drawn;
}
template std::vector<Array<float>> draw(const std::vector<Input>&, unsigned);
template std::vector<Array<double>> draw(const std::vector<Input>&, unsigned);

// ---- every row ----

TEST_P(Table, HasTheValueOfItsReference) {
  const Row& row = GetParam();
  const auto x = draw<double>(row.inputs);
  const auto want = reference_of(row, x);
  EXPECT_TRUE(is_near(row.function(std::span<const Array<double>>(x)), want, row.ulps * epsilon<double> * largest(want)));
}

TEST_P(Table, RecordsTheGradientsThatItComputes) {
  const Row& row = GetParam();
  Tape tape;
  const auto leaves = variables(tape, draw<double>(row.inputs));
  const auto y = row.function(std::span<const Var<double>>(leaves));
  const auto cotangent = cotangent_for<double>(y.shape());
  const auto g = tape.backward(y, {.cotangent = cotangent, .keep_tape = true});
  const auto recorded = tape.gradient(y, leaves, {.cotangent = cotangent});
  for (std::size_t i = 0; i < leaves.size(); ++i)
    EXPECT_TRUE(is_near(recorded[i].value(), g[leaves[i]], slope_ulps * epsilon<double> * std::max(1.0, largest(g[leaves[i]])))) << "input " << i;
}

TEST_P(Table, TakesANumberForAConstantCotangent) {
  const Row& row = GetParam();
  const auto x = draw<double>(row.inputs);
  const auto pulled = [&](bool written_out) {
    Tape tape;
    const auto leaves = variables(tape, x);
    const Var<double> y = row.function(std::span<const Var<double>>(leaves));
    const Gradients g = tape.backward(y, {.cotangent = written_out ? full<double>(y.shape(), -1.5) : Array<double>(-1.5)});
    std::vector<Array<double>> gradients;
    for (const auto& leaf : leaves) gradients.push_back(g[leaf]);
    return gradients;
  };
  const auto by_number = pulled(false), by_array = pulled(true);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(is_near(by_number[i], by_array[i], 8 * epsilon<double> * largest(by_array[i]))) << "input " << i;
}

TEST_P(Table, TreatsPlainArraysAsItTreatsVars) {
  const Row& row = GetParam();
  const auto in_both = [&]<Real T>(T) {
    const auto x = draw<T>(row.inputs);
    EXPECT_TRUE(has_same_bits(row.function(std::span<const Array<T>>(x)), outcome_of(row, x).value));
  };
  in_both(0.0);
  in_both(0.f);
}

TEST_P(Table, ComputesInFloatWhatItComputesInDouble) {
  const Row& row = GetParam();
  const auto in_float = outcome_of(row, draw<float>(row.inputs));
  const auto in_double = outcome_of(row, draw<double>(row.inputs));
  EXPECT_TRUE(is_near(in_float.value, in_double.value, (row.ulps + 2) * epsilon<float> * std::max(1.0, largest(in_double.value))));
  for (std::size_t i = 0; i < row.inputs.size(); ++i)
    EXPECT_TRUE(is_near(in_float.gradients[i], in_double.gradients[i], (row.ulps + slope_ulps) * epsilon<float> * std::max(1.0, largest(in_double.gradients[i])))) << "input " << i;
}

TEST_P(Table, NeverAsksForTheGradientOfAConstant) {
  const Row& row = GetParam();
  const auto x = draw<double>(row.inputs);
  const auto all = outcome_of(row, x);
  for (std::size_t fixed = 0; fixed < x.size(); ++fixed) {
    Tape tape;
    std::vector<Var<double>> leaves;
    for (std::size_t i = 0; i < x.size(); ++i) leaves.push_back(i == fixed ? tape.constant(x[i]) : tape.variable(x[i]));
    const auto y = row.function(std::span<const Var<double>>(leaves));
    const auto other = tape.variable(0.0);  // so that there is something to differentiate when the only input is fixed
    const auto g = tape.backward(y + other, {.cotangent = cotangent_for<double>(y.shape()), .keep_tape = true});
    EXPECT_FALSE(g.contains(leaves[fixed])) << "input " << fixed;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i == fixed) continue;
      EXPECT_TRUE(has_same_bits(g[leaves[i]], all.gradients[i])) << "input " << i << " beside the constant " << fixed;
    }
  }
}

TEST_P(Table, TakesTheSameVarTwice) {
  const Row& row = GetParam();
  if (row.inputs.size() != 2 || row.inputs[0].shape != row.inputs[1].shape) return;
  const auto narrower = row.inputs[0].domain == Domain::any ? row.inputs[1].domain : row.inputs[0].domain;
  const auto twice = [&](std::span<const Var<double>> x) {
    const Var<double> both[] = {x[0], x[0]};
    return row.function(std::span<const Var<double>>(both));
  };
  EXPECT_TRUE(gradients_hold(check_gradients(twice, draw<double>({{row.inputs[0].shape, narrower}}), {.order = row.order})));
}

TEST_P(Table, RefusesShapesThatDoNotFitInTheSameWordsAtEveryOrder) {
  const Row& row = GetParam();
  auto refused = row.refused;
  if (row.is_elementwise() && row.inputs.size() == 2) refused.insert(refused.end(), {{{2, 3}, {4}}, {{2}, {2, 3}}, {{0}, {2}}, {{2, 3}, {3, 2}}});
  for (const auto& shapes : refused) {
    SCOPED_TRACE(shapes_of(shapes));
    const auto inputs = with_shapes(row.inputs, shapes);
    const auto x = draw<double>(inputs);
    const std::string by_arrays = refusal<ShapeError>([&] { static_cast<void>(row.function(std::span<const Array<double>>(x))); });
    EXPECT_EQ(by_arrays.rfind(row.card + ": ", 0), 0u) << by_arrays;
    Tape tape;
    const auto leaves = variables(tape, x);
    // Vars that are themselves a recorded gradient, of the same shapes.
    std::vector<Var<double>> recorded;
    for (const auto& leaf : leaves) recorded.push_back(tape.gradient(square(leaf), leaf, {.cotangent = full<double>(leaf.shape(), 0.5)}));
    const std::size_t size = tape.size();
    const std::string by_vars = refusal<ShapeError>([&] { static_cast<void>(row.function(std::span<const Var<double>>(leaves))); });
    const std::string by_gradients = refusal<ShapeError>([&] { static_cast<void>(row.function(std::span<const Var<double>>(recorded))); });
    EXPECT_EQ(by_vars, by_arrays);
    EXPECT_EQ(by_gradients, by_arrays);
    EXPECT_EQ(tape.size(), size) << "a refused operation leaves the tape as it was";
  }
}

}  // namespace wengert::test
