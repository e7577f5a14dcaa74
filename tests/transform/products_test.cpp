// vjp, jvp and hvp: against closed forms, against one another, through special cards and nested.
#include <wengert/transform/products.hpp>

#include <array>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/transform/gradient.hpp>
#include <wengert/transform/jacobian.hpp>

namespace wengert::test {

namespace {

Array<double> line(std::initializer_list<double> values) { return from_values<double>(values, {values.size()}); }

Array<double> random(const Shape& shape, std::uint64_t seed) {
  RandomEngine engine(seed);
  return Array<double>::build(shape, [&](std::span<double> out) { engine.fill_normal(out); });
}

double dot_of(const Array<double>& a, const Array<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a.data()[k] * b.data()[k];
  return sum;
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// y = sum of x^2, with derivatives for plain arrays alone.
struct FirstOrderOnly {
  static constexpr std::string_view name = "first_order_only";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr Orders orders = Orders::first;
  template <class T>
  Array<T> forward(Inputs<T> in) const {
    return Array<T>(sum(in[0] * in[0]).item());
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return s.g * (2 * s.x(0));
  }
};

/// The same with a pushforward of its own; what it computes is counted.
struct WithPushforward : FirstOrderOnly {
  static constexpr std::string_view name = "with_pushforward";
  static constexpr Orders orders = Orders::any;
  inline static int calls = 0;
  template <class V>
  V pushforward(const ForwardStep<V>& s) const {
    ++calls;
    EXPECT_TRUE(s.moves(0));
    EXPECT_EQ(s.arity(), 1u);
    return sum(2 * s.x(0) * s.t(0));
  }
};

struct WrongPushforward : FirstOrderOnly {
  static constexpr std::string_view name = "wrong_pushforward";
  template <class V>
  V pushforward(const ForwardStep<V>& s) const {
    return s.t(0);
  }
};

}  // namespace

TEST(Vjp, IsTheTransposedJacobianTimesTheCotangent) {
  const auto a = random({3, 2}, 1), x = random({2}, 2), c = random({3}, 3);
  const auto f = [&](auto v) { return matmul(a, v); };
  const auto pulled = vjp(f, x, c);
  for (std::size_t j = 0; j < 2; ++j) EXPECT_DOUBLE_EQ(pulled(j), a(0, j) * c(0) + a(1, j) * c(1) + a(2, j) * c(2));
  EXPECT_DOUBLE_EQ(vjp(f, x, 1.0)(0), a(0, 0) + a(1, 0) + a(2, 0)) << "a number stands for all elements";
}

TEST(Vjp, OfATupleIsATuple) {
  const auto product = [](auto a, auto b) { return a * b; };
  const auto [da, db] = vjp(product, std::tuple(line({1, 2}), line({3, 4})), line({1, 10}));
  EXPECT_EQ(da(1), 40);
  EXPECT_EQ(db(1), 20);
}

TEST(Vjp, IsDifferentiatedThroughItsCotangent) {
  Tape tape;
  const auto c = tape.variable(line({1, 1}));
  const auto pulled = vjp([](auto x) { return x * x; }, line({3, 4}), c);
  EXPECT_EQ(tape.backward(sum(pulled))[c](1), 8);
}

TEST(Jvp, IsTheJacobianTimesTheTangent) {
  const auto a = random({3, 2}, 1), x = random({2}, 2), v = random({2}, 3);
  const auto pushed = jvp([&](auto t) { return matmul(a, t); }, x, v);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(pushed(i), a(i, 0) * v(0) + a(i, 1) * v(1));
}

TEST(Jvp, IsTheAdjointOfVjp) {
  const auto w = random({4, 3}, 1);
  const auto f = [&](auto x, auto b) { return softmax(tanh(matmul(x, w) + b) * exp(b), -1) / (1 + square(sum(x, {.axes = {1}, .keep_dims = true}))); };
  const auto x = random({2, 4}, 2), b = random({3}, 3), vx = random({2, 4}, 4), vb = random({3}, 5), c = random({2, 3}, 6);
  const auto [cx, cb] = vjp(f, std::tuple(x, b), c);
  const auto pushed = jvp(f, std::tuple(x, b), std::tuple(vx, vb));
  EXPECT_NEAR(dot_of(pushed, c), dot_of(cx, vx) + dot_of(cb, vb), 1e-14);
}

TEST(Jvp, LeavesTheNumberTypeToTheFunction) {
  const auto pushed = jvp([](auto x) { return cast<double>(x * x); }, from_values<float>({3}, {1}), from_values<float>({1}, {1}));
  static_assert(std::is_same_v<decltype(pushed), const Array<double>>);
  EXPECT_EQ(pushed(0), 6);
}

TEST(Jvp, ConvertsANumberToTheTypeOfItsArgument) {
  const auto f = [](auto x) { return sum(x * x); };
  const auto narrow = from_values<float>({1, 2, 3}, {3});
  const auto wide = from_values<double>({1, 2, 3}, {3});
  EXPECT_EQ(jvp(f, narrow, 1.0).item(), 12.0F);
  EXPECT_EQ(jvp(f, wide, 1.0F).item(), 12.0);
  EXPECT_EQ(hvp(f, narrow, 1.0)(0), 2.0F);
  EXPECT_EQ(vjp(f, narrow, 1.0)(2), 6.0F);
  Tape tape;
  EXPECT_EQ(jvp(f, tape.variable(narrow), 1.0).item(), 12.0F);
  EXPECT_EQ(vjp(f, tape.variable(narrow), 1.0).value()(2), 6.0F);
}

TEST(Jvp, IsZeroForWhatDoesNotMove) { EXPECT_EQ(jvp([](auto) { return zeros<double>({2}); }, line({1}), line({1}))(1), 0); }

TEST(Jvp, UsesACardsPushforward) {
  WithPushforward::calls = 0;
  const auto f = [](auto x) { return record(WithPushforward{}, exp(x)); };
  const auto x = line({0.5, 1}), v = line({1, 2});
  const double want = 2 * (std::exp(1.0) * 1 + std::exp(2.0) * 2);
  EXPECT_NEAR(jvp(f, x, v).item(), want, 1e-12);
  EXPECT_EQ(WithPushforward::calls, 1);
  Tape tape;
  const auto xs = tape.variable(x);
  const auto recorded = jvp(f, xs, v);
  EXPECT_EQ(WithPushforward::calls, 2);
  EXPECT_NEAR(tape.backward(recorded)[xs](0), 4 * std::exp(1.0) * 1, 1e-12);
}

TEST(Jvp, SaysWhatACardLacks) {
  const auto lacking = error_of([] { static_cast<void>(jvp([](auto x) { return record(FirstOrderOnly{}, x); }, line({1}), line({1}))); });
  EXPECT_NE(lacking.find("first_order_only: it has no pushforward"), std::string::npos) << lacking;
  const auto wrong = error_of([] { static_cast<void>(jvp([](auto x) { return record(WrongPushforward{}, x); }, line({1, 2}), line({1, 1}))); });
  EXPECT_NE(wrong.find("wrong_pushforward: the pushforward returned shape (2,); it must be the output's shape ()"), std::string::npos) << wrong;
}

TEST(Jvp, RefusesTangentsOfAnotherShapeOrNumber) {
  const auto f = [](auto x) { return x; };
  EXPECT_NE(error_of([&] { static_cast<void>(jvp(f, line({1, 2}), line({1, 2, 3}))); }).find("jvp: the tangent is of shape (3,); it must be (2,)"), std::string::npos);
  EXPECT_NE(error_of([&] { static_cast<void>(jvp(f, line({1, 2}), std::tuple(line({1, 2}), 1.0))); }).find("jvp: 2 tangents were given; one for each of the 1"), std::string::npos);
  EXPECT_NE(error_of([&] { static_cast<void>(vjp(f, line({1, 2}), line({1, 2, 3}))); }).find("vjp: the cotangent is of shape (3,)"), std::string::npos);
}

TEST(Jvp, NestsWithGradients) {
  // The derivative of a directional derivative, each way round.
  const auto f = [](auto x) { return sum(sin(x) * x); };
  const auto x = random({3}, 1), v = random({3}, 2), u = random({3}, 3);
  const auto forward_of_reverse = jvp(grad(f), x, v);
  const auto reverse_of_forward = grad([&](auto t) { return jvp(f, t, v); })(x);
  const auto forward_of_forward = jvp([&](auto t) { return jvp(f, t, v); }, x, u);
  const auto product = hvp(f, x, v);
  for (std::size_t k = 0; k < 3; ++k) {
    const double want = (2 * std::cos(x(k)) - x(k) * std::sin(x(k))) * v(k);
    EXPECT_NEAR(forward_of_reverse(k), want, 1e-14);
    EXPECT_NEAR(reverse_of_forward(k), want, 1e-14);
    EXPECT_NEAR(product(k), want, 1e-14);
  }
  EXPECT_NEAR(forward_of_forward.item(), dot_of(product, u), 1e-14);
}

TEST(Jvp, OfParametersTakesOneTangentForEach) {
  Parameter<double> w("w", line({3})), b("b", line({1}));
  const auto model = [&](auto x) { return x * w * w + b; };
  const auto moved = jvp(model, Parameters<double>{w, b}, {line({1}), line({10})})(line({2}));
  EXPECT_EQ(moved(0), 2 * 6 + 10);
}

TEST(Jvp, OfParametersHoldsWhatTheFunctionCaptures) {
  Parameter<double> w("w", line({3}));
  Tape tape;
  const auto x = tape.variable(line({2}));
  const auto captured = tape.use(w) * 5.0;
  const auto f = [&](auto v) { return v * captured; };
  EXPECT_EQ(jvp(f, Parameters<double>{w}, {line({1})})(x).value()(0), 0);
  EXPECT_EQ(grad([&](auto v) { return sum(f(v)); }, {w})(x)[w].value()(0), 0);
  const auto tied = [&](auto v) { return v * w; };
  EXPECT_EQ(jvp(tied, Parameters<double>{w, w}, {line({1}), line({10})})(line({2}))(0), 22) << "a parameter that is listed twice moves by both";
}

TEST(Jvp, RefusesATapeThatEndsWithinTheFunction) {
  auto tape = std::make_unique<Tape>();
  const auto x = tape->variable(line({2}));
  EXPECT_THROW(static_cast<void>(jvp(
                   [&](auto v) {
                     auto y = sin(v);
                     tape.reset();
                     return y;
                   },
                   x, line({1}))),
               GraphError);
}

TEST(Hvp, GoesThroughCasts) {
  const auto w = random({3, 3}, 1);
  const auto f = [&](auto x) { return sum(exp(matmul(w, cast<double>(x)))); };
  const auto x = from_values<float>({0.1F, 0.2F, 0.3F}, {3, 1}), v = from_values<float>({1, 2, 3}, {3, 1});
  const auto product = hvp(f, x, v);
  const auto h = hessian(f, x);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(product(i, 0), h(i, 0, 0, 0) * 1 + h(i, 0, 1, 0) * 2 + h(i, 0, 2, 0) * 3, 1e-4F);
}

TEST(Hvp, IsTheHessianTimesTheVector) {
  const auto w = random({4, 3}, 1);
  const auto f = [&](auto x) { return sum(square(softmax(tanh(matmul(reshape(x, {2, 4}), w)), -1))); };
  const auto x = random({8}, 2), v = random({8}, 3);
  const auto h = hessian(f, x), product = hvp(f, x, v);
  for (std::size_t i = 0; i < 8; ++i) {
    double want = 0;
    for (std::size_t j = 0; j < 8; ++j) want += h(i, j) * v(j);
    EXPECT_NEAR(product(i), want, 1e-14);
  }
}

TEST(Hvp, OfANetworksParametersAgreesWithDifferencesOfGradients) {
  Parameter<double> w("w", random({3, 4}, 1)), b("b", random({4}, 2)), out("out", random({4, 2}, 3));
  const auto x = random({5, 3}, 4);
  const auto labels = from_values<std::int64_t>({0, 1, 1, 0, 1}, {5});
  const auto loss = [&](auto in) { return cross_entropy(matmul(tanh(matmul(in, w) + b), out), labels); };
  const Parameters<double> all{w, b, out};
  const std::vector<Array<double>> v{random({3, 4}, 5), random({4}, 6), random({4, 2}, 7)};
  const auto product = hvp(loss, all, v)(x);
  constexpr double step = 1e-5;
  std::vector<Array<double>> at;
  for (const auto& p : all) at.push_back(p.value().copy());
  const auto gradients_at = [&](double t) {
    for (std::size_t k = 0; k < all.size(); ++k) Parameter<double>(all[k]).assign(at[k] + t * v[k]);
    return grad(loss, all)(x);
  };
  const auto above = gradients_at(step), below = gradients_at(-step);
  for (std::size_t k = 0; k < all.size(); ++k)
    for (std::size_t i = 0; i < product[k].size(); ++i) EXPECT_NEAR(product[k].data()[i], (above[all[k]].data()[i] - below[all[k]].data()[i]) / (2 * step), 1e-8) << all[k].name() << " " << i;
}

TEST(Hvp, IsZeroForALinearFunction) {
  const auto product = hvp([](auto x) { return sum(x); }, line({1, 2}), line({1, 1}));
  EXPECT_EQ(product(0), 0);
  Tape tape;
  EXPECT_EQ(hvp([](auto x) { return sum(x); }, tape.variable(line({1, 2})), line({1, 1})).value()(0), 0);
}

TEST(Hvp, OfATupleIsATuple) {
  const auto f = [](auto a, auto b) { return sum(a * a * b); };
  const auto [ha, hb] = hvp(f, std::tuple(line({3}), line({5})), std::tuple(line({1}), line({10})));
  EXPECT_EQ(ha(0), 2 * 5 * 1 + 2 * 3 * 10);
  EXPECT_EQ(hb(0), 2 * 3 * 1);
}

TEST(Hvp, IsDifferentiatedAgain) {
  Tape tape;
  const auto x = tape.variable(line({2}));
  const auto product = hvp([](auto v) { return sum(v * v * v * v); }, x, line({1}));
  EXPECT_EQ(product.value()(0), 48);
  EXPECT_EQ(tape.backward(sum(product))[x](0), 48) << "24 x";
}

}  // namespace wengert::test
