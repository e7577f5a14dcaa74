// Var: a handle to a value on a tape, and what may stand beside it.
#include <wengert/graph/var.hpp>

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Tape;
using wg::Var;

template <class A, class B>
concept Adds = requires(const A& a, const B& b) { a + b; };

TEST(Var, HasTheValueThatWasComputed) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2, 3, 4}, {2, 2}));
  EXPECT_EQ(x.shape(), (wg::Shape{2, 2}));
  EXPECT_EQ(x.size(), 4U);
  EXPECT_EQ(x.value()(1, 0), 3);
  EXPECT_EQ(wg::sum(x).item(), 10);
  expect_error<wg::ShapeError>([&] { (void)x.item(); }, "(2, 2)");
  EXPECT_EQ(tape.variable(wg::from_values<double>({7}, {1, 1})).item(), 7);
}

TEST(Var, SharesTheArrayItWasMadeOf) {
  Tape tape;
  const auto a = wg::ones<double>({5});
  auto x = tape.variable(a);
  EXPECT_EQ(x.value().data(), a.data()) << "nothing is copied";
  EXPECT_EQ(x.detach().value().data(), a.data());
}

TEST(Var, IsAHandleOfSixteenBytes) {
  static_assert(sizeof(Var<double>) == 16);
  static_assert(std::is_nothrow_move_constructible_v<Var<double>>);
  Tape tape;
  auto x = tape.variable(2.0);
  auto same = x;
  EXPECT_EQ(tape.size(), 1U) << "a copy is no node";
  const auto g = tape.backward(x * same);
  EXPECT_EQ(g[same].item(), 4);
  auto& self = same;
  same = self;
  EXPECT_EQ(same.item(), 2);
}

TEST(Var, StopsGradientsWhereItIsDetached) {
  Tape tape;
  auto x = tape.variable(3.0);
  auto y = x * x.detach();
  EXPECT_EQ(y.item(), 9);
  EXPECT_EQ(tape.backward(y, {.keep_tape = true})[x].item(), 3);
  EXPECT_EQ(tape.gradient(tape.gradient(y, x), x).item(), 0);
}

TEST(Var, CarriesItsName) {
  Tape tape;
  auto x = tape.variable(1.0).named("x");
  EXPECT_EQ(x.name(), "x");
  EXPECT_EQ((x + 1.0).name(), "");
  const auto& same = x.named("first");
  EXPECT_EQ(&same, &x);
  EXPECT_EQ(x.name(), "first");
  EXPECT_EQ(Var<double>(2).name(), "");
  EXPECT_EQ(tape.use(wg::Parameter<double>("w", wg::zeros<double>({1}))).name(), "w");
}

TEST(Var, LiftsWhatStandsBesideItOnToItsTape) {
  Tape tape;
  wg::Parameter<double> w("w", wg::full<double>({2}, 3));
  auto x = tape.variable(wg::ones<double>({2}));
  const auto a = wg::full<double>({2}, 5);
  auto y = x * w + a - 1;  // a Parameter, an Array, an int
  EXPECT_EQ(y.value()(1), 7);
  auto z = 2.F * (a + (w * x));
  EXPECT_EQ(z.value()(1), 16);
  const auto g = tape.backward(wg::sum(y + z));
  EXPECT_EQ(g[x](0), 9);
  EXPECT_EQ(g[w](0), 3);
}

TEST(Var, RefusesOperandsOfWhichNoneIsOnATape) {
  const wg::Parameter<double> w("w", wg::ones<double>({2, 2}));
  const auto a = wg::ones<double>({2, 2});
  expect_error<wg::GraphError>([&] { (void)(w + w); }, "add: no operand is on a tape; at least one must be a Var");
  expect_error<wg::GraphError>([&] { (void)wg::matmul(a, w); }, "matmul: no operand is on a tape");
  static_assert(std::is_same_v<decltype(a + a), Array<double>>, "Array with Array stays Array");
  EXPECT_EQ((a + a)(1, 1), 2);
}

TEST(Var, DoesNotMixFloatAndDouble) {
  static_assert(Adds<Var<float>, Var<float>> && Adds<Var<double>, double> && Adds<Var<double>, float> && Adds<Var<float>, int>);
  static_assert(!Adds<Var<float>, Var<double>> && !Adds<Var<float>, Array<double>> && !Adds<Array<float>, wg::Parameter<double>>);
  static_assert(!Adds<Var<double>, Array<std::int64_t>> && !Adds<Var<double>, Array<bool>>, "labels and masks are not differentiated");
  Tape tape;
  static_assert(std::is_same_v<decltype(tape.variable(1.F) + 1.0), Var<float>>, "a number beside a Var<T> becomes a T");
  EXPECT_EQ((tape.variable(1.F) + 0.5).item(), 1.5F);
}

TEST(Var, TakesAParameterForCodeThatIsGenericOverPlainArrays) {
  Tape tape;
  const wg::Parameter<double> w("w", wg::ones<double>({2}));
  auto x = tape.variable(2.0);
  EXPECT_EQ(tape.backward(wg::sum(x * wg::use(w, x)))[w](0), 2);
  EXPECT_EQ(wg::use(w, Array<double>(1.0)).data(), w.value().data());
  expect_error<wg::GraphError>([&] { (void)wg::use(w, Var<double>(2)); }, "use: the Var is a plain number");
}

TEST(Var, SaysWhatIsWrongWithAnEmptyOrPlainOne) {
  Tape tape;
  const Var<double> nothing, number(2);
  expect_error<wg::GraphError>([&] { (void)nothing.value(); }, "value: the Var holds nothing");
  expect_error<wg::GraphError>([&] { (void)nothing.shape(); }, "shape: the Var holds nothing");
  expect_error<wg::GraphError>([&] { (void)(tape.variable(1.0) * nothing); }, "multiply: the Var holds nothing");
  expect_error<wg::GraphError>([&] { (void)number.named("n"); }, "named: the Var is a plain number: it is on no tape yet");
  expect_error<wg::GraphError>([&] { (void)tape.backward(number); }, "backward: the Var is a plain number");
  EXPECT_EQ(number.item(), 2);
  EXPECT_EQ(number.value().item(), 2);
  EXPECT_EQ(number.detach().item(), 2);
  EXPECT_EQ(number.shape(), wg::Shape{});
}

TEST(Var, SharesItsShapeWithAllOfEqualShape) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2, 3})), y = tape.variable(wg::zeros<double>({2, 3}));
  EXPECT_EQ(&x.shape(), &y.shape());
  EXPECT_EQ(&(x * y + 1.0).shape(), &x.shape());
}

}  // namespace
