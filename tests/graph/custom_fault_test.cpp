// Faulty cards of users: what a card may do wrong, and how the tape stands afterwards.
#include <wengert/graph/card.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Shape;
using wg::Tape;
using wg::Var;

/// y = a + b, and of exactly two operands.
struct OfTwo {
  static constexpr std::string_view name = "of_two";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  static constexpr std::size_t arity = 2;
  template <class T>
  Array<T> forward(wg::Inputs<T> in) const {
    return in[0] + in[1];
  }
  template <class V>
  V pullback(std::size_t, const wg::Step<V>& s) const {
    return s.g;
  }
};

/// A card that behaves as the test says: its forward pass and its pullback, each first running a piece of the test's code.
template <wg::Keeps what>
struct Scripted {
  static constexpr std::string_view name = "scripted";
  static constexpr wg::Keeps keeps = what;

  std::function<void()> before_forward = [] {};
  std::function<void()> before_pullback = [] {};
  std::optional<Shape> output = {};    // of zeros, instead of the first input
  std::optional<Shape> promised = {};  // by the shape rule, instead of the output's
  std::optional<Shape> cotangent = {}; // of zeros, instead of g
  bool returns_nothing = false;        // in the pullback
  bool forwards_nothing = false;
  enum class Reads { nothing, input, output, beyond } reads = Reads::nothing;

  Shape shape(std::span<const Shape> in) const { return promised ? *promised : (output ? *output : in[0]); }
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    before_forward();
    if (forwards_nothing) return {};
    return output ? wg::zeros<T>(*output) : in[0].copy();
  }
  template <class V>
  V pullback(std::size_t i, const wg::Step<V>& s) const {
    using T = typename V::value_type;
    before_pullback();
    if (reads == Reads::input) (void)s.x(i);
    if (reads == Reads::output) (void)s.y();
    if (reads == Reads::beyond) (void)s.shape(7);
    if (returns_nothing) return V();
    if (!cotangent) return s.g;
    if constexpr (wg::detail::is_var<V>) {
      return wg::full<T>(*cotangent, T(0)) + s.g;  // broadcasts to something else
    } else {
      return wg::zeros<T>(*cotangent);
    }
  }
};
using Plain = Scripted<wg::Keeps::nothing>;

template <std::size_t count>
struct Counted {
  static constexpr std::string_view name = "counted";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  template <class T>
  Array<T> forward(std::span<const Array<T>> in) const {
    return in[0] + in[1];
  }
  template <class V>
  std::array<V, count> pullbacks(const wg::Step<V>& s) const {
    std::array<V, count> all;
    for (V& one : all) one = s.g;
    return all;
  }
};

/// As small as a card that lies inside of its node.
struct Clears : wg::Elementwise<Clears> {
  static constexpr std::string_view name = "clears";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  Tape* tape;
  explicit Clears(Tape* what) : tape(what) {}
  template <class X>
  X apply(X x) const {
    tape->clear();
    return x;
  }
  template <class X>
  X slope(X, X) const {
    return X(1);
  }
};

struct NotAnException {
  int number;
};

/// A tape with something on it, which no failed call may change.
class CustomFault : public testing::Test {
 protected:
  Tape tape;
  Var<double> x = tape.variable(wg::from_values<double>({1, 2}, {2})), y = wg::exp(x);

  /// Both kinds of backward pass refuse alike, and leave a whole tape that still answers.
  template <class Error, class Card>
  void expect_pullback_error(const Card& card, const std::string& part) {
    auto z = wg::record(card, y);
    const auto nodes = tape.size(), saved = tape.saved_bytes();
    expect_error<Error>([&] { (void)tape.backward(z, {.cotangent = 1.0, .keep_tape = true}); }, part);
    expect_error<Error>([&] { (void)tape.gradient(z, x, {.cotangent = 1.0}); }, part);
    EXPECT_EQ(tape.size(), nodes);
    EXPECT_EQ(tape.saved_bytes(), saved);
    expect_whole();
  }
  /// Recording it fails, and nothing is left of the attempt.
  template <class Error, class Card>
  void expect_forward_error(const Card& card, const std::string& part) {
    const auto nodes = tape.size(), saved = tape.saved_bytes(), live = wg::memory_use().live;
    expect_error<Error>([&] { (void)wg::record(card, {y, wg::ones<double>({2})}); }, part);
    EXPECT_EQ(tape.size(), nodes);
    EXPECT_EQ(tape.saved_bytes(), saved);
    EXPECT_EQ(wg::memory_use().live, live);
    expect_whole();
  }
  void expect_whole() {
    EXPECT_EQ(tape.backward(wg::sum(y), {.keep_tape = true})[x](0), y.value()(0));
  }
};

// ---- what a pullback returns ----

