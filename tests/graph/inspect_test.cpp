// A recorded graph as a list: what pictures and tables read.
#include <wengert/graph/inspect.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "graph/graph_tests.hpp"

namespace {

namespace wg = wengert;
using wg::Shape;
using wg::Tape;
using wg::Var;

TEST(Inspect, ListsWhatTheOutputDependsOnInOrderOfExecution) {
  Tape shown{{.retain = wg::Retain::everything}};
  auto x = shown.variable(-2.0).named("x"), y = shown.variable(5.0), unrelated = shown.variable(9.0);
  auto z = shown.constant(-4.0);
  auto q = x + y;
  auto aside = wg::exp(unrelated);
  auto f = (q * z).named("f");
  const auto g = shown.backward(f);
  const auto graph = wg::graph_of(f, g);
  ASSERT_EQ(graph.size(), 5U);
  std::vector<std::string> operations;
  for (const auto& node : graph) {
    operations.push_back(node.operation);
    for (const auto& input : node.inputs) EXPECT_LT(input.node, graph.size());
  }
  EXPECT_EQ(operations, (std::vector<std::string>{"variable", "variable", "constant", "add", "multiply"}));
  EXPECT_EQ(graph[0].name, "x");
  EXPECT_TRUE(graph[0].is_leaf);
  EXPECT_FALSE(graph[3].is_leaf);
  EXPECT_EQ(graph[3].value->item(), 3);
  EXPECT_EQ(graph[3].gradient->item(), -4);
  ASSERT_EQ(graph[4].inputs.size(), 2U);
  EXPECT_EQ(graph[4].inputs[0].node, 3U);
  EXPECT_EQ(graph[4].inputs[1].node, 2U);
  EXPECT_EQ(graph[4].name, "f");
  EXPECT_FALSE(graph[2].gradient.has_value()) << "a constant has none";
}

TEST(Inspect, ShowsNumbersParametersAndFloats) {
  Tape shown{{.retain = wg::Retain::everything}};
  wg::Parameter<float> w("weight", wg::from_values<float>({1, 2}, {2}));
  auto x = shown.variable(3.F);
  auto f = wg::sum(x * w * 0.5F + 1.F);
  const auto g = shown.backward(f);
  const auto graph = wg::graph_of(f, g);
  ASSERT_EQ(graph.size(), 6U);
  EXPECT_EQ(graph[1].operation, "parameter");
  EXPECT_EQ(graph[1].name, "weight");
  EXPECT_EQ(graph[1].shape, Shape{2});
  EXPECT_EQ((*graph[1].value)(1), 2);
  EXPECT_EQ((*graph[1].gradient)(1), 1.5);
  EXPECT_EQ(graph[3].inputs[1].number, 0.5);
  EXPECT_FALSE(graph[3].inputs[0].number.has_value());
  EXPECT_EQ(graph[5].value->item(), 6.5);
}

TEST(Inspect, LeavesOutWhatALeanTapeNoLongerHas) {
  Tape lean;
  auto x = lean.variable(wg::ones<double>({2}));
  auto f = wg::sum((x + 1.0) + 2.0);
  const auto graph = wg::graph_of(f);
  ASSERT_EQ(graph.size(), 4U);
  EXPECT_TRUE(graph[0].value.has_value());
  EXPECT_FALSE(graph[1].value.has_value());
  EXPECT_EQ(graph[1].shape, Shape{2}) << "the shape outlives the value";
  EXPECT_FALSE(graph[3].gradient.has_value());
  EXPECT_EQ(lean.backward(f)[x](0), 1) << "and looking changes nothing";
}

TEST(Inspect, LooksAtALongChainWithoutRecursion) {
  Tape tape;
  auto y = tape.variable(1.0);
  for (int i = 0; i < 200'000; ++i) y = -y;
  EXPECT_EQ(wg::graph_of(y).size(), 200'001U);
}

TEST(Inspect, RefusesWhatHasNoGraph) {
  expect_error<wg::GraphError>([] { (void)wg::graph_of(Var<double>(2)); }, "graph_of: the Var is a plain number");
  expect_error<wg::GraphError>([] { (void)wg::graph_of(Var<double>()); }, "graph_of: the Var holds nothing");
  Tape quiet{{.recording = wg::Recording::off}};
  auto v = quiet.variable(1.0);
  expect_error<wg::GraphError>([&] { (void)wg::graph_of(v); }, "graph_of: the tape records nothing");
  quiet.clear();
  expect_error<wg::GraphError>([&] { (void)wg::graph_of(v); }, "stale");
  auto survivor = [] { return Tape().variable(2.0); }();
  expect_error<wg::GraphError>([&] { (void)wg::graph_of(survivor); }, "no longer exists");
}

}  // namespace
