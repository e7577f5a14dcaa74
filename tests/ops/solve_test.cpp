// Rows of inverses, linear systems, determinants and Cholesky factors, and what they are at singular matrices.
#include <wengert/ops/solve.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/naive_matrices.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;
using naive::Matrix;
constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

// ---- matrices from numbers that were drawn ----

/// x + 3 on the diagonal: far from singular.
template <class X>
X regular(const X& x) {
  using T = typename X::value_type;
  return x + T(3) * diag(ones<T>({x.shape().back()}));
}

/// x x^T + 1 on the diagonal: positive definite.
template <class X>
X positive(const X& x) {
  using T = typename X::value_type;
  return matmul(x, x, {.transpose_b = true}) + diag(ones<T>({x.shape().back()}));
}

// ---- references in extended precision ----

Array<double> inverse_of(In x) {
  const auto a = regular(x[0]);
  return naive::each(a, [](const Matrix& m) {
    Matrix b = naive::unit(m.size());
    naive::eliminate(m, b);
    return b;
  });
}

template <bool logarithm>
Array<double> determinant_of(In x) {
  const auto a = regular(x[0]);
  const auto found = naive::each(a, [](const Matrix& m) {
    Matrix b(m.size());
    const long double d = naive::eliminate(m, b);
    return Matrix{{logarithm ? std::log(std::abs(d)) : d}};
  });
  return found.reshaped(Shape(a.shape().begin(), a.shape().end() - 2));
}

/// Solutions for a batch on the left, and one right side for all or one for each.
Array<double> solution_of(In x) {
  const auto a = regular(x[0]);
  const bool vector = x[1].rank() == 1;
  const auto b = vector ? x[1].reshaped({x[1].size(), 1}) : x[1];
  const std::size_t n = a.shape().back(), columns = b.shape().back(), count_a = a.size() / (n * n), count_b = b.size() / (n * columns), count = std::max(count_a, count_b);
  Shape to = a.rank() >= b.rank() ? a.shape() : b.shape();
  to[to.rank() - 1] = columns;
  if (vector) to = Shape(to.begin(), to.end() - 1);
  return Array<double>::build(to, [&](std::span<double> out) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Matrix y = naive::matrix_of(b, count_b == 1 ? 0 : i);
      naive::eliminate(naive::matrix_of(a, count_a == 1 ? 0 : i), y);
      for (const auto& row : y)
        for (const long double value : row) out[at++] = static_cast<double>(value);
    }
  });
}

template <bool upper>
Array<double> cholesky_of(In x) {
  const auto a = positive(x[0]);
  return naive::each(a, [](const Matrix& m) {
    const std::size_t n = m.size();
    Matrix l(n, std::vector<long double>(n)), u = l;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        long double sum = m[i][j];
        for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
        u[j][i] = l[i][j];
      }
    }
    return upper ? u : l;
  });
}

/// A triangle with 3 more on its diagonal, for the triangular forms of the card.
template <class X>
X triangle(const X& x, bool upper) {
  return regular(upper ? triu(x) : tril(x));
}
template <bool upper, bool transposed>
Array<double> triangular_solution_of(In x) {
  const auto a = triangle(x[0], upper);
  const Array<double> minus_3[] = {(transposed ? swapaxes(a, 0, 1) : a) - 3.0 * diag(ones<double>({a.shape().back()})), x[1]};
  return solution_of(minus_3);
}
template <bool upper, bool transposed>
Row triangular_row(const char* name) {
  return {.name = name, .card = "solve", .inputs = {{{3, 3}}, {{3, 2}}}, .function = function([](auto x) {
            return record(cards::Solve{upper ? cards::Solve::Form::upper : cards::Solve::Form::lower, transposed}, triangle(x[0], upper), x[1]);
          }),
          .reference = triangular_solution_of<upper, transposed>, .ulps = 16};
}

Row solve_row(const char* name, const Shape& a, const Shape& b, std::size_t order = 2) {
  return {.name = name, .card = "solve", .inputs = {{a}, {b}}, .function = function([](auto x) { return solve(regular(x[0]), x[1]); }), .reference = solution_of, .order = order, .ulps = 32};
}

