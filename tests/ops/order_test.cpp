// Places of extremes, sorting, the largest few.
#include <wengert/ops/order.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using In = std::span<const Array<double>>;
using Places = std::vector<std::int64_t>;

Array<double> vector_of(std::initializer_list<double> x) { return from_values<double>(x, {x.size()}); }
Places places_of(const Array<std::int64_t>& x) { return {x.begin(), x.end()}; }

/// The k-th smallest of each line along an axis.
Array<double> sorted(const Array<double>& x, std::size_t axis, bool ascending, std::size_t count) {
  Shape to = x.shape();
  to[axis] = count;
  return naive::filled(to, [&](naive::Index index) {
    const std::size_t place = index[axis];
    std::vector<double> line;
    for (index[axis] = 0; index[axis] < x.shape()[axis]; ++index[axis]) line.push_back(naive::at(x, index));
    std::sort(line.begin(), line.end());
    return ascending ? line[place] : line[line.size() - 1 - place];
  });
}

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "sort", .inputs = {{{3, 4}, D::distinct}}, .function = function([](auto x) { return sort(x[0]).values; }),
       .reference = [](In x) { return sorted(x[0], 1, true, 4); }, .ulps = 0, .refused = {{{}}}},
      {.name = "sort_descending_along_an_axis", .card = "sort", .inputs = {{{4, 3}, D::distinct}}, .function = function([](auto x) { return sort(x[0], 0, SortOrder::descending).values; }),
       .reference = [](In x) { return sorted(x[0], 0, false, 4); }, .ulps = 0},
      {.name = "topk", .inputs = {{{2, 5}, D::distinct}}, .function = function([](auto x) { return topk(x[0], 2).values; }),
       .reference = [](In x) { return sorted(x[0], 1, false, 2); }, .ulps = 0, .refused = {{{}}, {{3, 1}}}},
      {.name = "topk_of_the_smallest", .card = "topk", .inputs = {{{5, 2}, D::distinct}}, .function = function([](auto x) { return topk(x[0], 3, 0, SortOrder::ascending).values; }),
       .reference = [](In x) { return sorted(x[0], 0, true, 3); }, .ulps = 0},
  };
}

}  // namespace

WENGERT_ROWS(Order, rows());

TEST(Argmin, FindsTheFirstSmallestAndTheFirstNaN) {
  EXPECT_EQ(argmin(vector_of({3, 1, 2, 1})).item(), 1);
  EXPECT_EQ(argmin(vector_of({3, nan, 1, nan})).item(), 1);
  EXPECT_EQ(argmin(Array<double>(3.0)).item(), 0);
  const auto x = from_values<double>({5, 1, 2, 1, 0, 3}, {2, 3});
  EXPECT_EQ(places_of(argmin(x, 0)), (Places{1, 1, 0}));
  EXPECT_EQ(places_of(argmin(x, -1)), (Places{1, 1}));
  EXPECT_THROW(static_cast<void>(argmin(zeros<double>({0}))), ValueError);
  EXPECT_THROW(static_cast<void>(argmin(zeros<double>({2, 0}), 1)), ValueError);
  EXPECT_THROW(static_cast<void>(argmin(x, 2)), ShapeError);
}

TEST(Sort, KeepsTheOrderOfEqualElementsAndPutsNaNLast) {
  const auto x = vector_of({2, nan, 1, 2, nan, 0});
  EXPECT_EQ(places_of(argsort(x)), (Places{5, 2, 0, 3, 1, 4}));
  EXPECT_EQ(places_of(argsort(x, -1, SortOrder::descending)), (Places{0, 3, 2, 5, 1, 4}));
  EXPECT_EQ(places_of(sort(x).indices), (Places{5, 2, 0, 3, 1, 4}));
  EXPECT_TRUE(std::isnan(sort(x).values(5)));
  EXPECT_EQ(places_of(topk(x, 3).indices), (Places{0, 3, 2}));
  EXPECT_EQ(places_of(topk(x, 5).indices), (Places{0, 3, 2, 5, 1}));
}

TEST(Sort, BringsTheGradientBackToWhereTheElementsWere) {
  Tape tape;
  const auto x = tape.variable(vector_of({3, 1, 2}));
  const auto g = tape.backward(sort(x).values, {.cotangent = vector_of({10, 20, 30})})[x];
  EXPECT_EQ(g(0), 30);
  EXPECT_EQ(g(1), 10);
  EXPECT_EQ(g(2), 20);
}

TEST(Topk, FindsTheFirstOfTheSortedOnesOfLongLines) {
  const auto x = Array<double>::build({3, 500}, [](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = k % 97 == 5 ? nan : static_cast<double>(k * 7919 % 211);  // with many ties
  });
  for (const SortOrder order : {SortOrder::ascending, SortOrder::descending}) {
    for (const std::int64_t axis : {0, 1}) {
      const auto all = argsort(x, axis, order);
      for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{450}}) {
        if (count > x.shape()[static_cast<std::size_t>(axis)]) continue;
        const auto some = topk(x, count, axis, order).indices;
        const std::size_t lines = axis == 0 ? 500 : 3;
        for (std::size_t line = 0; line < lines; ++line)
          for (std::size_t k = 0; k < count; ++k) EXPECT_EQ(axis == 0 ? some(k, line) : some(line, k), axis == 0 ? all(k, line) : all(line, k)) << line << ", " << k << " of " << count;
      }
    }
  }
}

TEST(Order, NamesTheFunctionThatRefuses) {
  EXPECT_TRUE(mentions(refusal<ShapeError>([] { static_cast<void>(argsort(ones<double>({2}), 5)); }), {"argsort: "}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([] { static_cast<void>(argmin(ones<double>({2}), 5)); }), {"argmin: "}));
}

TEST(Order, TakesNothing) {
  EXPECT_EQ(sort(zeros<double>({2, 0})).values.shape(), (Shape{2, 0}));
  EXPECT_EQ(sort(zeros<double>({0, 2})).values.shape(), (Shape{0, 2}));
  EXPECT_EQ(topk(zeros<double>({2, 3}), 0).values.shape(), (Shape{2, 0}));
  EXPECT_THROW(static_cast<void>(topk(zeros<double>({2, 3}), 4)), ShapeError);
}

}  // namespace wengert::test
