// Rows of the cards in ops/cards/strong_zero.hpp, and the strong zero itself, at every order.
#include "ops/cards/strong_zero.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      // Away from zero they are a product, and a first input left alone.
      {.name = "strong_product", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::StrongProduct>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::StrongProduct>(), .ulps = 1},
      {.name = "both", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::Both>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0] * x[1]; }, .probe = probe<cards::Both>(), .ulps = 1},
      {.name = "guarded", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return detail::record_library<cards::Guarded>(x[0], x[1]); }),
       .formula = [](const long double* x) { return x[0]; }, .probe = probe<cards::Guarded>(), .ulps = 0},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(StrongZero, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::StrongZero, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::StrongZero, double>();

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

TEST(StrongZero, IsNotThatOfMatrixProducts) {
  const auto y = matmul(from_values<double>({0, 1}, {1, 2}), from_values<double>({inf, 1}, {2, 1}));
  EXPECT_TRUE(std::isnan(y.item()));
}

}  // namespace wengert::test
