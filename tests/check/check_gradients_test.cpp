// The checker is checked: right gradients pass, each kind of wrong one is caught and named.
#include <wengert/check/check_gradients.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "check/checker_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::check_gradients;
using wg::from_values;
using wg::GradientFinding;
using wg::GradientReport;
using wg::Shape;
using wg::Var;
using wg::test::check_plain;
using wg::test::Plain;
using wg::test::says;
using wg::test::values;
using Kind = wg::GradientFinding::Kind;

// ---- cards with a fault that a template argument chooses ----

enum class Fault { none, sign, factor, swapped, second_order, cotangent, random, wrong_shape, nothing, nan, throws_ours, throws_std, count };

int calls = 0;

/// y = a b + a, of two arrays of one shape.
template <Fault fault>
struct Product {
  static constexpr std::string_view name = "product";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;

  Shape shape(std::span<const Shape> in) const { return in[0]; }
  template <class T>
  Array<T> forward(wg::Inputs<T> in) const {
    return in[0] * in[1] + in[0];
  }
  template <class V>
  V pullback(std::size_t i, const wg::Step<V>& s) const {
    constexpr bool recorded = std::is_same_v<V, Var<double>>;
    if constexpr (fault == Fault::throws_ours) throw wg::ShapeError("product: no pullback today");
    if constexpr (fault == Fault::throws_std) throw std::out_of_range("the user's own");
    if (i == 1) return fault == Fault::swapped ? s.g * (s.x(1) + 1.0) : s.g * s.x(0);
    if constexpr (fault == Fault::sign) return -(s.g * (s.x(1) + 1.0));
    if constexpr (fault == Fault::factor) return s.g * (s.x(1) + 1.0) * (1 + 1e-6);
    if constexpr (fault == Fault::swapped) return s.g * s.x(0);
    if constexpr (fault == Fault::random) return s.g * (s.x(1) + 1.0) * (1 + 1e-15 * ++calls);
    if constexpr (fault == Fault::wrong_shape) return wg::sum(s.g);
    if constexpr (fault == Fault::nothing) return V();
    if constexpr (fault == Fault::nan) return s.g * std::numeric_limits<double>::quiet_NaN();
    if constexpr (fault == Fault::second_order && recorded) return s.g * (s.x(1).detach() + 1.0);
    if constexpr (fault == Fault::cotangent && recorded) return s.g.detach() * (s.x(1) + 1.0);
    return s.g * (s.x(1) + 1.0);
  }
};

/// The same with its gradients made together, but one too few.
struct OneShort {
  static constexpr std::string_view name = "one_short";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  template <class T>
  Array<T> forward(wg::Inputs<T> in) const {
    return in[0] * in[1];
  }
  template <class V>
  std::array<V, 1> pullbacks(const wg::Step<V>& s) const {
    return {s.g * s.x(1)};
  }
};

/// y = a + row, whose pullback forgets that the row was stretched.
struct ForgetsTheSum {
  static constexpr std::string_view name = "forgets_the_sum";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  template <class T>
  Array<T> forward(wg::Inputs<T> in) const {
    return in[0] + in[1];
  }
  template <class V>
  V pullback(std::size_t, const wg::Step<V>& s) const {
    return s.g;
  }
};

template <Fault fault>
GradientReport check_product(std::size_t order = 1) {
  return check_gradients([](auto a, auto b) { return wg::record(Product<fault>{}, a, b); }, {values({0.5, -1.25}), values({2, 0.75})}, {.order = order});
}

// ---- right gradients ----

TEST(CheckGradients, AcceptsARightGradientOfEveryOrderAndSaysWhatItCompared) {
  for (const std::size_t order : {1U, 2U, 3U}) {
    const auto report = check_product<Fault::none>(order);
    EXPECT_TRUE(report.ok) << report.message;
    EXPECT_EQ(report.wrong + report.inconclusive + report.kinks, 0U);
    EXPECT_TRUE(report.findings.empty());
    // Entries of both inputs, from order 2 on those of the cotangent too.
    EXPECT_EQ(report.compared, order == 1 ? 4U : order == 2 ? 10U : 16U);
    EXPECT_LE(report.worst_difference, 1e-9);
  }
  EXPECT_TRUE(says(check_product<Fault::none>(2), "10 derivatives of order 1 to 2 agree"));
}

