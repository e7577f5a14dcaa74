// Rows of orthogonal and triangular factors, singular values and eigenvalues, and what they are where these are equal.
#include <wengert/ops/decomposition.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/naive.hpp"
#include "ops/naive_matrices.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;
using naive::Matrix;
constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

// ---- matrices from numbers that were drawn, functions of factors that do not depend on their signs ----

/// 0.3 x with 1, 3, 5, .. added along the diagonal: of full rank, its singular values apart.
template <class X>
X spread(const X& x) {
  using T = typename X::value_type;
  const std::size_t m = x.shape()[x.shape().rank() - 2], n = x.shape().back();
  const auto steps = Array<T>::build({m, n}, [&](std::span<T> out) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = k / n == k % n ? static_cast<T>(1 + 2 * (k % n)) : T(0);
  });
  return T(0.3) * x + steps;
}
/// The same, symmetric.
template <class X>
X symmetric(const X& x) {
  const X y = spread(x);
  return 0.5 * (y + swapaxes(y, -2, -1));
}

/// Factors with a positive diagonal of R.
template <class X>
X signs(const X& r) {
  using T = typename X::value_type;
  const std::size_t k = r.shape()[r.shape().rank() - 2];
  return sign(sum(slice(r, -1, 0, static_cast<std::int64_t>(k)) * diag(ones<T>({k})), -1));
}
template <class X>
X q_of(const X& a) {
  const auto [q, r] = qr(a);
  return q * expand_dims(signs(r), -2);
}
template <class X>
X r_of(const X& a) {
  const auto [q, r] = qr(a);
  return r * expand_dims(signs(r), -1);
}

/// The first singular vectors, side by side as a matrix of rank 1.
template <class X>
X first_pair(const X& a) {
  const auto [u, s, vt] = svd(a);
  return matmul(slice(u, -1, 0, 1), slice(vt, -2, 0, 1));
}
/// Squares of all of them, one below the other.
template <class X>
X squares(const X& a) {
  const auto [u, s, vt] = svd(a);
  return concatenate(std::vector<X>{square(u), square(swapaxes(vt, -2, -1))}, -2);
}

// ---- references in extended precision ----

Array<double> q_reference(In x) { return naive::each(spread(x[0]), [](const Matrix& m) { return naive::orthogonal(m).first; }); }
Array<double> r_reference(In x) { return naive::each(spread(x[0]), [](const Matrix& m) { return naive::orthogonal(m).second; }); }
Array<double> s_reference(In x) { return naive::each_row(spread(x[0]), [](const Matrix& m) { return naive::singular(m).s; }); }
Array<double> pair_reference(In x) {
  return naive::each(spread(x[0]), [](const Matrix& m) {
    const auto [u, v, s] = naive::singular(m);
    Matrix y(u.size(), std::vector<long double>(v.size()));
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::size_t j = 0; j < y[0].size(); ++j) y[i][j] = u[i][0] * v[j][0];
    return y;
  });
}
Array<double> squares_reference(In x) {
  return naive::each(spread(x[0]), [](const Matrix& m) {
    auto [y, v, s] = naive::singular(m);
    y.insert(y.end(), v.begin(), v.end());
    for (auto& row : y)
      for (auto& value : row) value *= value;
    return y;
  });
}
Array<double> values_reference(In x) { return naive::each_row(symmetric(x[0]), [](const Matrix& m) { return naive::eigen(m).first; }); }
Array<double> vectors_reference(In x) {
  return naive::each(symmetric(x[0]), [](const Matrix& m) {
    Matrix v = naive::eigen(m).second;
    for (auto& row : v)
      for (auto& value : row) value *= value;
    return v;
  });
}

Array<double> over_gaps_reference(In x, cards::OverGaps::Divisor divisor) {
  using Divisor = cards::OverGaps::Divisor;
  return naive::filled(x[0].shape(), [&](const naive::Index& i) {
    const std::size_t row = i[i.size() - 2], column = i.back();
    const auto s = [&](std::size_t k) { return x[1].data()[(i.size() == 3 ? i[0] * x[1].shape().back() : 0) + k]; };
    if (divisor == Divisor::value) return naive::at(x[0], i) / s(column);
    if (row == column) return 0.0;
    return naive::at(x[0], i) / (divisor == Divisor::sum ? s(column) + s(row) : s(column) - s(row));
  });
}