std::vector<Row> rows() {
  const auto of_inv = function([](auto x) { return inv(regular(x[0])); });
  const auto of_det = function([](auto x) { return det(regular(x[0])); });
  const auto of_slogdet = function([](auto x) { return slogdet(regular(x[0])).logabsdet; });
  const auto of_cholesky = function([](auto x) { return cholesky(positive(x[0])); });
  return {
      {.name = "inv", .inputs = {{{3, 3}}}, .function = of_inv, .reference = inverse_of, .ulps = 32},
      {.name = "inv_of_1_by_1", .card = "inv", .inputs = {{{1, 1}}}, .function = of_inv, .reference = inverse_of},
      {.name = "inv_in_batches", .card = "inv", .inputs = {{{2, 1, 2, 2}}}, .function = of_inv, .reference = inverse_of, .ulps = 32},
      {.name = "inv_as_it_comes", .card = "inv", .inputs = {{{2, 2}}}, .function = function([](auto x) { return inv(x[0]); }),
       .reference = [](In x) { return inverse_of(std::vector<Array<double>>{x[0] - 3.0 * diag(ones<double>({2}))}); }, .ulps = 32, .refused = {{{2, 3}}, {{3}}, {{}}, {{2, 1, 2}}}},
      solve_row("solve", {3, 3}, {3, 2}, 3),
      solve_row("solve_for_a_vector", {3, 3}, {3}),
      solve_row("solve_in_batches", {2, 2, 2}, {2, 2, 3}),
      solve_row("solve_batches_for_one", {2, 2, 2}, {2, 1}),
      solve_row("solve_one_for_batches", {2, 2}, {2, 2, 1}),
      solve_row("solve_batches_for_a_vector", {2, 2, 2}, {2}),
      {.name = "solve_with_the_transpose", .card = "solve", .inputs = {{{3, 3}}, {{3, 2}}}, .function = function([](auto x) {
         return record(cards::Solve{.transposed = true}, regular(swapaxes(x[0], 0, 1)), x[1]);
       }),
       .reference = solution_of, .ulps = 32},
      {.name = "solve_as_it_comes", .card = "solve", .inputs = {{{2, 2}}, {{2}}}, .function = function([](auto x) { return solve(x[0], x[1]); }),
       .reference = [](In x) { return solution_of(std::vector<Array<double>>{x[0] - 3.0 * diag(ones<double>({2})), x[1]}); }, .ulps = 32,
       .refused = {{{2, 3}, {2}}, {{2}, {2}}, {{2, 2}, {}}, {{2, 2}, {3}}, {{2, 2}, {3, 2}}, {{3, 2, 2}, {2, 2, 2}}}},
      triangular_row<false, false>("solve_lower"),
      triangular_row<false, true>("solve_lower_transposed"),
      triangular_row<true, false>("solve_upper"),
      triangular_row<true, true>("solve_upper_transposed"),
      {.name = "cholesky", .inputs = {{{3, 3}}}, .function = of_cholesky, .reference = cholesky_of<false>, .ulps = 16},
      {.name = "cholesky_in_batches", .card = "cholesky", .inputs = {{{2, 2, 2}}}, .function = of_cholesky, .reference = cholesky_of<false>, .ulps = 16},
      {.name = "cholesky_upper", .card = "cholesky", .inputs = {{{3, 3}}}, .function = function([](auto x) { return cholesky(positive(x[0]), {.upper = true}); }), .reference = cholesky_of<true>, .ulps = 16},
      {.name = "det", .inputs = {{{3, 3}}}, .function = of_det, .reference = determinant_of<false>, .ulps = 16},
      {.name = "det_of_1_by_1", .card = "det", .inputs = {{{1, 1}}}, .function = of_det, .reference = determinant_of<false>},
      {.name = "det_in_batches", .card = "det", .inputs = {{{2, 3, 2, 2}}}, .function = of_det, .reference = determinant_of<false>, .ulps = 16},
      {.name = "slogdet", .inputs = {{{3, 3}}}, .function = of_slogdet, .reference = determinant_of<true>, .ulps = 16},
      {.name = "slogdet_in_batches", .card = "slogdet", .inputs = {{{2, 3, 2, 2}}}, .function = of_slogdet, .reference = determinant_of<true>, .ulps = 16},
  };
}

