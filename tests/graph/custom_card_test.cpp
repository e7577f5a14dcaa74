// Users' own cards: the same door through which the library's operations go.
#include <wengert/graph/record.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Shape;
using wg::Tape;
using wg::Var;

// ---- elementwise cards ----

/// y = x^3.   dx = g * 3 x^2.
struct Cube : wg::Elementwise<Cube> {
  static constexpr std::string_view name = "cube";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  template <class X>
  static X apply(X x) {
    return x * x * x;
  }
  template <class X>
  static X slope(X x, X) {
    return X(3) * x * x;
  }
};

/// y = k a b^2.   da = g k b^2,   db = g 2 k a b.
struct Weighted : wg::Elementwise<Weighted> {
  static constexpr std::string_view name = "weighted";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  double factor;
  explicit Weighted(double k) : factor(k) {}
  template <class X>
  X apply(X a, X b) const {
    return X(factor) * a * b * b;
  }
  template <std::size_t I, class X>
  X slope(X a, X b, X) const {
    if constexpr (I == 0) {
      return X(factor) * b * b;
    } else {
      return X(2 * factor) * a * b;
    }
  }
};

/// y = a b + c.
struct MultiplyAdd : wg::Elementwise<MultiplyAdd> {
  static constexpr std::string_view name = "multiply_add";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  template <class X>
  static X apply(X a, X b, X c) {
    return a * b + c;
  }
  template <std::size_t I, class X>
  static X slope(X a, X b, X, X) {
    if constexpr (I == 2) {
      return X(1);
    } else {
      return I == 0 ? b : a;
    }
  }
};

/// y = e^x, with a slope that reads x though only y is kept.
struct ReadsWhatItDoesNotKeep : wg::Elementwise<ReadsWhatItDoesNotKeep> {
  static constexpr std::string_view name = "greedy";
  static constexpr wg::Keeps keeps = wg::Keeps::output;
  template <class X>
  static X apply(X x) {
    using std::exp;
    return exp(x);
  }
  template <class X>
  static X slope(X x, X) {
    using std::exp;
    return exp(x);
  }
};

TEST(CustomCard, ElementwiseIsDifferentiableToAnyOrder) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({-1, 0.5, 2}, {3}));
  auto first = tape.gradient(wg::sum(wg::record(Cube{}, x)), x);
  auto second = tape.gradient(wg::sum(first), x);
  EXPECT_EQ(first.value()(2), 12);
  EXPECT_EQ(second.value()(2), 12);
  EXPECT_EQ(tape.gradient(wg::sum(second), x).value()(0), 6);
  auto number = tape.variable(2.F);
  EXPECT_EQ(tape.backward(wg::record(Cube{}, number))[number].item(), 12.F);
}

TEST(CustomCard, ElementwiseHasAttributesAndBroadcasts) {
  Tape tape;
  auto a = tape.variable(wg::from_values<double>({1, 2}, {2, 1})), b = tape.variable(wg::from_values<double>({3, 4, 5}, {3}));
  auto y = wg::record(Weighted(10), a, b);
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(y.value()(1, 2), 10 * 2 * 25);
  const auto g = tape.backward(wg::sum(y), {.keep_tape = true});
  EXPECT_EQ(g[a](0, 0), 10 * (9 + 16 + 25));
  EXPECT_EQ(g[b](1), 10 * 2 * 4 * 3);
  EXPECT_EQ(tape.gradient(wg::sum(tape.gradient(wg::sum(y), a)), b).value()(1), 10 * 2 * 4 * 2);
  EXPECT_EQ(wg::record(Weighted(2), a, 3.0).value()(1, 0), 36) << "a number beside a Var";
}

TEST(CustomCard, ElementwiseTakesThreeInputs) {
  Tape tape;
  auto a = tape.variable(2.0), b = tape.variable(wg::from_values<double>({3, 4}, {2})), c = tape.constant(1.0);
  auto y = wg::record(MultiplyAdd{}, a, b, c);
  EXPECT_EQ(y.value()(1), 9);
  const auto g = tape.backward(wg::sum(y));
  EXPECT_EQ(g[a].item(), 7);
  EXPECT_EQ(g[b](0), 2);
  auto p = tape.variable(5.0);
  EXPECT_EQ(tape.backward(wg::record(MultiplyAdd{}, p, p, p))[p].item(), 11) << "the same Var three times";
}