std::vector<Row> rows() {
  using Divisor = cards::OverGaps::Divisor;
  const auto of_q = function([](auto x) { return q_of(spread(x[0])); }), of_r = function([](auto x) { return r_of(spread(x[0])); });
  const auto of_s = function([](auto x) { return svd(spread(x[0])).s; }), of_pair = function([](auto x) { return first_pair(spread(x[0])); }), of_squares = function([](auto x) { return squares(spread(x[0])); });
  const auto of_values = function([](auto x) { return eigh(symmetric(x[0])).values; }), of_vectors = function([](auto x) { return square(eigh(symmetric(x[0])).vectors); });
  const auto row = [](const char* name, const char* card, const Shape& shape, const Function& f, Reference reference, std::size_t order = 2) {
    return Row{.name = name, .card = card, .inputs = {{shape}}, .function = f, .reference = reference, .order = order, .ulps = 64};
  };
  return {
      row("qr_q", "qr", {3, 3}, of_q, q_reference, 3),
      row("qr_r", "qr", {3, 3}, of_r, r_reference, 3),
      row("qr_q_of_tall", "qr", {4, 2}, of_q, q_reference),
      row("qr_r_of_tall", "qr", {2, 3, 2}, of_r, r_reference),
      row("qr_q_of_wide", "qr", {2, 4}, of_q, q_reference),
      row("qr_r_of_wide", "qr", {2, 2, 3}, of_r, r_reference),
      row("qr_of_1_by_1", "qr", {1, 1}, of_r, r_reference),
      {.name = "qr", .inputs = {{{3, 2}}}, .function = function([](auto x) {
         const auto [q, r] = qr(x[0]);
         return matmul(q, r);
       }), .reference = [](In x) { return x[0]; }, .ulps = 16, .refused = {{{3}}, {{}}}},
      row("svd_s", "svd", {3, 3}, of_s, s_reference, 3),
      row("svd_s_of_tall", "svd", {2, 4, 2}, of_s, s_reference),
      row("svd_s_of_wide", "svd", {2, 3}, of_s, s_reference),
      row("svd_first_pair", "svd", {3, 3}, of_pair, pair_reference, 3),
      row("svd_first_pair_of_tall", "svd", {3, 2}, of_pair, pair_reference),
      row("svd_first_pair_of_wide", "svd", {2, 2, 3}, of_pair, pair_reference),
      row("svd_squares", "svd", {2, 3, 3}, of_squares, squares_reference),
      row("svd_squares_of_tall", "svd", {4, 2}, of_squares, squares_reference),
      row("svd_squares_of_wide", "svd", {2, 3}, of_squares, squares_reference),
      row("svd_of_a_column", "svd", {3, 1}, of_pair, pair_reference),
      {.name = "svd", .inputs = {{{2, 3}}}, .function = function([](auto x) {
         const auto [u, s, vt] = svd(x[0]);
         return matmul(u * expand_dims(s, -2), vt);
       }), .reference = [](In x) { return x[0]; }, .ulps = 16, .refused = {{{3}}, {{}}}},
      row("eigh_values", "eigh", {3, 3}, of_values, values_reference, 3),
      row("eigh_values_in_batches", "eigh", {2, 2, 2, 2}, of_values, values_reference),
      row("eigh_vectors", "eigh", {3, 3}, of_vectors, vectors_reference, 3),
      row("eigh_vectors_in_batches", "eigh", {2, 2, 2}, of_vectors, vectors_reference),
      {.name = "eigh", .inputs = {{{1, 1}}}, .function = function([](auto x) { return eigh(x[0]).values; }), .reference = [](In x) { return x[0].reshaped({1}); }, .ulps = 1, .refused = {{{2, 3}}, {{3}}, {{}}}},
      {.name = "over_gaps", .inputs = {{{2, 3, 3}}, {{2, 3}, Domain::distinct}}, .function = function([](auto x) { return record(cards::OverGaps{}, x[0], x[1]); }),
       .reference = [](In x) { return over_gaps_reference(x, Divisor::difference); }, .ulps = 1, .refused = {{{2, 3}, {3}}, {{3, 3}, {2}}, {{2, 3, 3}, {3}}, {{3}, {3}}}},
      {.name = "over_sums", .card = "over_gaps", .inputs = {{{3, 3}}, {{3}, Domain::positive}}, .function = function([](auto x) { return record(cards::OverGaps{Divisor::sum}, x[0], x[1]); }),
       .reference = [](In x) { return over_gaps_reference(x, Divisor::sum); }, .ulps = 1},
      {.name = "over_values", .card = "over_gaps", .inputs = {{{2, 3}}, {{3}, Domain::nonzero}}, .function = function([](auto x) { return record(cards::OverGaps{Divisor::value}, x[0], x[1]); }),
       .reference = [](In x) { return over_gaps_reference(x, Divisor::value); }, .ulps = 1},
  };
}

