// Promises of elementwise cards: operands that stretch, what their slopes read, and the same numbers on each instruction set.
#include "ops/table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <wengert/ops/arithmetic.hpp>

#include "array/simd.hpp"
#include "ops/table_checks.hpp"

namespace wengert::test {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// ---- the shapes that elementwise functions are tried on ----

std::vector<std::vector<Shape>> shapes_to_try(std::size_t arity) {
  const Shape rank_16{2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3};
  if (arity == 1) return {{{}}, {{1}}, {{0}}, {{2, 0, 3}}, {{67}}, {{1, 1}}, {rank_16}};
  if (arity == 3) return {{{2, 3}, {3}, {2, 1}}, {{3}, {}, {2, 3}}, {{}, {2, 1}, {1, 3}}, {{}, {}, {}}, {{1}, {}, {1}}, {{2, 0}, {1}, {2, 1}}, {rank_16, {3}, {}}, {{17, 5}, {5}, {17, 5}}};
  return {{{2, 3}, {3}},       {{3}, {2, 3}},    {{2, 1}, {1, 3}}, {{2, 3}, {}},   {{}, {2, 3}}, {{}, {}},         {{1}, {1}},  {{1}, {3}},
          {{}, {1}},           {{1, 1}, {2, 3}}, {{2, 3, 2}, {3, 1}}, {{2, 1, 3}, {2, 1}}, {{0}, {1}},   {{0}, {}},         {{2, 0}, {1}}, {{2, 0}, {2, 1}},
          {rank_16, {3}},      {{1}, rank_16},   {{17, 5}, {5}},   {{17, 1}, {17, 5}}};
}

}  // namespace

// ---- rows of elementwise functions ----

TEST_P(ElementwiseTable, StretchesItsOperandsAndTakesShapesOfAllKinds) {
  const Row& row = GetParam();
  for (const auto& shapes : shapes_to_try(row.inputs.size())) {
    SCOPED_TRACE(shapes_of(shapes));
    const auto x = draw<double>(with_shapes(row.inputs, shapes));
    const auto want = reference_of(row, x);
    const auto outcome = outcome_of(row, x);
    EXPECT_TRUE(is_near(outcome.value, want, row.ulps * epsilon<double> * largest(want)));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(outcome.gradients[i].shape(), x[i].shape());
    EXPECT_TRUE(gradients_hold(check_gradients(row.function, x, {.order = 2})));
  }
}

TEST_P(ElementwiseTable, ReadsOnlyWhatItKeepsAndKeepsOnlyWhatItReads) {
  const Row& row = GetParam();
  const Probe& probe = row.probe;
  if (probe.slope == nullptr) return;  // a card that another row probes
  const double inf = std::numeric_limits<double>::infinity();
  const auto drawn = draw<double>(row.inputs);
  // Every element drawn, and every combination of 0 and infinity: some cards read an input only there.
  std::vector<std::array<double, detail::max_elementwise_inputs>> points;
  for (std::size_t k = 0; k < drawn[0].size(); ++k) {
    for (std::size_t mix = 0; mix < (probe.arity == 1 ? 3u : probe.arity == 2 ? 9u : 27u); ++mix) {
      auto& point = points.emplace_back();
      const std::size_t choice[] = {mix % 3, mix / 3 % 3, mix / 9};
      for (std::size_t j = 0; j < probe.arity; ++j) point[j] = choice[j] == 0 ? drawn[j].data()[k] : choice[j] == 1 ? 0 : inf;
    }
  }
  const auto same = [](double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)); };
  for (std::size_t i = 0; i < probe.arity; ++i) {
    if (probe.unit_slopes[i] != 0) continue;  // its slope is never computed
    bool finds_input[detail::max_elementwise_inputs] = {}, finds_output = false;
    for (const auto& point : points) {
      long double extended[detail::max_elementwise_inputs] = {};
      std::copy(point.begin(), point.end(), extended);
      const double y = static_cast<double>(row.formula(extended));
      const double slope = probe.slope(i, point.data(), y);
      auto kept = point;
      for (std::size_t j = 0; j < probe.arity; ++j)
        if (!probe.reads(i, j)) kept[j] = nan;
      const double from_kept = probe.slope(i, kept.data(), probe.reads_output ? y : nan);
      EXPECT_TRUE(same(from_kept, slope)) << "slope " << i << " reads what its card does not keep: " << from_kept << ", not " << slope;
      for (std::size_t j = 0; j < probe.arity; ++j) {
        auto without = point;
        without[j] = nan;
        finds_input[j] = finds_input[j] || !same(probe.slope(i, without.data(), y), slope);
      }
      finds_output = finds_output || !same(probe.slope(i, point.data(), nan), slope);
    }
    for (std::size_t j = 0; j < probe.arity; ++j) EXPECT_EQ(finds_input[j], probe.reads(i, j)) << "slope " << i << " and input " << j << ", which is kept for it";
    EXPECT_EQ(finds_output, probe.reads_output) << "slope " << i << " and the output, which is kept for it";
  }
}

