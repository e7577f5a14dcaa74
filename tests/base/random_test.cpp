// The random engine: published values, streams, exact repeatability, and the distributions it claims.
#include <wengert/base/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

namespace {

namespace wg = wengert;
using wg::RandomEngine;
using Words = std::array<std::uint32_t, 4>;

static_assert(std::uniform_random_bit_generator<RandomEngine>);

TEST(Random, PhiloxGivesThePublishedValues) {
  static_assert(wg::detail::philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  static_assert(wg::detail::philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  EXPECT_EQ(wg::detail::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}), (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AnEngineReadsPhiloxWordByWord) {
  RandomEngine engine(0);
  EXPECT_EQ(engine(), 0xe169c58d6627e8d5u);
  EXPECT_EQ(engine(), 0x9b00dbd8bc57ac4cu);
  const auto next = wg::detail::philox({1, 0, 0, 0}, {0, 0});
  EXPECT_EQ(engine(), next[0] | std::uint64_t{next[1]} << 32);
}

TEST(Random, CopiesContinueAlike) {
  RandomEngine engine(7);
  for (int i = 0; i < 5; ++i) (void)engine();
  RandomEngine copy = engine;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(engine(), copy());
  EXPECT_EQ(engine, copy);
  (void)copy();
  EXPECT_FALSE(engine == copy);
}

TEST(Random, AStateRestoresTheEngineAtAnyPosition) {
  RandomEngine engine(7);
  for (int i = 0; i < 6; ++i) {
    RandomEngine again = RandomEngine::from_state(engine.state());
    EXPECT_EQ(again.state().position, static_cast<std::uint64_t>(i));
    RandomEngine copy = engine;
    for (int k = 0; k < 5; ++k) EXPECT_EQ(again(), copy());
    (void)engine();
  }
}

TEST(Random, DiscardJumps) {
  for (std::uint64_t words : {0u, 1u, 2u, 7u, 100u}) {
    RandomEngine stepped(3), jumped(3);
    (void)stepped(), (void)jumped();
    for (std::uint64_t i = 0; i < words; ++i) (void)stepped();
    jumped.discard(words);
    EXPECT_EQ(stepped(), jumped());
    EXPECT_EQ(stepped(), jumped());
  }
}

TEST(Random, CountsBeyondThirtyTwoBits) {
  auto engine = RandomEngine::from_state({.seed = 5, .stream = 0, .position = (std::uint64_t{1} << 33) - 2});
  std::vector<double> filled(8);
  auto bulk = engine;
  bulk.fill_uniform(filled);
  for (const double value : filled) EXPECT_EQ(engine.uniform(), value);
}

TEST(Random, SplitStreamsDifferFromTheirParentAndFromOneAnother) {
  RandomEngine parent(1), same(1);
  std::set<std::uint64_t> seen;
  for (int child = 0; child < 100; ++child) {
    auto engine = parent.split();
    EXPECT_EQ(engine, same.split());
    for (int i = 0; i < 100; ++i) seen.insert(engine());
  }
  for (int i = 0; i < 1000; ++i) seen.insert(parent());
  EXPECT_EQ(seen.size(), 11000u);
}

TEST(Random, UniformFillsAgreeWithSingleNumbers) {
  RandomEngine engine(11), bulk(11);
  std::vector<double> filled(1001);
  bulk.fill_uniform(filled);
  for (const double value : filled) ASSERT_EQ(engine.uniform(), value);
  (void)engine();
  EXPECT_EQ(engine, bulk);  // what is left of a block is left out
}

TEST(Random, FillsDoNotDependOnHowTheyAreCut) {
  RandomEngine whole(11), parts(11);
  std::vector<float> a(1000), b(1000);
  whole.fill_normal(a);
  parts.fill_normal(std::span(b).first(400));
  parts.fill_normal(std::span(b).subspan(400));  // 400 numbers are whole blocks
  EXPECT_EQ(a, b);
  std::vector<float> none;
  const auto before = parts;
  parts.fill_uniform(none);
  EXPECT_EQ(before, parts);
}

TEST(RandomThreads, FillsDoNotDependOnTheNumberOfThreads) {
  const auto before = wg::threads();
  std::vector<std::vector<float>> f;
  std::vector<std::vector<double>> d;
  for (const std::size_t count : {1u, 2u, 5u}) {
    wg::set_threads(count);
    RandomEngine engine(2);
    f.emplace_back(100'003);
    d.emplace_back(100'003);
    engine.fill_uniform(f.back(), -1, 3);
    engine.fill_normal(d.back());
    engine.fill_normal(std::span(f.back()).first(50'000));
  }
  wg::set_threads(before);
  EXPECT_TRUE(f[0] == f[1] && f[1] == f[2]);
  EXPECT_TRUE(d[0] == d[1] && d[1] == d[2]);
}

TEST(Random, FillsAreTheSameOnEveryMachine) {
  RandomEngine engine(42);
  std::vector<float> f(5);
  std::vector<double> d(5);
  engine.fill_uniform(f, -2, 2);
  engine.fill_uniform(d, -2, 2);
  EXPECT_EQ(f, (std::vector<float>{0x1.ceafp-2f, -0x1.0156ep-3f, -0x1.b502cp+0f, -0x1.45ea68p-1f, 0x1.f36c84p+0f}));
  EXPECT_EQ(d, (std::vector<double>{0x1.443aee5e9b6p-1, 0x1.182695666935ap+0, 0x1.5d786d5dd638p-1, -0x1.ef1980869e1bp-2, 0x1.5b2ebad54e408p+0}));
  engine.fill_normal(f, 1, 2);
  engine.fill_normal(d, 1, 2);
  EXPECT_EQ(f, (std::vector<float>{0x1.7051a8p-3f, 0x1.f6c5ep+1f, 0x1.6d63d8p+2f, 0x1.1d382ep+1f, 0x1.b3d0dp-1f}));
  EXPECT_EQ(d, (std::vector<double>{0x1.0f5821766fdb2p+1, 0x1.b755bafb4d07dp+1, -0x1.80ea1d1720462p+1, 0x1.05ec043515edbp+0, -0x1.b8752a9c13fecp+0}));
}

template <class T>
void check_uniform_moments() {
  RandomEngine engine(5);
  std::vector<T> values(1'000'000);
  engine.fill_uniform(values);
  double mean = 0, square = 0;
  for (const T v : values) {
    ASSERT_TRUE(v >= 0 && v < 1);
    mean += static_cast<double>(v) / 1e6;
    square += static_cast<double>(v) * static_cast<double>(v) / 1e6;
  }
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1 / 12e6));  // five standard errors
  EXPECT_NEAR(square, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / 1e6));
}
TEST(Random, UniformNumbersHaveTheirMoments) {
  check_uniform_moments<float>();
  check_uniform_moments<double>();
}

template <class T>
void check_normal_moments() {
  constexpr std::size_t count = 4'000'000;
  RandomEngine engine(5);
  std::vector<T> values(count);
  engine.fill_normal(values);
  std::array<double, 5> moments{};
  double beyond_three = 0, pairs = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto v = static_cast<double>(values[i]);
    ASSERT_TRUE(std::isfinite(v));
    double power = 1;
    for (auto& moment : moments) {
      moment += power / count;
      power *= v;
    }
    beyond_three += std::abs(v) > 3;
    if (i != 0) pairs += v * static_cast<double>(values[i - 1]) / count;
  }
  const double error = 5 / std::sqrt(double{count});  // five standard errors of a number of variance 1
  EXPECT_NEAR(moments[1], 0, error);
  EXPECT_NEAR(moments[2], 1, error * std::sqrt(2.0));
  EXPECT_NEAR(moments[3], 0, error * std::sqrt(15.0));
  EXPECT_NEAR(moments[4], 3, error * std::sqrt(96.0));
  EXPECT_NEAR(pairs, 0, error);
  EXPECT_NEAR(beyond_three / count, 0.0026998, error * 0.052);
}
TEST(Random, NormalNumbersHaveTheirMoments) {
  check_normal_moments<float>();
  check_normal_moments<double>();
}

TEST(Random, NormalNumbersAreThoseOfBoxAndMuller) {
  RandomEngine engine(1), words(1);
  std::vector<double> values(10000);
  engine.fill_normal(values);
  constexpr double pi = 3.14159265358979323846;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const double u = (static_cast<double>(words() >> 12) + 0.5) * 0x1p-52, turns = static_cast<double>(words() >> 11) * 0x1p-53;
    const double radius = std::sqrt(-2 * std::log(u));
    ASSERT_NEAR(values[i], radius * std::cos(2 * pi * turns), 1e-14);
    ASSERT_NEAR(values[i + 1], radius * std::sin(2 * pi * turns), 1e-14);
  }
}

TEST(Random, NormalNumbersAreMovedAndStretched) {
  RandomEngine a(3), b(3);
  std::vector<double> plain(100), moved(100);
  a.fill_normal(plain);
  b.fill_normal(moved, 10, 0.5);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(moved[i], 10 + 0.5 * plain[i]);
  a.fill_normal(plain, 4, 0);
  EXPECT_EQ(plain, std::vector<double>(100, 4));
}

TEST(Random, UniformNumbersStayBelowTheUpperEnd) {
  RandomEngine engine(3);
  std::vector<float> values(100'000);
  const float high = std::nextafter(1e8f, 2e8f);
  engine.fill_uniform(values, 1e8f, high);  // neighbours: only the lower one is in the range
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 1e8f);
  engine.fill_uniform(values, -3, 5);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -3.f);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 5.f);
  engine.fill_uniform(values, 2, 2);
  EXPECT_EQ(values, std::vector<float>(100'000, 2.f));
}

TEST(Random, RefusesWhatIsNoDistribution) {
  RandomEngine engine(3);
  const auto before = engine;
  std::vector<double> values(4, 7.0);
  constexpr double inf = std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::max();
  const double nan = std::nan("");
  EXPECT_THROW(engine.fill_uniform(values, 1, 0), wg::ValueError);
  EXPECT_THROW(engine.fill_uniform(values, nan, 1), wg::ValueError);
  EXPECT_THROW(engine.fill_uniform(values, 0, inf), wg::ValueError);
  EXPECT_THROW(engine.fill_uniform(values, -most, most), wg::ValueError);
  EXPECT_THROW(engine.fill_normal(values, 0, -1), wg::ValueError);
  EXPECT_THROW(engine.fill_normal(values, 0, nan), wg::ValueError);
  EXPECT_THROW(engine.fill_normal(values, 0, inf), wg::ValueError);
  EXPECT_THROW(engine.fill_normal(values, inf, 1), wg::ValueError);
  EXPECT_THROW((void)engine.below(0), wg::ValueError);
  EXPECT_EQ(values, std::vector<double>(4, 7.0));
  EXPECT_EQ(engine, before);
}

TEST(Random, BelowIsUnbiased) {
  RandomEngine engine(3);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(engine.below(1), 0u);
  std::array<int, 7> counts{};
  for (int i = 0; i < 700'000; ++i) ++counts.at(engine.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 100'000, 5 * std::sqrt(100'000 * 6.0 / 7));
  // Where a plain remainder would make the lower third twice as likely.
  const std::uint64_t n = std::uint64_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto drawn = engine.below(n);
    ASSERT_LT(drawn, n);
    low += drawn < n / 3;
  }
  EXPECT_NEAR(low, 33'333, 5 * std::sqrt(100'000 * 2.0 / 9));
}

TEST(Random, ShufflesEveryOrderEquallyOften) {
  RandomEngine engine(3);
  std::array<int, 24> counts{};
  for (int i = 0; i < 240'000; ++i) {
    std::array<int, 4> items{0, 1, 2, 3};
    engine.shuffle(std::span<int>(items));
    int order = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto smaller = std::count_if(items.begin() + static_cast<std::ptrdiff_t>(k), items.end(), [&](int item) { return item < items[k]; });
      order = order * static_cast<int>(4 - k) + static_cast<int>(smaller);
    }
    ++counts.at(static_cast<std::size_t>(order));
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * 100);
}

TEST(Random, ServesStandardDistributions) {
  RandomEngine engine(3);
  std::uniform_int_distribution<int> die(1, 6);
  for (int i = 0; i < 100; ++i) {
    const int rolled = die(engine);
    EXPECT_TRUE(rolled >= 1 && rolled <= 6);
  }
}

}  // namespace
