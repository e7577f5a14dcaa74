// Random graphs of all operations: their gradients along random directions are what differences show.
#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/families.hpp>

#include "ops/graph_operations.hpp"
#include "ops/kernel_case.hpp"
#include "ops/property.hpp"

namespace wengert::test {

namespace {

constexpr std::size_t operations = std::size(graph_operations);
constexpr std::size_t leaves = 3;

/// A node: an operation, and its operands by their number; it is taken modulo that of the nodes before.
struct Node {
  std::size_t operation;
  std::array<std::size_t, 3> operands;
};

struct Graph {
  std::vector<Node> nodes;
  std::uint32_t point;  // the seed of the numbers in the leaves
};

/// As the program that it is: what a failure prints.
[[maybe_unused]] std::ostream& operator<<(std::ostream& out, const Graph& graph) {
  out << "leaves 0 to " << leaves - 1 << " from seed " << graph.point;
  std::size_t number = leaves;
  for (const auto& [operation, operands] : graph.nodes) {
    out << "; " << number << " = " << graph_operations[operation].name;
    for (std::size_t i = 0; i < graph_operations[operation].arity; ++i) out << ' ' << operands[i] % number;
    ++number;
  }
  return out;
}

rc::Gen<Graph> graphs() {
  const auto number = [](std::size_t below) { return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, below)); };
  const auto node = rc::gen::construct<Node>(number(operations), rc::gen::construct<std::array<std::size_t, 3>>(number(1000), number(1000), number(1000)));
  const auto nodes = rc::gen::suchThat(rc::gen::resize(50, rc::gen::container<std::vector<Node>>(node)), [](const std::vector<Node>& some) { return some.size() >= 5; });
  return rc::gen::construct<Graph>(nodes, rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint32_t>(0, 1U << 30U)));
}

/// All of the nodes' values, weighed, so that no node is without a short way to the output.
Var<double> output_of(const Graph& graph, const Var<double>& point) {
  std::vector<Var<double>> values;
  for (std::size_t i = 0; i < leaves; ++i) values.push_back(reshape(slice(point, 0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i + 1)), {2, 3}));
  Var<double> output = values[0];
  for (const auto& [operation, operands] : graph.nodes) {
    std::vector<Var<double>> inputs;
    for (std::size_t i = 0; i < graph_operations[operation].arity; ++i) inputs.push_back(values[operands[i] % values.size()]);
    values.push_back(sin(graph_operations[operation].function(inputs)));
    output = fma(values.back(), static_cast<double>(values.size() % 5) - 1.75, output);
  }
  return output;
}

Array<double> point_of(const Graph& graph) {
  return Array<double>::build({leaves, 2, 3}, [&](std::span<double> out) {
    std::mt19937_64 engine(graph.point);
    for (double& x : out) x = static_cast<double>(engine() >> 11U) * 0x1p-52 - 1;
  });
}

/// Checks so many graphs of this part. At a kink, and where differences do not converge, nothing can be said: another graph is drawn.
void expect_gradients(std::uint64_t part, int count, std::size_t order) {
  std::vector<std::size_t> used(operations);
  std::size_t tried = 0, skipped = 0;
  const bool holds = expect_property(part, count, [&] {
    const Graph graph = *graphs();
    ++tried;
    const auto report = check_gradients([&](const Var<double>& point) { return output_of(graph, point); }, point_of(graph), {.order = order, .entries = 0, .directions = 1, .seed = graph.point});
    const bool is_wrong = report.wrong > 0 || (!report.ok && report.inconclusive == 0);
    if (is_wrong) {
      std::ostringstream text;
      text << graph << '\n' << report.message;
      RC_FAIL(text.str());
    }
    if (report.inconclusive + report.kinks > 0) {
      ++skipped;
      RC_DISCARD("no answer");
    }
    for (const Node& node : graph.nodes) ++used[node.operation];
  });
  if (!holds) return;
  for (std::size_t i = 0; i < operations; ++i) EXPECT_GT(used[i], 0u) << graph_operations[i].name << " is in no graph";
  EXPECT_LT(static_cast<double>(skipped), 0.02 * static_cast<double>(tried)) << "of " << tried << " graphs";
}

}  // namespace

/// In parts, which ctest runs beside each other.
class RandomGraphs : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomGraphs, HaveRightGradients) { expect_gradients(GetParam(), 500, 1); }
TEST_P(RandomGraphs, HaveRightSecondDerivatives) { expect_gradients(GetParam(), 50, 2); }
INSTANTIATE_TEST_SUITE_P(Part, RandomGraphs, testing::Range<std::uint64_t>(0, 4));

// ---- the list ----

namespace {

template <class... Cards>
void add_names(std::set<std::string>& names, detail::CardList<Cards...>) {
  (names.insert(std::string(Cards::name)), ...);
}
template <class... Families>
void add_elementwise_names(std::set<std::string>& names) {
  const auto add = [&](const auto& cases) {
    for (const auto& card : cases) names.insert(std::string(card.name));
  };
  (add(kernel_cases<Families, double>()), ...);
}

}  // namespace

TEST(GraphOperations, HoldEveryCard) {
  std::set<std::string> missing;
  add_elementwise_names<cards::Arithmetic, cards::Piecewise, cards::Exponential, cards::Trigonometric, cards::Hyperbolic, cards::Special, cards::Activation, cards::Rectifier>(missing);
  add_names(missing, cards::Convolution{});
  add_names(missing, cards::Cumulative{});
  add_names(missing, cards::DecompositionFamily{});
  add_names(missing, cards::Linalg{});
  add_names(missing, cards::NormFamily{});
  add_names(missing, cards::Reduce{});
  add_names(missing, cards::Select{});
  add_names(missing, cards::ShapeFamily{});
  add_names(missing, cards::SolveFamily{});
  add_names(missing, cards::SoftmaxFamily{});
  missing.erase(std::string(cards::OverGaps::name));  // of the gradients of qr, svd and eigh alone
  for (const auto& operation : graph_operations) {
    Tape tape;
    const auto point = tape.variable(full<double>({2, 3}, 0.25));
    const std::vector<Var<double>> inputs(operation.arity, point);
    const auto output = operation.function(inputs);
    EXPECT_EQ(output.shape(), (Shape{2, 3})) << operation.name;
    for (const auto& node : graph_of(output)) missing.erase(node.operation);
  }
  for (const auto& name : missing) ADD_FAILURE() << name << " is in no operation of tests/ops/graph_operations.hpp";
}

}  // namespace wengert::test