TEST(CheckGradients, TakesOneInputAListOfInputsAndAFunctionOfAList) {
  EXPECT_TRUE(check_gradients([](auto x) { return wg::tanh(x); }, 0.5).ok);
  EXPECT_TRUE(check_gradients([](const Var<double>& x) { return wg::exp(x) * x; }, values({0.5, 1})).ok);
  EXPECT_TRUE(check_gradients([](auto x) { return wg::sum(x * x); }, {values({1, 2, 3})}, {.order = 2}).ok);
  EXPECT_TRUE(check_gradients([](auto x, auto y) { return x / y; }, {1.0, 3.0}, {.order = 2}).ok);
  const std::vector<Array<double>> at{values({1, 2}), values({3}), Array<double>(4.0)};
  EXPECT_TRUE(check_gradients([](std::span<const Var<double>> x) { return x[0] * x[1] + x[2]; }, at, {.order = 2}).ok);
  EXPECT_TRUE(check_gradients([](const std::vector<Var<double>>& x) { return x[0] * x[1] - x[2]; }, at).ok);
}

TEST(CheckGradients, AcceptsMatricesBroadcastsAndFunctionsThatUseAnInputTwiceOrNever) {
  const auto a = from_values<double>({.1, -.2, .3, .4, .5, -.6}, {2, 3}), b = from_values<double>({.7, .8, -.9, .1, .2, .3}, {3, 2});
  const auto network = [](auto x, auto w, auto bias, auto) { return wg::tanh(wg::matmul(x, w) + bias) * wg::mean(x); };
  const auto report = check_gradients(network, {a, b, values({.5, -.5}), values({7})}, {.order = 2});
  EXPECT_TRUE(report.ok) << report.message;
}

TEST(CheckGradients, AcceptsFunctionsThatDoNotDependOnAnInputOrReturnItUnchanged) {
  EXPECT_TRUE(check_gradients([](auto x) { return x; }, values({1, 2}), {.order = 3}).ok);
  EXPECT_TRUE(check_gradients([](auto x) { return x.detach() * 2.0; }, values({0})).wrong == 1) << "detach hides a dependence, which differences see";
  EXPECT_TRUE(check_gradients([](auto x) { return x * 0.0; }, values({1, 2}), {.order = 2}).ok);
}

TEST(CheckGradients, AcceptsEmptyInputs) {
  const auto report = check_gradients([](auto x) { return wg::sum(x); }, wg::zeros<double>({0, 3}), {.order = 2});
  EXPECT_TRUE(report.ok) << report.message;
}

TEST(CheckGradients, HoldsParametersAndArraysOfTheFunctionFixed) {
  const wg::Parameter<double> w("w", values({2, 3}));
  const Array<double> shift = values({1, -1});
  EXPECT_TRUE(check_gradients([&](auto x) { return (x + shift) * w; }, values({0.5, 0.25}), {.order = 2}).ok);
}

TEST(CheckGradients, GivesTheSameAnswerEachTime) {
  const auto fn = [](auto x, auto y) { return wg::exp(x * y); };
  const auto first = check_gradients(fn, {values({1, 2}), values({.3, .4})}, {.order = 2});
  const auto second = check_gradients(fn, {values({1, 2}), values({.3, .4})}, {.order = 2});
  EXPECT_EQ(first.message, second.message);
  EXPECT_EQ(first.worst_difference, second.worst_difference);
}

// ---- wrong gradients ----

TEST(CheckGradients, CatchesAWrongSign) {
  const auto report = check_product<Fault::sign>();
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.wrong, 2U);
  ASSERT_EQ(report.findings.size(), 2U);
  const GradientFinding& finding = report.findings[0];
  EXPECT_EQ(finding.kind, Kind::wrong);
  EXPECT_EQ(finding.input, 0U);
  EXPECT_EQ(finding.index, std::vector<std::size_t>{0});
  EXPECT_NEAR(finding.ours, -finding.differences, 1e-9);
  EXPECT_GT(finding.step, 0);
  EXPECT_TRUE(says(report, "wrong gradient: input 0 at (1): ours ")) << report.message;
  EXPECT_TRUE(says(report, "ours / differences = -1")) << report.message;
}

TEST(CheckGradients, CatchesARelativeErrorOfAMillionth) { EXPECT_EQ(check_product<Fault::factor>().wrong, 2U); }

