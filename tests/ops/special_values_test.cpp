// The second table: what each operation answers at the edges of IEEE arithmetic, value and gradient, in float and in double, as
// numbers and as arrays, whose elements go through the SIMD loops. Here functions of one number, and what holds for elements in general.
#include "ops/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "array/simd.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

constexpr double ln2 = std::numbers::ln2, euler = std::numbers::egamma;
const double root_pi = std::sqrt(pi);

// ---- functions of one number ----

struct Point {
  double x, value, slope;
};

struct Edge {
  std::string name;
  Function function;
  std::vector<Point> points;
};

class SpecialValues : public testing::TestWithParam<Edge> {};

/// As a number, and as an array that is longer than any batch and does not end with one.
template <Real T>
void expect_edges(const Edge& edge) {
  for (const auto& [x, value, slope] : edge.points) {
    SCOPED_TRACE("at " + std::to_string(x) + (std::signbit(x) ? " (with a minus)" : ""));
    for (const Shape& shape : {Shape{}, Shape{21}}) {
      Tape tape;
      const Var<T> leaf[] = {tape.variable(full<T>(shape, in_type<T>(x)))};
      const Var<T> y = edge.function(std::span<const Var<T>>(leaf));
      const Array<T> ones_like = full<T>(shape, T(1)), zeros_like = full<T>(shape, T(0));
      const auto g = tape.backward(y, {.cotangent = ones_like, .keep_tape = true});
      const auto nothing = tape.backward(y, {.cotangent = zeros_like, .keep_tape = true});
      const auto recorded = tape.gradient(y, leaf[0], {.cotangent = ones_like});
      const auto recorded_nothing = tape.gradient(y, leaf[0], {.cotangent = tape.variable(zeros_like)});
      for (std::size_t k = 0; k < y.size(); k += 20) {
        EXPECT_TRUE(is_as(y.value().data()[k], value)) << "the value, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(g[leaf[0]].data()[k], slope)) << "the slope, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(recorded.value().data()[k], slope)) << "the recorded slope, element " << k << " of " << shape;
        // The strong zero: a cotangent that is 0 stays 0, whatever the slope.
        EXPECT_EQ(nothing[leaf[0]].data()[k], T(0)) << "the gradient of nothing, element " << k << " of " << shape;
        EXPECT_EQ(recorded_nothing.value().data()[k], T(0)) << "the recorded gradient of nothing, element " << k << " of " << shape;
      }
    }
  }
}