namespace {

/// All of a row's inputs at one point, as numbers and as arrays that are longer than any batch and do not end with one.
template <class F>
void for_numbers_and_arrays(const Row& row, const std::vector<double>& point, F f) {
  const auto in_type = [&]<Real T>(T) {
    for (const Shape& shape : {Shape{}, Shape{21}}) {
      std::vector<Array<T>> x;
      for (std::size_t i = 0; i < row.inputs.size(); ++i) x.push_back(full<T>(shape, static_cast<T>(point[i])));
      f(x);
    }
  };
  in_type(0.0);
  in_type(0.f);
}

}  // namespace

TEST_P(ElementwiseTable, PassesNaNOn) {
  const Row& row = GetParam();
  if (row.probe.slope == nullptr) return;  // a composition may choose
  const auto drawn = draw<double>(row.inputs);
  for (std::size_t j = 0; j < row.inputs.size(); ++j) {
    if (row.name == "guarded" && j == 1) continue;  // it is its first input, unless the second is 0
    std::vector<double> point;
    for (std::size_t i = 0; i < drawn.size(); ++i) point.push_back(i == j ? nan : drawn[i].data()[0]);
    for_numbers_and_arrays(row, point, [&]<Real T>(const std::vector<Array<T>>& x) {
      SCOPED_TRACE("NaN in input " + std::to_string(j) + ", " + to_string(x[0].shape()) + (sizeof(T) == sizeof(float) ? " of float" : " of double"));
      const auto is_nan = [](const Array<T>& values) { return std::all_of(values.begin(), values.end(), [](T value) { return std::isnan(value); }); };
      const auto outcome = outcome_of(row, x);
      EXPECT_TRUE(is_nan(outcome.value)) << "the value";
      // Of two inputs a slope may read one for the other's sake.
      const bool reads = x.size() == 1 && (row.probe.reads(0, 0) || row.probe.reads_output);
      EXPECT_TRUE(!reads || is_nan(outcome.gradients[0])) << "the gradient";
    });
  }
}

TEST_P(ElementwiseTable, GivesNothingForAZeroCotangentWhateverItsInputsAre) {
  const Row& row = GetParam();
  for (const double special : {nan, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0.0}) {
    for_numbers_and_arrays(row, std::vector<double>(row.inputs.size(), special), [&]<Real T>(const std::vector<Array<T>>& x) {
      SCOPED_TRACE("at " + std::to_string(special) + ", " + to_string(x[0].shape()) + (sizeof(T) == sizeof(float) ? " of float" : " of double"));
      Tape tape;
      const auto leaves = variables(tape, x);
      const auto y = row.function(std::span<const Var<T>>(leaves));
      const auto nothing = tape.variable(zeros<T>(y.shape()));
      const auto recorded = tape.gradient(y, leaves, {.cotangent = nothing});
      const auto plain = tape.backward(y, {.cotangent = zeros<T>(y.shape())});
      for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_EQ(largest(plain[leaves[i]]), 0) << "input " << i;
        EXPECT_EQ(largest(recorded[i].value()), 0) << "input " << i << ", recorded";
      }
    });
  }
}

namespace {

// ---- each instruction set against the functions on single numbers ----

/// The row element by element, on numbers, where no array and no SIMD loop is involved; inputs stretched to one shape by hand.
template <Real T>
Outcome<T> one_by_one(const Row& row, const std::vector<Array<T>>& x, const Array<T>& cotangent) {
  Outcome<T> found;
  const Shape to = cotangent.shape();
  std::vector<std::vector<double>> gradients;
  for (const auto& input : x) gradients.emplace_back(input.size(), 0.0);
  found.value = Array<T>::build(to, [&](std::span<T> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      Tape tape;
      std::vector<Var<T>> leaves;
      std::vector<std::size_t> offsets;
      for (const auto& input : x) {
        const std::size_t offset = place_in(input.shape(), to, k);
        offsets.push_back(offset);
        leaves.push_back(tape.variable(input.data()[offset]));
      }
      const Var<T> y = row.function(std::span<const Var<T>>(leaves));
      out[k] = y.item();
      const Gradients g = tape.backward(y, {.cotangent = cotangent.data()[k]});
      for (std::size_t i = 0; i < x.size(); ++i) gradients[i][offsets[i]] += static_cast<double>(g[leaves[i]].item());
    }
  });
  for (std::size_t i = 0; i < x.size(); ++i)
    found.gradients.push_back(Array<T>::build(x[i].shape(), [&](std::span<T> out) { std::transform(gradients[i].begin(), gradients[i].end(), out.begin(), [](double g) { return static_cast<T>(g); }); }));
  return found;
}