Array<double> matrix(std::initializer_list<double> values) {
  const auto n = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(values.size()))));
  return from_values<double>(values, {n, n});
}

bool is_all_nan(const Array<double>& x) {
  for (const double value : x)
    if (!std::isnan(value)) return false;
  return x.size() > 0;
}

}  // namespace

WENGERT_ROWS(Solve, rows());

TEST(Det, HasTheCofactorsForGradientWhereTheMatrixIsSingular) {
  Tape tape;
  const auto a = tape.variable(matrix({1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const auto g = tape.backward(det(a))[a];
  const double cofactors[] = {-3, 6, -3, 6, -12, 6, -3, 6, -3};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(g.data()[i], cofactors[i], 1e-13) << "element " << i;
}

TEST(Det, HasDerivativesOfEveryOrderWhateverTheRank) {
  const auto f = [](auto a) { return det(a); };
  EXPECT_GRADIENTS_WITH({.order = 3}, f, matrix({1, 2, 3, 4, 5, 6, 7, 8, 9}));           // rank 2
  EXPECT_GRADIENTS_WITH({.order = 3}, f, matrix({1, 2, 3, 2, 4, 6, -1, -2, -3}));        // rank 1
  EXPECT_GRADIENTS_WITH({.order = 3}, f, zeros<double>({3, 3}));
  EXPECT_GRADIENTS_WITH({.order = 2}, f, zeros<double>({1, 1}));
  EXPECT_GRADIENTS_WITH({.order = 2}, f, matrix({1, 2, 0, 0, 2, 4, 0, 0, 0, 0, 3, 3, 0, 0, -1, -1}));  // rank 2 of 4
  EXPECT_GRADIENTS_WITH({.order = 2}, f, matrix({2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 1e-10, 0, 0, 0, 0, 3}));  // nearly singular
  EXPECT_GRADIENTS_WITH({.order = 2}, f, from_values<double>({1, 2, 2, 4, 3, 1, 1, 2, 0, 0, 0, 0}, {3, 2, 2}));
}

TEST(Det, HasTheThirdDerivativeOfACubicPolynomialWhateverTheRank) {
  // Along e, f, h it is the same everywhere: what inclusion and exclusion leave of the values.
  const auto drawn = draw<double>({{{3, 3}}, {{3, 3}}, {{3, 3}}});
  const auto &e = drawn[0], &f = drawn[1], &h = drawn[2];
  const double want = (det(e + f + h) - det(e + f) - det(e + h) - det(f + h) + det(e) + det(f) + det(h)).item();
  for (const auto& a : {matrix({1, 2, 3, 4, 5, 6, 7, 8, 9}), matrix({1, 2, 3, 2, 4, 6, -1, -2, -3}), zeros<double>({3, 3}), matrix({1, 2, 0, 0, 1, 0, 3, 0, 1})}) {
    Tape tape;
    const auto x = tape.variable(a);
    const auto along_e = sum(tape.gradient(det(x), x) * e);
    const auto along_both = sum(tape.gradient(along_e, x) * f);
    EXPECT_NEAR(sum(tape.backward(along_both)[x] * h).item(), want, 1e-11);
  }
}

TEST(Det, NeitherOverflowsNorUnderflowsOnItsWay) {
  EXPECT_DOUBLE_EQ(det(matrix({1e200, 0, 0, 0, 1e200, 0, 0, 0, 1e-300})).item(), 1e100);
  EXPECT_EQ(det(1e200 * matrix({1, 0, 0, 1})).item(), infinity);
  for (const double scale : {1e200, 1e-200, 5e-324}) {
    Tape tape;
    const auto a = tape.variable(scale * matrix({2, 1, 1, 3}));
    const auto g = tape.backward(det(a))[a];
    const double cofactors[] = {3, -1, -1, 2};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(g.data()[i] / scale, cofactors[i], 1e-14) << "element " << i << " of " << scale;
  }
  Tape tape;
  const auto a = tape.variable(1e200 * diag(ones<double>({3})));
  const auto g = tape.backward(det(a))[a];
  EXPECT_EQ(g(1, 1), infinity);
  EXPECT_EQ(g(0, 1), 0);
}

TEST(Solve, TakesMatricesWithoutElements) {
  const auto none = zeros<double>({0, 0});
  EXPECT_EQ(inv(none).shape(), (Shape{0, 0}));
  EXPECT_EQ(cholesky(zeros<double>({2, 0, 0})).shape(), (Shape{2, 0, 0}));
  EXPECT_EQ(det(none).item(), 1);
  EXPECT_EQ(slogdet(none).sign.item(), 1);
  EXPECT_EQ(slogdet(none).logabsdet.item(), 0);
  EXPECT_EQ(solve(none, zeros<double>({0})).shape(), (Shape{0}));
  EXPECT_EQ(solve(zeros<double>({2, 2}) + matrix({1, 0, 0, 1}), zeros<double>({2, 0})).shape(), (Shape{2, 0}));
  EXPECT_EQ(inv(zeros<double>({0, 3, 3})).shape(), (Shape{0, 3, 3}));
  Tape tape;
  const auto a = tape.variable(zeros<double>({2, 0, 0}));
  EXPECT_EQ(tape.backward(sum(det(a)) + sum(slogdet(a).logabsdet) + sum(inv(a)) + sum(cholesky(a)))[a].shape(), (Shape{2, 0, 0}));
}

TEST(Solve, GivesNaNForNaN) {
  for (const double bad : {nan, infinity}) {
    const auto a = from_values<double>({1, 2, bad, 4, 2, 0, 0, 2}, {2, 2, 2});
    const auto first = [](const Array<double>& y) { return slice(y, 0, 0, 1); };
    const auto second = [](const Array<double>& y) { return slice(y, 0, 1, 2); };
    for (const auto& y : {inv(a), solve(a, ones<double>({2})), cholesky(a), det(a), slogdet(a).sign, slogdet(a).logabsdet}) {
      EXPECT_TRUE(is_all_nan(first(y)));
      EXPECT_FALSE(is_all_nan(second(y))) << "the other matrix of the batch";
    }
    Tape tape;
    const auto x = tape.variable(a);
    const auto g = tape.backward(sum(det(x)))[x];
    EXPECT_TRUE(is_all_nan(first(g)));
    EXPECT_EQ(g(1, 0, 0), 2);
  }
  EXPECT_FALSE(std::isnan(cholesky(matrix({4, nan, 2, 5}))(1, 1))) << "the upper triangle is not read";
}

TEST(Slogdet, IsZeroAndMinusInfinityForASingularMatrix) {
  const auto a = matrix({1, 2, 2, 4});
  EXPECT_EQ(slogdet(a).sign.item(), 0);
  EXPECT_EQ(slogdet(a).logabsdet.item(), -infinity);
  EXPECT_EQ(slogdet(matrix({0, 1, 1, 0})).sign.item(), -1);
  EXPECT_NEAR(slogdet(1e200 * matrix({1, 0, 0, 1})).logabsdet.item(), 400 * std::log(10.0), 1e-10);
  Tape tape;
  const auto x = tape.variable(a);
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.backward(slogdet(x).logabsdet); }), {"slogdet: ", "singular", "the matrix"}));
  const auto batch = tape.variable(from_values<double>({2, 0, 0, 2, 1, 2, 2, 4}, {2, 2, 2}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.backward(sum(slogdet(batch).logabsdet)); }), {"slogdet: ", "singular", "matrix 1 of shape (2, 2, 2)"}));
}

