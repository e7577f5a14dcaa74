// jacobian and hessian against closed forms; third derivatives of a network against differences of the second.
#include <wengert/transform/jacobian.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/transform/gradient.hpp>

namespace wengert::test {

namespace {

Array<double> random(const Shape& shape, std::uint64_t seed) {
  RandomEngine engine(seed);
  return Array<double>::build(shape, [&](std::span<double> out) { engine.fill_normal(out); });
}

void expect_near(const Array<double>& got, const Array<double>& want, double tolerance) {
  ASSERT_EQ(got.shape(), want.shape());
  for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got.data()[k], want.data()[k], tolerance) << "element " << k;
}

}  // namespace

TEST(Jacobian, OfALinearMapIsItsMatrixByEitherMode) {
  const auto wide = random({2, 5}, 1), tall = random({5, 2}, 2);
  expect_near(jacobian([&](auto x) { return matmul(wide, x); }, random({5}, 3)), wide, 0);  // by rows
  expect_near(jacobian([&](auto x) { return matmul(tall, x); }, random({2}, 3)), tall, 0);  // by columns
}

TEST(Jacobian, OfSoftmaxIsDiagonalLessOuterProduct) {
  const auto x = random({4}, 1);
  const auto p = softmax(x, 0);
  const auto want = Array<double>::build({4, 4}, [&](std::span<double> out) {
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) out[i * 4 + j] = (i == j ? p(i) : 0) - p(i) * p(j);
  });
  expect_near(jacobian([](auto v) { return softmax(v, 0); }, x), want, 1e-15);
}

TEST(Jacobian, HasTheAxesOfTheResultThenOfTheArgument) {
  const auto f = [](auto x) { return matmul(x, x, {.transpose_b = true}); };
  const auto j = jacobian(f, random({2, 3}, 1));
  EXPECT_EQ(j.shape(), (Shape{2, 2, 2, 3}));
}

TEST(Jacobian, ByRowsAndByColumnsIsTheSame) {
  const auto w = random({3, 3}, 1);
  const auto f = [&](auto x) { return tanh(matmul(x, w)) * sum(exp(x)); };
  const auto by_rows = jacobian(f, random({3}, 2));
  const auto more = jacobian([&](auto x) { return concatenate({f(x), x * 0.0}, 0); }, random({3}, 2));  // more outputs than inputs
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(more(i, j), by_rows(i, j), 1e-14);
}

TEST(Jacobian, OfEmptyArraysIsEmpty) {
  EXPECT_EQ(jacobian([](auto x) { return x * x; }, zeros<double>({0})).shape(), (Shape{0, 0}));
  EXPECT_EQ(jacobian([](auto x) { return sum(x); }, zeros<double>({0, 2})).shape(), (Shape{0, 2}));
  Tape tape;
  EXPECT_EQ(jacobian([](auto x) { return x * x; }, tape.variable(zeros<double>({0}))).shape(), (Shape{0, 0}));
}

TEST(Jacobian, OfATupleIsATupleAndConstantsGiveZeros) {
  const auto [ja, jb] = jacobian([](auto a, auto) { return a * 2.0; }, std::tuple(random({2}, 1), random({3}, 2)));
  EXPECT_EQ(ja(0, 0), 2);
  expect_near(jb, zeros<double>({2, 3}), 0);
}

TEST(Jacobian, OfAVarIsDifferentiatedAgainByEitherMode) {
  Tape tape;
  const auto x = tape.variable(random({2}, 1));
  const auto rows = jacobian([](auto v) { return v * v * v; }, x);
  EXPECT_NEAR(tape.backward(sum(rows), {.keep_tape = true})[x](1), 6 * x.value()(1), 1e-14);
  const auto columns = jacobian([](auto v) { return concatenate({v * v * v, v}, 0); }, x);
  EXPECT_EQ(columns.shape(), (Shape{4, 2}));
  EXPECT_NEAR(tape.backward(sum(columns))[x](1), 6 * x.value()(1), 1e-14);
}

