// Tapes that check for NaN and infinity: what they find, what they say of it, and that they can be used afterwards.
#include <wengert/graph/tape.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

/// y = x.   dx = NaN: a pullback that is wrong.
struct BadPullback {
  static constexpr std::string_view name = "bad_pullback";
  static constexpr Keeps keeps = Keeps::inputs;

  template <class T>
  Array<T> forward(Inputs<T> in) const {
    return in[0];
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return s.g * V(typename V::value_type(nan));
  }
};

TEST(Guard, NamesTheOperationTheInputAndItsStatistics) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(from_values<double>({1.0, -1.0}, {2})).named("income");
  EXPECT_EQ(guarded.options().check, Check::finite);
  const std::string message = refusal<ValueError>([&] { (void)log(x); });
  EXPECT_TRUE(mentions(message, {"log: the value is not finite: 1 NaN and 0 infinities among 2 elements", "shape (2,)", "Check::finite", "input 0: variable \"income\"", "min -1, max 1, mean 0",
                                 "0 NaN and 0 infinities among 2 elements"}));
}

TEST(Guard, NamesNumbersAndSeveralInputs) {
  Tape guarded{{.check = Check::finite}};
  const auto a = guarded.variable(from_values<double>({1, 2}, {2})), b = guarded.variable(from_values<double>({0, 2}, {2})).named("b");
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)(a / b); }), {"divide: the value is not finite: 0 NaN and 1 infinity among 2 elements", "input 0: variable, shape", "input 1: variable \"b\""}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)(a / 0.0); }), {"2 infinities", "input 1: the number 0"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)exp(a * 500.0); }), {"exp", "input 0: multiply, shape (2,), min 500, max 1000, mean 750"})) << "an operation without a name";
}

TEST(Guard, LooksAtNumbersTheGeneralWay) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(2.0).named("x");
  const auto before = guarded.size();
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)log(x - 3.0); }), {"log", "input 0: subtract"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)(x / 0.0); }), {"divide"}));
  EXPECT_EQ(guarded.size(), before + 1) << "x - 3 was recorded, what failed was not";
  const auto f = tanh(x * 0.5) + x;
  EXPECT_NEAR(guarded.backward(f)[x].item(), 1 + 0.5 * (1 - std::pow(std::tanh(1.0), 2)), 1e-15);
}

TEST(Guard, FindsLeavesWhereTheyJoin) {
  Tape guarded{{.check = Check::finite}};
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.variable(nan); }), {"variable: the value is not finite", "1 NaN"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.constant(from_values<float>({1, -INFINITY, 3}, {3})); }), {"constant", "shape (3,), min 1, max 3, mean 2 of the finite ones", "1 infinity"}));
  const Parameter<double> w("weight", from_values<double>({1, inf}, {2}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.use(w); }), {"parameter \"weight\""}));
  const auto x = guarded.variable(ones<double>({2}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)(x * w); }), {"parameter \"weight\""})) << "where it first arose, not at multiply";
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)(x + from_values<double>({nan, 1}, {2})); }), {"constant"}));
  EXPECT_EQ(guarded.size(), 1u);
}

TEST(Guard, FindsAParameterThatLearntToBeNaN) {
  Tape guarded{{.check = Check::finite}};
  Parameter<double> w("w", ones<double>({2}));
  (void)guarded.backward(sum(square(guarded.use(w))));
  w.assign(from_values<double>({nan, 1}, {2}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.use(w); }), {"parameter \"w\""}));
}

TEST(Guard, LeavesTheTapeAsItWas) {
  Tape guarded{{.check = Check::finite}};
  auto x = guarded.variable(from_values<double>({1, -1}, {2}));
  auto y = x * 2.0;
  const auto size = guarded.size(), saved = guarded.saved_bytes();
  EXPECT_THROW((void)log(std::move(y)), ValueError);
  EXPECT_EQ(y.value()(1), -2) << "not even an operand that was given away is lost";
  EXPECT_THROW((void)sqrt(y + ones<double>({2}) * 0.5), ValueError);
  EXPECT_EQ(guarded.size(), size + 2) << "a constant and a sum before the root";
  (void)saved;
  EXPECT_EQ(guarded.backward(sum(y))[x](0), 2);
}

TEST(Guard, ChecksATapeThatRecordsNothing) {
  Tape quiet{{.recording = Recording::off, .check = Check::finite}};
  const auto x = quiet.variable(from_values<double>({1, -1}, {2})).named("x");
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)log(x); }), {"log", "\"x\""}));
  EXPECT_THROW((void)log(quiet.variable(-1.0)), ValueError);
  EXPECT_DOUBLE_EQ(exp(x).value()(0), std::exp(1.0));
  EXPECT_EQ(quiet.size(), 0u);
}

