// Pictures of graphs: the text for Graphviz of the textbooks' graphs, drawings where Graphviz is there, and clear errors.
#include <wengert/viz/graph.hpp>

#include <filesystem>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/refusal.hpp"
#include "viz/viz_tests.hpp"

namespace wengert::test {
namespace {

using viz::graph_text;
using viz::write_graph;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

/// f = (x + y) z at (-2, 5, -4).
struct FirstTextbookGraph {
  Tape tape{{.retain = Retain::everything}};
  Var<double> x = tape.variable(-2.0).named("x"), y = tape.variable(5.0).named("y"), z = tape.variable(-4.0).named("z");
  Var<double> q = (x + y).named("q");
  Var<double> f = (q * z).named("f");
  Gradients g = tape.backward(f);
};

/// The sigmoid of w0 x0 + w1 x1 + w2, taken apart.
struct SecondTextbookGraph {
  Tape tape{{.retain = Retain::everything}};
  Var<double> w0 = tape.variable(2.0).named("w0"), w1 = tape.variable(-3.0).named("w1"), w2 = tape.variable(-3.0).named("w2");
  Var<double> x0 = tape.variable(-1.0).named("x0"), x1 = tape.variable(-2.0).named("x1");
  Var<double> s = 1.0 / (1.0 + exp(-(w0 * x0 + w1 * x1 + w2)));
  Gradients g = tape.backward(s);
};

std::string value_over_gradient(const std::string& value, const std::string& gradient) {
  return "<FONT COLOR=\"#1b7837\">" + value + "</FONT></TD></TR><HR/><TR><TD><FONT COLOR=\"#c0392b\">" + gradient + "</FONT></TD></TR></TABLE>";
}

TEST(GraphText, ShowsTheFirstTextbookGraphWhole) {
  const FirstTextbookGraph graph;
  const std::string dot = graph_text(graph.f, graph.g);
  EXPECT_TRUE(dot.starts_with("digraph wengert {")) << dot;
  EXPECT_TRUE(dot.ends_with("}\n")) << dot;
  EXPECT_TRUE(mentions(dot, {"<B>x</B><BR/>", "<B>y</B>", "<B>z</B>", "<B>add</B><BR/><I>q</I>", "<B>multiply</B><BR/><I>f</I>"}));
  // Nodes in order of execution: x, y, z, q, f.
  EXPECT_TRUE(mentions(dot, {"v0:e -> n3", "v1:e -> n3", "v3:e -> n4", "v2:e -> n4", "v4:e -> end"}));
  EXPECT_TRUE(mentions(dot, {value_over_gradient("-2", "-4"), value_over_gradient("5", "-4"), value_over_gradient("-4", "3"), value_over_gradient("3", "-4"), value_over_gradient("-12", "1")}));
  EXPECT_EQ(count_of(dot, " -> "), 5u + 4u + 1u) << "five nodes to their values, four inputs, one way out";
}

TEST(GraphText, ShowsTheSecondTextbookGraphWithThreeDigits) {
  const SecondTextbookGraph graph;
  const std::string dot = graph_text(graph.s, graph.g);
  EXPECT_TRUE(mentions(dot, {value_over_gradient("2", "-0.197"), value_over_gradient("-1", "0.393"), value_over_gradient("-2", "-0.59"), value_over_gradient("-3", "-0.393"),
                             value_over_gradient("-3", "0.197"), value_over_gradient("0.368", "-0.534"), value_over_gradient("1.37", "-0.534"), value_over_gradient("0.731", "1")}));
  EXPECT_TRUE(mentions(dot, {"<B>negative</B>", "<B>exp</B>", "<B>divide</B>", "label=\"1\""})) << "the plain numbers too";
  EXPECT_EQ(count_of(dot, "style=dashed"), 2u);
}

TEST(GraphText, ShowsShapesAndSmallArraysWhole) {
  Tape tape{{.retain = Retain::everything}};
  const auto a = tape.variable(from_values<float>({1, 2, 3, 4, 5, 6}, {2, 3})).named("a");
  const auto loss = sum(matmul(a, ones<float>({3, 1})));
  const std::string dot = graph_text(loss, tape.backward(loss));
  EXPECT_TRUE(mentions(dot, {"(2, 3)", "1  2  3<BR/>4  5  6", "1  1  1<BR/>1  1  1", "<B>matmul</B>", "(2, 1)", "6<BR/>15", "constant"}));
}

TEST(GraphText, ShowsMeanAndRangeOfLargeArrays) {
  Tape tape{{.retain = Retain::everything}};
  const auto a = tape.variable(arange<double>(101));
  const std::string dot = graph_text(sum(a));
  EXPECT_TRUE(mentions(dot, {"(101,)", "mean 50", "0 \xE2\x80\xA6 100", "5.05e+03"}));
}

TEST(GraphText, LeavesOutWhatIsNotThere) {
  Tape tape;
  const auto x = tape.variable(2.0);
  const auto y = exp(x) * 3.0;
  const std::string dot = graph_text(y);
  EXPECT_EQ(count_of(dot, "<FONT COLOR=\"#c0392b\"> </FONT>"), 3u) << "no gradients were given";
  EXPECT_TRUE(mentions(dot, {"variable", "exp", "22.2"}));
}

TEST(GraphText, ShowsASharedInputOnce) {
  Tape tape{{.retain = Retain::everything}};
  const auto x = tape.variable(3.0).named("x");
  const auto y = x * x;
  const std::string dot = graph_text(y, tape.backward(y));
  EXPECT_EQ(count_of(dot, "<B>x</B>"), 1u);
  EXPECT_EQ(count_of(dot, "v0:e -> n1"), 2u);
}

TEST(GraphText, ShowsSpecialValues) {
  Tape tape{{.retain = Retain::everything}};
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const auto x = tape.variable(from_values<double>({inf, -inf, nan, -0.0}, {4}));
  EXPECT_TRUE(mentions(graph_text(x + 1.0), {"inf  -inf  nan  0"}));
  const auto e = tape.variable(zeros<double>({0, 3}));
  EXPECT_TRUE(mentions(graph_text(sum(e)), {"(0, 3)", "empty"}));
}

TEST(GraphText, EscapesNames) {
  Tape tape;
  const auto x = tape.variable(1.0).named("a<b>&\"c\"\\N\n{d|e}");
  const auto y = tape.variable(2.0).named("\xCE\xB1\xCE\xB2 \xE2\x88\x82");         // Greek letters, a mathematical sign
  const auto z = tape.variable(3.0).named(std::string("cut \xCE", 5) + "\xFF\x01");  // not UTF-8, a control character
  const std::string dot = graph_text(x + y + z);
  EXPECT_TRUE(mentions(dot, {"a&lt;b&gt;&amp;&quot;c&quot;&#92;N {d|e}", "\xCE\xB1\xCE\xB2 \xE2\x88\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD "}));
  EXPECT_EQ(dot.find("a<b>"), std::string::npos);
  const auto longest = tape.variable(1.0).named(std::string(200, 'n'));
  EXPECT_TRUE(mentions(graph_text(longest * 2.0), {std::string(40, 'n') + "\xE2\x80\xA6"}));
}

class WriteGraph : public InAFolder {};

TEST_F(WriteGraph, WritesTheTextAsDot) {
  const FirstTextbookGraph graph;
  write_graph(path("f.dot"), graph.f, graph.g);
  EXPECT_EQ(content("f.dot"), graph_text(graph.f, graph.g));
  write_graph(path("f.gv"), graph.f, graph.g);
  EXPECT_EQ(content("f.gv"), graph_text(graph.f, graph.g));
}

TEST_F(WriteGraph, DrawsSvgWithAllNumbersInsideOfItsFrame) {
  if (!has_program("dot")) GTEST_SKIP() << "Graphviz is not installed";
  const FirstTextbookGraph graph;
  write_graph(path("f.svg"), graph.f, graph.g);
  const std::string svg = content("f.svg");
  EXPECT_TRUE(mentions(svg, {"<svg", ">x<", ">add<", ">multiply<", ">q<", ">&#45;12<", "#1b7837", "#c0392b", "</svg>"}));
  EXPECT_TRUE(mentions(svg, {"scale(1 1)"})) << "a scaled drawing would not fit its frame";
  EXPECT_EQ(svg.find("text-anchor=\"start\""), std::string::npos) << "text is centred, whatever the font of the reader";
}

TEST_F(WriteGraph, DrawsNamesThatNeedEscaping) {
  if (!has_program("dot")) GTEST_SKIP() << "Graphviz is not installed";
  Tape tape;
  const auto x = tape.variable(1.0).named("a<b>&\"c\"\\N\n{d|e} \xCE\xB1");
  const auto broken = tape.variable(1.0).named("\xFF\xFE <script>");
  write_graph(path("f.svg"), x * broken);
  EXPECT_TRUE(mentions(content("f.svg"), {"a&lt;b&gt;&amp;", "\xCE\xB1", "&lt;script&gt;"}));
}

TEST_F(WriteGraph, DrawsPng) {
  if (!has_program("dot")) GTEST_SKIP() << "Graphviz is not installed";
  const FirstTextbookGraph graph;
  write_graph(path("f.png"), graph.f, graph.g);
  EXPECT_TRUE(content("f.png").starts_with("\x89PNG"));
}

TEST_F(WriteGraph, RefusesOtherExtensions) {
  const FirstTextbookGraph graph;
  for (const char* const name : {"f.jpg", "f", "f.SVG", "f.dot.txt"})
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { write_graph(path(name), graph.f); }), {"write_graph", name, ".dot, .svg or .png"}));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(WriteGraph, SaysWhichFileCannotBeWritten) {
  const FirstTextbookGraph graph;
  EXPECT_TRUE(mentions(refusal<FileError>([&] { write_graph(path("no/such/f.dot"), graph.f); }), {"write_graph", "no/such/f.dot", "folder"}));
  std::filesystem::create_directory(path("d.dot"));
  EXPECT_TRUE(mentions(refusal<FileError>([&] { write_graph(path("d.dot"), graph.f); }), {"d.dot"}));
}

