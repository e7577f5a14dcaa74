// Rows of the cards in ops/cards/rectifier.hpp, and of the compositions beside them.
#include "ops/cards/rectifier.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/elementwise_family.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};

std::vector<Row> rows() {
  return {
      {.name = "relu", .inputs = {{matrix}}, .function = function([](auto x) { return relu(x[0]); }),
       .formula = [](const long double* x) { return std::max(x[0], 0.0L); }, .probe = probe<cards::Relu>(), .ulps = 0},
      {.name = "leaky_relu", .inputs = {{matrix}}, .function = function([](auto x) { return leaky_relu(x[0], 0.25); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0 ? x[0] : x[0] / 4; }, .probe = probe<cards::LeakyRelu>(), .ulps = 1},
      {.name = "elu", .inputs = {{matrix}}, .function = function([](auto x) { return elu(x[0], 0.75); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0 ? x[0] : 0.75L * std::expm1(x[0]); }, .probe = probe<cards::Elu>()},
      {.name = "celu", .inputs = {{matrix}}, .function = function([](auto x) { return celu(x[0], 0.75); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0 ? x[0] : 0.75L * std::expm1(x[0] / 0.75L); }, .probe = probe<cards::Celu>()},
      {.name = "selu", .inputs = {{matrix}}, .function = function([](auto x) { return selu(x[0]); }),
       .formula = [](const long double* x) -> long double { return 1.0507009873554804934193349852946L * (x[0] > 0 ? x[0] : 1.6732632423543772848170429916717L * std::expm1(x[0])); }, .probe = probe<cards::Selu>()},
      {.name = "hardtanh", .inputs = {{matrix}}, .function = function([](auto x) { return hardtanh(x[0]); }),
       .formula = [](const long double* x) -> long double { return std::clamp(x[0], -1.0L, 1.0L); }, .probe = probe<cards::Hardtanh>(), .ulps = 0},
      {.name = "relu6", .card = "hardtanh", .inputs = {{matrix}}, .function = function([](auto x) { return relu6(x[0] * 4); }),
       .formula = [](const long double* x) -> long double { return std::clamp(4 * x[0], 0.0L, 6.0L); }},
      {.name = "threshold", .inputs = {{matrix}}, .function = function([](auto x) { return threshold(x[0], 0.05, -3); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0.05L ? x[0] : -3; }, .probe = probe<cards::Threshold>(), .ulps = 0},
      {.name = "prelu", .card = "multiply", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return prelu(x[0], x[1]); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0 ? x[0] : x[1] * x[0]; }, .ulps = 1},
      {.name = "heaviside", .card = "sign", .inputs = {{matrix}}, .function = function([](auto x) { return heaviside(x[0]); }),
       .formula = [](const long double* x) -> long double { return x[0] > 0 ? 1 : 0; }, .ulps = 0},
  };
}

}  // namespace

WENGERT_ELEMENTWISE_ROWS(Rectifier, rows());

template std::vector<KernelCase<float>> kernel_cases<cards::Rectifier, float>();
template std::vector<KernelCase<double>> kernel_cases<cards::Rectifier, double>();

TEST(Activations, RefuseAttributesThatMakeNoSense) {
  const auto x = ones<double>({2, 3});
  EXPECT_THROW(static_cast<void>(celu(x, 0)), ValueError);
  EXPECT_THROW(static_cast<void>(hardtanh(x, 1, -1)), ValueError);
  EXPECT_THROW(static_cast<void>(softplus(x, {.beta = 0})), ValueError);
  EXPECT_THROW(static_cast<void>(glu(x, 1)), ShapeError);
}

TEST(Maxout, TakesTheLargestOfNeighbours) {
  const auto x = from_values<double>({1, 4, 4, 2, 0, -1, 7, 7, 5, 3, 9, 8}, {2, 6});
  const auto y = maxout(x, 3);
  ASSERT_EQ(y.shape(), (Shape{2, 2}));
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(y.data()[k], (std::vector<double>{4, 2, 7, 9})[k]);
  EXPECT_EQ(maxout(x, 2, 0).shape(), (Shape{1, 6}));
  EXPECT_EQ(maxout(x, 2, 0)(0, 3), 3);
  Tape tape;
  const auto v = tape.variable(x);
  const auto g = tape.backward(maxout(v, 3), {.cotangent = from_values<double>({2, 1, 4, 1}, {2, 2})})[v];
  for (std::size_t k = 0; k < 12; ++k) EXPECT_EQ(g.data()[k], (std::vector<double>{0, 1, 1, 1, 0, 0, 2, 2, 0, 0, 1, 0})[k]) << "equal shares at a tie";
  EXPECT_THROW(static_cast<void>(maxout(x, 4)), ShapeError);
  EXPECT_THROW(static_cast<void>(maxout(x, 0)), ValueError);
  EXPECT_THROW(static_cast<void>(maxout(x, 2, 2)), ShapeError);
}

TEST(Rectifiers, AreStraightFromZeroOn) {
  const auto check = [](auto function, double slope) {
    Tape tape;
    const auto x = tape.variable(from_values<double>({0, -0.0, 800, -1}, {4}));
    const auto g = tape.gradient(sum(function(x)), x);
    const auto second = tape.backward(sum(g))[x];
    EXPECT_EQ(g.value()(0), slope);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(second(k), 0) << k;
    EXPECT_GT(second(3), 0);
  };
  check([](const auto& x) { return elu(x, 3.0); }, 3);
  check([](const auto& x) { return celu(x, 3.0); }, 1);
  check([](const auto& x) { return selu(x); }, 1.0507009873554805 * 1.6732632423543772);
}

}  // namespace wengert::test
