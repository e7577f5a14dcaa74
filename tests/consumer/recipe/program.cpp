// Follows docs/add_a_primitive.md: its cards and its statements, copied out of the page by consume.sh, in a user's project.
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include <wengert/check/gtest.hpp>
#include <wengert/wengert.hpp>

namespace wg = wengert;

#include "cards.inc"

TEST(Recipe, ElementwiseInsideAFunction) {
  wg::Tape tape;
  auto x = tape.variable(2.0);
#include "inside_a_function.inc"
  EXPECT_EQ(y.item(), 8);
  EXPECT_EQ(tape.backward(y)[x].item(), 12);
}

TEST(Recipe, ElementwiseAsACard) {
#include "check_it.inc"
}

TEST(Recipe, General) {
  EXPECT_GRADIENTS([](auto a, auto b, auto c) { return wg::sum(wg::tanh(wg::record(Affine{}, {a, b, c}))); },
                   wg::from_values<double>({.1, -.2, .3, .4, .5, -.6}, {2, 3}), wg::from_values<double>({.7, .8, -.9, .1, .2, .3}, {3, 2}),
                   wg::from_values<double>({.5, -.5}, {2}));
}
