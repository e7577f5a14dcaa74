// The C++ on the pages of docs/, each block by its number on its page (consume.sh copies them out), with what the text around it takes for granted.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// ---- transforms.md ----

namespace {

#include "transforms_4.inc"

}  // namespace

TEST(Transforms, ShowWhatTheyGive) {
#include "transforms_1.inc"
  EXPECT_EQ(value.item(), 9);
  EXPECT_EQ(gradient(1), 12);
  EXPECT_EQ(along.item(), 3);
  EXPECT_EQ(matrix(1, 1), 12);
}

TEST(Transforms, ShowGradientsByParameters) {
#include "transforms_2.inc"
  EXPECT_EQ(loss.item(), 18);
  EXPECT_EQ(gradients[w](0), 12);
  EXPECT_EQ(curvature[0](0), 4);
#include "transforms_5.inc"
  EXPECT_EQ(parts.first.item(), 9 * 2.5 * 2);  // the mean of the parts' sums
}

TEST(Transforms, ShowHowTheyNest) {
#include "transforms_3.inc"
  EXPECT_DOUBLE_EQ(third.item(), -std::cos(0.3));
  EXPECT_DOUBLE_EQ(second(0), -std::sin(0.3));
}

TEST(Transforms, ShowAPushforwardThatIsTheAdjoint) {
  const auto f = [](auto x) { return wg::record(SumOfSquares{}, x); };
  EXPECT_EQ(wg::jvp(f, wg::from_values<double>({1, 2}, {2}), wg::from_values<double>({1, 10}, {2})).item(), 42);
  EXPECT_GRADIENTS(f, wg::from_values<double>({1, 2}, {2}));
}

// ---- memory.md ----

namespace {

#include "memory_3.inc"

}  // namespace

TEST(Memory, ShowsWhatIsKept) {
#include "memory_1.inc"
  EXPECT_EQ(saved, 8008u);
  EXPECT_EQ(after, 0u);
  EXPECT_GE(peak, saved - 8);
  EXPECT_EQ(g[x].size(), 1000u);
  tape.clear();
#include "memory_2.inc"
  EXPECT_EQ(tape.backward(wg::sum(h), {.keep_tape = true}).size(), 1u);
  const auto start = tape.variable(2.0);
  const auto end = halved(start, [](const auto& in, std::size_t) { return in * in; }, 0, 3);
  EXPECT_EQ(tape.backward(end)[start].item(), 8 * 128);
}

// ---- debugging.md ----

TEST(Debugging, ShowsAGuardThatNamesTheInput) {
  try {
#include "debugging_1.inc"
    ADD_FAILURE() << "nothing was thrown: " << utility.item();
  } catch (const wg::ValueError& error) {
    EXPECT_NE(std::string_view(error.what()).find("input 0: variable \"income\", shape (2,), min -1, max 1, mean 0"), std::string_view::npos) << error.what();
  }
}

TEST(Debugging, ShowsCallbacksThatLookOnAndClip) {
#include "debugging_2.inc"
  EXPECT_EQ(largest, 3);
  EXPECT_EQ(g[x](1), 1);
}

TEST(Debugging, ShowsACallbackForLayers) {
#include "debugging_3.inc"
  wg::Tape tape;
  (void)net(tape.constant(wg::full<float>({2, 4}, 0.F)), wg::Mode::train);
  EXPECT_EQ(dead, 16u);
}

TEST(Debugging, ShowsAProfile) {
#include "debugging_4.inc"
  EXPECT_NE(table.find("matmul"), std::string::npos);
}

TEST(Debugging, ShowsFrames) {
#include "debugging_5.inc"
  EXPECT_EQ(files.size(), 4u);
  for (const auto& file : files) EXPECT_EQ(std::remove(file.c_str()), 0);
}