TEST(CustomCard, EvaluatesPlainArraysAtOnce) {
  const auto y = wg::record(Cube{}, wg::from_values<double>({1, 2}, {2}));
  static_assert(std::is_same_v<decltype(y), const Array<double>>);
  EXPECT_EQ(y(1), 8);
  EXPECT_EQ(wg::record(Cube{}, Array<float>(3.F)).item(), 27.F);
}

TEST(CustomCard, KeepsTheStrongZeroAndIsFoundOutByNaNWhereItReadsWhatIsNotKept) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  const auto c = wg::from_values<double>({0, 1}, {2});
  const auto g = tape.backward(wg::record(ReadsWhatItDoesNotKeep{}, x), {.cotangent = c, .keep_tape = true});
  EXPECT_EQ(g[x](0), 0);
  EXPECT_TRUE(std::isnan(g[x](1))) << "never a plausible wrong number";
}

TEST(CustomCard, WorksOnEveryLengthOfTheNumberLoops) {
  for (const std::size_t n : {0UL, 1UL, 15UL, 16UL, 17UL, 33UL, 100'003UL}) {
    Tape tape;
    auto x = tape.variable(wg::arange<double>(n));
    auto y = wg::record(Cube{}, x);
    const auto value = y.value(), g = tape.backward(wg::sum(y))[x];
    for (std::size_t i = 0; i < n; ++i) {
      const auto d = static_cast<double>(i);
      ASSERT_EQ(value(i), d * d * d) << n;
      ASSERT_EQ(g(i), 3 * d * d) << n;
    }
  }
}

// ---- general cards ----

/// y = a b + c for matrices a (m, k), b (k, n) and a row c (n).
struct Affine {
  static constexpr std::string_view name = "affine";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  Shape shape(std::span<const Shape> in) const { return {in[0][0], in[1][1]}; }
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return wg::matmul(in[0], in[1]) + in[2];
  }
  template <class V>
  V pullback(std::size_t i, const wg::Step<V>& s) const {
    if (i == 0) return wg::matmul(s.g, wg::transpose(s.x(1)));
    if (i == 1) return wg::matmul(wg::transpose(s.x(0)), s.g);
    return wg::sum(s.g, 0);
  }
};

/// y = k a b, with both gradients at once.
struct Shared {
  static constexpr std::string_view name = "shared";
  static constexpr wg::Keeps keeps = wg::Keeps::both;
  double factor = 1;
  std::vector<double> attribute = {};  // not a trivial card: it is copied and destroyed beside its node
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return in[0] * in[1] * static_cast<T>(factor);
  }
  template <class V>
  std::array<V, 2> pullbacks(const wg::Step<V>& s) const {
    using T = typename V::value_type;
    return {s.y() / s.x(0) * s.g, s.x(0) * static_cast<T>(factor) * s.g};
  }
};

/// The sum of all its operands, however many, and what its Step says of them.
struct Total {
  static constexpr std::string_view name = "total";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  std::vector<bool>* asked;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    Array<T> y = in[0];
    for (std::size_t i = 1; i < in.size(); ++i) y = y + in[i];
    return y;
  }
  template <class V>
  V pullback(std::size_t i, const wg::Step<V>& s) const {
    for (std::size_t j = 0; j < s.arity(); ++j) asked->push_back(s.wanted(j));
    EXPECT_TRUE(s.wanted(i)) << "the pullback is asked only for inputs that lead to a leaf";
    EXPECT_EQ(s.shape(i), s.g.shape()) << "the shape of a value that is not kept is there";
    return s.g;  // an alias of its cotangent
  }
};

/// For plain arrays only.
struct FirstOrderOnly {
  static constexpr std::string_view name = "first_only";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  static constexpr wg::Orders orders = wg::Orders::first;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return in[0].copy();
  }
  template <class T>
  Array<T> pullback(std::size_t, const wg::Step<Array<T>>& s) const {
    return s.g.copy();
  }
};