TEST(Cholesky, SharesItsGradientBetweenBothTriangles) {
  Tape tape;
  const auto a = tape.variable(matrix({4, 99, 2, 5}));  // 99 is not read
  const auto g = tape.backward(cholesky(a), {.cotangent = matrix({0, 0, 1, 0})})[a];
  EXPECT_EQ(g(0, 1), 0.25);  // l(1, 0) = a(1, 0) / 2
  EXPECT_EQ(g(1, 0), 0.25);
}

TEST(Solve, RefusesWhatHasNoInverse) {
  const auto some_singular = from_values<double>({1, 0, 0, 1, 1, 2, 2, 4}, {2, 2, 2});
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)inv(some_singular); }), {"inv: singular matrix", "pivot 1", "matrix 1", "(2, 2, 2)"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)solve(zeros<double>({2, 2}), ones<double>({2})); }), {"solve: singular matrix", "pivot 0 of the matrix"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)record(cards::Solve{cards::Solve::Form::lower}, matrix({1, 0, 1, 0}), ones<double>({2})); }), {"solve: singular matrix", "pivot 1"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)cholesky(some_singular - 2.0 * matrix({1, 0, 0, 0})); }), {"cholesky: not positive definite", "pivot 0 of matrix 0"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)det(zeros<double>({2, 3})); }), {"det: not square", "(2, 3)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)slogdet(zeros<double>({2})); }), {"slogdet: no matrix", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)cholesky(zeros<double>({1, 2})); }), {"cholesky: not square"}));
}

