// Rows of norms, and what they do where squares overflow, at zero and over nothing.
#include <wengert/ops/norm.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/tape.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

using Group = std::vector<long double>;
using In = std::span<const Array<double>>;
constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <int tenths>
long double norm_of(const Group& x) {
  constexpr long double p = tenths / 10.0L;
  long double sum = 0;
  for (const auto value : x) sum += std::pow(std::abs(value), p);
  return std::pow(sum, 1 / p);
}

const Shape cube{2, 3, 2};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "norm_of_all", .card = "norm", .inputs = {{cube}}, .function = function([](auto x) { return norm(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, norm_of<20>); }},
      {.name = "norm_over_an_axis", .card = "norm", .inputs = {{cube}}, .function = function([](auto x) { return norm(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, norm_of<20>); }, .refused = {{{3}}, {{}}}},
      {.name = "norm_over_two_axes", .card = "norm", .inputs = {{cube}}, .function = function([](auto x) { return norm(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, norm_of<20>); }},
      {.name = "norm_of_order_3", .card = "norm", .inputs = {{cube}}, .function = function([](auto x) { return norm(x[0], {.order = 3, .axes = {1}}); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, norm_of<30>); }, .ulps = 8},
      {.name = "norm_of_order_one_half", .card = "norm", .inputs = {{{2, 3}, D::nonzero}}, .function = function([](auto x) { return norm(x[0], {.order = 0.5, .axes = {1}}); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, norm_of<5>); }, .ulps = 8},
      {.name = "norm_of_order_minus_2", .card = "norm", .inputs = {{{2, 3}, D::nonzero}}, .function = function([](auto x) { return norm(x[0], {.order = -2, .axes = {1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, true, norm_of<-20>); }, .ulps = 8},
      {.name = "norm_of_order_1", .card = "norm", .inputs = {{cube}}, .function = function([](auto x) { return norm(x[0], {.order = 1, .axes = {1}}); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, norm_of<10>); }, .refused = {{{3}}}},
      {.name = "norm_of_order_infinity", .card = "norm", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return norm(x[0], {.order = inf, .axes = {1}}); }),
       .reference = [](In x) {
         return naive::reduced(x[0], {1}, false, [](const Group& group) { return std::abs(*std::max_element(group.begin(), group.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); })); });
       }, .refused = {{{3}}}},
      {.name = "norm_of_order_minus_infinity", .card = "norm", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return norm(x[0], {.order = -inf, .axes = {1}}); }),
       .reference = [](In x) {
         return naive::reduced(x[0], {1}, false, [](const Group& group) { return std::abs(*std::min_element(group.begin(), group.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); })); });
       }, .refused = {{{3}}}},
  };
}

Array<double> vector_of(std::initializer_list<double> x) { return from_values<double>(x, {x.size()}); }

struct Found {
  double norm;
  Array<double> gradient, recorded;
};
Found found(const Array<double>& x, double order = 2) {
  Tape tape;
  const auto v = tape.variable(x);
  const auto y = norm(v, {.order = order});
  return {y.item(), tape.backward(y, {.keep_tape = true})[v], tape.gradient(y, v).value()};
}

}  // namespace

WENGERT_ROWS(Norm, rows());

TEST(Norm, NeitherOverflowsNorUnderflows) {
  for (const double scale : {1e200, 1e-200, 1e-310}) {
    const auto at = found(vector_of({3 * scale, 4 * scale}));
    EXPECT_NEAR(at.norm / scale, 5, 1e-13);
    for (const auto& gradient : {at.gradient, at.recorded}) {
      EXPECT_NEAR(gradient(0), 0.6, 1e-13);
      EXPECT_NEAR(gradient(1), 0.8, 1e-13);
    }
  }
  EXPECT_NEAR(norm(from_values<float>({3e30F, 4e30F}, {2})).item(), 5e30, 1e24);
  EXPECT_NEAR(norm(vector_of({3e200, 4e200}), {.order = 3}).item() / 1e200, std::cbrt(91.0), 1e-12);
  // One row in range beside one that is not.
  const auto rows = norm(from_values<double>({3, 4, 3e200, 4e200}, {2, 2}), 1);
  EXPECT_EQ(rows(0), 5);
  EXPECT_NEAR(rows(1) / 1e200, 5, 1e-13);
  const auto columns = norm(from_values<double>({3, 3e200, 4, 4e200}, {2, 2}), 0);
  EXPECT_EQ(columns(0), 5);
  EXPECT_NEAR(columns(1) / 1e200, 5, 1e-13);
  // What one of them is scaled by is no element of another.
  const auto apart = from_values<double>({1e-200, 1e200, 3e-200, 1, 4e-200, 1}, {3, 2});
  EXPECT_NEAR(norm(apart, 0)(0) / 1e-200, std::sqrt(26.0), 1e-13);
  EXPECT_EQ(norm(apart, 0)(1), 1e200);
  const auto deep = norm(from_values<double>({1, 1, 1, 1, 3e200, 1, 4e200, 1}, {2, 2, 2}), 1);
  EXPECT_NEAR(deep(1, 0) / 1e200, 5, 1e-13);
  EXPECT_EQ(deep(1, 1), std::sqrt(2.0));
  EXPECT_NEAR(norm(vector_of({3e-160, 4e-160})).item() / 5e-160, 1, 1e-14) << "squares that have lost digits";
}