/// y = x: an alias, forwards and backwards.
struct Alias {
  static constexpr std::string_view name = "alias";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  bool of_input = false;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return in[0];
  }
  template <class V>
  V pullback(std::size_t, const wg::Step<V>& s) const {
    return of_input ? s.x(0) : s.g;
  }
};

struct alignas(256) WidelyAligned {
  static constexpr std::string_view name = "aligned";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  double factor = 1;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(this) % 256, 0U);
    return in[0] * static_cast<T>(factor);
  }
  template <class V>
  V pullback(std::size_t, const wg::Step<V>& s) const {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(this) % 256, 0U);
    return s.g * static_cast<typename V::value_type>(factor);
  }
};

TEST(CustomCard, GeneralTakesSeveralOperandsOfAnyKind) {
  Tape tape;
  auto a = tape.variable(wg::from_values<double>({1, 2, 3, 4, 5, 6}, {2, 3}));
  wg::Parameter<double> b("b", wg::ones<double>({3, 2}));
  auto y = wg::record(Affine{}, {a, b, wg::from_values<double>({10, 20}, {2})});
  EXPECT_EQ(y.value()(1, 1), 35);
  const auto g = tape.backward(wg::sum(y), {.keep_tape = true});
  EXPECT_EQ(g[a](0, 0), 2);
  EXPECT_EQ(g[b](2, 0), 9);
  auto d = tape.gradient(wg::sum(y * y), a);
  EXPECT_EQ(tape.gradient(wg::sum(d), a).shape(), a.shape()) << "of any order";
  EXPECT_EQ(wg::record(Affine{}, a, b, wg::zeros<double>({2})).value()(0, 0), 6) << "also without a list";
  EXPECT_EQ(wg::record(Affine{}, {wg::ones<float>({1, 2}), wg::ones<float>({2, 1}), wg::ones<float>({1})}).item(), 3.F) << "and on plain arrays";
}

TEST(CustomCard, GeneralMayGiveAllGradientsAtOnce) {
  Tape tape;
  auto x = tape.variable(wg::from_values<double>({2, 3}, {2})), y = tape.variable(wg::from_values<double>({5, 7}, {2}));
  auto f = wg::sum(wg::record(Shared{.factor = 10, .attribute = std::vector<double>(100)}, x, y));
  const auto g = tape.backward(f, {.keep_tape = true});
  EXPECT_EQ(g[x](1), 70);
  EXPECT_EQ(g[y](1), 30);
  EXPECT_EQ(tape.gradient(wg::sum(tape.gradient(f, y)), x).value()(0), 10);
  auto c = tape.constant(wg::ones<double>({2}));
  EXPECT_EQ(tape.backward(wg::sum(wg::record(Shared{}, c, y)))[y](0), 1) << "what is not wanted is dropped";
}

TEST(CustomCard, IsAskedOnlyForInputsThatLeadToALeaf) {
  Tape tape;
  std::vector<bool> asked;
  auto x = tape.variable(1.0), y = tape.variable(2.0);
  auto c = tape.constant(3.0);
  auto t = wg::record(Total{&asked}, {x, c, y, 5.0, x, wg::Array<double>(1.0)});
  EXPECT_EQ(t.item(), 13);
  const auto g = tape.backward(t, {.keep_tape = true});
  EXPECT_EQ(g[x].item(), 2);
  EXPECT_EQ(g[y].item(), 1);
  ASSERT_EQ(asked.size(), 3U * 6U);
  EXPECT_EQ(std::vector<bool>(asked.begin(), asked.begin() + 6), (std::vector<bool>{true, false, true, false, true, false}));
  asked.clear();
  EXPECT_EQ(tape.gradient(t, y).item(), 1);
  EXPECT_EQ(asked, (std::vector<bool>{false, false, true, false, false, false})) << "a recorded gradient asks only for what leads to y";
}

