// The driver of the table: each test here is one promise of every card, checked for every row.
#include "ops/table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include <wengert/base/errors.hpp>
#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

#include "array/simd.hpp"

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

namespace {

// ---- comparing ----

template <Real T>
constexpr double epsilon = std::numeric_limits<T>::epsilon();

/// Differences between compilers' and kernels' roundings of a slope: a few operations on numbers around 1.
constexpr double slope_ulps = 24;

template <Real T>
double largest(const Array<T>& x) {
  double found = 0;
  for (const T value : x.values()) found = std::max(found, static_cast<double>(std::abs(value)));
  return found;
}

/// |got - want| <= tolerance everywhere, in the same shape; NaN only where NaN is wanted.
template <Real G, Real W>
testing::AssertionResult is_near(const Array<G>& got, const Array<W>& want, double tolerance) {
  if (got.shape() != want.shape()) return testing::AssertionFailure() << "the shape is " << got.shape() << ", not " << want.shape();
  for (std::size_t k = 0; k < got.size(); ++k) {
    const double a = static_cast<double>(got.data()[k]), b = static_cast<double>(want.data()[k]);
    if (!(std::abs(a - b) <= tolerance)) return testing::AssertionFailure() << "element " << k << " of " << got.shape() << " is " << a << ", not " << b << " +- " << tolerance;
  }
  return testing::AssertionSuccess();
}

template <Real T>
testing::AssertionResult has_same_bits(const Array<T>& got, const Array<T>& want) {
  if (got.shape() != want.shape()) return testing::AssertionFailure() << "the shape is " << got.shape() << ", not " << want.shape();
  for (std::size_t k = 0; k < got.size(); ++k) {
    if (std::memcmp(got.data() + k, want.data() + k, sizeof(T)) != 0)
      return testing::AssertionFailure() << "element " << k << " of " << got.shape() << " is " << got.data()[k] << ", not " << want.data()[k];
  }
  return testing::AssertionSuccess();
}

template <class X>
std::string shapes_of(const std::vector<X>& inputs) {
  std::string text;
  for (const auto& input : inputs) {
    if constexpr (std::is_same_v<X, Shape>) text += " " + to_string(input); else text += " " + to_string(input.shape);
  }
  return "inputs" + text;
}

// ---- what a row computes ----

/// The row's reference: its formula element by element in extended precision, or its loops.
Array<double> reference_of(const Row& row, const std::vector<Array<double>>& x) {
  if (!row.is_elementwise()) return row.reference(x);
  Shape to;
  for (const auto& input : x) to = broadcast_shape("reference", to, input.shape());
  return Array<double>::build(to, [&](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      long double at[detail::max_elementwise_inputs] = {};
      for (std::size_t i = 0; i < x.size(); ++i) {
        std::size_t rest = k, offset = 0, stride = 1;
        const Shape& from = x[i].shape();
        for (std::size_t back = 0; back < from.rank(); ++back) {
          const std::size_t extent = from[from.rank() - 1 - back], whole = to[to.rank() - 1 - back];
          if (extent != 1) offset += rest % whole * stride;
          rest /= whole;
          stride *= extent;
        }
        at[i] = static_cast<long double>(x[i].data()[offset]);
      }
      out[k] = static_cast<double>(row.formula(at));
    }
  });
}

/// Value and gradients of a row at a point, for a fixed cotangent.
template <Real T>
struct Outcome {
  Array<T> value;
  std::vector<Array<T>> gradients;
};

template <Real T>
std::vector<Var<T>> variables(Tape& tape, const std::vector<Array<T>>& x) {
  std::vector<Var<T>> leaves;
  for (const auto& input : x) leaves.push_back(tape.variable(input));
  return leaves;
}

template <Real T>
Array<T> cotangent_for(const Shape& shape) {
  return draw<T>({{shape, Domain::nonzero}}, 7)[0];
}

template <Real T>
Outcome<T> outcome_of(const Row& row, const std::vector<Array<T>>& x) {
  Tape tape;
  const auto leaves = variables(tape, x);
  const Var<T> y = row.function(std::span<const Var<T>>(leaves));
  Outcome<T> found{y.value(), {}};
  const Gradients g = tape.backward(y, {.cotangent = cotangent_for<T>(y.shape())});
  for (const auto& leaf : leaves) found.gradients.push_back(g[leaf]);
  return found;
}