TEST_F(CustomFault, AWrongShapeIsNamedWithItsInput) {
  expect_pullback_error<wg::ShapeError>(Plain{.cotangent = Shape{3, 2}}, "scripted: the pullback returned shape (3, 2) for input 0; it must be the input's shape (2,)");
}

TEST_F(CustomFault, AnEmptyHandleIsNamedWithItsInput) {
  expect_pullback_error<wg::GraphError>(Plain{.returns_nothing = true}, "scripted: the pullback returned nothing for input 0 (an empty or moved-from handle)");
}

TEST_F(CustomFault, AWrongNumberOfCotangentsIsRefused) {
  for (const auto& z : {wg::record(Counted<1>{}, y, y), wg::record(Counted<3>{}, y, y)}) {
    expect_error<wg::GraphError>([&] { (void)tape.backward(z, {.cotangent = 1.0, .keep_tape = true}); }, "counted: pullbacks returned a wrong number of cotangents: ");
    expect_error<wg::GraphError>([&] { (void)tape.gradient(z, x, {.cotangent = 1.0}); }, "one for each of the 2 inputs is needed");
  }
  EXPECT_EQ(tape.backward(wg::record(Counted<2>{}, y, y), {.cotangent = 1.0, .keep_tape = true}).size(), 1U);
  expect_whole();
}

TEST_F(CustomFault, ASlopeOfAWrongShapeIsRefusedWhereItIsRecorded) {
  auto odd = wg::elementwise("odd", [](auto v) { return v * 2.0; }, []<class V>(V v, V) {
    if constexpr (wg::detail::is_var<V>) {
      return v * wg::ones<typename V::value_type>({3, 2});
    } else {
      return v;
    }
  });
  expect_error<wg::ShapeError>([&] { (void)tape.gradient(odd(y), x, {.cotangent = 1.0}); }, "odd: the pullback returned shape (3, 2) for input 0; it must be the input's shape (2,)");
  expect_whole();
}

// ---- what it reads ----

TEST_F(CustomFault, ReadingWhatIsNotKeptNamesTheCard) {
  using Reads = Plain::Reads;
  expect_pullback_error<wg::GraphError>(Plain{.reads = Reads::input}, "scripted: the pullback reads input 0, which the card does not keep; name it in `keeps`");
  expect_pullback_error<wg::GraphError>(Plain{.reads = Reads::output}, "scripted: the pullback reads the output, which the card does not keep");
  expect_pullback_error<wg::GraphError>(Scripted<wg::Keeps::inputs>{.reads = Scripted<wg::Keeps::inputs>::Reads::output}, "reads the output");
  expect_pullback_error<wg::GraphError>(Scripted<wg::Keeps::output>{.reads = Scripted<wg::Keeps::output>::Reads::input}, "reads input 0");
  expect_pullback_error<wg::GraphError>(Plain{.reads = Reads::beyond}, "scripted: the pullback asks for input 7 of 1; inputs are counted from 0");
}

TEST_F(CustomFault, ReadingWhatIsKeptIsFine) {
  using Both = Scripted<wg::Keeps::both>;
  for (const auto reads : {Both::Reads::input, Both::Reads::output}) {
    auto z = wg::record(Both{.reads = reads}, y);
    EXPECT_EQ(tape.backward(z, {.cotangent = 1.0, .keep_tape = true})[x](0), y.value()(0));
    EXPECT_EQ(tape.gradient(z, x, {.cotangent = 1.0}).value()(0), y.value()(0));
  }
}

// ---- what its forward pass returns ----

TEST_F(CustomFault, ForwardIsHeldToItsShapeRule) {
  expect_forward_error<wg::ShapeError>(Plain{.output = Shape{2}, .promised = Shape{3}}, "scripted: forward returned shape (2,); its shape rule says (3,)");
  expect_forward_error<wg::GraphError>(Plain{.forwards_nothing = true}, "scripted: forward returned an empty or moved-from Array");
}

// ---- exceptions ----

TEST_F(CustomFault, AnExceptionPassesThroughUnchanged) {
  expect_forward_error<std::out_of_range>(Plain{.before_forward = [] { throw std::out_of_range("mine"); }}, "mine");
  expect_pullback_error<std::out_of_range>(Plain{.before_pullback = [] { throw std::out_of_range("mine"); }}, "mine");
  const auto nodes = tape.size();
  try {
    (void)wg::record(Plain{.before_forward = [] { throw NotAnException{7}; }}, y);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const NotAnException& thrown) {
    EXPECT_EQ(thrown.number, 7);
  }
  EXPECT_EQ(tape.size(), nodes);
  auto z = wg::record(Plain{.before_pullback = [] { throw NotAnException{8}; }}, y);
  EXPECT_THROW((void)tape.backward(z, {.cotangent = 1.0, .keep_tape = true}), NotAnException);
  EXPECT_THROW((void)tape.gradient(z, x, {.cotangent = 1.0}), NotAnException);
  expect_whole();
}