TEST(Solve, MixesOperandsOfAllKinds) {
  Tape tape;
  const Parameter<double> p("p", matrix({2, 0, 0, 4}));
  const auto b = tape.variable(ones<double>({2}));
  const auto y = solve(p, b);
  EXPECT_EQ(y.value()(1), 0.25);
  const auto g = tape.backward(sum(y));
  EXPECT_EQ(g[b](0), 0.5);
  EXPECT_EQ(g[p](1, 1), -1.0 / 16);
}

TEST(Solve, TakesLargeMatricesAndManyInThreads) {
  const auto x = draw<double>({{{70, 70}}, {{600, 12, 12}}});
  const auto a = x[0] + 40.0 * diag(ones<double>({70})), many = x[1] + 20.0 * diag(ones<double>({12}));
  const auto expect_near_identity = [](const Array<double>& product) {
    const std::size_t n = product.shape().back();
    double worst = 0;
    for (std::size_t k = 0; k < product.size(); ++k) worst = std::max(worst, std::abs(product.data()[k] - (k / n % n == k % n ? 1 : 0)));
    EXPECT_LT(worst, 1e-12);
  };
  expect_near_identity(matmul(a, inv(a)));
  expect_near_identity(matmul(many, inv(many)));
  expect_near_identity(solve(many, many));
}

TEST(Det, HasItsGradientBesideElementsOfVeryDifferentSize) {
  const auto diagonal_of = [](double first, std::size_t n) { return Array<double>::build({n}, [&](std::span<double> out) { std::fill(out.begin(), out.end(), 0.5); out[0] = first; }); };
  const auto gradient = [](auto a) {
    Tape tape;
    const auto x = tape.variable(a);
    return tape.backward(det(x))[x];
  };
  const auto in_double = gradient(diag(diagonal_of(1e14, 24)));
  EXPECT_NEAR(in_double(0, 0) / std::pow(0.5, 23), 1, 1e-9);
  EXPECT_NEAR(in_double(1, 1) / (1e14 * std::pow(0.5, 22)), 1, 1e-9);
  EXPECT_EQ(in_double(0, 1), 0);
  const auto in_float = gradient(cast<float>(diag(diagonal_of(1e4, 24))));
  EXPECT_NEAR(in_float(0, 0) / std::pow(0.5, 23), 1, 1e-3);
  EXPECT_NEAR(in_float(1, 1) / (1e4 * std::pow(0.5, 22)), 1, 1e-3);
}

}  // namespace wengert::test
