// Row 28 of the list of hostile inputs: callers that change the rounding mode, flush denormals, or are built with -ffast-math.
// The tape neither changes their mode nor gets lost in it; results are those of the mode, within a few units in the last place.
#include <wengert/graph/tape.hpp>

#include <immintrin.h>

#include <cfenv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/graph/record.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Tape;
using wg::Var;

constexpr unsigned flush_both = 0x8040;  // MXCSR's FTZ and DAZ

/// The calling thread's MXCSR for the length of a block; the rounding mode goes with it.
class Mode {
 public:
  explicit Mode(unsigned bits) : before_(_mm_getcsr()) { _mm_setcsr((before_ & ~0xE040U) | bits); }
  Mode(const Mode&) = delete;
  Mode& operator=(const Mode&) = delete;
  ~Mode() { _mm_setcsr(before_); }

 private:
  unsigned before_;
};

const std::vector<unsigned>& modes() {
  static const std::vector<unsigned> all = {_MM_ROUND_NEAREST, _MM_ROUND_DOWN, _MM_ROUND_UP, _MM_ROUND_TOWARD_ZERO, flush_both, _MM_ROUND_UP | flush_both};
  return all;
}

/// A bit of everything, one behind the other: values, gradients, gradients of gradients.
std::vector<double> workout() {
  Tape tape;
  auto x = tape.variable(wg::arange<double>(240) / 100.0 + 0.05);
  auto m = wg::reshape(x, {12, 20});
  auto f = wg::sum(wg::tanh(wg::matmul(m, wg::ones<double>({20, 3}) / 20.0)) + wg::sum(wg::logsumexp(wg::exp(-m), 1)) * 0.1 + wg::mean(wg::log(x) * wg::sqrt(x)));
  auto d = tape.gradient(f, x);
  const auto g = tape.backward(f + wg::sum(d * d))[x];
  std::vector<double> all = {f.item()};
  const auto slopes = d.value();
  all.insert(all.end(), slopes.begin(), slopes.end());
  all.insert(all.end(), g.begin(), g.end());
  return all;
}

TEST(FloatingEnvironment, IsNeverChanged) {
  for (const unsigned bits : modes()) {
    const Mode mode(bits);
    const unsigned before = _mm_getcsr() & 0xFFC0U;
    (void)workout();
    EXPECT_EQ(_mm_getcsr() & 0xFFC0U, before) << "apart from the sticky exception flags";
  }
}

TEST(FloatingEnvironment, ResultsAreWithinAFewUlpWhateverTheRounding) {
  const auto truth = workout();
  for (const unsigned bits : modes()) {
    const Mode mode(bits);
    const auto here = workout();
    ASSERT_EQ(here.size(), truth.size());
    for (std::size_t i = 0; i < here.size(); ++i) ASSERT_NEAR(here[i], truth[i], 1e-12 * (1 + std::abs(truth[i]))) << "mode " << std::hex << bits << ", number " << std::dec << i;
  }
  const auto again = workout();
  EXPECT_EQ(std::memcmp(again.data(), truth.data(), truth.size() * sizeof(double)), 0) << "the mode leaves no trace";
}

TEST(FloatingEnvironment, OnLargeArraysItIsTheCallersOnEveryThread) {
  const auto large = [] { return wg::sum(wg::exp(wg::arange<double>(400'000) / 400'000.0)).item(); };
  const Mode mode(_MM_ROUND_UP);
  const double first = large();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(large(), first) << "who computes a block does not matter";
}

TEST(FloatingEnvironment, KeepsDenormalsUntilTheCallerFlushesThem) {
  constexpr double tiny = std::numeric_limits<double>::denorm_min();
  const auto kept = [] {
    Tape tape;
    auto x = tape.variable(wg::full<double>({20}, tiny));
    auto y = x * 1.0;
    const auto g = tape.backward(y, {.cotangent = wg::full<double>({20}, tiny)});
    std::uint64_t bits[2];  // compared as integers: a comparison of numbers would itself flush
    std::memcpy(&bits[0], y.value().data() + 17, 8);
    std::memcpy(&bits[1], g[x].data() + 17, 8);
    return bits[0] == 1 && bits[1] == 1;
  };
  EXPECT_TRUE(kept());
  {
    const Mode mode(flush_both);
    (void)kept();
  }
  EXPECT_TRUE(kept());
}

TEST(FloatingEnvironment, NaNAndTheStrongZeroHoldInEveryMode) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const unsigned bits : modes()) {
    const Mode mode(bits);
    Tape tape;
    auto x = tape.variable(wg::from_values<double>({nan, 0, -inf, inf}, {4}));
    const auto relu = wg::relu(x).value(), maximum = wg::maximum(x, 0.0).value();
    EXPECT_TRUE(std::isnan(relu(0)) && std::isnan(maximum(0)));
    EXPECT_TRUE(std::isnan(wg::amax(x).item()));
    EXPECT_EQ(wg::argmax(x)(), 0) << "the first NaN wins";
    auto guarded = wg::where(wg::greater(x.value(), wg::zeros<double>({4})), wg::log(x) * x, x * 0.0);
    const auto g = tape.backward(wg::log(x), {.cotangent = wg::zeros<double>({4})});
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(g[x](i), 0) << "0 * whatever is 0";
    EXPECT_EQ(guarded.shape(), x.shape());
  }
}

}  // namespace
