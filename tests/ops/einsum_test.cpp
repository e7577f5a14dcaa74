// Rows of products by the names of their axes, and equations that are refused.
#include <wengert/ops/einsum.hpp>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;

/// The sum over all indices of the product of the operands: letters by their place in the alphabet, `to` those of the result.
Array<double> naive_einsum(In x, const std::vector<std::string>& from, const std::string& to) {
  std::string letters;
  for (const auto& term : from)
    for (const char c : term)
      if (letters.find(c) == std::string::npos) letters += c;
  const auto extent_of = [&](char c) {
    std::size_t extent = 1;
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t k = 0; k < from[i].size(); ++k)
        if (from[i][k] == c) extent = std::max(extent, x[i].shape()[k]);
    return extent;
  };
  Shape all, out;
  for (const char c : letters) all.push_back(extent_of(c));
  for (const char c : to) out.push_back(extent_of(c));
  std::vector<long double> sums(out.elements(), 0);
  for (std::size_t n = 0; n < all.elements(); ++n) {
    const auto index = naive::index_of(all, n);
    long double product = 1;
    for (std::size_t i = 0; i < from.size(); ++i) {
      naive::Index own;
      for (const char c : from[i]) own.push_back(index[letters.find(c)]);
      product *= static_cast<long double>(naive::at(x[i], own));
    }
    std::size_t place = 0;
    for (std::size_t k = 0; k < to.size(); ++k) place = place * out[k] + index[letters.find(to[k])];
    sums[place] += product;
  }
  return Array<double>::build(out, [&](std::span<double> y) { for (std::size_t k = 0; k < y.size(); ++k) y[k] = static_cast<double>(sums[k]); });
}

std::vector<Row> rows() {
  return {
      {.name = "dot", .inputs = {{{4}}, {{4}}}, .function = function([](auto x) { return dot(x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"i", "i"}, ""); }, .refused = {{{4}, {3}}, {{4, 1}, {4}}, {{}, {4}}}},
      {.name = "outer", .inputs = {{{3}}, {{2}}}, .function = function([](auto x) { return outer(x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"i", "j"}, "ij"); }, .refused = {{{4, 1}, {4}}, {{3}, {}}}},
      {.name = "einsum_product", .card = "einsum", .inputs = {{{2, 3}}, {{3, 4}}}, .function = function([](auto x) { return einsum("ij,jk->ik", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"ij", "jk"}, "ik"); }, .refused = {{{2, 3}, {4, 3}}, {{2}, {3, 4}}, {{2, 3, 4}, {3, 4}}}},
      {.name = "einsum_transposed_product", .card = "einsum", .inputs = {{{3, 2}}, {{4, 3}}}, .function = function([](auto x) { return einsum("ji,kj->ki", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"ji", "kj"}, "ki"); }},
      {.name = "einsum_batch", .card = "einsum", .inputs = {{{2, 3, 2}}, {{2, 2, 2}}}, .function = function([](auto x) { return einsum("bij,bjk->bik", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"bij", "bjk"}, "bik"); }},
      {.name = "einsum_attention", .card = "einsum", .inputs = {{{2, 3, 2, 2}}, {{2, 2, 2, 2}}}, .function = function([](auto x) { return einsum("bqhd,bkhd->bhqk", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"bqhd", "bkhd"}, "bhqk"); }},
      {.name = "einsum_of_three", .card = "einsum", .inputs = {{{2, 3}}, {{4, 3, 2}}, {{2, 2}}}, .function = function([](auto x) { return einsum("bi,oij,bj->bo", x[0], x[1], x[2]); }),
       .reference = [](In x) { return naive_einsum(x, {"bi", "oij", "bj"}, "bo"); }},
      {.name = "einsum_elementwise", .card = "einsum", .inputs = {{{2, 3}}, {{3}}}, .function = function([](auto x) { return einsum("ij,j->ji", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"ij", "j"}, "ji"); }},
      {.name = "einsum_sum_of_one_alone", .card = "einsum", .inputs = {{{2, 3}}, {{2, 4}}}, .function = function([](auto x) { return einsum("ij,ik->i", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"ij", "ik"}, "i"); }},
      {.name = "einsum_diagonal", .card = "einsum", .inputs = {{{3, 3}}}, .function = function([](auto x) { return einsum("ii->i", x[0]); }),
       .reference = [](In x) { return naive_einsum(x, {"ii"}, "i"); }, .refused = {{{2, 3}}}},
      {.name = "einsum_trace_of_a_batch", .card = "einsum", .inputs = {{{2, 3, 2}}}, .function = function([](auto x) { return einsum("iji", x[0]); }),
       .reference = [](In x) { return naive_einsum(x, {"iji"}, "j"); }},
      {.name = "einsum_transposed", .card = "einsum", .inputs = {{{2, 3}}}, .function = function([](auto x) { return einsum("ba", x[0]); }),
       .reference = [](In x) { return naive_einsum(x, {"ba"}, "ab"); }},
      {.name = "einsum_stretched", .card = "einsum", .inputs = {{{2, 1}}, {{3, 4}}}, .function = function([](auto x) { return einsum("ij,jk->ik", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"ij", "jk"}, "ik"); }},
      {.name = "einsum_any_axes", .card = "einsum", .inputs = {{{2, 1, 2, 3}}, {{4, 3, 2}}}, .function = function([](auto x) { return einsum("...ij,...jk->...ik", x[0], x[1]); }),
       .reference = [](In x) { return naive_einsum(x, {"abij", "bjk"}, "abik"); }, .refused = {{{2, 2, 3}, {3, 3, 2}}, {{2}, {3, 2}}}},
  };
}

}  // namespace

