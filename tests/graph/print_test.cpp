// A tape as a table.
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"

namespace wengert::test {
namespace {

/// The lines of a table, runs of blanks as one.
std::vector<std::string> lines_of(const std::string& table) {
  std::vector<std::string> lines;
  std::istringstream in(table);
  for (std::string line; std::getline(in, line);) {
    std::string squeezed;
    for (const char c : line)
      if (c != ' ' || (!squeezed.empty() && squeezed.back() != ' ')) squeezed += c;
    lines.push_back(squeezed);
  }
  return lines;
}

TEST(Print, ShowsEachNodeInALine) {
  Tape tape;
  const Parameter<double> w("weight", from_values<double>({3, 4}, {2}));
  const auto x = tape.variable(from_values<double>({1, -2.5}, {2})).named("x");
  const auto f = sum(tanh(x * w) * 0.5).named("loss");
  const auto before = lines_of(to_string(tape));
  ASSERT_EQ(before.size(), 2u + 6u);
  EXPECT_EQ(before[0], "id operation name inputs shape value kept bytes consumed");
  EXPECT_EQ(before[2], "#0 variable x (2,) [1 -2.5] 16 no");
  EXPECT_EQ(before[3], "#1 parameter weight (2,) [3 4] 0 no") << "a parameter's array is its owner's";
  EXPECT_EQ(before[4], "#2 multiply #0 #1 (2,) 0 no") << "nobody needs this value any more";
  EXPECT_TRUE(before[5].starts_with("#3 tanh #2 (2,) [0.995")) << before[5];
  EXPECT_TRUE(before[6].starts_with("#4 multiply #3 0.5 (2,)")) << before[6];
  EXPECT_TRUE(before[7].starts_with("#5 sum loss #4 () ")) << before[7];
  (void)tape.backward(f);
  const auto after = lines_of(to_string(tape));
  EXPECT_EQ(after[4], "#2 multiply #0 #1 (2,) 0 yes");
  EXPECT_EQ(after[2], "#0 variable x (2,) [1 -2.5] 0 no");
}

TEST(Print, AddsUpToWhatTheTapeSays) {
  Tape tape;
  const auto x = tape.variable(ones<float>({10}));
  const auto f = sum(exp(tanh(x)));
  std::size_t bytes = 0;
  for (const auto& line : lines_of(to_string(tape))) {
    std::istringstream words(line.substr(0, line.rfind(' ')));
    std::string last;
    for (std::string word; words >> word;) last = word;
    if (line.starts_with('#')) bytes += std::stoul(last);
  }
  EXPECT_EQ(bytes, tape.saved_bytes());
  EXPECT_GT(bytes, 0u);
  (void)f;
}

TEST(Print, ShowsNoLongValuesAndWritesToStreams) {
  Tape tape;
  const auto x = tape.variable(arange<double>(5));
  const auto y = tape.variable(2.0F) * 3.F;
  std::ostringstream out;
  tape.print(out);
  EXPECT_EQ(out.str(), to_string(tape));
  const auto lines = lines_of(out.str());
  EXPECT_EQ(lines[2], "#0 variable (5,) 0 no");
  EXPECT_EQ(lines[4], "#2 multiply #1 3 () 6 4 no");
  (void)x;
  (void)y;
}

TEST(Print, RefusesWhatHasNoTable) {
  const Tape quiet{{.recording = Recording::off}};
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)to_string(quiet); }), {"to_string", "records nothing"}));
  Tape tape;
  const Tape moved = std::move(tape);
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)to_string(tape); }), {"moved from"}));
  EXPECT_EQ(lines_of(to_string(moved)).size(), 2u) << "an empty one has a head";
}

}  // namespace
}  // namespace wengert::test
