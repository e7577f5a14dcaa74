// The short way of recording numbers: it must do whatever the general way does.
#include <wengert/graph/number_nodes.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Parameter;
using wg::Tape;
using wg::Var;

/// y = 2 x, and on the way whatever a user may do. Small enough to lie in the node.
struct Doubled : wg::Elementwise<Doubled> {
  static constexpr std::string_view name = "doubled";
  static constexpr wg::Keeps keeps = wg::Keeps::nothing;
  const std::function<void()>* meanwhile;

  explicit Doubled(const std::function<void()>& what) : meanwhile(&what) {}
  template <class X>
  X apply(X x) const {
    (*meanwhile)();
    return X(2) * x;
  }
  template <class X>
  static X slope(X, X) {
    return X(2);
  }
};

TEST(NumberNodes, CallTheCardsFunctionOnceEach) {
  int calls = 0;
  const std::function<void()> count = [&] { ++calls; };
  Tape tape;
  const auto x = tape.variable(1e-300);
  auto y = x;
  constexpr int nodes = 3000;  // several chunks of them
  for (int i = 0; i < nodes; ++i) y = wg::record(Doubled(count), y) * 0.5;
  EXPECT_EQ(calls, nodes);
  EXPECT_EQ(y.item(), x.item());
  EXPECT_EQ(tape.backward(y)[x].item(), 1);
}

TEST(NumberNodes, GoWhereTheCardsFunctionThrows) {
  Tape tape;
  const auto x = tape.variable(3.0);
  const std::function<void()> fail = [&] {
    (void)(x + 1.0);
    throw std::runtime_error("no");
  };
  EXPECT_THROW((void)wg::record(Doubled(fail), x), std::runtime_error);
  EXPECT_EQ(tape.size(), 1U) << "the tape is as it was";
}

TEST(NumberNodes, AreAppendedBehindWhatTheCardsFunctionRecords) {
  Tape tape;
  const auto x = tape.variable(3.0);
  const std::function<void()> busy = [&] { for (int i = 0; i < 2000; ++i) (void)(x + 1.0); };
  const auto y = wg::record(Doubled(busy), x);
  EXPECT_EQ(tape.size(), 2002U);
  EXPECT_EQ(tape.backward(y)[x].item(), 2);
}

TEST(NumberNodes, NoticeATapeThatIsClearedOrEnds) {
  constexpr const char* message = "doubled: the tape was cleared or ended within the card's own forward pass";
  auto tape = std::make_unique<Tape>();
  const std::function<void()> clear = [&] { tape->clear(); }, end = [&] { tape.reset(); };
  auto x = tape->variable(3.0);
  expect_error<wg::GraphError>([&] { (void)wg::record(Doubled(clear), x); }, message);
  EXPECT_EQ(tape->size(), 0U);
  x = tape->variable(3.0);
  expect_error<wg::GraphError>([&] { (void)wg::record(Doubled(end), x); }, message);
  EXPECT_EQ(x.item(), 3);
}

TEST(NumberNodes, KeepTheValueOfAParameterThatChanges) {
  Tape tape;
  Parameter<double> p("p", wg::Array<double>(3.0));
  const auto x = tape.variable(2.0);
  const auto a = p * x, b = square(tape.use(p));
  (void)tape.backward(a);
  p.assign(wg::Array<double>(100.0));
  const auto c = p * x;
  EXPECT_EQ(c.item(), 6) << "b's pullback still reads the value of the first use";
  EXPECT_EQ(tape.backward(b)[p].item(), 6);
  EXPECT_EQ(tape.backward(c)[p].item(), 2);
  EXPECT_EQ((p * x).item(), 200) << "now nothing reads it: today's value";
}

TEST(NumberNodes, LeaveNothingBehindWhetherArraysAreAmongThemOrNot) {
  Tape tape;
  for (int step = 0; step < 3; ++step) {
    const auto before = wg::memory_use().live;
    {
      const auto x = tape.variable(2.0);
      EXPECT_EQ(tape.backward(wg::tanh(x * 0.0))[x].item(), 0);
    }
    tape.clear();
    {
      const auto x = tape.variable(wg::ones<double>({many}));
      EXPECT_EQ(tape.backward(wg::sum(x * 3.0))[x](0), 3);
    }
    tape.clear();
    if (step > 0) {
      EXPECT_EQ(wg::memory_use().live, before);
    }
  }
}

TEST(Backward, SumsTheCotangentOfNothingToNothing) {
  Tape tape;
  const auto wide = tape.variable(wg::zeros<double>({0, 3})), row = tape.variable(wg::ones<double>({3}));
  const auto g = tape.backward(wide + row, {.cotangent = std::numeric_limits<double>::infinity()});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(g[row](i), 0);
}

}  // namespace
