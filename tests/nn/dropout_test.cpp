// Dropout: zeros at random while training, nothing at all otherwise.
#include <wengert/nn/dropout.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Mode;
using wg::nn::Dropout;
using wg::test::mentions;
using wg::test::refusal;

template <class T>
class Dropouts : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Dropouts, Numbers);

TYPED_TEST(Dropouts, ZeroesTheShareAskedForAndScalesTheRest) {
  using T = TypeParam;
  wg::RandomEngine engine(11);
  const Dropout<T> layer({.drop_probability = 0.3});
  constexpr std::size_t count = 200'000;
  const auto y = layer(wg::full<T>({count}, 2), {Mode::train, engine});
  const T kept = T(2) * static_cast<T>(1 / 0.7);
  std::size_t zeros = 0;
  for (const T v : y) {
    EXPECT_TRUE(v == 0 || v == kept) << v;
    zeros += v == 0;
  }
  const double share = static_cast<double>(zeros) / count;
  EXPECT_NEAR(share, 0.3, 5 * std::sqrt(0.3 * 0.7 / count));  // five standard deviations
}

TYPED_TEST(Dropouts, DrawTheSameMaskFromTheSameEngineAndAnotherOneNextTime) {
  using T = TypeParam;
  const Dropout<T> layer;
  EXPECT_EQ(layer.drop_probability(), 0.5);
  const auto x = wg::ones<T>({256});
  const auto drawn = [&](wg::RandomEngine& engine) { return layer(x, {Mode::train, engine}); };
  const auto equal = [](const auto& a, const auto& b) { return std::equal(a.begin(), a.end(), b.begin()); };
  wg::RandomEngine engine(4), same(4);
  const auto first = drawn(engine), second = drawn(engine);
  EXPECT_TRUE(equal(first, drawn(same)));
  EXPECT_FALSE(equal(first, second));
  EXPECT_TRUE(equal(second, drawn(same)));
}

TYPED_TEST(Dropouts, GiveBackTheVeryArrayWhereNothingIsDropped) {
  using T = TypeParam;
  const auto x = wg::ones<T>({4});
  EXPECT_EQ(Dropout<T>({.drop_probability = 0.9})(x, Mode::evaluate).data(), x.data());
  EXPECT_EQ(Dropout<T>({.drop_probability = 0})(x, Mode::train).data(), x.data()) << "and needs no engine";
}

TYPED_TEST(Dropouts, GiveZerosWithProbabilityOne) {
  using T = TypeParam;
  wg::RandomEngine engine(1);
  wg::Tape tape;
  const auto x = tape.variable(wg::from_values<T>({1, -2, 0, 4}, {4}));
  const auto y = Dropout<T>({.drop_probability = 1})(x, {Mode::train, engine});
  const auto g = tape.backward(y, {.cotangent = wg::ones<T>({4})});
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(y.value()(i), T(0));
    EXPECT_EQ(g[x](i), T(0));
  }
}

TEST(Dropout, PassesTheGradientThroughTheMaskOfTheForwardPass) {
  wg::RandomEngine engine(8);
  wg::Tape tape;
  const auto x = tape.variable(wg::ones<double>({100}));
  const auto y = Dropout<double>()(x, {Mode::train, engine});
  const auto g = tape.backward(y, {.cotangent = wg::ones<double>({100})});
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(g[x](i), y.value()(i));
}

TEST(Dropout, HasTheRightDerivativesForAFixedMask) {
  const auto x = wg::from_values<double>({0.5, -1, 2, 0.25, 3, -0.75}, {2, 3});
  EXPECT_GRADIENTS_WITH({.order = 2}, [](auto v) {
    wg::RandomEngine engine(21);  // the same for each evaluation
    return Dropout<double>({.drop_probability = 0.4})(v * v, {Mode::train, engine});
  }, x);
}

TEST(Dropout, DrawsFromTheStreamThatTheMaskTakes) {
  wg::RandomEngine engine(9);
  (void)Dropout<float>()(wg::ones<float>({3, 5}), {Mode::evaluate, engine});
  EXPECT_EQ(engine.state().position, 0u) << "evaluation draws nothing";
  (void)Dropout<float>()(wg::ones<float>({3, 5}), {Mode::train, engine});
  EXPECT_GT(engine.state().position, 0u);
}

TEST(Dropout, NeedsAnEngineToTrain) {
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { (void)Dropout<float>()(wg::ones<float>({3}), Mode::train); }), {"Dropout", "engine"}));
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const double given : {-0.1, 1.1, -inf, inf, nan})
    EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { Dropout<float>({.drop_probability = given}); }), {"Dropout", "drop_probability", "from 0 to 1"})) << given;
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { Dropout<float>({.drop_probability = -0.1}); }), {"-0.1"}));
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { Dropout<double>({.drop_probability = 1.1}); }), {"1.1"}));
}

}  // namespace