TEST(CustomCard, MayBeOfFirstOrderOnly) {
  Tape tape;
  auto x = tape.variable(2.0);
  auto y = wg::record(FirstOrderOnly{}, x);
  EXPECT_EQ(tape.backward(y, {.keep_tape = true})[x].item(), 1);
  expect_error<wg::GraphError>([&] { (void)tape.gradient(y, x); }, "first_only: its pullback is for plain arrays only (Orders::first); use backward");
  EXPECT_EQ(tape.backward(y)[x].item(), 1) << "and the tape is as before";
}

TEST(CustomCard, MayReturnAnAliasOfItsInput) {
  Tape tape;
  const auto a = wg::from_values<double>({1, 2}, {2});
  auto x = tape.variable(a);
  auto y = wg::record(Alias{}, x);
  EXPECT_EQ(y.value().data(), a.data());
  const auto c = wg::from_values<double>({5, 6}, {2});
  const auto g = tape.backward(y + x, {.cotangent = c});
  EXPECT_EQ(g[x](1), 12);
  EXPECT_EQ(c(1), 6) << "nobody writes into what is shared";
  const auto h = tape.backward(wg::record(Alias{.of_input = true}, x) + x, {.cotangent = c, .keep_tape = true});
  EXPECT_EQ(h[x](1), 2 + 6);
  EXPECT_EQ(a(1), 2);
  EXPECT_EQ(tape.gradient(wg::sum(wg::record(Alias{.of_input = true}, x)), x).value()(1), 2);
}

TEST(CustomCard, LiesWhereItsAlignmentAsks) {
  Tape tape;
  auto x = tape.variable(2.0);
  std::vector<bool> asked;
  for (int i = 0; i < 100; ++i) {
    x = wg::record(Total{&asked}, {x});  // something small between two of them
    x = wg::record(WidelyAligned{.factor = 1}, x);
  }
  EXPECT_EQ(tape.backward(x).size(), 1U);
}

// ---- functions from lambdas ----

TEST(CustomCard, IsMadeOfTwoLambdas) {
  auto cube = wg::elementwise("cube", [](auto x) { return x * x * x; }, [](auto x, auto) { return 3 * x * x; });
  Tape tape;
  auto x = tape.variable(2.0);
  auto d = tape.gradient(cube(x), x);
  EXPECT_EQ(d.item(), 12);
  EXPECT_EQ(tape.gradient(d, x).item(), 12);
  EXPECT_EQ(cube(wg::from_values<float>({1, 3}, {2}))(1), 27.F);
  auto v = tape.variable(wg::from_values<float>({1, 2, 3}, {3}));
  EXPECT_EQ(tape.backward(wg::sum(cube(v)))[v](2), 27.F);
}

TEST(CustomCard, OfLambdasHasItsNameAndWhatItCaptures) {
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2}));
  std::string name = "scaled";
  std::vector<double> factors = {2, 3};
  auto scaled = wg::elementwise(name, [factors](auto v) { return v * factors[1]; }, [factors](auto v, auto) { return v * 0.0 + factors[1]; });
  name = "changed since";
  factors.clear();
  auto y = scaled(x);
  EXPECT_EQ(tape.backward(wg::sum(y), {.keep_tape = true})[x](0), 3);
  expect_error<wg::GraphError>([&] { (void)tape.backward(wg::sum(y))[y]; }, "\"scaled\"");
}

TEST(CustomCard, WithGradientTakesAnyFunction) {
  Tape tape;
  auto v = tape.variable(wg::from_values<double>({3, 4}, {2}));
  auto norm = wg::with_gradient(v, [](auto x) { return wg::sqrt(wg::sum(x * x)); }, [](auto x, auto y, auto g) { return g * x / y; });
  EXPECT_EQ(norm.item(), 5);
  auto d = tape.gradient(norm, v);
  EXPECT_NEAR(d.value()(1), 0.8, 1e-15);
  EXPECT_NEAR(tape.gradient(wg::sum(d * wg::from_values<double>({1, 0}, {2})), v).value()(0), 16.0 / 125, 1e-15);
  EXPECT_EQ(wg::with_gradient(wg::ones<double>({4}), [](auto x) { return wg::sum(x); }, [](auto x, auto, auto g) { return x * g; }).item(), 4);
}

}  // namespace