/// All the ways through the loops: whole batches and what is left over, operands that stand still, rows, one consumer and two.
template <Real T>
void expect_level_agrees(const Row& row) {
  std::vector<std::vector<Shape>> shapes;
  if (row.inputs.size() == 1) {
    for (const std::size_t n : {1U, 2U, 3U, 5U, 8U, 16U, 17U, 33U, 67U}) shapes.push_back({{n}});
    shapes.push_back({{5, 7}});
  } else if (row.inputs.size() == 3) {
    for (const std::size_t n : {1U, 8U, 17U, 33U}) {
      shapes.push_back({{n}, {n}, {n}});
      shapes.push_back({{n}, {}, {3, n}});
      shapes.push_back({{}, {3, 1}, {n}});
      shapes.push_back({{3, n}, {n}, {}});
    }
  } else {
    for (const std::size_t n : {1U, 3U, 8U, 17U, 33U}) {
      shapes.push_back({{n}, {n}});
      shapes.push_back({{n}, {}});
      shapes.push_back({{}, {n}});
      shapes.push_back({{3, n}, {n}});
      shapes.push_back({{3, 1}, {3, n}});
      shapes.push_back({{n, 1}, {1, 3}});
    }
    shapes.push_back({{5, 7}, {5, 7}});
  }
  for (const auto& shape : shapes) {
    SCOPED_TRACE(shapes_of(shape) + (sizeof(T) == sizeof(float) ? " of float" : " of double"));
    const auto x = draw<T>(with_shapes(row.inputs, shape));
    const auto value = row.function(std::span<const Array<T>>(x));
    const auto cotangent = cotangent_for<T>(value.shape());
    const auto want = one_by_one(row, x, cotangent);
    const double value_tolerance = (2 * row.ulps + 2) * epsilon<T> * largest(want.value);
    EXPECT_TRUE(is_near(value, want.value, value_tolerance));

    Tape tape;
    const auto leaves = variables(tape, x);
    const std::span<const Var<T>> operands(leaves);
    const auto once = tape.backward(row.function(operands), {.cotangent = cotangent, .keep_tape = true});
    // Two consumers: the second adds to what the first wrote.
    const auto twice = tape.backward(row.function(operands) + row.function(operands), {.cotangent = cotangent});
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double scale = std::max(1.0, largest(want.gradients[i]));
      EXPECT_TRUE(is_near(once[leaves[i]], want.gradients[i], slope_ulps * epsilon<T> * scale)) << "the gradient of input " << i;
      EXPECT_TRUE(is_near(twice[leaves[i]], want.gradients[i] + want.gradients[i], 2 * slope_ulps * epsilon<T> * scale)) << "the gradient of input " << i << ", of two consumers";
    }
  }
}

/// Another level for the length of a test.
class Level {
 public:
  explicit Level(detail::SimdLevel level) : before_(best()) { detail::force_simd_level(level); }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level() { detail::force_simd_level(before_); }

 private:
  static detail::SimdLevel best() {
    auto found = detail::SimdLevel::baseline;
    for (const auto level : detail::simd_levels)
      if (detail::is_available(level)) found = level;
    return found;
  }
  detail::SimdLevel before_;
};

void expect_level_agrees(const Row& row, detail::SimdLevel level) {
  if (!detail::is_available(level)) GTEST_SKIP() << "this machine has no " << detail::to_string(level);
  const Level forced(level);
  expect_level_agrees<float>(row);
  expect_level_agrees<double>(row);
}

}  // namespace

TEST_P(ElementwiseTable, ComputesOnBaselineWhatItComputesOnNumbers) { expect_level_agrees(GetParam(), detail::SimdLevel::baseline); }
TEST_P(ElementwiseTable, ComputesOnAvx2WhatItComputesOnNumbers) { expect_level_agrees(GetParam(), detail::SimdLevel::avx2); }
TEST_P(ElementwiseTable, ComputesOnAvx512WhatItComputesOnNumbers) { expect_level_agrees(GetParam(), detail::SimdLevel::avx512); }

}  // namespace wengert::test
