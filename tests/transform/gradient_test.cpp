// value_and_grad and grad: against closed forms, of Arrays and of Vars, by arguments and by parameters.
#include <wengert/transform/gradient.hpp>

#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include <wengert/array/xtensor.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/nn/activations.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/optim/gradient_descent.hpp>

namespace wengert::test {

namespace {

const auto cubes = [](auto x) { return sum(x * x * x); };
const auto energy = [](auto a, auto b) { return sum(exp(a) * b); };

Array<double> line(std::initializer_list<double> values) { return from_values<double>(values, {values.size()}); }

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST(Grad, GivesValueAndGradientOfArrays) {
  const auto [value, gradient] = value_and_grad(cubes)(line({1, 2}));
  EXPECT_EQ(value.item(), 9);
  EXPECT_EQ(gradient(0), 3);
  EXPECT_EQ(gradient(1), 12);
  EXPECT_EQ(grad(cubes)(line({3}))(0), 27);
}

TEST(Grad, TakesNumbersAndExpressions) {
  EXPECT_EQ(grad([](auto x) { return x * x; })(3.0).item(), 6);
  EXPECT_EQ(grad([](auto x) { return x * x; })(3.0F).item(), 6.0F);
  const xt::xarray<double> x = {1.0, 2.0};
  EXPECT_EQ(grad(cubes)(x + 1)(1), 27);
}

TEST(Grad, GivesATupleForSeveralArguments) {
  const auto [da, db] = grad(energy)(line({0, 1}), line({2, 3}));
  EXPECT_EQ(da(0), 2);
  EXPECT_DOUBLE_EQ(db(1), std::exp(1.0));
}

TEST(Grad, HandsOnWhatItCannotDifferentiate) {
  const auto loss = [](auto logits, const Array<std::int64_t>& labels, int scale) { return static_cast<double>(scale) * cross_entropy(logits, labels); };
  const auto gradient = grad(loss)(zeros<double>({1, 2}), from_values<std::int64_t>({1}, {1}), 4);
  EXPECT_EQ(gradient(0, 0), 2);
  EXPECT_EQ(gradient(0, 1), -2);
}

TEST(Grad, IsZeroForAFunctionThatDependsOnNothing) {
  EXPECT_EQ(grad([](auto) { return 3.0; })(line({1, 2}))(1), 0);
  EXPECT_EQ(grad([](auto x) { return sum(x.value()); })(line({1, 2}))(1), 0);
}

TEST(Grad, NestsToAnyOrder) {
  const auto wave = [](auto x) { return sin(x); };
  EXPECT_DOUBLE_EQ(grad(grad(wave))(0.3).item(), -std::sin(0.3));
  EXPECT_DOUBLE_EQ(grad(grad(grad(wave)))(0.3).item(), -std::cos(0.3));
  EXPECT_DOUBLE_EQ(grad(grad(grad(grad(wave))))(0.3).item(), std::sin(0.3));
}

TEST(Grad, OfAVarStaysOnItsTape) {
  Tape tape;
  const auto x = tape.variable(line({0.3}));
  const auto inner = grad([](auto v) { return sum(sin(v)); })(x);
  EXPECT_DOUBLE_EQ(tape.backward(sum(inner))[x](0), -std::sin(0.3));
}

TEST(Grad, IsByTheArgumentAloneAlsoWhereTheFunctionCapturesTheSameVar) {
  Tape tape;
  const auto x = tape.variable(line({5}));
  const auto by_v = grad([&](auto v) { return sum(v * x); })(x);
  EXPECT_EQ(by_v.value()(0), 5) << "x, not 2 x";
  EXPECT_EQ(tape.backward(sum(by_v))[x](0), 1);
}

TEST(Grad, TakesConstantsAndMixedArguments) {
  Tape tape;
  const auto c = tape.constant(line({2}));
  EXPECT_EQ(grad(cubes)(c).value()(0), 12);
  const auto x = tape.variable(line({1}));
  const auto [da, db] = grad(energy)(x, line({4}));
  EXPECT_DOUBLE_EQ(da.value()(0), 4 * std::exp(1.0));
  EXPECT_DOUBLE_EQ(db.value()(0), std::exp(1.0));
}

TEST(Grad, OnATapeThatRecordsNothingGivesConstants) {
  Tape quiet{{.recording = Recording::off}};
  const auto x = quiet.variable(line({2}));
  const auto [value, gradient] = value_and_grad(cubes)(x);
  EXPECT_EQ(value.item(), 8);
  EXPECT_EQ(gradient.value()(0), 12);
}

TEST(Grad, ByParametersGivesWhatAnOptimizerTakes) {
  Parameter<double> w("w", line({3})), other("other", line({2}));
  const auto model = [&](auto x) { return sum(x * w * w * other); };
  const auto [value, gradients] = value_and_grad(model, {w})(line({2}));
  EXPECT_EQ(value.item(), 36);
  EXPECT_EQ(gradients[w](0), 24);
  EXPECT_FALSE(gradients.contains(other)) << "only what was asked for";
  optim::GradientDescent<double> descent({w}, {.learning_rate = 0.5});
  descent.step(gradients);
  EXPECT_EQ(w.value()(0), 3 - 12);
}

TEST(Grad, ByParametersOnATapeIsRecorded) {
  Parameter<double> w("w", line({3})), frozen("frozen", line({1}));
  frozen.freeze();
  Tape tape;
  const auto x = tape.variable(line({2}));
  // x itself depends on w here: the gradient by w is of the function alone.
  const auto gradients = grad([&](auto v) { return sum(v * w * w * frozen); }, {w, frozen})(x * w);
  EXPECT_EQ(gradients[w].value()(0), 2 * 6 * 3);
  EXPECT_EQ(gradients[frozen].value()(0), 0);
  EXPECT_EQ(gradients.size(), 2u);
  EXPECT_TRUE(gradients.contains(w));
  EXPECT_EQ(tape.backward(sum(gradients[w]))[x](0), 18) << "d/dx of 2 x w w";
  const Parameter<double> unlisted("unlisted", line({1}));
  EXPECT_NE(error_of([&] { static_cast<void>(gradients[unlisted]); }).find("unlisted"), std::string::npos);
}

TEST(Grad, IsLikeBackwardForANetworkOfFloats) {
  Parameter<float> w("w", from_values<float>({0.1F, -0.2F, 0.3F, 0.4F}, {2, 2}));
  const auto x = from_values<float>({1, 2, 3, 4}, {2, 2});
  const auto loss = [&](auto in) { return mean(square(tanh(matmul(in, w)))); };
  const auto [value, gradients] = value_and_grad(loss, {w})(x);
  Tape tape;
  const auto expected = tape.backward(loss(tape.constant(x)));
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(gradients[w].data()[k], expected[w].data()[k]);
}

TEST(Grad, RefusesWhatIsNotOneNumber) {
  const auto error = error_of([] { static_cast<void>(grad([](auto x) { return x * x; })(line({1, 2}))); });
  EXPECT_NE(error.find("grad: the function's result is not one number: shape (2,)"), std::string::npos) << error;
  Tape tape;
  const auto x = tape.variable(line({1, 2}));
  const auto before = tape.size();
  EXPECT_NE(error_of([&] { static_cast<void>(grad([](auto v) { return v * v; })(x)); }).find("jacobian"), std::string::npos);
  EXPECT_EQ(tape.size(), before);
}

TEST(Grad, RefusesAResultOfAnotherTapeAndArgumentsOfTwo) {
  Tape tape, other;
  const auto x = tape.variable(1.0), foreign = other.variable(2.0);
  EXPECT_NE(error_of([&] { static_cast<void>(grad([&](auto) { return foreign; })(x)); }).find("another tape"), std::string::npos);
  EXPECT_NE(error_of([&] { static_cast<void>(grad(energy)(x, foreign)); }).find("two tapes"), std::string::npos);
  EXPECT_NE(error_of([&] { static_cast<void>(grad(cubes)(Var<double>())); }).find("grad: the Var holds nothing"), std::string::npos);
}

TEST(Grad, LeavesTheTapeAsItWasWhenTheFunctionThrows) {
  Tape tape;
  const auto x = tape.variable(line({1, 2}));
  const auto before = tape.size();
  EXPECT_THROW(static_cast<void>(grad([](auto v) {
                 const auto y = exp(v);
                 if (y.size() == 2) throw std::runtime_error("mine");
                 return sum(y);
               })(x)),
               std::runtime_error);
  EXPECT_EQ(tape.size(), before);
}

}  // namespace wengert::test