TEST(CheckGradients, CatchesSwappedOperands) { EXPECT_GE(check_product<Fault::swapped>().wrong, 3U); }

TEST(CheckGradients, CatchesAnErrorOfTheSecondOrderAlone) {
  EXPECT_TRUE(check_product<Fault::second_order>(1).ok);
  const auto report = check_product<Fault::second_order>(2);
  EXPECT_FALSE(report.ok);
  for (const auto& finding : report.findings) {
    EXPECT_EQ(finding.order, 2U);
    EXPECT_EQ(finding.input, 1U);
  }
  EXPECT_TRUE(says(report, "wrong gradient of order 2: input 1 at (0)")) << report.message;
}

TEST(CheckGradients, CatchesAnErrorInTheCotangentAlone) {
  EXPECT_TRUE(check_product<Fault::cotangent>(1).ok);
  const auto report = check_product<Fault::cotangent>(2);
  EXPECT_FALSE(report.ok);
  for (const auto& finding : report.findings) EXPECT_EQ(finding.input, 2U) << finding.text;
  EXPECT_TRUE(says(report, "the cotangent at (0)")) << report.message;
}

TEST(CheckGradients, CatchesOneWrongEntryOfALargeInputByRandomDirections) {
  const auto slope = [](double x) { return x > 0.4999 && x < 0.5001 ? 1.001 * std::cos(x) : std::cos(x); };
  const Plain card([](double x) { return std::sin(x); }, slope);
  const auto x = Array<double>::build({40, 50}, [](std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(i) / 2000;
  });
  const auto report = check_gradients([&](auto v) { return wg::record(card, v); }, x);
  EXPECT_EQ(report.compared, 8U);
  EXPECT_EQ(report.wrong, 8U) << report.message;
  EXPECT_TRUE(says(report, "input 0 along a random direction")) << report.message;
  EXPECT_TRUE(check_gradients([](auto v) { return wg::sin(v); }, x, {.order = 2}).ok);
  EXPECT_EQ(check_gradients([](auto v) { return wg::sin(v); }, x, {.directions = 3}).compared, 3U);
  EXPECT_EQ(check_gradients([](auto v) { return wg::sin(v); }, x, {.entries = 2000}).compared, 2000U);
}

TEST(CheckGradients, MeasuresADirectionByTheLargestEntryAndNotByItsSum) {
  constexpr std::size_t n = 100000;
  const auto fn = [](const Var<double>& x) {
    return wg::with_gradient(x, [](auto v) { return wg::sum(v * v) * 0.5; }, [](auto v, auto, auto g) {
      const auto wrong = Array<double>::build({n}, [](std::span<double> out) {
        std::fill(out.begin(), out.end(), 0.0);
        out[77] = 1e-7;  // a hundred times what is allowed of a gradient whose largest entry is 1
      });
      return g * (v + wrong);
    });
  };
  const auto report = check_gradients(fn, wg::ones<double>({n}));
  EXPECT_FALSE(report.ok) << report.message;
  EXPECT_EQ(report.wrong, report.compared) << report.message;
}

TEST(CheckGradients, CatchesAPullbackThatGivesAnotherResultEachTime) {
  const auto report = check_product<Fault::random>();
  EXPECT_FALSE(report.ok);
  EXPECT_TRUE(says(report, "gives another gradient when run again")) << report.message;
}

TEST(CheckGradients, CatchesAWrongShapeAMissingSumAndAMissingGradient) {
  const auto shape = check_product<Fault::wrong_shape>();
  EXPECT_FALSE(shape.ok);
  EXPECT_EQ(shape.findings[0].kind, Kind::contract);
  EXPECT_TRUE(says(shape, "product: the pullback returned shape () for input 0; it must be the input's shape (2,)")) << shape.message;

  const auto sum = check_gradients([](auto a, auto row) { return wg::record(ForgetsTheSum{}, a, row); }, {wg::ones<double>({3, 2}), values({1, 2})});
  EXPECT_FALSE(sum.ok);
  EXPECT_TRUE(says(sum, "forgets_the_sum: the pullback returned shape (3, 2) for input 1")) << sum.message;

  const auto nothing = check_product<Fault::nothing>();
  EXPECT_TRUE(says(nothing, "product: the pullback returned nothing for input 0")) << nothing.message;

  const auto count = check_gradients([](auto a, auto b) { return wg::record(OneShort{}, a, b); }, {values({1}), values({2})});
  EXPECT_FALSE(count.ok);
  EXPECT_TRUE(says(count, "one_short: pullbacks returned a wrong number of cotangents: 1")) << count.message;
}