Array<double> diagonal(std::initializer_list<double> values) { return diag(from_values<double>(values, {values.size()})); }

bool is_all_nan(const Array<double>& x) { return x.size() > 0 && std::all_of(x.begin(), x.end(), [](double value) { return std::isnan(value); }); }

}  // namespace

WENGERT_ROWS(Decomposition, rows());

TEST(Decomposition, TakesMatricesWithoutElements) {
  for (const Shape& shape : {Shape{0, 0}, Shape{3, 0}, Shape{0, 3}, Shape{2, 0, 1}, Shape{0, 2, 2}}) {
    Tape tape;
    const auto a = tape.variable(zeros<double>(shape));
    const auto [q, r] = qr(a);
    const auto [u, s, vt] = svd(a);
    EXPECT_EQ(matmul(q, r).shape(), shape);
    EXPECT_EQ(matmul(u * expand_dims(s, -2), vt).shape(), shape);
    EXPECT_EQ(tape.backward(sum(q) + sum(r) + sum(u) + sum(s) + sum(vt))[a].shape(), shape);
  }
  const auto [values, vectors] = eigh(zeros<double>({2, 0, 0}));
  EXPECT_EQ(values.shape(), (Shape{2, 0}));
  EXPECT_EQ(vectors.shape(), (Shape{2, 0, 0}));
}

TEST(Decomposition, GivesNaNForNaN) {
  for (const double bad : {nan, infinity}) {
    const auto a = from_values<double>({1, 2, bad, 4, 2, 1, 1, 3}, {2, 2, 2});
    const auto [q, r] = qr(a);
    const auto [u, s, vt] = svd(a);
    const auto [values, vectors] = eigh(a);
    for (const auto& y : {q, r, u, s, vt, values, vectors}) {
      EXPECT_TRUE(is_all_nan(slice(y, 0, 0, 1)));
      EXPECT_FALSE(is_all_nan(slice(y, 0, 1, 2))) << "the other matrix of the batch";
    }
    Tape tape;
    const auto x = tape.variable(a);
    const auto g = tape.backward(sum(svd(x).s) + sum(eigh(x).values))[x];
    EXPECT_TRUE(is_all_nan(slice(g, 0, 0, 1)));
    EXPECT_FALSE(is_all_nan(slice(g, 0, 1, 2)));
  }
}

TEST(Decomposition, IsOrthogonalAndSortedForLargeMatrices) {
  const auto a = draw<double>({{{40, 70}}})[0];
  const auto largest = [](const Array<double>& x) { return amax(abs(x)).item(); };
  const auto one = diag(ones<double>({40}));
  const auto [q, r] = qr(a);
  EXPECT_LT(largest(matmul(q, q, {.transpose_a = true}) - one), 1e-13);
  EXPECT_LT(largest(matmul(q, r) - a), 1e-12);
  const auto [u, s, vt] = svd(a);
  EXPECT_LT(largest(matmul(u, u, {.transpose_a = true}) - one), 1e-13);
  EXPECT_LT(largest(matmul(vt, vt, {.transpose_b = true}) - one), 1e-13);
  EXPECT_LT(largest(matmul(u * expand_dims(s, 0), vt) - a), 1e-12);
  EXPECT_TRUE(std::is_sorted(s.begin(), s.end(), std::greater<>()));
  const auto [values, vectors] = eigh(matmul(a, a, {.transpose_b = true}));
  EXPECT_LT(largest(matmul(vectors, vectors, {.transpose_a = true}) - one), 1e-13);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
}

TEST(Eigh, ReadsTheLowerTriangleAndSharesItsGradientBetweenBoth) {
  const auto a = from_values<double>({1, 99, 1, 2}, {2, 2});
  EXPECT_NEAR(sum(eigh(a).values).item(), 3, 1e-14);
  Tape tape;
  const auto x = tape.variable(a);
  const auto g = tape.backward(eigh(x).values, {.cotangent = from_values<double>({0, 1}, {2})})[x];
  EXPECT_EQ(g(0, 1), g(1, 0));
}

