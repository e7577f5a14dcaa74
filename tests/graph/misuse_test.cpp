// Misuse of operations on a tape: a clear error that names the operation, and a tape that is as it was.
#include <wengert/graph/tape.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Shape;
using wg::Tape;
using wg::Var;

/// A tape with something on it, which no refused call may change: not its nodes, not its bytes, not what it answers.
class Misuse : public testing::Test {
 protected:
  Tape tape;
  Var<double> x = tape.variable(wg::arange<double>(6)), m = wg::reshape(x, {2, 3}), y = wg::exp(m);

  template <class Error>
  void refuses(const std::function<void()>& call, const std::string& part) {
    const auto nodes = tape.size(), saved = tape.saved_bytes();
    expect_error<Error>(call, part);
    const auto live = wg::memory_use().live;
    expect_error<Error>(call, part);  // again: the first time the tape's tables may have grown
    EXPECT_EQ(tape.size(), nodes) << part;
    EXPECT_EQ(tape.saved_bytes(), saved) << part;
    EXPECT_EQ(wg::memory_use().live, live) << part;
  }
  ~Misuse() override { EXPECT_EQ(tape.backward(wg::sum(m * m))[x](5), 10) << "the tape still answers"; }
};

// Row 18 of the list of hostile inputs: shapes, axes, indices, sizes.
TEST_F(Misuse, ShapesThatDoNotFit) {
  refuses<wg::ShapeError>([&] { (void)(m + wg::ones<double>({4})); }, "add: ");
  refuses<wg::ShapeError>([&] { (void)(wg::ones<double>({4}) * m); }, "multiply: ");
  refuses<wg::ShapeError>([&] { (void)wg::matmul(m, m); }, "matmul: inner sizes differ: (2, 3) x (2, 3); the 3 and the 2 must be equal");
  refuses<wg::ShapeError>([&] { (void)wg::matmul(m, wg::ones<double>({2, 2})); }, "matmul: ");
  refuses<wg::ShapeError>([&] { (void)wg::matmul(m, 2.0); }, "matmul: ");
  refuses<wg::ShapeError>([&] { (void)wg::reshape(m, {4, 2}); }, "reshape: ");
  refuses<wg::ShapeError>([&] { (void)wg::reshape(m, {-1, -1}); }, "reshape: ");
  refuses<wg::ShapeError>([&] { (void)wg::broadcast_to(m, {2, 4}); }, "broadcast_to: ");
  refuses<wg::ShapeError>([&] { (void)wg::squeeze(m, 0); }, "squeeze: ");
  refuses<wg::ShapeError>([&] { (void)wg::concatenate({m, wg::ones<double>({2, 2})}, 0); }, "concatenate: ");
  refuses<wg::ShapeError>([&] { (void)wg::concatenate(std::vector<Array<double>>{}, 0); }, "concatenate: no operands");
  refuses<wg::ShapeError>([&] { (void)wg::concatenate(std::vector<Var<double>>{}, 0); }, "concatenate: no operands");
  refuses<wg::ShapeError>([&] { (void)wg::where(wg::greater(m.value(), wg::zeros<double>({2, 3})), m, wg::ones<double>({2})); }, "where: ");
}

TEST_F(Misuse, AxesAndIndicesPastTheEnd) {
  refuses<wg::ShapeError>([&] { (void)wg::sum(m, 7); }, "sum: ");
  refuses<wg::ShapeError>([&] { (void)wg::amax(m, -3); }, "amax: ");
  refuses<wg::ShapeError>([&] { (void)wg::softmax(m, 7); }, "softmax: ");
  refuses<wg::ShapeError>([&] { (void)wg::transpose(m, {0, 0}); }, "transpose: ");
  refuses<wg::ShapeError>([&] { (void)wg::slice(m, 1, 0, 9); }, "slice: ");
  refuses<wg::Error>([&] { (void)wg::take(m, wg::from_values<std::int64_t>({0, 3}, {2}), 1); }, "take: ");
  refuses<wg::Error>([&] { (void)wg::take(m, wg::from_values<std::int64_t>({-4}, {1}), 1); }, "take: ");
  refuses<wg::ShapeError>([&] { (void)m.value()(2, 0); }, "(2, 3)");
}

