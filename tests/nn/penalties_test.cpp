// Penalties of large parameters: values, gradients, and what they refuse.
#include <wengert/nn/penalties.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/gradients.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::test::mentions;
using wg::test::refusal;

const wg::Parameter<double> w("w", wg::from_values<double>({1, -2, 0, 3}, {2, 2})), b("b", wg::from_values<double>({-4}, {1}));

TEST(Penalties, AddUpOverAllParameters) {
  wg::Tape tape;
  EXPECT_EQ(wg::l1_penalty<double>(tape, {w, b}, 0.5).item(), 5);
  EXPECT_EQ(wg::l2_penalty<double>(tape, {w, b}, 0.5).item(), 15);
  EXPECT_EQ(wg::l2_penalty(tape, wg::Parameters<float>{{"v", wg::full<float>({3}, 2)}}, 0).item(), 0);
}

TEST(Penalties, PullTowardsZero) {
  wg::Tape tape;
  const auto by_l1 = tape.backward(wg::l1_penalty<double>(tape, {w, b}, 0.5)), by_l2 = tape.backward(wg::l2_penalty<double>(tape, {w, b}, 0.5));
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(by_l1[w].data()[k], (std::vector<double>{0.5, -0.5, 0, 0.5})[k]);
    EXPECT_EQ(by_l2[w].data()[k], w.value().data()[k]) << "twice the factor of it";
  }
  EXPECT_EQ(by_l1[b](0), -0.5);
  EXPECT_EQ(by_l2[b](0), -4);
  const auto again = tape.gradient(wg::l2_penalty<double>(tape, {w}, 0.5), tape.use(w));
  EXPECT_EQ(tape.backward(again, {.cotangent = wg::ones<double>({2, 2})})[w](1, 1), 1) << "and so again";
}

TEST(Penalties, RefuseWhatIsNoPenalty) {
  wg::Tape tape;
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::l1_penalty<double>(tape, {}, 1); }), {"l1_penalty: ", "0"}));
  for (const double factor : {-1e-4, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(mentions(refusal<wg::ValueError>([&] { (void)wg::l2_penalty<double>(tape, {w}, factor); }), {"l2_penalty: ", "factor"}));
  EXPECT_EQ(tape.size(), 0u);
}

}  // namespace
