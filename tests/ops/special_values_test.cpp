// The second table: what each operation answers at the edges of IEEE arithmetic, value and gradient, in float and in double, as
// numbers and as arrays, whose elements go through the SIMD loops.
#include <algorithm>
#include <cmath>
#include <cstdint>
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
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

#include "array/simd.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// These stand for the smallest denormal (and small multiples of it), and for the largest finite number, of the type at hand.
constexpr double tiny = std::numeric_limits<double>::denorm_min();
constexpr double huge = std::numeric_limits<double>::max();

constexpr double pi = std::numbers::pi, ln2 = std::numbers::ln2, euler = std::numbers::egamma;
const double root_pi = std::sqrt(pi);

template <Real T>
T in_type(double x) {
  if (std::abs(x) < 100 * tiny) return std::copysign(std::numeric_limits<T>::denorm_min(), static_cast<T>(x)) * static_cast<T>(std::abs(x) / tiny);
  if (std::abs(x) == huge) return std::copysign(std::numeric_limits<T>::max(), static_cast<T>(x > 0 ? 1 : -1));
  return static_cast<T>(x);
}

/// NaN like NaN, infinities alike, -0 where -0 is wanted, anything else to a few units of the last place.
template <Real T>
testing::AssertionResult is_as(T got, double wanted) {
  const T want = in_type<T>(wanted);
  bool same = false;
  if (std::isnan(want)) {
    same = std::isnan(got);
  } else if (want == 0) {
    same = got == 0 && (!std::signbit(want) || std::signbit(got));
  } else if (std::isinf(want)) {
    same = got == want;
  } else {
    same = std::abs(got - want) <= 8 * std::numeric_limits<T>::epsilon() * std::abs(want) && std::signbit(got) == std::signbit(want);
  }
  return same ? testing::AssertionSuccess() : testing::AssertionFailure() << "is " << got << ", not " << want << (sizeof(T) == sizeof(float) ? " (float)" : " (double)");
}

template <class Info>
std::string name_of(const Info& info) {
  return info.param.name;
}

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

namespace {

// ---- functions of two numbers ----

struct Pair {
  double a, b, value, da, db;
};

struct PairEdge {
  std::string name;
  Function function;
  std::vector<Pair> points;
};

class SpecialPairs : public testing::TestWithParam<PairEdge> {};

template <Real T>
void expect_pairs(const PairEdge& edge) {
  for (const auto& [a, b, value, da, db] : edge.points) {
    SCOPED_TRACE("at " + std::to_string(a) + ", " + std::to_string(b));
    for (const Shape& shape : {Shape{}, Shape{21}}) {
      Tape tape;
      const Var<T> leaves[] = {tape.variable(full<T>(shape, in_type<T>(a))), tape.variable(full<T>(shape, in_type<T>(b)))};
      const Var<T> y = edge.function(std::span<const Var<T>>(leaves));
      const auto g = tape.backward(y, {.cotangent = full<T>(shape, T(1)), .keep_tape = true});
      const auto nothing = tape.backward(y, {.cotangent = full<T>(shape, T(0)), .keep_tape = true});
      const auto recorded = tape.gradient(y, leaves, {.cotangent = full<T>(shape, T(1))});
      for (std::size_t k = 0; k < y.size(); k += 20) {
        EXPECT_TRUE(is_as(y.value().data()[k], value)) << "the value, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(g[leaves[0]].data()[k], da)) << "da, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(g[leaves[1]].data()[k], db)) << "db, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(recorded[0].value().data()[k], da)) << "da, recorded, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(recorded[1].value().data()[k], db)) << "db, recorded, element " << k << " of " << shape;
        EXPECT_EQ(nothing[leaves[0]].data()[k], T(0)) << "da of nothing, element " << k << " of " << shape;
        EXPECT_EQ(nothing[leaves[1]].data()[k], T(0)) << "db of nothing, element " << k << " of " << shape;
      }
    }
  }
}