TEST_F(WriteGraph, SaysWhatToInstallWhereGraphvizIsMissing) {
  const FirstTextbookGraph graph;
  const WithoutPrograms nothing_in_path(folder());
  EXPECT_TRUE(mentions(refusal<FileError>([&] { write_graph(path("f.svg"), graph.f, graph.g); }), {"write_graph", "Graphviz", "dot", "apt install graphviz"}));
  EXPECT_NO_THROW(write_graph(path("f.dot"), graph.f, graph.g)) << "text needs no program";
}

TEST_F(WriteGraph, RefusesToDrawWhatNobodyCouldRead) {
  Tape tape;
  auto y = tape.variable(1.0);
  for (int i = 0; i < 1500; ++i) y = y + 1.0;
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { write_graph(path("f.svg"), y); }), {"write_graph", "1501 nodes"}));
  EXPECT_NO_THROW(write_graph(path("f.dot"), y));
}

TEST_F(WriteGraph, RefusesVarsThatAreNoneAnyMore) {
  Tape tape;
  const auto y = tape.variable(1.0) * 2.0;
  tape.clear();
  (void)refusal<GraphError>([&] { write_graph(path("f.dot"), y); });
  (void)refusal<GraphError>([&] { write_graph(path("f.dot"), Var<double>()); });
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

}  // namespace
}  // namespace wengert::test
