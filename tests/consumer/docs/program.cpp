// The C++ on the pages of docs/, each block by its number on its page (consume.sh copies them out), with what the text around it takes for granted.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string_view>

#include <wengert/check/gtest.hpp>
#include <wengert/wengert.hpp>

namespace wg = wengert;

// ---- add_a_primitive.md ----

namespace {

#include "add_a_primitive_2.inc"

#include "add_a_primitive_3.inc"

TEST(AddAPrimitive, ShowsCodeThatWorks) {
  wg::Tape tape;
  auto x = tape.variable(2.0);
#include "add_a_primitive_1.inc"
  EXPECT_EQ(y.item(), 8);
  EXPECT_EQ(tape.backward(y)[x].item(), 12);
  EXPECT_GRADIENTS([](auto a, auto b, auto c) { return wg::record(Affine{}, {a, b, c}); }, wg::from_values<double>({1, 2}, {1, 2}),
                   wg::from_values<double>({3, 4}, {2, 1}), wg::from_values<double>({5}, {1}));
}

TEST(AddAPrimitive, ShowsACheckThatPasses) {
#include "add_a_primitive_4.inc"
}

}  // namespace

// ---- design.md: a card as it stands in the library ----

namespace wengert::shown {
#include "design_1.inc"
}  // namespace wengert::shown

TEST(Design, ShowsACardThatWorks) {
  EXPECT_GRADIENTS_WITH({.order = 3}, [](auto x) { return wg::record(wg::shown::Tanh{}, x); }, wg::from_values<double>({-2, 0, 0.5}, {3}));
}

// ---- gradient_checking.md ----

TEST(GradientChecking, ShowsACheckThatPasses) {
#include "gradient_checking_1.inc"
  EXPECT_TRUE(report.ok) << report.message;
  EXPECT_GT(report.compared, 6u);
}

#include "gradient_checking_2.inc"

TEST(GradientChecking, ShowsHowToAllowAKink) {
#include "gradient_checking_3.inc"
}