TEST(Jacobian, OfAVarIsDifferentiatedAgainBeyond255Rows) {
  Tape tape;
  const auto x = tape.variable(random({300}, 1));
  const auto j = jacobian([](auto v) { return v * v; }, x);
  const auto g = tape.backward(sum(square(j)))[x];
  for (std::size_t k = 0; k < 300; ++k) EXPECT_NEAR(g(k), 8 * x.value()(k), 1e-12) << k;
}

TEST(Jacobian, OfTooManyAxesIsRefused) {
  const auto x = zeros<double>({1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_THROW(static_cast<void>(jacobian([](auto v) { return v; }, x)), ShapeError);
}

TEST(Hessian, OfAQuadraticFormIsItsMatrixAndTheTransposed) {
  const auto a = random({4, 4}, 1);
  const auto want = Array<double>::build({4, 4}, [&](std::span<double> out) {
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) out[i * 4 + j] = a(i, j) + a(j, i);
  });
  expect_near(hessian([&](auto x) { return sum(x * matmul(a, x)); }, random({4}, 2)), want, 1e-14);
}

TEST(Hessian, OfLogisticRegressionIsXSX) {
  const auto x = random({6, 3}, 1), w = random({3}, 2);
  const auto labels = from_values<double>({1, 0, 1, 1, 0, 0}, {6});
  const auto loss = [&](auto v) {
    const auto z = matmul(x, v);
    return sum(softplus(z) - z * labels);
  };
  const auto p = sigmoid(matmul(x, w));
  const auto want = Array<double>::build({3, 3}, [&](std::span<double> out) {
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) {
        out[i * 3 + j] = 0;
        for (std::size_t n = 0; n < 6; ++n) out[i * 3 + j] += x(n, i) * p(n) * (1 - p(n)) * x(n, j);
      }
  });
  expect_near(hessian(loss, w), want, 1e-14);
}

TEST(Hessian, OfATupleIsATupleOfBlocks) {
  const auto f = [](auto a, auto b) { return sum(a * a * b); };
  const auto blocks = hessian(f, std::tuple(from_values<double>({3}, {1}), from_values<double>({5}, {1})));
  EXPECT_EQ(std::get<0>(std::get<0>(blocks))(0, 0), 10);
  EXPECT_EQ(std::get<1>(std::get<0>(blocks))(0, 0), 6);
  EXPECT_EQ(std::get<0>(std::get<1>(blocks))(0, 0), 6);
  EXPECT_EQ(std::get<1>(std::get<1>(blocks))(0, 0), 0);
}

TEST(Hessian, IsTheJacobianOfTheGradient) {
  const auto f = [](auto x) { return sum(exp(x) * sum(x)); };
  const auto x = random({3}, 1);
  expect_near(hessian(f, x), jacobian(grad(f), x), 1e-13);
}

TEST(Hessian, HasThirdDerivativesThatDifferencesShow) {
  const auto w = random({3, 4}, 1), out = random({4}, 2);
  const auto network = [&](auto x) { return sum(tanh(matmul(x, w)) * out); };
  const auto x = random({3}, 3);
  const auto third = jacobian([&](auto v) { return hessian(network, v); }, x);
  ASSERT_EQ(third.shape(), (Shape{3, 3, 3}));
  constexpr double step = 1e-5;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto moved = [&](double by) {
      auto copy = x.copy();
      return Array<double>::build({3}, [&](std::span<double> to) {
        for (std::size_t i = 0; i < 3; ++i) to[i] = copy(i) + (i == k ? by : 0);
      });
    };
    const auto above = hessian(network, moved(step)), below = hessian(network, moved(-step));
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(third(i, j, k), (above(i, j) - below(i, j)) / (2 * step), 1e-9);
  }
}

}  // namespace wengert::test