std::vector<PairEdge> pair_edges() {
  return {
      {"add", function([](auto x) { return x[0] + x[1]; }), {{huge, huge, inf, 1, 1}, {inf, -inf, nan, 1, 1}, {nan, 1, nan, 1, 1}}},
      {"multiply", function([](auto x) { return x[0] * x[1]; }), {{huge, 10, inf, 10, huge}, {0, inf, nan, inf, 0}, {nan, 2, nan, 2, nan}, {tiny, 0.25, 0, 0.25, tiny}}},
      {"divide", function([](auto x) { return x[0] / x[1]; }),
       {{1, 0, inf, inf, -inf}, {1, -0.0, -inf, -inf, -inf}, {0, 0, nan, inf, nan}, {1, inf, 0, 0, -0.0}, {inf, inf, nan, 0, nan}, {nan, 1, nan, 1, nan}, {1, nan, nan, nan, nan}}},
      // b^2 leaves the range of numbers, a / b^2 does not.
      {"divide_far_out", function([](auto x) { return x[0] / x[1]; }), {{1e30, 1e25, 1e5, 1e-25, -1e-20}, {1e-30, 1e-25, 1e-5, 1e25, -1e20}}},
      {"pow", function([](auto x) { return pow(x[0], x[1]); }),
       {{0, 0, 1, 0, 0}, {-1, 2, 1, -2, nan}, {inf, 0, 1, 0, inf}, {-1, 0.5, nan, nan, nan}, {1, nan, 1, nan, 0}, {nan, 0, 1, 0, nan}, {0, 2, 0, 0, 0}, {0, -1, inf, -inf, -inf}, {0, 1, 0, 1, 0}, {2, 3, 8, 12, 8 * std::log(2.0)}}},
      {"xlogy", function([](auto x) { return xlogy(x[0], x[1]); }),
       {{2, 3, 2 * std::log(3.0), std::log(3.0), 2 / 3.0}, {0, 0, 0, 0, 0}, {0, -1, 0, 0, 0}, {0, nan, 0, 0, 0}, {0, inf, 0, 0, 0}, {-0.0, 0, 0, 0, 0}, {0, 2, 0, std::log(2.0), 0}, {2, 0, -inf, -inf, inf}, {2, -1, nan, nan, nan}, {nan, 2, nan, std::log(2.0), nan}, {2, nan, nan, nan, nan}}},
      {"atan2", function([](auto x) { return atan2(x[0], x[1]); }),
       {{1, 1, pi / 4, 0.5, -0.5}, {0, 1, 0, 1, 0}, {0, -1, pi, -1, 0}, {-0.0, -1, -pi, -1, 0}, {1, 0, pi / 2, 0, -1}, {0, 0, 0, nan, nan}, {1, inf, 0, 0, 0}, {inf, 1, pi / 2, 0, 0}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan},
        {1e25, 1e25, pi / 4, 0.5e-25, -0.5e-25}, {1e-25, -1e-25, 3 * pi / 4, -0.5e25, -0.5e25}}},
      {"maximum", function([](auto x) { return maximum(x[0], x[1]); }),
       {{1, 1, 1, 0.5, 0.5}, {0, -0.0, 0, 0.5, 0.5}, {-0.0, 0, 0, 0.5, 0.5}, {inf, inf, inf, 0.5, 0.5}, {inf, 1, inf, 1, 0}, {-inf, 1, 1, 0, 1}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan}, {nan, 0, nan, nan, nan}, {nan, nan, nan, nan, nan}, {tiny, 0, tiny, 1, 0}}},
      {"minimum", function([](auto x) { return minimum(x[0], x[1]); }),
       {{1, 1, 1, 0.5, 0.5}, {0, -0.0, 0, 0.5, 0.5}, {-0.0, 0, 0, 0.5, 0.5}, {-inf, -inf, -inf, 0.5, 0.5}, {inf, 1, 1, 0, 1}, {-inf, 1, -inf, 1, 0}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan}, {nan, 0, nan, nan, nan}, {nan, nan, nan, nan, nan}, {-tiny, 0, -tiny, 1, 0}}},
      // The strong zero's own cards.
      {"strong_product", function([](auto x) { return detail::record_library<cards::StrongProduct>(x[0], x[1]); }),
       {{0, inf, 0, 0, 0}, {0, nan, 0, 0, 0}, {0, 3, 0, 3, 0}, {2, 0, 0, 0, 2}, {inf, 0, nan, 0, 0}, {2, inf, inf, inf, 2}, {nan, 2, nan, 2, nan}, {-0.0, inf, 0, 0, 0}}},
      {"both", function([](auto x) { return detail::record_library<cards::Both>(x[0], x[1]); }),
       {{0, inf, 0, 0, 0}, {inf, 0, 0, 0, 0}, {0, nan, 0, 0, 0}, {nan, 0, 0, 0, 0}, {0, 3, 0, 3, 0}, {2, 0, 0, 0, 2}, {2, inf, inf, inf, 2}, {nan, 2, nan, 2, nan}}},
      {"guarded", function([](auto x) { return detail::record_library<cards::Guarded>(x[0], x[1]); }),
       {{inf, 0, 0, 0, 0}, {nan, 0, 0, 0, 0}, {-inf, -0.0, 0, 0, 0}, {3, 0, 3, 1, 0}, {inf, 2, inf, 1, 0}, {nan, 2, nan, 1, 0}, {inf, nan, inf, 1, 0}}},
      // What `where` does not choose contributes nothing, whatever it is.
      {"where", function([](auto x) { return where(full<bool>({}, true), x[0], x[1]); }), {{1, nan, 1, 1, 0}, {1, inf, 1, 1, 0}, {nan, 1, nan, 1, 0}, {-0.0, 1, -0.0, 1, 0}}},
  };
}

}  // namespace