TEST(CheckGradients, ReportsAPullbackForPlainArraysOnlyWhereMoreIsAskedFor) {
  const Plain card([](double x) { return x * x; }, [](double x) { return 2 * x; });
  const auto fn = [&](auto x) { return wg::record(card, x); };
  EXPECT_TRUE(check_gradients(fn, 2.0).ok);
  const auto report = check_gradients(fn, 2.0, {.order = 2});
  EXPECT_FALSE(report.ok);
  EXPECT_TRUE(says(report, "Orders::first")) << report.message;
}

TEST(CheckGradients, CatchesAGradientThatIsNotFinite) {
  const auto report = check_product<Fault::nan>();
  EXPECT_FALSE(report.ok);
  EXPECT_TRUE(says(report, "the gradient is not finite: nan by input 0 at (0)")) << report.message;
}

// ---- errors ----

TEST(CheckGradients, LetsAnExceptionOfTheFunctionPass) {
  EXPECT_THROW((void)check_gradients([](const Var<double>&) -> Var<double> { throw std::logic_error("mine"); }, 1.0), std::logic_error);
  EXPECT_THROW((void)check_gradients([](auto x) { return wg::matmul(x, x); }, values({1, 2}).reshaped({1, 2})), wg::ShapeError);
}

TEST(CheckGradients, LetsAnExceptionOfAPullbackPassUnlessItIsAboutGradients) {
  EXPECT_THROW((void)check_product<Fault::throws_std>(), std::out_of_range);
  const auto report = check_product<Fault::throws_ours>();
  EXPECT_FALSE(report.ok);
  EXPECT_TRUE(says(report, "product: no pullback today")) << report.message;
}

TEST(CheckGradients, RefusesAFunctionThatIsRandomInfiniteOrElsewhere) {
  double drift = 0;
  const auto random = check_gradients([&](auto x) { return x * (drift += 1); }, 1.0);
  EXPECT_FALSE(random.ok);
  EXPECT_TRUE(says(random, "another value when called again")) << random.message;

  const auto infinite = check_gradients([](auto x) { return wg::log(x); }, values({1, 0}));
  EXPECT_FALSE(infinite.ok);
  EXPECT_TRUE(says(infinite, "the function's value is not finite: -inf at (1)")) << infinite.message;

  const auto point = check_gradients([](auto x) { return x; }, values({1, std::numeric_limits<double>::quiet_NaN()}));
  EXPECT_TRUE(says(point, "the point is not finite: nan in input 0 at (1)")) << point.message;

  wg::Tape other;
  const auto foreign = other.variable(1.0);
  EXPECT_TRUE(says(check_gradients([&](auto) { return foreign; }, 1.0), "a Var of another tape"));
  EXPECT_TRUE(says(check_gradients([](auto) { return Var<double>(2); }, 1.0), "on no tape"));
}

TEST(CheckGradients, RefusesOptionsWithoutSense) {
  const auto fn = [](auto x) { return x; };
  EXPECT_THROW((void)check_gradients(fn, 1.0, {.order = 0}), wg::ValueError);
  EXPECT_THROW((void)check_gradients(fn, 1.0, {.directions = 0}), wg::ValueError);
  EXPECT_THROW((void)check_gradients(fn, Array<double>()), wg::ValueError);
  EXPECT_THROW((void)check_gradients([](std::span<const Var<double>> x) { return x[0]; }, std::vector<Array<double>>{}), wg::ValueError);
}

// ---- reports ----

TEST(CheckGradients, ShowsTheFirstFewFindingsAndCountsTheRest) {
  const Plain card([](double x) { return x * x; }, [](double x) { return 3 * x; });
  const auto report = check_gradients([&](auto x) { return wg::record(card, x); }, wg::arange<double>(12) + 1.0);
  EXPECT_EQ(report.wrong, 12U);
  EXPECT_EQ(report.findings.size(), 12U);
  EXPECT_TRUE(says(report, "12 compared, 12 wrong, 0 inconclusive, 0 kinks")) << report.message;
  EXPECT_TRUE(says(report, "and 7 more like these")) << report.message;
}

}  // namespace
