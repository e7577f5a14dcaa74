// The second table, functions of a row of numbers: reductions and the softmax family.
#include "ops/special_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/softmax.hpp>

#include "ops/table.hpp"

namespace wengert::test {

namespace {

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

// ---- one by one ----

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

}  // namespace wengert::test
