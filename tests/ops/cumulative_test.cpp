// Rows of products and of running sums and products, and what they do at zeros, at infinity and over nothing.
#include <wengert/ops/cumulative.hpp>

#include <cmath>
#include <limits>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/shape.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

using Group = std::vector<long double>;
using In = std::span<const Array<double>>;

long double product_of(const Group& x) {
  long double product = 1;
  for (const auto value : x) product *= value;
  return product;
}

/// f(elements up to and with each one) along an axis.
template <class F>
Array<double> running(const Array<double>& x, std::size_t axis, F f) {
  return naive::filled(x.shape(), [&](naive::Index index) {
    Group group;
    const std::size_t last = index[axis];
    for (index[axis] = 0; index[axis] <= last; ++index[axis]) group.push_back(static_cast<long double>(naive::at(x, index)));
    return f(group);
  });
}
long double sum_of(const Group& x) {
  long double sum = 0;
  for (const auto value : x) sum += value;
  return sum;
}

const Shape cube{2, 3, 2};

std::vector<Row> linear_rows() {
  return {
      {.name = "cumsum", .inputs = {{cube}}, .function = function([](auto x) { return cumsum(x[0], 1); }),
       .reference = [](In x) { return running(x[0], 1, sum_of); }, .refused = {{{3}}, {{}}}},
      {.name = "cumsum_from_the_end", .card = "cumsum", .inputs = {{{2, 5}}}, .function = function([](auto x) { return record(cards::Cumsum{-1, true}, x[0]); }),
       .reference = [](In x) { return x[0] - cumsum(x[0], 1) + broadcast_to(sum(x[0], {.axes = {1}, .keep_dims = true}), {2, 5}); }, .ulps = 8},
  };
}

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "prod_of_all", .card = "prod", .inputs = {{{2, 3}}}, .function = function([](auto x) { return prod(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1}, false, product_of); }},
      {.name = "prod_over_an_axis", .card = "prod", .inputs = {{cube}}, .function = function([](auto x) { return prod(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, product_of); }, .refused = {{{3}}, {{}}}},
      {.name = "prod_over_two_axes", .card = "prod", .inputs = {{cube}}, .function = function([](auto x) { return prod(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, product_of); }, .refused = {{{}}, {{3}}}},
      {.name = "cumprod", .inputs = {{cube}}, .function = function([](auto x) { return cumprod(x[0], 1); }),
       .reference = [](In x) { return running(x[0], 1, product_of); }, .refused = {{{3}}, {{}}}},
      {.name = "cumprod_of_rows", .card = "cumprod", .inputs = {{{2, 4}}}, .function = function([](auto x) { return cumprod(x[0], -1); }),
       .reference = [](In x) { return running(x[0], 1, product_of); }},
      {.name = "recurrence", .inputs = {{{2, 4}}, {{2, 4}}}, .function = function([](auto x) { return record(cards::Recurrence{1}, x[0], x[1]); }),
       .reference = [](In x) {
         return naive::filled(x[0].shape(), [&](const naive::Index& index) {
           double y = 0;
           for (std::size_t k = 0; k <= index[1]; ++k) y = x[1](index[0], k) + (k == 0 ? 0 : x[0](index[0], k) * y);
           return y;
         });
       }, .refused = {{{2, 4}, {2, 3}}, {{3}, {3}}}},
      {.name = "recurrence_from_the_end", .card = "recurrence", .inputs = {{{4, 2}, D::nonzero}, {{4, 2}}}, .function = function([](auto x) { return record(cards::Recurrence{0, true}, x[0], x[1]); }),
       .reference = [](In x) {
         return naive::filled(x[0].shape(), [&](const naive::Index& index) {
           double y = 0;
           for (std::size_t k = 4; k-- > index[0];) y = x[1](k, index[1]) + (k == 3 ? 0 : x[0](k + 1, index[1]) * y);
           return y;
         });
       }},
  };
}

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

Array<double> vector_of(std::initializer_list<double> x) { return from_values<double>(x, {x.size()}); }

void expect_values(const Array<double>& got, std::initializer_list<double> want) {
  ASSERT_EQ(got.size(), want.size());
  std::size_t k = 0;
  for (const double value : want) {
    if (std::isnan(value)) EXPECT_TRUE(std::isnan(got.data()[k])) << k; else EXPECT_EQ(got.data()[k], value) << k;
    ++k;
  }
}

}  // namespace

WENGERT_ROWS(Cumsum, declared(Linear::jointly, linear_rows()));
WENGERT_ROWS(Cumulative, rows());

TEST(Prod, HasItsGradientsWhereElementsAreZero) {
  const auto gradient = [](std::initializer_list<double> x) {
    Tape tape;
    const auto v = tape.variable(vector_of(x));
    return tape.backward(prod(v))[v];
  };
  expect_values(gradient({0, 2, 3}), {6, 0, 0});
  expect_values(gradient({0, 0, 3}), {0, 0, 0});
  expect_values(gradient({inf, 0}), {0, inf});
  for (const auto& x : {vector_of({0, 2, 3}), vector_of({0, 0, 3, 4}), vector_of({0, 0, 0, 2})}) {
    const auto report = check_gradients([](auto v) { return prod(v); }, x, {.order = 3});
    EXPECT_TRUE(report.ok) << report.message;
  }
}

