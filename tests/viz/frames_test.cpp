// A backward pass picture by picture: which numbers are there after each step, and where the files go.
#include <wengert/viz/frames.hpp>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"
#include "viz/viz_tests.hpp"

namespace wengert::test {
namespace {

using viz::write_frames;

class Frames : public InAFolder {
 protected:
  /// What a .dot file shows: its text without what is transparent.
  std::string shown(const std::string& name) const {
    static const std::regex unseen("(<FONT[^>]* COLOR=\"transparent\">)[^<]*(<BR/>[^<]*)*</FONT>");
    return std::regex_replace(content(name), unseen, "$1</FONT>");
  }
  /// A drawing without its colours.
  std::string outline(const std::string& name) const { return std::regex_replace(content(name), std::regex("fill=\"[^\"]*\""), ""); }
  /// The gradient under the line that leaves the n-th node; empty where it is not shown.
  static std::string gradient(const std::string& dot, std::size_t n) {
    const std::size_t node = dot.find("  v" + std::to_string(n) + " [");
    const std::size_t start = dot.find('>', dot.find("<HR/><TR><TD><FONT COLOR=", node) + sizeof("<HR/><TR><TD><FONT COLOR=")) + 1;
    return dot.substr(start, dot.find("</FONT>", start) - start);
  }
  static std::vector<std::string> gradients(const std::string& dot, std::size_t nodes) {
    std::vector<std::string> all;
    for (std::size_t n = 0; n < nodes; ++n) all.push_back(gradient(dot, n));
    return all;
  }
  /// The number of the box with the colour of a step; -1 for none.
  static int highlighted(const std::string& dot) {
    const std::size_t colour = dot.find("#fde3df");
    if (colour == std::string::npos) return -1;
    return std::stoi(dot.substr(dot.rfind("\n  n", colour) + 4));
  }
  static bool has_note(const std::string& dot) { return dot.find("\xC3\x97") != std::string::npos; }
};

TEST_F(Frames, StepThroughTheFirstTextbookGraph) {
  Tape tape{{.retain = Retain::everything}};
  const auto x = tape.variable(-2.0).named("x"), y = tape.variable(5.0).named("y"), z = tape.variable(-4.0).named("z");
  const auto q = (x + y).named("q");
  const auto f = (q * z).named("f");
  const auto files = write_frames(path("f.dot"), f, tape);
  ASSERT_EQ(files, (std::vector<std::string>{path("f_0.dot"), path("f_1.dot"), path("f_2.dot"), path("f_3.dot")}));
  const std::vector<std::string> frames{shown("f_0.dot"), shown("f_1.dot"), shown("f_2.dot"), shown("f_3.dot")};
  using Texts = std::vector<std::string>;
  for (const std::string& frame : frames) EXPECT_TRUE(mentions(frame, {">-2</FONT>", ">5</FONT>", ">-4</FONT>", ">3</FONT>", ">-12</FONT>"})) << "all values in each";
  // Nodes in order of execution: x, y, z, q, f.
  EXPECT_EQ(gradients(frames[0], 5), (Texts{"", "", "", "", ""}));
  EXPECT_EQ(gradients(frames[1], 5), (Texts{"", "", "", "", "1"}));
  EXPECT_EQ(gradients(frames[2], 5), (Texts{"", "", "3", "-4", "1"}));
  EXPECT_EQ(gradients(frames[3], 5), (Texts{"-4", "-4", "3", "-4", "1"}));
  EXPECT_EQ(highlighted(frames[0]), -1);
  EXPECT_EQ(highlighted(frames[1]), -1);
  EXPECT_EQ(highlighted(frames[2]), 4);
  EXPECT_EQ(highlighted(frames[3]), 3);
  EXPECT_FALSE(has_note(frames[0]));
  EXPECT_FALSE(has_note(frames[1]));
  EXPECT_TRUE(mentions(frames[2], {"q: 1 \xC3\x97 -4 = -4", "z: 1 \xC3\x97 3 = 3"}));
  EXPECT_TRUE(mentions(frames[3], {"x: -4 \xC3\x97 1 = -4", "y: -4 \xC3\x97 1 = -4"}));
  EXPECT_EQ(frames[3].find("q: 1"), std::string::npos) << "the note of the step before is gone";
}

TEST_F(Frames, ShowAGradientWhenAllItsReadersHaveHadTheirStep) {
  Tape tape{{.retain = Retain::everything}};
  const auto x = tape.variable(3.0).named("x");
  const auto square_of_x = x * x;
  const auto f = square_of_x + exp(x * 0.0);  // nodes: x, x x, 0 x, exp, sum
  const auto files = write_frames(path("f.dot"), f, tape);
  ASSERT_EQ(files.size(), 6u);
  EXPECT_EQ(gradient(shown("f_4.dot"), 0), "") << "x x has not had its step";
  EXPECT_EQ(gradient(shown("f_5.dot"), 0), "6");
  EXPECT_TRUE(mentions(shown("f_5.dot"), {"x: 1 \xC3\x97 3 = 3"}));
}

TEST_F(Frames, ShowArraysAndFloats) {
  Tape tape{{.retain = Retain::everything}};
  const auto w = tape.variable(from_values<float>({1, 2}, {2})).named("w");
  const auto s = tape.variable(3.F).named("s");
  const auto f = sum(w * s);
  const auto files = write_frames(path("f.gv"), f, tape);
  ASSERT_EQ(files.size(), 4u);
  EXPECT_FALSE(has_note(shown("f_2.gv"))) << "a sum has no local derivatives by element";
  EXPECT_TRUE(mentions(shown("f_3.gv"), {"w: (1  1) \xC3\x97 (3  3) = (3  3)", "s: (1  1) \xC3\x97 (1  2) = 3"})) << "what was stretched is summed";
}

TEST_F(Frames, CountWithZerosInFrontAndDrawByDefault) {
  Tape tape{{.retain = Retain::everything}};
  auto y = tape.variable(0.5);
  for (int i = 0; i < 9; ++i) y = tanh(y);
  const auto files = write_frames(path("f.dot"), y, tape);
  ASSERT_EQ(files.size(), 11u);
  EXPECT_EQ(files[3], path("f_03.dot"));
  EXPECT_EQ(files[10], path("f_10.dot"));
  if (!has_program("dot")) GTEST_SKIP() << "Graphviz is not installed";
  const auto x = tape.variable(2.0).named("x");
  const auto drawn = write_frames(path("g"), x * 3.0, tape);
  ASSERT_EQ(drawn.size(), 3u);
  EXPECT_EQ(drawn[2], path("g_2.svg"));
  EXPECT_TRUE(mentions(content("g_2.svg"), {"<svg", "x: 1 \xC3\x97 3 = 3", "#fde3df"}));
  EXPECT_NE(content("g_1.svg"), content("g_2.svg"));
  for (const char* const frame : {"g_1.svg", "g_2.svg"}) EXPECT_EQ(outline("g_0.svg"), outline(frame)) << "nothing moves";
}

TEST_F(Frames, RefuseWhatCannotBeDrawn) {
  Tape lean;
  const auto x = lean.variable(1.0) * 2.0;
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)write_frames(path("f.dot"), x, lean); }), {"write_frames", "Retain::everything"}));
  EXPECT_EQ(lean.backward(x).size(), 1u) << "and nothing was consumed";
  Tape tape{{.retain = Retain::everything}};
  const auto y = tape.variable(ones<double>({2})) * 2.0;
  EXPECT_TRUE(mentions(refusal<GraphError>([&] { (void)write_frames(path("f.dot"), y, tape); }), {"not one number"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)write_frames(path("f.jpg"), sum(y), tape); }), {"write_frames", ".jpg"}));
  EXPECT_TRUE(mentions(refusal<FileError>([&] { (void)write_frames(path("no/such/f.dot"), sum(y), tape); }), {"write_frames", "no/such/f_0.dot"}));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

}  // namespace
}  // namespace wengert::test