TEST_F(CustomFault, LeavesNoCotangentBehindForTheNextPass) {
  bool broken = true;
  auto z = wg::record(Plain{.before_pullback = [&] { if (broken) throw NotAnException{1}; }}, y);
  auto f = wg::sum(z + y * 2.0);  // y has its share of the second operand when the first one's pullback throws
  EXPECT_THROW((void)tape.backward(f, {.keep_tape = true}), NotAnException);
  expect_whole();
  EXPECT_THROW((void)tape.backward(f), NotAnException);
  expect_whole();
}

TEST_F(CustomFault, AnElementwiseFunctionMayThrowToo) {
  auto picky = wg::elementwise("picky", [](auto v) { return v; }, [](auto, auto) -> double { throw NotAnException{1}; });
  auto domain = wg::elementwise("domain", [](auto v) -> decltype(v) { throw std::domain_error("no"); }, [](auto v, auto) { return v; });
  auto number = tape.variable(1.0);
  const auto nodes = tape.size();
  EXPECT_THROW((void)domain(y), std::domain_error);
  EXPECT_THROW((void)domain(number), std::domain_error);
  EXPECT_EQ(tape.size(), nodes);
  EXPECT_THROW((void)tape.backward(picky(y), {.cotangent = 1.0, .keep_tape = true}), NotAnException);
  EXPECT_THROW((void)tape.backward(picky(number), {.keep_tape = true}), NotAnException);
  expect_whole();
}

TEST_F(CustomFault, AConsumingBackwardThatThrowsLeavesValuesAndAClearableTape) {
  bool broken = true;
  auto z = wg::record(Plain{.before_pullback = [&] { if (broken) throw NotAnException{1}; }}, y);
  auto top = wg::exp(z);
  EXPECT_THROW((void)tape.backward(top, {.cotangent = 1.0}), NotAnException);
  EXPECT_NEAR(top.value()(0), std::exp(std::exp(1.0)), 1e-13) << "values that a Var names are intact";
  EXPECT_EQ(z.value()(1), y.value()(1));
  broken = false;
  expect_error<wg::GraphError>([&] { (void)tape.backward(top, {.cotangent = 1.0}); }, "\"exp\" have been consumed");
  EXPECT_EQ(tape.backward(z, {.cotangent = 1.0})[x](0), y.value()(0)) << "what it did not reach is whole";
  tape.clear();
  x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  y = wg::exp(x);
  expect_whole();
}

// ---- a card that uses its own tape ----

TEST_F(CustomFault, BackwardInsideAPullbackIsRefusedAndOnAnotherTapeFine) {
  auto inner = wg::sum(y);
  const auto busy = "a backward pass of this tape is on its way";
  expect_pullback_error<wg::GraphError>(Plain{.before_pullback = [&] { (void)tape.backward(inner, {.keep_tape = true}); }}, busy);
  expect_pullback_error<wg::GraphError>(Plain{.before_pullback = [&] { (void)tape.backward(inner); }}, busy);
  expect_pullback_error<wg::GraphError>(Plain{.before_pullback = [&] { (void)tape.gradient(inner, x); }}, busy);
  expect_pullback_error<wg::GraphError>(Plain{.before_pullback = [&] { tape.clear(); }}, "clear: a backward pass of this tape is on its way");
  double other_result = 0;
  auto z = wg::record(Plain{.before_pullback = [&] {
                        Tape other;
                        auto u = other.variable(3.0);
                        other_result = other.backward(u * u)[u].item();
                      }},
                      y);
  EXPECT_EQ(tape.backward(z, {.cotangent = 1.0, .keep_tape = true})[x](0), y.value()(0));
  EXPECT_EQ(other_result, 6);
}

TEST_F(CustomFault, BackwardInsideAForwardPassIsFine) {
  std::optional<wg::Gradients> inside;
  auto inner = wg::sum(y);
  auto z = wg::record(Plain{.before_forward = [&] { inside = tape.backward(inner, {.keep_tape = true}); }}, y);
  EXPECT_EQ((*inside)[x](0), y.value()(0));
  EXPECT_EQ(tape.backward(z, {.cotangent = 1.0, .keep_tape = true})[x](0), y.value()(0));
}

TEST_F(CustomFault, RecordingInsideAPullbackIsFine) {
  auto z = wg::record(Plain{.before_pullback = [&] { for (int i = 0; i < 3000; ++i) (void)(y + 1.0); }}, y);  // the arena grows under the walk
  EXPECT_EQ(tape.backward(z, {.cotangent = 1.0, .keep_tape = true})[x](0), y.value()(0));
}