TEST(Norm, HasGradientZeroAtZero) {
  for (const double order : {2.0, 1.0, 3.0, 0.5, 1.5}) {
    const auto at = found(vector_of({0, 0}), order);
    EXPECT_EQ(at.norm, 0) << order;
    for (const auto& gradient : {at.gradient, at.recorded})
      for (const double g : gradient.values()) EXPECT_EQ(g, 0) << order;
  }
  for (const double order : {0.5, 1.5, 3.0}) EXPECT_EQ(found(vector_of({0, 2}), order).gradient(0), 0) << order;
  for (const double order : {-0.5, -1.0, -2.0}) {
    const auto beside = found(vector_of({0, 2}), order);
    EXPECT_EQ(beside.norm, 0) << order;
    for (const auto& gradient : {beside.gradient, beside.recorded}) EXPECT_EQ(gradient(1), 0) << order;
  }
}

TEST(Norm, FollowsIEEEAtInfinityAndNaN) {
  const auto at = found(vector_of({inf, 0}));
  EXPECT_EQ(at.norm, inf);
  EXPECT_TRUE(std::isnan(at.gradient(0)));
  EXPECT_EQ(at.gradient(1), 0);
  for (const double order : {2.0, 1.0, 3.0, inf, -inf, 0.0, -1.0}) EXPECT_TRUE(std::isnan(norm(vector_of({nan, 1}), {.order = order}).item())) << order;
}

TEST(Norm, OfOrderZeroCounts) {
  const auto at = found(vector_of({0, 3, -4}), 0);
  EXPECT_EQ(at.norm, 2);
  for (const double g : at.gradient.values()) EXPECT_EQ(g, 0);
}

TEST(Norm, SharesTheGradientAmongElementsOfOneSize) {
  const auto at = found(vector_of({2, -2, 1}), inf);
  EXPECT_EQ(at.gradient(0), 0.5);
  EXPECT_EQ(at.gradient(1), -0.5);
  EXPECT_EQ(at.gradient(2), 0);
}

TEST(Norm, TakesAnOrderBeyondItsTypeForInfinity) {
  const auto x = from_values<float>({2, -2, 1}, {3});
  Tape tape;
  const auto leaf = tape.variable(x);
  const auto y = norm(leaf, {.order = 1e300});
  EXPECT_EQ(y.item(), 2);
  const auto g = tape.backward(y)[leaf];
  EXPECT_EQ(g(0), 0.5F);
  EXPECT_EQ(g(1), -0.5F);
  EXPECT_EQ(g(2), 0);
  EXPECT_EQ(norm(x, {.order = -1e300}).item(), 1);
  EXPECT_EQ(norm(from_values<double>({2, -2, 1}, {3}), {.order = 1e300}).item(), 2) << "an order like others";
}

TEST(Norm, IsZeroOverNothing) {
  for (const double order : {2.0, 1.0, 3.0, 0.0, inf}) EXPECT_EQ(norm(zeros<double>({0}), {.order = order}).item(), 0) << order;
  EXPECT_THROW(static_cast<void>(norm(zeros<double>({0}), {.order = -1})), ValueError);
  EXPECT_THROW(static_cast<void>(norm(zeros<double>({3}), {.order = nan})), ValueError);
  EXPECT_EQ(norm(zeros<double>({2, 0}), 1).shape(), (Shape{2}));
  EXPECT_EQ(norm(zeros<double>({0, 2}), 1).shape(), (Shape{0}));
}

}  // namespace wengert::test