// ---- the shapes that elementwise functions are tried on ----

std::vector<std::vector<Shape>> shapes_to_try(std::size_t arity) {
  const Shape rank_16{2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3};
  if (arity == 1) return {{{}}, {{1}}, {{0}}, {{2, 0, 3}}, {{67}}, {{1, 1}}, {rank_16}};
  if (arity == 3) return {{{2, 3}, {3}, {2, 1}}, {{3}, {}, {2, 3}}, {{}, {2, 1}, {1, 3}}, {{}, {}, {}}, {{1}, {}, {1}}, {{2, 0}, {1}, {2, 1}}, {rank_16, {3}, {}}, {{17, 5}, {5}, {17, 5}}};
  return {{{2, 3}, {3}},       {{3}, {2, 3}},    {{2, 1}, {1, 3}}, {{2, 3}, {}},   {{}, {2, 3}}, {{}, {}},         {{1}, {1}},  {{1}, {3}},
          {{}, {1}},           {{1, 1}, {2, 3}}, {{2, 3, 2}, {3, 1}}, {{2, 1, 3}, {2, 1}}, {{0}, {1}},   {{0}, {}},         {{2, 0}, {1}}, {{2, 0}, {2, 1}},
          {rank_16, {3}},      {{1}, rank_16},   {{17, 5}, {5}},   {{17, 1}, {17, 5}}};
}

std::vector<Input> with_shapes(const std::vector<Input>& inputs, const std::vector<Shape>& shapes) {
  auto changed = inputs;
  for (std::size_t i = 0; i < changed.size(); ++i) changed[i].shape = shapes[i];
  return changed;
}

testing::AssertionResult gradients_hold(const GradientReport& report) {
  if (!report.ok) return testing::AssertionFailure() << report.message;
  if (report.kinks > 0) return testing::AssertionFailure() << "a row's domain keeps clear of kinks: " << report.message;
  return testing::AssertionSuccess();
}

}  // namespace

// ---- every row ----

TEST_P(Table, HasTheValueOfItsReference) {
  const Row& row = GetParam();
  const auto x = draw<double>(row.inputs);
  const auto want = reference_of(row, x);
  EXPECT_TRUE(is_near(row.function(std::span<const Array<double>>(x)), want, row.ulps * epsilon<double> * largest(want)));
}

TEST_P(Table, HasTheGradientsThatDifferencesShow) {
  const Row& row = GetParam();
  const auto report = check_gradients(row.function, draw<double>(row.inputs), {.order = row.order});
  EXPECT_TRUE(gradients_hold(report));
  EXPECT_GT(report.compared, 0u);
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

TEST_P(Table, RefusesShapesThatDoNotFit) {
  const Row& row = GetParam();
  auto refused = row.refused;
  if (row.is_elementwise() && row.inputs.size() == 2) refused.insert(refused.end(), {{{2, 3}, {4}}, {{2}, {2, 3}}, {{0}, {2}}, {{2, 3}, {3, 2}}});
  for (const auto& shapes : refused) {
    SCOPED_TRACE(shapes_of(shapes));
    const auto inputs = with_shapes(row.inputs, shapes);
    const auto x = draw<double>(inputs);
    const auto expect_refusal = [&](auto&& call) {
      try {
        call();
        ADD_FAILURE() << "no ShapeError";
      } catch (const ShapeError& error) {
        EXPECT_EQ(std::string(error.what()).rfind(row.card + ": ", 0), 0u) << error.what();
      }
    };
    expect_refusal([&] { static_cast<void>(row.function(std::span<const Array<double>>(x))); });
    Tape tape;
    const auto leaves = variables(tape, x);
    const std::size_t size = tape.size();
    expect_refusal([&] { static_cast<void>(row.function(std::span<const Var<double>>(leaves))); });
    EXPECT_EQ(tape.size(), size) << "a refused operation leaves the tape as it was";
  }
}

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
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
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
        std::size_t rest = k, offset = 0, stride = 1;
        for (std::size_t back = 0; back < input.rank(); ++back) {
          const std::size_t extent = input.shape()[input.rank() - 1 - back], whole = to[to.rank() - 1 - back];
          if (extent != 1) offset += rest % whole * stride;
          rest /= whole;
          stride *= extent;
        }
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