TEST_F(CustomFault, ClearInsideAForwardPassIsNoticed) {
  expect_error<wg::GraphError>([&] { (void)wg::record(Plain{.before_forward = [&] { tape.clear(); }}, {y, wg::ones<double>({2})}); },
                               "scripted: the tape was cleared or ended within the card's own forward pass");
  auto number = tape.variable(1.0);
  auto careless = wg::elementwise("careless", [&](auto v) { return tape.clear(), v; }, [](auto v, auto) { return v; });
  EXPECT_THROW((void)careless(number), wg::GraphError);
  number = tape.variable(1.0);
  expect_error<wg::GraphError>([&] { (void)wg::record(Clears(&tape), number); }, "clears: ");
  EXPECT_EQ(tape.size(), 0U);
  x = tape.variable(wg::from_values<double>({1, 2}, {2}));
  y = wg::exp(x);
  expect_whole();
}

TEST_F(CustomFault, EndingTheTapeInsideAForwardPassIsNoticed) {
  auto doomed = std::make_unique<Tape>();
  auto u = doomed->variable(wg::ones<double>({2}));
  expect_error<wg::GraphError>([&] { (void)wg::record(Plain{.before_forward = [&] { doomed.reset(); }}, u); }, "ended within the card's own forward pass");
  EXPECT_EQ(u.value()(0), 1);
}

// ---- cards that hold Vars ----

TEST(CardWithVar, HeldForEverIsNoLeak) {
  const auto live = wg::memory_use().live;
  auto witness = std::make_shared<int>(0);
  {
    Tape tape;
    auto x = tape.variable(wg::ones<double>({many}));
    for (int i = 0; i < 3; ++i) (void)wg::record(Plain{.before_pullback = [x, witness, y = wg::exp(x)] { (void)y; }}, x);
    EXPECT_EQ(witness.use_count(), 4);
    x = Var<double>();  // from here on the cards alone hold Vars of their own tape
  }
  EXPECT_EQ(witness.use_count(), 1) << "each card is destroyed";
  EXPECT_EQ(wg::memory_use().live, live) << "and with it what it held";
}

TEST(CardWithVar, IsLetGoOfByClear) {
  auto witness = std::make_shared<int>(0);
  Tape tape;
  for (int step = 0; step < 3; ++step) {
    auto x = tape.variable(wg::ones<double>({many}));
    auto z = wg::record(Plain{.before_pullback = [x, witness] {}}, x);
    EXPECT_EQ(witness.use_count(), 2);
    z = x = Var<double>();
    tape.clear();
    EXPECT_EQ(witness.use_count(), 1);
    EXPECT_EQ(tape.peak_bytes(), array_bytes);
    tape.clear_peak();
    EXPECT_EQ(tape.peak_bytes(), 0U);
  }
}

TEST(CardWithVar, KeepsAVarOfAPullbackBeyondIt) {
  Tape tape;
  auto kept = std::make_shared<std::vector<Var<double>>>();
  auto x = tape.variable(2.0);
  auto y = wg::with_gradient(x, [](auto v) { return v * v; }, [kept]<class V>(V v, V, V g) {
    if constexpr (wg::detail::is_var<V>) kept->push_back(g);
    return 2.0 * v * g;
  });
  auto d = tape.gradient(y, x);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().item(), 1);
  EXPECT_EQ(tape.gradient(d, x).item(), 2);
  tape.clear();
  EXPECT_THROW((void)kept->front().item(), wg::GraphError);
}

TEST(CardWithVar, DestroysACardWhoseRecordingFailedLater) {
  auto witness = std::make_shared<int>(0);
  Tape tape;
  auto x = tape.variable(wg::ones<double>({2}));
  auto throws_later = wg::record(Plain{.before_pullback = [witness] { throw NotAnException{1}; }}, x);
  for (int i = 0; i < 10; ++i) EXPECT_THROW((void)tape.gradient(wg::exp(throws_later), x, {.cotangent = 1.0}), NotAnException);
  EXPECT_EQ(witness.use_count(), 2) << "the one card on the tape";
}

TEST_F(CustomFault, ANumberOfOperandsOtherThanTheCardsIsRefused) {
  Tape fresh;
  const auto one = fresh.variable(1.0);
  EXPECT_EQ(wg::record(OfTwo{}, one, one).item(), 2);
  EXPECT_THROW((void)wg::record(OfTwo{}, one), wg::ShapeError);
  EXPECT_THROW((void)wg::record(OfTwo{}, {one, one, one}), wg::ShapeError);
  EXPECT_THROW((void)wg::record(OfTwo{}, Array<double>(1.0)), wg::ShapeError);
  EXPECT_EQ(fresh.size(), 2u);
}

}  // namespace