TEST_P(SpecialPairs, OfFloats) { expect_pairs<float>(GetParam()); }
TEST_P(SpecialPairs, OfDoubles) { expect_pairs<double>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Binary, SpecialPairs, testing::ValuesIn(pair_edges()), name_of<testing::TestParamInfo<PairEdge>>);

namespace {

// ---- functions of a row of numbers: reductions and the softmax family ----

struct RowEdge {
  std::vector<double> x, value, gradient;  // the gradient for a cotangent of ones, or of the first element alone for functions that keep the row
};

struct RowFunction {
  std::string name;
  Function function;
  std::vector<RowEdge> rows;
};

class SpecialRows : public testing::TestWithParam<RowFunction> {};

/// As it stands, along both axes of a matrix (other loops), and with every number repeated so often that SIMD loops have work.
template <Real T>
void expect_rows(const RowFunction& edge) {
  for (const RowEdge& row : edge.rows) {
    const auto &x = row.x, &value = row.value, &gradient = row.gradient;
    SCOPED_TRACE("a row of " + std::to_string(x.size()) + " beginning with " + (x.empty() ? "nothing" : std::to_string(x[0])));
    Tape tape;
    const auto numbers = Array<T>::build({x.size()}, [&](std::span<T> out) { std::transform(x.begin(), x.end(), out.begin(), in_type<T>); });
    const Var<T> leaf[] = {tape.variable(numbers)};
    const Var<T> y = edge.function(std::span<const Var<T>>(leaf));
    ASSERT_EQ(y.size(), value.size());
    for (std::size_t k = 0; k < value.size(); ++k) EXPECT_TRUE(is_as(y.value().data()[k], value[k])) << "value " << k;
    const bool keeps_row = y.size() == x.size() && x.size() > 1;
    const auto cotangent = Array<T>::build(y.shape(), [&](std::span<T> out) { for (std::size_t k = 0; k < out.size(); ++k) out[k] = T(keeps_row && k > 0 ? 0 : 1); });
    const auto g = tape.backward(y, {.cotangent = cotangent, .keep_tape = true})[leaf[0]];
    const auto recorded = tape.gradient(y, leaf[0], {.cotangent = cotangent}).value();
    ASSERT_EQ(g.size(), gradient.size());
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      EXPECT_TRUE(is_as(g.data()[k], gradient[k])) << "gradient " << k;
      EXPECT_TRUE(is_as(recorded.data()[k], gradient[k])) << "gradient " << k << ", recorded";
    }
  }
}

