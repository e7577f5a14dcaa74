// Profiles: counts and bytes are exact, times are there and add up.
#include <wengert/graph/profile.hpp>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

constexpr auto nap = std::chrono::milliseconds(3);

/// y = x, slowly.   dx = g, more slowly.
struct Slow {
  static constexpr std::string_view name = "slow";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T>
  Array<T> forward(Inputs<T> in) const {
    std::this_thread::sleep_for(nap);
    return in[0].copy();
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    std::this_thread::sleep_for(2 * nap);
    return s.g;
  }
};

ProfileRow row_of(const Profile& profile, const std::string& operation) {
  for (const auto& row : profile.rows())
    if (row.operation == operation) return row;
  return {};
}

TEST(Profile, CountsOperationsTheirBytesAndTheirTime) {
  Tape tape;
  const Profile profile(tape);
  const auto x = tape.variable(ones<double>({100}));
  const auto y = record(Slow{}, tanh(x * 2.0) + tanh(x));
  (void)tape.backward(sum(y));
  const auto rows = profile.rows();
  ASSERT_EQ(rows.size(), 5u) << "slow, tanh, multiply, add, sum: leaves are no operations";
  EXPECT_EQ(rows[0].operation, "slow") << "what took longest comes first";
  EXPECT_EQ(rows[0].count, 1u);
  EXPECT_EQ(rows[0].bytes, 800u);
  EXPECT_GE(rows[0].forward_seconds, 0.003);
  EXPECT_GE(rows[0].backward_seconds, 0.006);
  EXPECT_GE(rows[1].seconds(), rows[2].seconds());
  EXPECT_EQ(row_of(profile, "tanh").count, 2u);
  EXPECT_EQ(row_of(profile, "tanh").bytes, 1600u);
  EXPECT_EQ(row_of(profile, "sum").bytes, 8u);
  EXPECT_GT(row_of(profile, "tanh").backward_seconds, 0);
  const auto total = profile.total();
  EXPECT_EQ(total.count, 6u);
  EXPECT_GE(total.seconds(), rows[0].seconds());
}

TEST(Profile, MeasuresNumbersConversionsAndQuietTapes) {
  Tape tape;
  {
    const Profile profile(tape);
    auto y = tape.variable(0.5);
    for (int i = 0; i < 10; ++i) y = sin(y);
    (void)tape.backward(cast<float>(y));
    EXPECT_EQ(row_of(profile, "sin").count, 10u);
    EXPECT_EQ(row_of(profile, "sin").bytes, 80u);
    EXPECT_GT(row_of(profile, "sin").backward_seconds, 0);
    EXPECT_EQ(row_of(profile, "cast").bytes, 4u);
  }
  Tape quiet{{.recording = Recording::off}};
  const Profile profile(quiet);
  (void)exp(quiet.variable(ones<float>({3})));
  EXPECT_EQ(row_of(profile, "exp").bytes, 12u);
}

TEST(Profile, MeasuresOnlyWhileItLives) {
  Tape tape;
  const auto x = tape.variable(1.0);
  {
    Profile profile(tape);
    (void)exp(x);
    EXPECT_EQ(profile.total().count, 1u);
    profile.clear();
    EXPECT_EQ(profile.rows().size(), 0u);
  }
  const auto y = exp(x);
  Profile later(tape);
  (void)tape.backward(y);
  EXPECT_EQ(later.total().count, 0u) << "recorded before";
  EXPECT_GT(later.total().backward_seconds, 0) << "and walked back now";
}

TEST(Profile, OutlivesItsTape) {
  auto tape = std::make_unique<Tape>();
  const Profile profile(*tape);
  (void)exp(tape->variable(1.0));
  tape.reset();
  EXPECT_EQ(profile.total().count, 1u);
}

TEST(Profile, RefusesASecondOne) {
  Tape tape;
  const Profile profile(tape);
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { const Profile second(tape); }), {"Profile", "already"}));
  const Tape moved = std::move(tape);
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { const Profile none(tape); }), {"moved from"}));
}

TEST(Profile, PrintsATable) {
  Tape tape;
  const Profile profile(tape);
  (void)record(Slow{}, tape.variable(ones<double>({100})) * 2.0);
  std::ostringstream out;
  profile.print(out);
  EXPECT_EQ(out.str(), to_string(profile));
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(mentions(line, {"operation", "count", "forward ms", "backward ms", "share", "bytes"}));
  const std::size_t width = line.size();
  std::getline(lines, line);
  EXPECT_EQ(line, std::string(width, '-'));
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("slow ") && line.ends_with("  800") && line.size() == width) << line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("multiply ")) << line;
  std::getline(lines, line);
  EXPECT_TRUE(mentions(line, {"total", "100.0 %", "1600"}));
}

}  // namespace
}  // namespace wengert::test
