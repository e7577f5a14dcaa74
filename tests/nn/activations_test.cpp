// Activation functions as layers: the operation of that name, on plain arrays and on a tape, in any mode.
#include <wengert/nn/activations.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <wengert/check/gtest.hpp>
#include <wengert/ops/arithmetic.hpp>

namespace {

namespace wg = wengert;
using wg::Mode;

template <class T>
class Activations : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Activations, Numbers);

template <class T, class Layer, class F>
void expect_elementwise(const Layer& layer, F expected) {
  const auto x = wg::from_values<T>({-2, -0.5, 0, 0.25, 3}, {5});
  wg::Tape tape;
  for (const Mode mode : {Mode::train, Mode::evaluate}) {
    const wg::Array<T> plain = layer(x, mode);
    const wg::Var<T> recorded = layer(tape.variable(x), mode);
    ASSERT_EQ(plain.shape(), x.shape());
    for (std::size_t i = 0; i < x.size(); ++i) {
      constexpr T few_ulp = std::is_same_v<T, float> ? T(1e-6) : T(1e-14);
      EXPECT_NEAR(plain(i), expected(x(i)), few_ulp) << x(i);
      EXPECT_EQ(recorded.value()(i), plain(i)) << x(i);
    }
  }
}

TYPED_TEST(Activations, AreTheFunctionsOfTheirNames) {
  using T = TypeParam;
  expect_elementwise<T>(wg::nn::ReLU<T>{}, [](T x) { return x > 0 ? x : T(0); });
  expect_elementwise<T>(wg::nn::Tanh<T>{}, [](T x) { return std::tanh(x); });
  expect_elementwise<T>(wg::nn::Sigmoid<T>{}, [](T x) { return 1 / (1 + std::exp(-x)); });
  expect_elementwise<T>(wg::nn::SiLU<T>{}, [](T x) { return x / (1 + std::exp(-x)); });
}

TEST(ActivationLayers, HaveTheRightDerivativesToOrderTwo) {
  const auto x = wg::from_values<double>({-2, -0.5, 0.3, 1.5}, {2, 2});
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto v) { return wg::nn::ReLU<double>{}(v, Mode::train); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto v) { return wg::nn::Tanh<double>{}(v, Mode::train); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto v) { return wg::nn::Sigmoid<double>{}(v, Mode::train); }, x);
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto v) { return wg::nn::SiLU<double>{}(v, Mode::train); }, x);
}

}  // namespace
