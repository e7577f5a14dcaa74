// What a layer is told: a mode, and an engine where something is random.
#include <wengert/nn/context.hpp>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Mode;
using wg::nn::Context;

TEST(Context, IsAModeOrAModeWithAnEngine) {
  wg::RandomEngine engine(5);
  const Context alone = Mode::evaluate, both{Mode::train, engine};
  EXPECT_FALSE(alone.is_training());
  EXPECT_TRUE(both.is_training());
  EXPECT_EQ(both.mode(), Mode::train);
  EXPECT_EQ(&both.engine("test"), &engine);
}

TEST(Context, SaysWhoMissesAnEngine) {
  const Context context = Mode::train;
  EXPECT_TRUE(wg::test::mentions(wg::test::refusal<wg::ValueError>([&] { (void)context.engine("Dropout"); }), {"Dropout", "engine", "Mode::train"}));
}

}  // namespace
