// Promises about tangents: pushed forward, by each primitive's own derivative or by differentiating its pullback, they are the adjoint of
// what is pulled back; recorded, they are the same, and so are their derivatives.
#include "ops/table.hpp"

#include <cmath>

#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/table_checks.hpp"

namespace wengert::test {

namespace {

using detail::AnyVar;
using Arrays = std::vector<Array<double>>;

/// The sum of the products of two lists of arrays, and of the products' sizes.
struct Dot {
  long double value = 0, size = 0;

  void add(const Array<double>& a, const Array<double>& b) {
    ASSERT_EQ(a.shape(), b.shape());
    for (std::size_t k = 0; k < a.size(); ++k) {
      const long double term = static_cast<long double>(a.data()[k]) * static_cast<long double>(b.data()[k]);
      value += term;
      size += std::fabs(term);
    }
  }
};

void expect_pushed(const Row& row, const std::vector<Input>& inputs) {
  const auto x = draw<double>(inputs);
  std::vector<Input> directions = inputs;
  for (Input& direction : directions) direction.domain = Domain::nonzero;
  const auto v = draw<double>(directions, 11);

  Tape tape;
  const auto leaves = variables(tape, x);
  const std::vector<AnyVar> xs(leaves.begin(), leaves.end());
  const auto y = row.function(std::span<const Var<double>>(leaves));
  std::vector<detail::Handle> tangents;
  for (const auto& tangent : v) tangents.push_back(tangent.handle());
  const std::size_t before = tape.size();
  const Array<double> pushed(detail::push_forward("jvp", y, xs, tangents));
  EXPECT_EQ(tape.size(), before) << "nothing is left on the tape";

  const auto w = cotangent_for<double>(y.shape());
  Dot forth, back;
  ASSERT_NO_FATAL_FAILURE(forth.add(w, pushed));
  const Gradients gradients = tape.backward(y, {.cotangent = w, .keep_tape = true});
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NO_FATAL_FAILURE(back.add(gradients[leaves[i]], v[i]));
  EXPECT_LE(std::fabs(forth.value - back.value), 1e-12L * (forth.size + back.size)) << static_cast<double>(forth.value) << " forth, " << static_cast<double>(back.value) << " back";

  if (row.order < 2) return;
  std::vector<AnyVar> moving;
  for (const auto& tangent : v) moving.push_back(tape.constant(tangent));
  const Var<double> recorded(detail::push_forward_recorded("jvp", y, xs, moving));
  EXPECT_TRUE(is_near(recorded.value(), pushed, 1e-12 * (1 + largest(pushed))));

  // <w, J v> = <J' w, v>, recorded each its own way: so are the derivatives.
  const auto pulled = tape.gradient(y, leaves, {.cotangent = w});
  Var<double> adjoint = tape.constant(0.0);
  for (std::size_t i = 0; i < x.size(); ++i) adjoint = adjoint + sum(pulled[i] * v[i]);
  const Var<double> direct = sum(recorded * w) + 0.0 * sum(leaves[0]);  // depends on x also where J does not
  const auto of_pushed = tape.gradient(direct, leaves), of_pulled = tape.gradient(adjoint + 0.0 * sum(leaves[0]), leaves);
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_TRUE(is_near(of_pushed[i].value(), of_pulled[i].value(), 1e-10 * (1 + largest(of_pulled[i].value())))) << "second derivative by input " << i;
}

}  // namespace

TEST_P(Table, PushesForwardTheAdjointOfWhatItPullsBack) { expect_pushed(GetParam(), GetParam().inputs); }

TEST_P(ElementwiseTable, PushesForwardWhereItStretches) {
  const Row& row = GetParam();
  if (row.inputs.size() == 2) {
    expect_pushed(row, with_shapes(row.inputs, {{3}, {2, 1}}));
    expect_pushed(row, with_shapes(row.inputs, {{2, 3}, {}}));
    expect_pushed(row, with_shapes(row.inputs, {{}, {}}));
  }
  if (row.inputs.size() == 3) expect_pushed(row, with_shapes(row.inputs, {{3}, {}, {2, 1}}));
}

}  // namespace wengert::test