std::vector<RowFunction> row_functions() {
  return {
      {"sum", function([](auto x) { return sum(x[0], 0); }), {{{}, {0}, {}}, {{nan, 1}, {nan}, {1, 1}}, {{inf, 1}, {inf}, {1, 1}}, {{inf, -inf}, {nan}, {1, 1}}, {{huge, huge}, {inf}, {1, 1}}, {{tiny, tiny}, {2 * tiny}, {1, 1}}}},
      {"mean", function([](auto x) { return mean(x[0], 0); }), {{{nan, 1}, {nan}, {0.5, 0.5}}, {{inf, 1}, {inf}, {0.5, 0.5}}}},
      {"var", function([](auto x) { return var(x[0], 0); }),
       {{{nan, 1}, {nan}, {nan, nan}}, {{inf, 1}, {nan}, {nan, -inf}}, {{1, 1}, {0}, {0, 0}}, {{1, 3}, {2}, {-2, 2}}}},
      {"stddev", function([](auto x) { return stddev(x[0], 0); }), {{{nan, 1}, {nan}, {nan, nan}}, {{1, 1}, {0}, {0, 0}}, {{2, 2, 2}, {0}, {0, 0, 0}}}},
      {"amax", function([](auto x) { return amax(x[0], 0); }),
       {{{1, 1}, {1}, {0.5, 0.5}}, {{inf, inf, 1}, {inf}, {0.5, 0.5, 0}}, {{nan, 1}, {nan}, {nan, nan}}, {{1, nan, 2}, {nan}, {nan, nan, nan}}, {{-inf, -inf}, {-inf}, {0.5, 0.5}}, {{0, -0.0}, {0}, {0.5, 0.5}}, {{1, 3, 2}, {3}, {0, 1, 0}}, {{-tiny, 0, tiny}, {tiny}, {0, 0, 1}}}},
      {"amin", function([](auto x) { return amin(x[0], 0); }),
       {{{1, 1}, {1}, {0.5, 0.5}}, {{-inf, -inf, 1}, {-inf}, {0.5, 0.5, 0}}, {{nan, 1}, {nan}, {nan, nan}}, {{1, nan, 0}, {nan}, {nan, nan, nan}}, {{inf, inf}, {inf}, {0.5, 0.5}}, {{3, 1, 2}, {1}, {0, 1, 0}}}},
      {"logsumexp", function([](auto x) { return logsumexp(x[0], 0); }),
       {{{}, {-inf}, {}}, {{-inf, -inf}, {-inf}, {0, 0}}, {{inf, 0}, {inf}, {1, 0}}, {{inf, inf}, {inf}, {0.5, 0.5}}, {{-inf, 0}, {0}, {0, 1}}, {{nan, 0}, {nan}, {nan, nan}}, {{inf, -inf}, {inf}, {1, 0}},
        {{1000, 1000}, {1000 + std::log(2.0)}, {0.5, 0.5}}, {{-1000, -1000}, {-1000 + std::log(2.0)}, {0.5, 0.5}}, {{inf, nan}, {nan}, {nan, nan}}}},
      {"softmax", function([](auto x) { return softmax(x[0], 0); }),
       {{{}, {}, {}}, {{-inf, 0}, {0, 1}, {0, 0}}, {{-inf, -inf}, {nan, nan}, {nan, nan}}, {{inf, 0}, {nan, nan}, {nan, nan}}, {{nan, 0}, {nan, nan}, {nan, nan}}, {{1000, 1000}, {0.5, 0.5}, {0.25, -0.25}}, {{-1000, -1000}, {0.5, 0.5}, {0.25, -0.25}}}},
      {"log_softmax", function([](auto x) { return log_softmax(x[0], 0); }),
       {{{}, {}, {}}, {{-inf, 0}, {-inf, 0}, {1, -1}}, {{-inf, -inf}, {nan, nan}, {nan, nan}}, {{inf, 0}, {nan, nan}, {nan, nan}}, {{nan, 0}, {nan, nan}, {nan, nan}}, {{1000, 1000}, {-std::log(2.0), -std::log(2.0)}, {0.5, -0.5}}, {{0, 1000}, {-1000, 0}, {1, -1}}}},
  };
}

}  // namespace

