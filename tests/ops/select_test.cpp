// Rows of the operations that choose elements, and of what is never differentiated beside them.
#include <wengert/ops/select.hpp>

#include <algorithm>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};
using In = std::span<const Array<double>>;
using naive::at, naive::filled;

Array<bool> mask(std::initializer_list<bool> values, const Shape& shape) { return from_values<bool>(values, shape); }
Array<std::int64_t> indices(std::initializer_list<std::int64_t> values, const Shape& shape) { return from_values<std::int64_t>(values, shape); }
Array<bool> checked() { return mask({true, false, true, false, false, true}, matrix); }

std::vector<Row> linear_rows() {
  return {
      {.name = "where", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return where(checked(), x[0], x[1]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return checked()(i[0], i[1]) ? at(x[0], i) : at(x[1], i); }); },
       .ulps = 0, .refused = {{{2, 3}, {2}}, {{4}, {}}, {{3, 2}, {2, 3}}}},
      {.name = "where_stretched", .card = "where", .inputs = {{{3}}, {{2, 1}}}, .function = function([](auto x) { return where(checked(), x[0], x[1]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return checked()(i[0], i[1]) ? at(x[0], i) : at(x[1], i); }); }, .ulps = 0},
      {.name = "where_of_numbers", .card = "where", .inputs = {{{}}, {{}}}, .function = function([](auto x) { return where(checked(), x[0], x[1]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return checked()(i[0], i[1]) ? x[0].item() : x[1].item(); }); }, .ulps = 0},
      {.name = "where_with_a_mask_that_is_stretched", .card = "where", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return where(mask({true, false, true}, {3}), x[0], x[1]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return i[1] != 1 ? at(x[0], i) : at(x[1], i); }); }, .ulps = 0},
      {.name = "where_with_a_number", .card = "where", .inputs = {{matrix}}, .function = function([](auto x) { return where(checked(), x[0], 0.5); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return checked()(i[0], i[1]) ? at(x[0], i) : 0.5; }); }, .ulps = 0},
      {.name = "take", .inputs = {{matrix}}, .function = function([](auto x) { return take(x[0], indices({2, 0, 2, -3}, {4}), 1); }),
       .reference = [](In x) { const std::size_t from[] = {2, 0, 2, 0}; return filled({2, 4}, [&](auto i) { return x[0](i[0], from[i[1]]); }); },
       .ulps = 0, .refused = {{{3}}, {{}}, {{2, 2}}, {{2, 0}}}},
      {.name = "take_rows", .card = "take", .inputs = {{{3, 2}}}, .function = function([](auto x) { return take(x[0], indices({1, 1, 0, -1}, {2, 2}), -2); }),
       .reference = [](In x) { const std::size_t from[] = {1, 1, 0, 2}; return filled({2, 2, 2}, [&](auto i) { return x[0](from[i[0] * 2 + i[1]], i[2]); }); }, .ulps = 0},
      {.name = "take_one", .card = "take", .inputs = {{matrix}}, .function = function([](auto x) { return take(x[0], Array<std::int64_t>(1), 0); }),
       .reference = [](In x) { return filled({3}, [&](auto i) { return x[0](1, i[0]); }); }, .ulps = 0},
      {.name = "take_nothing", .card = "take", .inputs = {{matrix}}, .function = function([](auto x) { return take(x[0], zeros<std::int64_t>({0}), 0); }),
       .reference = [](In) { return zeros<double>({0, 3}); }, .ulps = 0},
      {.name = "take_back", .inputs = {{{2, 4}}}, .function = function([](auto x) { return record(cards::TakeBack{indices({2, 0, 2, -3}, {4}), 1, matrix}, x[0]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return i[1] == 0 ? x[0](i[0], 1) + x[0](i[0], 3) : i[1] == 1 ? 0 : x[0](i[0], 0) + x[0](i[0], 2); }); }, .ulps = 1,
       .refused = {{{2, 3}}, {{4}}}},
      {.name = "gather", .inputs = {{matrix}}, .function = function([](auto x) { return gather(x[0], indices({2, 2, 0, -1, 1, 0, 0, 2}, {2, 4}), 1); }),
       .reference = [](In x) { const std::size_t from[] = {2, 2, 0, 2, 1, 0, 0, 2}; return filled({2, 4}, [&](auto i) { return x[0](i[0], from[i[0] * 4 + i[1]]); }); },
       .ulps = 0, .refused = {{{3}}, {{}}, {{2, 2}}, {{1, 3}}}},
      {.name = "gather_along_the_first_axis", .card = "gather", .inputs = {{{3, 2}}}, .function = function([](auto x) { return gather(x[0], indices({-1, 0}, {1, 2}), -2); }),
       .reference = [](In x) { const std::size_t from[] = {2, 0}; return filled({1, 2}, [&](auto i) { return x[0](from[i[1]], i[1]); }); }, .ulps = 0},
      {.name = "gather_back", .inputs = {{{2, 4}}}, .function = function([](auto x) { return record(cards::GatherBack{indices({2, 2, 0, -1, 1, 0, 0, 2}, {2, 4}), 1, matrix}, x[0]); }),
       .reference = [](In x) {
         const std::size_t to[] = {2, 2, 0, 2, 1, 0, 0, 2};
         return filled(matrix, [&](auto i) {
           double sum = 0;
           for (std::size_t k = 0; k < 4; ++k) sum += to[i[0] * 4 + k] == i[1] ? x[0](i[0], k) : 0;
           return sum;
         });
       },
       .ulps = 1, .refused = {{{2, 3}}, {{4}}}},
  };
}

std::vector<Row> other_rows() {
  return {
      {.name = "where_compared", .card = "where", .inputs = {{matrix, Domain::distinct}, {matrix, Domain::distinct}}, .function = function([](auto x) { return where(x[0] > x[1], x[0], x[1]); }),
       .reference = [](In x) { return filled(matrix, [&](auto i) { return std::max(at(x[0], i), at(x[1], i)); }); }, .ulps = 0},
  };
}

}  // namespace

WENGERT_ROWS(Select, declared(Linear::jointly, linear_rows()));
WENGERT_ROWS(SelectByComparison, other_rows());

TEST(OneHot, HasAOneInTheColumnOfEachClass) {
  const auto y = one_hot<double>(indices({2, 0, 1, 2}, {2, 2}), 4);
  EXPECT_EQ(y.shape(), (Shape{2, 2, 4}));
  const std::size_t classes[] = {2, 0, 1, 2};
  for (std::size_t k = 0; k < y.size(); ++k) EXPECT_EQ(y.data()[k], k % 4 == classes[k / 4] ? 1 : 0);
  EXPECT_EQ(one_hot(Array<std::int64_t>(1), 3)(1), 1.f);
  EXPECT_EQ(one_hot(zeros<std::int64_t>({0}), 3).shape(), (Shape{0, 3}));
}

TEST(OneHot, RefusesWhatIsNoClass) {
  EXPECT_THROW(static_cast<void>(one_hot(indices({3}, {1}), 3)), ValueError);
  EXPECT_THROW(static_cast<void>(one_hot(indices({-1}, {1}), 3)), ValueError);
  EXPECT_THROW(static_cast<void>(one_hot(indices({0}, {1}), 0)), ValueError);
}

TEST(Select, RefusesIndicesOutOfRange) {
  const auto x = arange<double>(3);
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{-4}, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_THROW(static_cast<void>(take(x, Array<std::int64_t>(index), 0)), ShapeError) << index;
    EXPECT_THROW(static_cast<void>(gather(x, full<std::int64_t>({1}, index), 0)), ShapeError) << index;
  }
}

}  // namespace wengert::test
