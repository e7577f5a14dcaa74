// Row 28 of the list of hostile inputs: this file is built with -ffast-math, as a caller's program may be. What the library
// computes does not depend on it; what the caller's own code does with a NaN is the caller's.
#include <wengert/graph/tape.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include <wengert/graph/record.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#ifndef __FAST_MATH__
#error "this file is to be built with -ffast-math"
#endif

namespace {

namespace wg = wengert;
using wg::Tape;

constexpr std::uint64_t infinity_bits = 0x7FF0'0000'0000'0000;

// Numbers by their bits: under -ffast-math the compiler takes it that there is neither a NaN nor an infinity.
bool is_nan(double x) { return (std::bit_cast<std::uint64_t>(x) & ~(std::uint64_t{1} << 63U)) > infinity_bits; }
double volatile_number(std::uint64_t bits) {
  volatile std::uint64_t hidden = bits;
  return std::bit_cast<double>(static_cast<std::uint64_t>(hidden));
}

TEST(FastMathCaller, SeesNaNGoThroughTheLibrary) {
  const double nan = volatile_number(0x7FF8'0000'0000'0000);
  Tape tape;
  auto x = tape.variable(nan);
  auto v = tape.variable(wg::full<double>({20}, nan));
  EXPECT_TRUE(is_nan(wg::relu(x).item()));
  EXPECT_TRUE(is_nan(wg::amax(v).item()));
  EXPECT_TRUE(is_nan(wg::maximum(v, 0.0).value()(19)));
  EXPECT_TRUE(is_nan(tape.backward(wg::sum(wg::exp(v)))[v](19)));
}

TEST(FastMathCaller, KeepsTheStrongZero) {
  Tape tape;
  auto v = tape.variable(wg::zeros<double>({20}));
  const auto g = tape.backward(wg::log(v), {.cotangent = wg::zeros<double>({20})})[v];  // 0 * inf
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(std::bit_cast<std::uint64_t>(g(i)), 0U);
}

TEST(FastMathCaller, HasCardsWhoseStrongZeroHoldsToo) {
  // The card's own loops are compiled here, with the caller's flags.
  auto pole = wg::elementwise("pole", [](auto x) { return x * x; }, [](auto x, auto) { return x / (x * 0.0); });
  Tape tape;
  const double one = volatile_number(0x3FF0'0000'0000'0000);
  auto v = tape.variable(wg::full<double>({20}, one));
  const auto g = tape.backward(pole(v), {.cotangent = wg::zeros<double>({20}), .keep_tape = true})[v];
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(std::bit_cast<std::uint64_t>(g(i)) << 1U, 0U) << i;
  auto x = tape.variable(one);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(tape.backward(pole(x), {.cotangent = 0.0})[x].item()) << 1U, 0U);
}

TEST(FastMathCaller, GetsTheLibrarysNumbers) {
  Tape tape;
  auto x = tape.variable(wg::arange<double>(100) / 10.0);
  auto f = wg::sum(wg::tanh(x) * wg::exp(-x));
  EXPECT_NEAR(f.item(), 5.6991542456424247, 1e-13);  // as computed in a program without the flag
  const auto d = tape.gradient(f, x);
  EXPECT_EQ(tape.backward(f)[x](7), d.value()(7));
}

}  // namespace
