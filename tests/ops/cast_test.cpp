// The bridge between float and double, there and back, on one tape.
#include <wengert/ops/cast.hpp>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert::test {

TEST(Cast, ChangesTheTypeOfPlainArrays) {
  const auto x = from_values<double>({1.5, -2, 1e300, 0.1}, {2, 2});
  const Array<float> y = cast<float>(x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_EQ(y(0, 0), 1.5F);
  EXPECT_EQ(y(1, 0), std::numeric_limits<float>::infinity());
  EXPECT_EQ(y(1, 1), 0.1F);
  EXPECT_EQ(cast<double>(y)(1, 1), static_cast<double>(0.1F));
  EXPECT_EQ(cast<double>(x).data(), x.data());
  EXPECT_EQ(cast<float>(from_values<std::int64_t>({3, -4}, {2}))(1), -4.F);
  EXPECT_EQ(cast<double>(greater(Array<double>(2.0), 1.0)).item(), 1);
}

TEST(Cast, CarriesGradientsAcross) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2, 3}, {3}));
  const Var<float> y = cast<float>(x) * 2.F;
  const Var<double> z = cast<double>(square(y)) + x;
  const auto g = tape.backward(sum(z), {.also = {z}, .keep_tape = true});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(g[x](i), 8 * static_cast<double>(i + 1) + 1);
  // Recorded, and differentiated again.
  const auto by_x = tape.gradient(sum(z), x);
  EXPECT_EQ(by_x.value()(2), 25);
  const auto again = tape.gradient(sum(square(by_x)), x);  // 2 (8 x + 1) 8
  EXPECT_EQ(again.value()(1), 2 * 17 * 8);
  // From a float loss to a float leaf, over doubles.
  const auto w = tape.variable(from_values<float>({0.5F, 2}, {2}));
  const Var<float> loss = cast<float>(sum(exp(cast<double>(w))));
  EXPECT_NEAR(tape.backward(loss, {.keep_tape = true})[w](1), std::exp(2.0), 1e-5);
  EXPECT_NEAR(tape.gradient(loss, w).value()(0), std::exp(0.5), 1e-6);
}

TEST(Cast, TakesNumbersAndAddsWhereTwoMeet) {
  Tape tape;
  const auto x = tape.variable(3.0);
  const Var<float> y = cast<float>(x);
  const auto loss = cast<double>(y) * cast<double>(y) + x;
  EXPECT_EQ(tape.backward(loss)[x].item(), 7);
  EXPECT_EQ(cast<float>(Var<double>(2.5)).item(), 2.5F);
}

TEST(Cast, HasALocalDerivativeOfOne) {
  Tape tape;
  const auto d = tape.local_derivatives(cast<float>(tape.variable(from_values<double>({1, 2}, {2}))));
  ASSERT_EQ(d.size(), 1U);
  EXPECT_EQ(d[0].shape(), Shape{2});
  EXPECT_EQ(d[0](1), 1.F);
  EXPECT_EQ(tape.local_derivatives(cast<double>(tape.variable(3.F)))[0].item(), 1);
}

TEST(Cast, LeavesAValueOfItsOwnTypeAlone) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2}));
  const std::size_t size = tape.size();
  const auto y = cast<double>(x);
  EXPECT_EQ(tape.size(), size);
  EXPECT_EQ(tape.backward(sum(y))[x](0), 1);
}

TEST(Cast, IsRefusedForAVarThatIsStaleOrNothing) {
  Tape tape;
  const auto x = tape.variable(1.0);
  tape.clear();
  EXPECT_THROW(static_cast<void>(cast<float>(x)), GraphError);
  EXPECT_THROW(static_cast<void>(cast<float>(Var<double>())), GraphError);
  EXPECT_THROW(static_cast<void>(cast<float>(Array<double>())), GraphError);
}

TEST(Cast, EvaluatesOnATapeThatRecordsNothing) {
  Tape tape{{.recording = Recording::off}};
  const auto x = tape.constant(from_values<double>({1, 2}, {2}));
  EXPECT_EQ(cast<float>(x).value()(1), 2.F);
  EXPECT_EQ(tape.size(), 0u);
}

}  // namespace wengert::test