TEST(Svd, NamesEqualSingularValuesWhereTheirVectorsAreDifferentiated) {
  Tape tape;
  const auto a = tape.variable(diagonal({3, 1, 3}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.gradient(sum(square(svd(a).u) * svd(a).vt), a); }), {"svd: ", "values 0 and 1 of the matrix are 3 and 3", "gap of 0"}));
  const auto zero = tape.variable(from_values<double>({1, 2, 2, 4, 3, 6}, {3, 2}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.backward(sum(slice(svd(zero).u, 1, 1, 2))); }), {"svd: ", "a value that is 0", "value 1 of the matrix"}));
}

TEST(Svd, HasFirstDerivativesOfEqualSingularValues) {
  Tape tape;
  const auto a = tape.variable(diagonal({3, 1, 3}));
  const auto total = sum(svd(a).s);  // of symmetric positive matrices the trace, the slope of which is the identity
  const auto g = tape.gradient(total, a);
  const auto plain = tape.backward(total, {.keep_tape = true})[a];
  for (std::size_t k = 0; k < 9; ++k) {
    EXPECT_NEAR(plain.data()[k], k % 4 == 0 ? 1 : 0, 1e-15);
    EXPECT_EQ(g.value().data()[k], plain.data()[k]);
  }
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.backward(sum(g), {.keep_tape = true}); }), {"svd: ", "equal"}));
  // One of a matrix that is not square is 0.
  const auto deficient = tape.variable(from_values<double>({1, 2, 2, 4, 3, 6}, {3, 2}));
  EXPECT_NEAR(sum(square(tape.backward(slice(svd(deficient).s, 0, 0, 1))[deficient])).item(), 1, 1e-14);
}

TEST(Svd, DifferentiatesTheVectorsOfAValueThatIsApartFromEqualOnes) {
  EXPECT_GRADIENTS([](auto a) { return first_pair(a); }, diagonal({1, 3, 1}));
  // A row of the square case, where one value is 0: no division by it.
  EXPECT_GRADIENTS([](auto a) { return first_pair(a); }, diagonal({2, 1, 0}));
  EXPECT_GRADIENTS([](auto a) { return squares(a); }, from_values<double>({1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3}));
}

TEST(Eigh, NamesEqualEigenvaluesWhereTheirVectorsAreDifferentiated) {
  Tape tape;
  const auto a = tape.variable(concatenate({expand_dims(diagonal({1, 2}), 0), expand_dims(diagonal({5, 5}), 0)}, 0));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.gradient(sum(slice(eigh(a).vectors, -1, 0, 1)), a); }), {"eigh: ", "values 0 and 1 of matrix 1", "are 5 and 5", "gap of 0"}));
  for (const auto& near : {diagonal({0, 0}), diagonal({0, 2e-15, 1})}) {  // the second within the rounding of the largest
    const auto x = tape.variable(near);
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.gradient(sum(slice(eigh(x).vectors, -1, 0, 1)), x); }), {"eigh: ", "values 0 and 1"}));
  }
  const auto b = tape.variable(1e-3 * diag(ones<float>({2})));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { tape.backward(sum(slice(eigh(b).vectors, -1, 0, 1))); }), {"eigh: "}));
  EXPECT_GRADIENTS([](auto x) { return square(slice(eigh(0.5 * (x + transpose(x))).vectors, 1, 2, 3)); }, diagonal({1, 1, 4}));
}

TEST(Qr, NamesTheColumnThatDependsOnOthers) {
  const auto said_of = [](const Array<double>& a) {
    Tape tape;
    const auto x = tape.variable(a);
    return refusal<ValueError>([&] { tape.backward(sum(qr(x).r)); });
  };
  EXPECT_TRUE(mentions(said_of(from_values<double>({1, 2, 1, 2, 4, 5}, {2, 3})), {"qr: ", "r(1, 1) of the matrix", "first 2 columns"}));
  EXPECT_TRUE(mentions(said_of(from_values<double>({1, 2, 1, 1, 0, 5, 1, 2, 1, 2, 4, 5}, {2, 2, 3})), {"qr: ", "r(1, 1) of matrix 1 of shape (2, 2, 3)"}));
  EXPECT_TRUE(mentions(said_of(zeros<double>({3, 2})), {"qr: ", "r(0, 0) of the matrix is 0"}));
  EXPECT_TRUE(mentions(said_of(from_values<double>({1, 5, 0, 0}, {2, 2})), {"qr: ", "r(1, 1) of the matrix is 0;"}));
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 1e17, 0, 1}, {2, 2}));  // only the diagonal of R is divided by
  EXPECT_EQ(tape.backward(sum(slice(qr(x).r, 1, 0, 1)))[x].shape(), (Shape{2, 2}));
}

}  // namespace wengert::test