TEST(Guard, NamesTheCotangentThatIsNotFinite) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(from_values<double>({4, 0}, {2})).named("x");
  const auto root = sqrt(x).named("root");
  const auto loss = sum(root);
  const std::string message = refusal<ValueError>([&] { (void)guarded.backward(loss); });
  EXPECT_TRUE(mentions(message, {"sqrt \"root\": the cotangent of input 0 \"x\" is not finite: 0 NaN and 1 infinity among 2 elements", "cotangent of input 0: shape (2,), min 0.25, max 0.25",
                                 "input 0: variable \"x\", shape (2,), min 0, max 4"}));
  const auto later = sum(x * 3.0);
  EXPECT_EQ(guarded.backward(later)[x](0), 3) << "no cotangent was left behind";
  guarded.clear();
  const auto z = guarded.variable(4.0);
  EXPECT_EQ(guarded.backward(sqrt(z))[z].item(), 0.25);
}

TEST(Guard, FindsCotangentsOfNumbersOfCardsAndOfConversions) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(0.0).named("x");
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(sqrt(x) * 2.0); }), {"sqrt: the cotangent of input 0 \"x\" is not finite", "1 infinity"}));
  const auto v = guarded.variable(from_values<double>({1, 2}, {2})).named("v");
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(sum(record(BadPullback{}, v))); }), {"bad_pullback: the cotangent of input 0 \"v\"", "2 NaN"}));
  const auto narrow = cast<float>(v);
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(narrow, {.cotangent = from_values<float>({1, NAN}, {2})}); }), {"backward: the cotangent given of cast"}));
  const auto wide = cast<double>(guarded.variable(1.F).named("f"));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(wide * 1e300); }), {"cast: the cotangent of input 0 \"f\""})) << "1e300 is no float";
}

TEST(Guard, FindsASumOfCotangentsThatOverflows) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(full<double>({2}, 1e-10)).named("x");
  const auto y = x * 1.5e308 + x * 1.5e308;
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)guarded.backward(sum(y)); }), {"the sum of the cotangents of variable \"x\" is not finite", "2 infinities"}));
}

TEST(Guard, LetsAStrongZeroPass) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(from_values<double>({4, 0}, {2}));
  const auto mask = x.value() > 0.0;
  EXPECT_EQ(guarded.backward(sum(where(mask, sqrt(x), x)))[x](1), 1) << "the infinite slope of the root meets a zero cotangent";
}

TEST(Guard, WatchesRecordedGradients) {
  Tape guarded{{.check = Check::finite}};
  const auto x = guarded.variable(from_values<double>({4, 0}, {2}));
  const auto loss = sum(sqrt(x));
  const auto before = guarded.size();
  EXPECT_THROW((void)guarded.gradient(loss, x), ValueError);
  EXPECT_EQ(guarded.size(), before);
}

TEST(Guard, GivesTheSameBitsAsATapeWithoutIt) {
  const auto bits = [](Tape tape) {
    const auto x = tape.variable(arange<double>(100) / 50.0), w = tape.variable(full<double>({100, 3}, 0.01)), s = tape.variable(0.5);
    const auto h = tanh(matmul(x, w) * s + s);
    const auto y = sum(h * h + softplus(h)) + exp(s) * s;
    const auto g = tape.backward(y);
    return std::pair(g[w], g[s].item() + y.item());
  };
  const auto [gw, s] = bits(Tape());
  const auto [guarded_gw, guarded_s] = bits(Tape{{.check = Check::finite}});
  EXPECT_EQ(s, guarded_s);
  for (std::size_t i = 0; i < gw.size(); ++i) ASSERT_EQ(gw.data()[i], guarded_gw.data()[i]) << i;
}

template <class T>
class GuardOf : public testing::Test {};
using NumberTypes = testing::Types<float, double>;
TYPED_TEST_SUITE(GuardOf, NumberTypes);

TYPED_TEST(GuardOf, SeesOneBadNumberAnywhere) {
  Tape guarded{{.recording = Recording::off, .check = Check::finite}};
  for (const std::size_t n : {std::size_t{1}, std::size_t{31}, std::size_t{33}, std::size_t{100}, std::size_t{140'000}}) {
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      for (const double bad : {nan, inf, -inf}) {
        const auto values = Array<TypeParam>::build({n}, [&](std::span<TypeParam> out) {
          std::fill(out.begin(), out.end(), std::numeric_limits<TypeParam>::max());
          out[at] = static_cast<TypeParam>(bad);
        });
        EXPECT_THROW((void)guarded.constant(values), ValueError) << n << " " << at << " " << bad;
      }
    }
    EXPECT_NO_THROW((void)guarded.constant(full<TypeParam>({n}, std::numeric_limits<TypeParam>::lowest()))) << "large is not infinite";
    EXPECT_NO_THROW((void)guarded.constant(full<TypeParam>({n}, std::numeric_limits<TypeParam>::denorm_min())));
  }
  EXPECT_NO_THROW((void)guarded.constant(zeros<TypeParam>({0, 3})));
}

}  // namespace
}  // namespace wengert::test