WENGERT_ROWS(Einsum, declared(Linear::in_each, rows()));

TEST(Einsum, TakesWhateverStandsBesideAVar) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {1, 2}));
  const Parameter<double> w("w", from_values<double>({3, 4, 5, 6}, {2, 2}));
  const auto y = einsum("bi,io->bo", x, w);
  EXPECT_EQ(y.value()(0, 0), 13);
  EXPECT_EQ(y.value()(0, 1), 16);
  const auto g = tape.backward(sum(y));
  EXPECT_EQ(g[w](1, 0), 2);
  EXPECT_EQ(g[x](0, 1), 11);
  EXPECT_EQ(dot(tape.variable(from_values<double>({1, 2}, {2})), from_values<double>({3, 4}, {2})).item(), 11);
}

TEST(Einsum, RefusesWhatIsNoEquation) {
  const auto a = ones<double>({2, 3}), b = ones<double>({3, 4});
  const auto refused = [&](std::string_view equation, const char* why) {
    EXPECT_TRUE(mentions(refusal<ShapeError>([&] { static_cast<void>(einsum(equation, a, b)); }), {"einsum: ", why}));
  };
  refused("ij->i", "the number of terms");
  refused("ij,jk->iz", "no axis of an operand");
  refused("ij,jk->ii", "stands twice");
  refused("i1,jk->i", "no letter");
  refused("ij,jk->i,k", "no letter");
  refused("......,jk", "two ellipses");
  refused("ijk,jk", "one for each axis");
  refused("ij,ik->jk", "differ");
}

TEST(Einsum, LeavesTheTapeAsItWasWhereItIsRefused) {
  Tape tape;
  const auto x = tape.variable(ones<double>({3}));
  const Parameter<double> w("w", ones<double>({2, 2}));
  const std::size_t size = tape.size();
  EXPECT_THROW(static_cast<void>(einsum("i,ij,k->", x, ones<double>({3, 2}), 3.0)), ShapeError);
  EXPECT_THROW(static_cast<void>(dot(x, ones<double>({2}))), ShapeError);
  EXPECT_THROW(static_cast<void>(outer(x, w)), ShapeError);
  EXPECT_THROW(static_cast<void>(dot(x, Array<double>())), GraphError);
  EXPECT_EQ(tape.size(), size);
}

TEST(Einsum, NeedsNoMoreAxesOnItsWayThanItMust) {
  const auto wide = [](std::size_t axes) { return Array<double>::build([&] {
      Shape shape;
      for (std::size_t k = 0; k < axes; ++k) shape.push_back(k < 3 ? 2 : 1);
      return shape;
    }(), [](std::span<double> out) { for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<double>(k + 1); }); };
  // From left to right there would be 20 axes after the first product; the second operand waits.
  const auto y = einsum("abcdefghij,klmnopqrst,abcdefghij->klm", wide(10), wide(10), wide(10));
  EXPECT_EQ(y.shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(y(0, 0, 1), 204 * 2);  // the squares from 1 to 8 add up to 204
  EXPECT_EQ(einsum("abcdefghij,klmnopqrst->ak", wide(10), wide(10))(1, 0), 26 * 10) << "what nobody needs is summed before a product";
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { static_cast<void>(einsum("abcdefghij,klmnopqrst->abcdefghijklmnopqrst", wide(10), wide(10))); }), {"einsum: ", "too many axes", "20", "16"}));
}

TEST(Einsum, TakesNothing) {
  EXPECT_EQ(einsum("ij,jk->ik", zeros<double>({2, 0}), zeros<double>({0, 3})).shape(), (Shape{2, 3}));
  EXPECT_EQ(einsum("ij,jk->ik", zeros<double>({0, 2}), zeros<double>({2, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(einsum(",->", Array<double>(2.0), Array<double>(3.0)).item(), 6);
}

}  // namespace wengert::test