std::vector<Edge> edges() {
  return {
      {"exp", function([](auto x) { return exp(x[0]); }), {{0, 1, 1}, {-0.0, 1, 1}, {inf, inf, inf}, {-inf, 0, 0}, {nan, nan, nan}, {tiny, 1, 1}, {710, inf, inf}, {-1000, 0, 0}}},
      {"expm1", function([](auto x) { return expm1(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, inf, inf}, {-inf, -1, 0}, {nan, nan, nan}, {tiny, tiny, 1}, {-80, -1, std::exp(-80)}, {1000, inf, inf}}},
      {"log", function([](auto x) { return log(x[0]); }), {{0, -inf, inf}, {-0.0, -inf, inf}, {inf, inf, 0}, {-inf, nan, nan}, {-1, nan, nan}, {nan, nan, nan}, {1, 0, 1}}},
      {"log1p", function([](auto x) { return log1p(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {-1, -inf, inf}, {inf, inf, 0}, {-inf, nan, -0.0}, {-2, nan, -1}, {nan, nan, nan}, {tiny, tiny, 1}}},
      {"sqrt", function([](auto x) { return sqrt(x[0]); }), {{0, 0, inf}, {-0.0, -0.0, inf}, {inf, inf, 0}, {-inf, nan, nan}, {-1, nan, nan}, {nan, nan, nan}}},
      {"rsqrt", function([](auto x) { return rsqrt(x[0]); }), {{0, inf, -inf}, {-0.0, -inf, inf}, {inf, 0, 0}, {-inf, nan, nan}, {-1, nan, nan}, {nan, nan, nan}}},
      {"reciprocal", function([](auto x) { return reciprocal(x[0]); }), {{0, inf, -inf}, {-0.0, -inf, -inf}, {inf, 0, -0.0}, {-inf, -0.0, -0.0}, {nan, nan, nan}}},
      {"one_over", function([](auto x) { return 1 / x[0]; }), {{0, inf, -inf}, {-0.0, -inf, -inf}, {inf, 0, -0.0}, {-inf, -0.0, -0.0}, {nan, nan, nan}}},
      {"abs", function([](auto x) { return abs(x[0]); }), {{0, 0, 0}, {-0.0, 0, 0}, {inf, inf, 1}, {-inf, inf, -1}, {nan, nan, nan}, {tiny, tiny, 1}, {-tiny, tiny, -1}}},
      {"sign", function([](auto x) { return sign(x[0]); }), {{0, 0, 0}, {-0.0, 0, 0}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}, {tiny, 1, 0}, {-tiny, -1, 0}}},
      {"relu", function([](auto x) { return relu(x[0]); }), {{0, 0, 0}, {-0.0, 0, 0}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {tiny, tiny, 1}, {-tiny, 0, 0}}},
      {"clip", function([](auto x) { return clip(x[0], -1, 1); }),
       {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}, {1, 1, 1}, {-1, -1, 1}, {1.5, 1, 0}, {-1.5, -1, 0}, {tiny, tiny, 1}}},
      {"clip_to_a_number", function([](auto x) { return clip(x[0], 0.5, 0.5); }), {{0.5, 0.5, 1}, {0.25, 0.5, 0}, {0.75, 0.5, 0}, {nan, nan, nan}}},
      {"clip_below", function([](auto x) { return clip(x[0], 0, inf); }), {{-1, 0, 0}, {huge, huge, 1}, {inf, inf, 1}, {0, 0, 1}}},
      {"tanh", function([](auto x) { return tanh(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}, {tiny, tiny, 1}, {400, 1, 0}}},
      {"sigmoid", function([](auto x) { return sigmoid(x[0]); }),
       {{0, 0.5, 0.25}, {-0.0, 0.5, 0.25}, {inf, 1, 0}, {-inf, 0, 0}, {nan, nan, nan}, {40, 1, std::exp(-40)}, {-40, std::exp(-40), std::exp(-40)}, {tiny, 0.5, 0.25}}},
      {"silu", function([](auto x) { return silu(x[0]); }),
       {{0, 0, 0.5}, {-0.0, -0.0, 0.5}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {40, 40, 1}, {-40, -40 * std::exp(-40), -39 * std::exp(-40)}, {tiny, tiny / 2, 0.5}, {-1000, 0, 0}, {1000, 1000, 1}}},
      {"log_sigmoid", function([](auto x) { return log_sigmoid(x[0]); }), {{0, -ln2, 0.5}, {-0.0, -ln2, 0.5}, {inf, 0, 0}, {-inf, -inf, 1}, {nan, nan, nan}, {1000, 0, 0}, {-1000, -1000, 1}, {40, -std::exp(-40), std::exp(-40)}}},
      {"softplus", function([](auto x) { return softplus(x[0]); }), {{0, ln2, 0.5}, {-0.0, ln2, 0.5}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {1000, 1000, 1}, {-1000, 0, 0}, {-40, std::exp(-40), std::exp(-40)}}},
      {"softsign", function([](auto x) { return softsign(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}, {huge, 1, 0}, {tiny, tiny, 1}, {-3, -0.75, 1 / 16.0}}},
      {"mish", function([](auto x) { return mish(x[0]); }), {{0, 0, 0.6}, {-0.0, -0.0, 0.6}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {1000, 1000, 1}, {-1000, 0, 0}}},
      {"gelu", function([](auto x) { return gelu(x[0]); }), {{0, 0, 0.5}, {-0.0, -0.0, 0.5}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {1000, 1000, 1}, {-1000, 0, 0}, {huge, huge, 1}}},
      {"gelu_by_tanh", function([](auto x) { return gelu(x[0], GeluForm::tanh); }), {{0, 0, 0.5}, {-0.0, -0.0, 0.5}, {inf, inf, 1}, {-inf, 0, 0}, {nan, nan, nan}, {1000, 1000, 1}, {-1000, 0, 0}, {huge, huge, 1}}},
      {"leaky_relu", function([](auto x) { return leaky_relu(x[0]); }), {{0, 0, 0.01}, {-0.0, -0.0, 0.01}, {inf, inf, 1}, {-inf, -inf, 0.01}, {nan, nan, nan}, {-2, -0.02, 0.01}}},
      {"elu", function([](auto x) { return elu(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, inf, 1}, {-inf, -1, 0}, {nan, nan, nan}, {1000, 1000, 1}}},
      {"elu_with_half_the_slope", function([](auto x) { return elu(x[0], 0.5); }), {{0, 0, 0.5}, {-0.0, -0.0, 0.5}, {tiny, tiny, 1}, {-inf, -0.5, 0}}},
      {"celu", function([](auto x) { return celu(x[0], 2); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, inf, 1}, {-inf, -2, 0}, {nan, nan, nan}, {1000, 1000, 1}}},
      {"selu", function([](auto x) { return selu(x[0]); }), {{0, 0, 1.7580993408473766}, {inf, inf, 1.0507009873554805}, {-inf, -1.7580993408473766, 0}, {nan, nan, nan}}},
      {"hardtanh", function([](auto x) { return hardtanh(x[0]); }), {{0, 0, 1}, {1, 1, 0}, {-1, -1, 0}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}}},
      {"relu6", function([](auto x) { return relu6(x[0]); }), {{0, 0, 0}, {6, 6, 0}, {3, 3, 1}, {inf, 6, 0}, {-inf, 0, 0}, {nan, nan, nan}}},
      {"threshold", function([](auto x) { return threshold(x[0], 1, -5); }), {{1, -5, 0}, {2, 2, 1}, {inf, inf, 1}, {-inf, -5, 0}, {nan, nan, nan}}},
      {"heaviside", function([](auto x) { return heaviside(x[0]); }), {{0, 0.5, 0}, {-0.0, 0.5, 0}, {2, 1, 0}, {-2, 0, 0}, {inf, 1, 0}, {-inf, 0, 0}}},
      {"sin", function([](auto x) { return sin(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}, {tiny, tiny, 1}}},
      {"cos", function([](auto x) { return cos(x[0]); }), {{0, 1, 0}, {-0.0, 1, 0}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}, {tiny, 1, -tiny}}},
      {"exp2", function([](auto x) { return exp2(x[0]); }), {{0, 1, ln2}, {-0.0, 1, ln2}, {10, 1024, 1024 * ln2}, {inf, inf, inf}, {-inf, 0, 0}, {nan, nan, nan}, {2000, inf, inf}, {-2000, 0, 0}}},
      {"log2", function([](auto x) { return log2(x[0]); }), {{0, -inf, inf}, {-0.0, -inf, inf}, {8, 3, 0.125 / ln2}, {inf, inf, 0}, {-inf, nan, nan}, {-1, nan, nan}, {nan, nan, nan}}},
      {"log10", function([](auto x) { return log10(x[0]); }), {{0, -inf, inf}, {-0.0, -inf, inf}, {1000, 3, std::numbers::log10e / 1000}, {inf, inf, 0}, {-inf, nan, nan}, {-1, nan, nan}, {nan, nan, nan}}},
      {"cbrt", function([](auto x) { return cbrt(x[0]); }), {{0, 0, inf}, {-0.0, -0.0, inf}, {8, 2, 1 / 12.0}, {-8, -2, 1 / 12.0}, {inf, inf, 0}, {-inf, -inf, 0}, {nan, nan, nan}}},
      {"tan", function([](auto x) { return tan(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}, {tiny, tiny, 1}}},
      {"asin", function([](auto x) { return asin(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {1, pi / 2, inf}, {-1, -pi / 2, inf}, {2, nan, nan}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}, {tiny, tiny, 1}}},
      {"acos", function([](auto x) { return acos(x[0]); }), {{0, pi / 2, -1}, {1, 0, -inf}, {-1, pi, -inf}, {2, nan, nan}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}}},
      {"atan", function([](auto x) { return atan(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, pi / 2, 0}, {-inf, -pi / 2, 0}, {nan, nan, nan}, {tiny, tiny, 1}, {huge, pi / 2, 0}}},
      {"sinh", function([](auto x) { return sinh(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, inf, inf}, {-inf, -inf, inf}, {nan, nan, nan}, {tiny, tiny, 1}, {1000, inf, inf}, {-1000, -inf, inf}}},
      {"cosh", function([](auto x) { return cosh(x[0]); }), {{0, 1, 0}, {-0.0, 1, 0}, {inf, inf, inf}, {-inf, inf, -inf}, {nan, nan, nan}, {1000, inf, inf}}},
      {"asinh", function([](auto x) { return asinh(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {inf, inf, 0}, {-inf, -inf, 0}, {nan, nan, nan}, {tiny, tiny, 1}, {1e30, std::asinh(1e30), 1e-30}, {-1e30, -std::asinh(1e30), 1e-30}}},
      {"acosh", function([](auto x) { return acosh(x[0]); }), {{1, 0, inf}, {0.5, nan, nan}, {-3, nan, nan}, {inf, inf, 0}, {-inf, nan, nan}, {nan, nan, nan}, {1e30, std::acosh(1e30), 1e-30}}},
      {"atanh", function([](auto x) { return atanh(x[0]); }), {{0, 0, 1}, {-0.0, -0.0, 1}, {1, inf, inf}, {-1, -inf, inf}, {2, nan, nan}, {-2, nan, nan}, {inf, nan, nan}, {-inf, nan, nan}, {nan, nan, nan}, {tiny, tiny, 1}}},
      {"erf", function([](auto x) { return erf(x[0]); }), {{0, 0, 2 / root_pi}, {-0.0, -0.0, 2 / root_pi}, {inf, 1, 0}, {-inf, -1, 0}, {nan, nan, nan}, {1000, 1, 0}}},
      {"erfc", function([](auto x) { return erfc(x[0]); }), {{0, 1, -2 / root_pi}, {-0.0, 1, -2 / root_pi}, {inf, 0, 0}, {-inf, 2, 0}, {nan, nan, nan}, {5, 1.5374597944280349e-12, -2 / root_pi * std::exp(-25)}}},
      {"lgamma", function([](auto x) { return lgamma(x[0]); }),
       {{1, 0, -euler}, {2, 0, 1 - euler}, {0.5, std::log(root_pi), -1.9635100260214235}, {0, inf, -inf}, {-0.0, inf, inf}, {-1, inf, nan}, {inf, inf, inf}, {-inf, inf, nan}, {nan, nan, nan}}},
      {"digamma", function([](auto x) { return digamma(x[0]); }),
       {{1, -euler, pi * pi / 6}, {0.5, -1.9635100260214235, pi * pi / 2}, {-0.5, 0.03648997397857652, pi * pi / 2 + 4}, {0, -inf, inf}, {-0.0, inf, inf}, {-1, nan, inf}, {inf, inf, 0}, {-inf, nan, nan}, {nan, nan, nan}}},
      {"polygamma", function([](auto x) { return polygamma(1, x[0]); }),
       {{1, pi * pi / 6, -2.4041138063191886}, {0, inf, -inf}, {-0.0, inf, inf}, {-1, inf, nan}, {-0.5, pi * pi / 2 + 4, -0.82879664423432} , {inf, 0, -0.0}, {-inf, nan, nan}, {nan, nan, nan}}},
      {"polygamma_0", function([](auto x) { return polygamma(0, x[0]); }), {{1, -euler, pi * pi / 6}, {0, -inf, inf}}},
      {"square", function([](auto x) { return square(x[0]); }), {{0, 0, 0}, {inf, inf, inf}, {-inf, inf, -inf}, {nan, nan, nan}, {huge, inf, inf}, {tiny, 0, 2 * tiny}}},
      {"negative", function([](auto x) { return -x[0]; }), {{0, -0.0, -1}, {-0.0, 0, -1}, {inf, -inf, -1}, {nan, nan, -1}, {tiny, -tiny, -1}}},
      {"times_10", function([](auto x) { return x[0] * 10; }), {{huge, inf, 10}, {-huge, -inf, 10}, {tiny, 10 * tiny, 10}, {nan, nan, 10}}},
      {"plus_1", function([](auto x) { return x[0] + 1; }), {{inf, inf, 1}, {nan, nan, 1}, {tiny, 1, 1}}},
      {"to_the_0", function([](auto x) { return pow(x[0], 0); }), {{0, 1, 0}, {-0.0, 1, 0}, {inf, 1, 0}, {-inf, 1, 0}, {nan, 1, 0}, {2, 1, 0}}},
      {"to_the_half", function([](auto x) { return pow(x[0], 0.5); }), {{0, 0, inf}, {-1, nan, nan}, {inf, inf, 0}, {nan, nan, nan}, {4, 2, 0.25}}},
      {"to_the_2", function([](auto x) { return pow(x[0], 2); }), {{0, 0, 0}, {-3, 9, -6}, {inf, inf, inf}, {-inf, inf, -inf}, {nan, nan, nan}}},
      {"to_the_minus_1", function([](auto x) { return pow(x[0], -1); }), {{0, inf, -inf}, {inf, 0, 0}, {-2, -0.5, -0.25}, {nan, nan, nan}}},
      {"0_to_the", function([](auto x) { return pow(0, x[0]); }), {{0, 1, 0}, {2, 0, 0}, {-1, inf, -inf}, {nan, nan, nan}}},
      {"1_to_the", function([](auto x) { return pow(1, x[0]); }), {{0, 1, 0}, {3, 1, 0}, {nan, 1, 0}, {inf, 1, 0}}},
      {"inf_to_the", function([](auto x) { return pow(inf, x[0]); }), {{0, 1, inf}, {2, inf, inf}, {-1, 0, nan}}},
      {"minus_1_to_the", function([](auto x) { return pow(-1, x[0]); }), {{2, 1, nan}, {0.5, nan, nan}}},
      // Compositions.
      // The value is 0 * inf; the slope is that of the product, of which log's part has a cotangent of 0.
      {"x_log_x", function([](auto x) { return x[0] * log(x[0]); }), {{0, nan, -inf}, {1, 0, 1}}},
      {"masked_log", function([](auto x) { return where(x[0] > 0, log(x[0]), 0 * x[0]); }), {{0, 0, 0}, {2, std::log(2.0), 0.5}, {-1, 0, 0}}},
      {"masked_root", function([](auto x) { return where(x[0] > 0, sqrt(x[0]), 0 * x[0]); }), {{0, 0, 0}, {4, 2, 0.25}, {-1, 0, 0}}},
  };
}

}  // namespace

TEST_P(SpecialValues, OfFloats) { expect_edges<float>(GetParam()); }
TEST_P(SpecialValues, OfDoubles) { expect_edges<double>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Unary, SpecialValues, testing::ValuesIn(edges()), name_of<testing::TestParamInfo<Edge>>);

TEST(SpecialValuesEverywhere, AreTheSameAtEveryLevelThatThisMachineHas) {
  struct Restored {
    ~Restored() {
      for (const auto level : detail::simd_levels)
        if (detail::is_available(level)) detail::force_simd_level(level);  // the best is the last
    }
  } const restored;
  for (const auto level : detail::simd_levels) {
    if (!detail::is_available(level)) continue;
    detail::force_simd_level(level);
    for (const auto& edge : edges()) {
      SCOPED_TRACE(edge.name + " on " + std::string(detail::to_string(level)));
      expect_edges<float>(edge);
      expect_edges<double>(edge);
    }
  }
}

// ---- one by one ----

TEST(Comparisons, OfNaNAreFalseButForInequality) {
  const auto x = from_values<double>({nan, 1, -0.0, inf}, {4}), y = from_values<double>({nan, nan, 0, inf}, {4});
  const auto count = [](const Array<bool>& mask) { return std::count(mask.begin(), mask.end(), true); };
  EXPECT_EQ(count(greater(x, y)), 0);
  EXPECT_EQ(count(less(x, y)), 0);
  EXPECT_EQ(count(equal(x, y)), 2);
  EXPECT_EQ(count(greater_equal(x, y)), 2);
  EXPECT_EQ(count(less_equal(x, y)), 2);
  EXPECT_EQ(count(not_equal(x, y)), 2);
}

TEST(Clip, RefusesBoundsThatAreNotInOrder) {
  const Array<double> x(1.0);
  EXPECT_THROW(static_cast<void>(clip(x, 1, 0)), ValueError);
  EXPECT_THROW(static_cast<void>(clip(x, nan, 0)), ValueError);
  EXPECT_THROW(static_cast<void>(clip(x, 0, nan)), ValueError);
}

TEST(Exp, ReachesToTheEdgesOfItsType) {
  EXPECT_TRUE(std::isfinite(exp(full<float>({21}, 88.7f))(20)));
  EXPECT_TRUE(std::isinf(exp(full<float>({21}, 88.8f))(20)));
  EXPECT_TRUE(std::isfinite(exp(full<double>({21}, 709.7))(20)));
  EXPECT_TRUE(std::isinf(exp(full<double>({21}, 709.8))(20)));
  EXPECT_GT(exp(full<float>({21}, -103.f))(20), 0.f);  // denormal
  EXPECT_GT(exp(full<double>({21}, -745.0))(20), 0.0);
  EXPECT_EQ(exp(full<float>({21}, -104.f))(20), 0.f);
  EXPECT_EQ(exp(full<double>({21}, -746.0))(20), 0.0);
}

TEST(Denormals, AreNotFlushed) {
  constexpr auto small = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ((full<double>({21}, small) + full<double>({21}, small))(20), 2 * small);
  EXPECT_EQ((full<double>({21}, small) * 3)(20), 3 * small);
  EXPECT_EQ(relu(full<double>({21}, small))(20), small);
  EXPECT_EQ(sum(full<double>({21}, small)).item(), 21 * small);
  EXPECT_EQ(sqrt(full<double>({21}, small))(20), std::sqrt(small));
  EXPECT_NEAR(log(full<double>({21}, small))(20), std::log(small), 1e-12);
  constexpr auto small_float = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ((full<float>({21}, small_float) + full<float>({21}, small_float))(20), 2 * small_float);
  EXPECT_NEAR(log(full<float>({21}, small_float))(20), std::log(small_float), 1e-5f);
}

}  // namespace wengert::test
