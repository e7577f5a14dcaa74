// The lines that a guarded tape names. This file is compiled with debug information in every build (tests/CMakeLists.txt).
#include <wengert/graph/inspect.hpp>

#include <string>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

/// y = x^3.   dx = g * 3 x^2.
struct Cubed : Elementwise<Cubed> {
  static constexpr std::string_view name = "cubed";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X>
  static X apply(X x) {
    return x * x * x;
  }
  template <class X>
  static X slope(X x, X) {
    return X(3) * x * x;
  }
};

/// y = x.   dx = g.
struct Same {
  static constexpr std::string_view name = "same";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T>
  Array<T> forward(Inputs<T> in) const {
    return in[0];
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return s.g;
  }
};

std::string line(int number) { return "source_line_test.cpp:" + std::to_string(number); }

constexpr int risky_line = __LINE__ + 2;
[[gnu::noinline]] Var<double> risky_step(const Var<double>& x) {
  return log(x - 5.0);
}

class SourceLine : public testing::Test {
 protected:
  void SetUp() override {
    if (source_line(guarded.variable(1.0)).empty()) GTEST_SKIP() << "this library was built without libbacktrace";
  }
  Tape guarded{{.check = Check::finite}};
};

TEST_F(SourceLine, IsThatOfAFunctionAnOperatorACardAndALeaf) {
  const auto x = guarded.variable(from_values<double>({1, 2}, {2}));  constexpr int leaf = __LINE__;
  const auto y = tanh(x);  constexpr int function = __LINE__;
  const auto z = x * y;  constexpr int operation = __LINE__;
  const auto w = 2.0 - z;  constexpr int with_number = __LINE__;
  const auto c = record(Cubed{}, w);  constexpr int card = __LINE__;
  const auto s = record(Same{}, c);  constexpr int general_card = __LINE__;
  const auto m = matmul(s, x);  constexpr int product = __LINE__;
  const auto n = sqrt(guarded.variable(2.0) * 3.0);  constexpr int numbers = __LINE__;
  EXPECT_TRUE(mentions(source_line(x), {line(leaf), "TestBody"}));
  EXPECT_TRUE(mentions(source_line(y), {line(function)}));
  EXPECT_TRUE(mentions(source_line(z), {line(operation)}));
  EXPECT_TRUE(mentions(source_line(w), {line(with_number)}));
  EXPECT_TRUE(mentions(source_line(c), {line(card)}));
  EXPECT_TRUE(mentions(source_line(s), {line(general_card)}));
  EXPECT_TRUE(mentions(source_line(m), {line(product)}));
  EXPECT_TRUE(mentions(source_line(n), {line(numbers)}));
}

TEST_F(SourceLine, IsThatOfAnOperationWithinALambda) {
  const auto cube = elementwise("by_lambda", [](auto x) { return x * x * x; }, [](auto x, auto) { return 3.0 * x * x; });
  const auto y = cube(guarded.variable(2.0));  constexpr int here = __LINE__;
  EXPECT_TRUE(mentions(source_line(y), {line(here)}));
}

TEST_F(SourceLine, StandsInTheErrorOfAForwardPass) {
  const auto x = guarded.variable(2.0);
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)risky_step(x); }), {"recorded at ", line(risky_line), "risky_step)"}));
}

TEST_F(SourceLine, StandsInTheErrorOfABackwardPass) {
  const auto x = guarded.variable(0.0).named("x");
  const auto root = sqrt(x) * 2.0;  constexpr int here = __LINE__;
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(root); }), {"sqrt: the cotangent of input 0 \"x\"", "recorded at ", line(here)}));
}

TEST_F(SourceLine, IsForgottenByClearAndByATapeWithoutAGuard) {
  guarded.clear();
  const auto x = guarded.variable(1.0);  constexpr int here = __LINE__;
  EXPECT_TRUE(mentions(source_line(x), {line(here)}));
  EXPECT_THROW((void)(x / from_values<double>({0}, {1})), ValueError) << "whose constant was recorded, and is taken back";
  const auto y = exp(x);  constexpr int after_failure = __LINE__;
  EXPECT_TRUE(mentions(source_line(y), {line(after_failure)}));
  Tape plain;
  EXPECT_EQ(source_line(plain.variable(1.0)), "");
}

}  // namespace
}  // namespace wengert::test