TEST(Prod, HasItsGradientsWhereProductsOfSomeAreOutOfRange) {
  const auto x = vector_of({1e200, 1e200, 1e-200, 1e-200});
  Tape tape;
  const auto v = tape.variable(x);
  const auto y = prod(v);
  const auto plain = tape.backward(y, {.keep_tape = true})[v], recorded = tape.gradient(y, v).value();
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(plain(k) * x(k), 1, 1e-14);
    EXPECT_NEAR(recorded(k) * x(k), 1, 1e-14);
  }
}

TEST(Prod, HasItsGradientsWhereItIsOutOfRangeItself) {
  for (const double size : {1e200, 1e-200}) {
    Tape tape;
    const auto x = tape.variable(vector_of({size, 2 * size}));
    const auto y = prod(x);
    for (const auto& g : {tape.gradient(y, x).value(), tape.backward(y)[x]}) {
      EXPECT_EQ(g(0), 2 * size);
      EXPECT_EQ(g(1), size);
    }
  }
}

TEST(Prod, IsOneOfNothingAndNaNOfNaN) {
  EXPECT_EQ(prod(zeros<double>({0})).item(), 1);
  EXPECT_EQ(prod(zeros<double>({2, 0}), 1).shape(), (Shape{2}));
  EXPECT_EQ(prod(zeros<double>({2, 0}), 1)(1), 1);
  EXPECT_EQ(prod(zeros<double>({0, 3}), 1).shape(), (Shape{0}));
  EXPECT_TRUE(std::isnan(prod(vector_of({1, nan})).item()));
  EXPECT_TRUE(std::isnan(prod(vector_of({inf, 0})).item()));
  Tape tape;
  const auto x = tape.variable(zeros<double>({2, 0}));
  EXPECT_EQ(tape.backward(sum(prod(x, 1)), {.keep_tape = true})[x].shape(), (Shape{2, 0}));
  EXPECT_EQ(tape.gradient(sum(prod(x, 1)), x).shape(), (Shape{2, 0}));
}

TEST(Prod, TakesManyElements) {
  const auto x = Array<double>::build({3, 5000}, [](std::span<double> out) { for (std::size_t k = 0; k < out.size(); ++k) out[k] = k % 2 == 0 ? 1.25 : 0.8; });
  EXPECT_NEAR(prod(x).item(), 1, 1e-12);
  EXPECT_NEAR(prod(x, 0)(0), 1.25 * 1.25 * 1.25, 1e-14);
  EXPECT_NEAR(prod(x, 1)(2), 1, 1e-12);
}

TEST(Cumprod, HasItsGradientsWhereElementsAreZero) {
  for (const auto& x : {vector_of({2, 0, 3, 4}), vector_of({0, 0, 3, 4}), vector_of({1, 2, 3, 0})}) {
    const auto report = check_gradients([](auto v) { return cumprod(v, 0); }, x, {.order = 2});
    EXPECT_TRUE(report.ok) << report.message;
  }
}

TEST(Cumsum, KeepsTheDigitsOfAMillionFloats) {
  const std::size_t n = 1'000'000;
  const auto sums = cumsum(full<float>({n}, 0.1F), 0);
  EXPECT_NEAR(sums(n - 1), 1e6 * static_cast<double>(0.1F), 0.01);
  EXPECT_NEAR(sums(n / 2 - 1), 5e5 * static_cast<double>(0.1F), 0.005);
}

TEST(Cumulative, GoesOnAfterInfinityAndTakesNothing) {
  expect_values(cumsum(vector_of({1, inf, 2}), 0), {1, inf, inf});
  expect_values(cumsum(vector_of({inf, -inf, 2}), 0), {inf, nan, nan});
  expect_values(cumprod(vector_of({2, inf, 0, 1}), 0), {2, inf, nan, nan});
  for (const Shape& shape : {Shape{0}, Shape{2, 0}, Shape{0, 3}, Shape{1}}) {
    Tape tape;
    const auto x = tape.variable(ones<double>(shape));
    for (const std::int64_t axis : {0, -1}) {
      EXPECT_EQ(cumsum(x, axis).shape(), shape);
      EXPECT_EQ(cumprod(x, axis).shape(), shape);
      EXPECT_EQ(tape.backward(sum(cumprod(x, axis)), {.keep_tape = true})[x].shape(), shape);
      EXPECT_EQ(tape.gradient(sum(tape.gradient(sum(cumprod(x, axis) * cumsum(x, axis)), x)), x).shape(), shape);
    }
  }
}

TEST(Cumulative, TakesManyColumns) {
  const auto x = Array<double>::build({3, 150}, [](std::span<double> out) { for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<double>(k % 7); });
  const auto sums = cumsum(x, 0), products = cumprod(x, 0);
  for (std::size_t j = 0; j < 150; ++j) {
    EXPECT_EQ(sums(2, j), x(0, j) + x(1, j) + x(2, j));
    EXPECT_EQ(products(2, j), x(0, j) * x(1, j) * x(2, j));
  }
}

}  // namespace wengert::test