TEST_F(Misuse, SizesThatOverflow) {
  constexpr std::size_t huge = std::size_t{1} << 62U;
  auto one = tape.constant(1.0);
  refuses<wg::ShapeError>([&] { (void)wg::broadcast_to(one, {huge, 8}); }, "4611686018427387904");
  refuses<wg::ShapeError>([&] { (void)tape.variable(wg::zeros<double>({huge, 8})); }, "4611686018427387904");
}

// Row 20: reductions over nothing.
TEST_F(Misuse, ReductionsOverAnEmptyAxis) {
  auto nothing = tape.variable(wg::zeros<double>({2, 0})), one = tape.constant(wg::ones<double>({1}));
  refuses<wg::ValueError>([&] { (void)wg::amax(nothing, 1); }, "amax: ");
  refuses<wg::ValueError>([&] { (void)wg::amin(nothing, 1); }, "amin: ");
  refuses<wg::ValueError>([&] { (void)wg::mean(nothing, 1); }, "mean: ");
  refuses<wg::ValueError>([&] { (void)wg::var(nothing, 1); }, "var: ");
  refuses<wg::ValueError>([&] { (void)wg::argmax(nothing, 1); }, "argmax: ");
  refuses<wg::ValueError>([&] { (void)wg::var(one); }, "var: ");
  refuses<wg::ValueError>([&] { (void)wg::stddev(one); }, "stddev: ");
  EXPECT_EQ(wg::sum(nothing, 1).value()(1), 0);
  EXPECT_EQ(wg::logsumexp(nothing, 1).value()(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(wg::softmax(nothing, 1).shape(), (Shape{2, 0}));
}

// Row 21: backward and tapes. (Other threads: threads_test.cpp. Mixed tapes, stale Vars: tape_test.cpp.)
TEST_F(Misuse, BackwardThatCannotBe) {
  refuses<wg::GraphError>([&] { (void)tape.backward(y); }, "backward: the output is not one number: shape (2, 3); sum it, or give a cotangent");
  refuses<wg::ShapeError>([&] { (void)tape.backward(y, {.cotangent = wg::ones<double>({3, 2})}); }, "backward: the cotangent is not of the output's shape: (3, 2); it must be (2, 3)");
  refuses<wg::ShapeError>([&] { (void)tape.backward(y, {.cotangent = wg::ones<double>({3})}); }, "backward: ");
  auto f = wg::sum(wg::square(wg::exp(x)));
  (void)tape.backward(f);
  refuses<wg::GraphError>([&] { (void)tape.backward(f); }, "have been consumed by an earlier backward; call that one with {.keep_tape = true}, or record again");
}

TEST_F(Misuse, AnArrayThatHoldsNothing) {
  const Array<double> nothing;
  refuses<wg::GraphError>([&] { (void)(m + nothing); }, "add: an operand holds nothing");
  refuses<wg::GraphError>([&] { (void)wg::matmul(m, nothing); }, "matmul: an operand holds nothing");
  refuses<wg::GraphError>([&] { (void)tape.constant(nothing); }, "tape: the array holds nothing");
  refuses<wg::GraphError>([&] { (void)(wg::ones<double>({2}) + nothing); }, "add: an operand holds nothing");
}

TEST_F(Misuse, OfAParameterLeavesNoLeafBehind) {
  wg::Parameter<double> w("w", wg::ones<double>({4}));
  const double* const where = w.value().data();
  refuses<wg::ShapeError>([&] { (void)(m + w); }, "add: ");
  EXPECT_EQ(w.writable().data(), where) << "nobody holds its array";
  refuses<wg::ShapeError>([&] { (void)wg::concatenate({m, w}, 0); }, "concatenate: ");
  auto used = tape.use(w);
  refuses<wg::ShapeError>([&] { (void)(m + w); }, "add: ");
  EXPECT_EQ(tape.backward(wg::sum(w * used))[w](0), 2) << "a leaf from before stays";
}

}  // namespace