TEST_P(SpecialRows, OfFloats) { expect_rows<float>(GetParam()); }
TEST_P(SpecialRows, OfDoubles) { expect_rows<double>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Reductions, SpecialRows, testing::ValuesIn(row_functions()), name_of<testing::TestParamInfo<RowFunction>>);

// ---- the rest, one by one ----

TEST(SpecialReductions, OfNothingThrowWhereThereIsNoAnswer) {
  const auto nothing = zeros<double>({2, 0});
  EXPECT_EQ(sum(nothing, 1)(0), 0);
  EXPECT_EQ(logsumexp(nothing, 1)(1), -inf);
  EXPECT_EQ(softmax(nothing, 1).size(), 0u);
  EXPECT_EQ(log_softmax(nothing, 1).size(), 0u);
  EXPECT_EQ(amax(nothing, 0).shape(), (Shape{0}));  // of two elements each, none times
  EXPECT_THROW(static_cast<void>(mean(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(var(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(stddev(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(amax(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(amin(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(argmax(nothing, 1)), ValueError);
  EXPECT_THROW(static_cast<void>(argmax(nothing)), ValueError);
  EXPECT_THROW(static_cast<void>(var(ones<double>({1}))), ValueError);
  EXPECT_THROW(static_cast<void>(stddev(ones<double>({3, 1}), 1)), ValueError);
  EXPECT_THROW(static_cast<void>(var(ones<double>({2}), {.correction = 2})), ValueError);
  EXPECT_EQ(var(ones<double>({1}), {.correction = 0}).item(), 0);
}

TEST(SpecialReductions, KeepTheirDigits) {
  // A million terms: added one after the other a float sum of 0.1 is off by a percent.
  const auto tenths = full<float>({1000003}, 0.1f);
  const double exact = 1000003 * static_cast<double>(0.1f);
  EXPECT_NEAR(static_cast<double>(sum(tenths).item()), exact, 1e-6 * exact);
  EXPECT_NEAR(static_cast<double>(mean(tenths).item()), static_cast<double>(0.1f), 1e-7);
  EXPECT_NEAR(static_cast<double>(sum(full<float>({1000003, 2}, 0.1f), 0)(1)), exact, 1e-6 * exact);
  EXPECT_NEAR(sum(full<double>({1000003}, 0.1)).item(), 100000.3, 1e-9);
  EXPECT_EQ(sum(ones<float>({20000000})).item(), 2e7f);  // one by one a float stops counting at 2^24

  // Cancellation: the squares are 1e16, the variance is 1.
  EXPECT_EQ(var(from_values<double>({1e8 + 1, 1e8 + 2, 1e8 + 3}, {3})).item(), 1);
  EXPECT_EQ(stddev(from_values<double>({1e8 + 1, 1e8 + 2, 1e8 + 3}, {3})).item(), 1);
  EXPECT_EQ(var(from_values<float>({4097, 4098, 4099}, {3})).item(), 1.f);
  Tape tape;
  const auto x = tape.variable(from_values<double>({1e8 + 1, 1e8 + 2, 1e8 + 3}, {3}));
  const auto g = tape.backward(var(x))[x];
  EXPECT_EQ(g(0), -1);
  EXPECT_EQ(g(1), 0);
  EXPECT_EQ(g(2), 1);
}

TEST(Argmax, TakesTheFirstNaNElseTheFirstOfTies) {
  const auto place = [](std::initializer_list<double> x) { return argmax(from_values<double>(x, {x.size()})).item(); };
  EXPECT_EQ(place({1, 3, 2}), 1);
  EXPECT_EQ(place({3, 1, 3}), 0);
  EXPECT_EQ(place({1, nan, 3, nan}), 1);
  EXPECT_EQ(place({nan}), 0);
  EXPECT_EQ(place({-inf, -inf}), 0);
  EXPECT_EQ(place({0, inf, inf}), 1);
  EXPECT_EQ(place({-0.0, 0}), 0);
  EXPECT_EQ(place({inf, nan}), 1);
  const auto x = from_values<float>({1, 5, 2, 7, 0, 7, 3, 3, std::nanf(""), -1, -2, -3}, {2, 3, 2});
  EXPECT_EQ(argmax(x, 1).shape(), (Shape{2, 2}));
  EXPECT_EQ(argmax(x, 1)(0, 0), 1);
  EXPECT_EQ(argmax(x, 1)(0, 1), 1);  // of 5, 7, 7
  EXPECT_EQ(argmax(x, 1)(1, 0), 1);  // of 3, NaN, -2
  EXPECT_EQ(argmax(x, 1)(1, 1), 0);
  EXPECT_EQ(argmax(x, -1).shape(), (Shape{2, 3}));
  EXPECT_EQ(argmax(x, -1)(1, 0), 0);  // of 3, 3
  EXPECT_EQ(argmax(x, -1)(0, 2), 1);
  EXPECT_EQ(argmax(x).item(), 8);
  EXPECT_EQ(argmax(Array<double>(3.0)).item(), 0);
}

// ---- the strong zero, at every order ----

TEST(StrongZero, KeepsAMaskedLogarithmCleanToTheThirdOrder) {
  const auto in_type_of = [](auto zero) {
    using T = decltype(zero);
    Tape tape;
    const auto x = tape.variable(from_values<T>({0, 2}, {2}));
    const auto y = where(x > 0, log(x), 0);
    const auto first = tape.gradient(sum(y), x);
    const auto second = tape.gradient(sum(first), x);
    const auto third = tape.gradient(sum(second), x);
    const T wanted[][2] = {{0, std::log(T(2))}, {0, T(0.5)}, {0, T(-0.25)}, {0, T(0.25)}};
    std::size_t order = 0;
    for (const auto& derivative : {y, first, second, third}) {
      EXPECT_EQ(derivative.value()(0), wanted[order][0]) << "order " << order;
      EXPECT_NEAR(static_cast<double>(derivative.value()(1)), static_cast<double>(wanted[order][1]), 1e-6) << "order " << order;
      ++order;
    }
  };
  in_type_of(0.0);
  in_type_of(0.f);
}

TEST(StrongZero, KeepsMaskedNumbersCleanToo) {
  for (const double at : {0.0, -1.0}) {
    Tape tape;
    const auto x = tape.variable(at);
    const auto y = where(x > 0, sqrt(x) * log(x), 0);
    const auto first = tape.gradient(y, x), second = tape.gradient(first, x), third = tape.gradient(second, x);
    EXPECT_EQ(y.item(), 0);
    EXPECT_EQ(first.item(), 0);
    EXPECT_EQ(second.item(), 0);
    EXPECT_EQ(third.item(), 0);
    EXPECT_EQ(tape.backward(y)[x].item(), 0);
  }
}

TEST(StrongZero, DifferentiatesTheProductAsAProduct) {
  // (tanh x)^2 / 2 at 0: the cotangent of tanh is tanh x = 0 there, and its derivative must live on.
  for (const bool as_array : {false, true}) {
    Tape tape;
    const auto x = as_array ? tape.variable(zeros<double>({3})) : tape.variable(0.0);
    const auto first = tape.gradient(sum(square(tanh(x)) / 2), x);
    const auto second = tape.gradient(sum(first), x);
    const auto third = tape.gradient(sum(second), x);
    const auto fourth = tape.gradient(sum(third), x);
    EXPECT_EQ(first.value().data()[0], 0);
    EXPECT_EQ(second.value().data()[0], 1);
    EXPECT_EQ(third.value().data()[0], 0);
    EXPECT_EQ(fourth.value().data()[0], -8);  // tanh^2 = x^2 - 2 x^4 / 3 + ...
    EXPECT_EQ(tape.backward(sum(first))[x].data()[0], 1);
  }
}

TEST(StrongZero, HoldsForMasksThatAreFactors) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({0, 2, -1}, {3}));
  const auto y = sum(where(greater(x, 0), 1 / x + log(x) + sqrt(x), 0));
  const auto first = tape.gradient(y, x), second = tape.gradient(sum(first), x);
  EXPECT_EQ(first.value()(0), 0);
  EXPECT_EQ(first.value()(2), 0);
  EXPECT_EQ(second.value()(0), 0);
  EXPECT_EQ(second.value()(2), 0);
  EXPECT_NEAR(first.value()(1), -0.25 + 0.5 + 0.25 * std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(second.value()(1), 0.25 - 0.25 - 0.0625 * std::sqrt(2.0), 1e-15);
}

TEST(StrongZero, HoldsForStretchedOperands) {
  Tape tape;
  const auto a = tape.variable(from_values<double>({0, 1}, {2, 1}));
  const auto b = tape.variable(from_values<double>({1, 2, 3}, {3}));
  const auto y = sum(where(broadcast_to(a, {2, 3}) > 0, b / a, 0));
  const auto gradient = tape.gradient(y, {a, b});
  EXPECT_EQ(gradient[0].value()(0, 0), 0);
  EXPECT_EQ(gradient[0].value()(1, 0), -6);
  EXPECT_EQ(gradient[1].value()(2), 1);
  const auto plain = tape.backward(y);
  EXPECT_EQ(plain[a](0, 0), 0);
  EXPECT_EQ(plain[b](0), 1);
}

TEST(StrongZero, HoldsForReductions) {
  const auto reductions = {
      function([](auto x) { return var(x[0], 1); }),  function([](auto x) { return stddev(x[0], 1); }),    function([](auto x) { return amax(x[0], 1); }),
      function([](auto x) { return amin(x[0], 1); }), function([](auto x) { return logsumexp(x[0], 1); }),
  };
  int which = 0;
  for (const auto& reduction : reductions) {
    Tape tape;
    const auto x = tape.variable(from_values<double>({inf, nan, 3, 1, 2, 5}, {2, 3}));
    const std::array operands{x};
    const auto y = reduction(std::span<const Var<double>>(operands));
    const auto cotangent = from_values<double>({0, 1}, {2});
    const auto recorded = tape.gradient(y, x, {.cotangent = cotangent}).value();
    const auto plain = tape.backward(y, {.cotangent = cotangent})[x];
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(recorded(0, i), 0) << which;
      EXPECT_EQ(plain(0, i), 0) << which;
      EXPECT_TRUE(std::isfinite(plain(1, i))) << which;
    }
    ++which;
  }
}

TEST(StrongZero, HoldsForCrossEntropy) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({inf, 1, nan, 0.5, 2, 1}, {2, 3}));
  const auto y = label_cross_entropy(x, from_values<std::int64_t>({0, 1}, {2}), -1);
  const auto cotangent = from_values<double>({0, 1}, {2});
  const auto recorded = tape.gradient(y, x, {.cotangent = cotangent}).value();
  const auto plain = tape.backward(y, {.cotangent = cotangent})[x];
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(recorded(0, i), 0);
    EXPECT_EQ(plain(0, i), 0);
    EXPECT_NEAR(recorded(1, i), plain(1, i), 1e-15);
  }
}

TEST(CrossEntropy, IsNaNWhereNoClassCanBeToldFromTheOthers) {
  const auto loss = [](std::initializer_list<double> logits, std::int64_t label) {
    return label_cross_entropy(from_values<double>(logits, {1, logits.size()}), from_values<std::int64_t>({label}, {1}), -1)(0);
  };
  EXPECT_TRUE(std::isnan(loss({inf, 1}, 0)));
  EXPECT_TRUE(std::isnan(loss({inf, 1}, 1)));
  EXPECT_TRUE(std::isnan(loss({-inf, -inf}, 0)));
  EXPECT_TRUE(std::isnan(loss({-inf}, 0)));
  EXPECT_TRUE(std::isnan(loss({nan, 1}, 1)));
  EXPECT_EQ(loss({-inf, 1}, 1), 0);
  EXPECT_EQ(loss({-inf, 1}, 0), inf);
}

TEST(CrossEntropy, HasAnExactGradientWhereTheLossIsSmallAndWhereItIsInfinite) {
  const auto gradient = [](std::initializer_list<double> logits, std::int64_t label, double cotangent) {
    Tape tape;
    const auto x = tape.variable(from_values<double>(logits, {1, logits.size()}));
    const auto y = label_cross_entropy(x, from_values<std::int64_t>({label}, {1}), -1);
    return tape.backward(y, {.cotangent = cotangent})[x];
  };
  const auto small = gradient({0, -40}, 0, 3);  // softmax - 1 would be 0
  EXPECT_NEAR(small(0, 0) / (-3 * std::exp(-40)), 1, 1e-14);
  EXPECT_NEAR(small(0, 1) / (3 * std::exp(-40)), 1, 1e-14);
  const auto endless = gradient({-inf, 1, 2}, 0, 3);
  EXPECT_EQ(endless(0, 0), -3);
  EXPECT_NEAR(endless(0, 1), 3 / (1 + std::exp(1)), 1e-15);
  EXPECT_NEAR(endless(0, 2), 3 / (1 + std::exp(-1)), 1e-15);
}

template <class T>
void expect_long_rows() {
  // Rows that are no whole number of blocks: what differs from block to block is the largest term.
  const std::size_t n = 5003;
  const auto x = Array<T>::build({2, n}, [&](std::span<T> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(i % 1031) / T(97) + static_cast<T>(i / 2048);
  });
  const auto y = logsumexp(x, 1);
  for (std::size_t row = 0; row < 2; ++row) {
    long double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += std::exp(static_cast<long double>(x(row, i)));
    EXPECT_NEAR(static_cast<double>(y(row)), static_cast<double>(std::log(sum)), 32 * std::numeric_limits<T>::epsilon());
  }
}
TEST(Logsumexp, AddsLongRowsInFloat) { expect_long_rows<float>(); }
TEST(Logsumexp, AddsLongRowsInDouble) { expect_long_rows<double>(); }

TEST(Logsumexp, RecordsTheGradientsOfRowsBesideAnInfiniteOne) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({inf, 1, 3, 0.5, 2, 1, -inf, -inf, -inf}, {3, 3}));
  const auto y = logsumexp(x, 1);
  const auto cotangent = from_values<double>({2, 3, 5}, {3});
  const auto recorded = tape.gradient(y, x, {.cotangent = cotangent}).value();
  const auto plain = tape.backward(y, {.cotangent = cotangent})[x];
  EXPECT_EQ(plain(0, 0), 2);
  EXPECT_NEAR(plain(1, 1), 3 * std::exp(2) / (std::exp(0.5) + std::exp(2) + std::exp(1)), 1e-15);
  EXPECT_EQ(plain(2, 1), 0);
  for (std::size_t k = 0; k < plain.size(); ++k) EXPECT_NEAR(recorded.data()[k], plain.data()[k], 1e-15) << k;
}

TEST(StrongZero, IsNotThatOfMatrixProducts) {
  const auto y = matmul(from_values<double>({0, 1}, {1, 2}), from_values<double>({inf, 1}, {2, 1}));
  EXPECT_TRUE(std::isnan(y.item()));
}

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
