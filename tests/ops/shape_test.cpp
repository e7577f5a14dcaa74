// Rows of the operations that change an array's shape, and cut and join arrays.
#include <wengert/ops/shape.hpp>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

const Shape matrix{2, 3};
const Shape cube{2, 3, 4};
using In = std::span<const Array<double>>;
using naive::at, naive::filled;

/// The same elements in another shape.
Array<double> as(const Array<double>& x, const Shape& shape) { return from_values<double>(x.values(), shape); }

std::vector<Row> rows() {
  return {
      {.name = "reshape", .inputs = {{matrix}}, .function = function([](auto x) { return reshape(x[0], {3, 2}); }),
       .reference = [](In x) { return as(x[0], {3, 2}); }, .ulps = 0, .refused = {{{2, 2}}, {{}}, {{0}}}},
      {.name = "reshape_to_what_is_left", .card = "reshape", .inputs = {{cube}}, .function = function([](auto x) { return reshape(x[0], {4, -1}); }),
       .reference = [](In x) { return as(x[0], {4, 6}); }, .ulps = 0, .refused = {{{2, 3}}, {{}}}},
      {.name = "reshape_to_a_number", .card = "reshape", .inputs = {{{1, 1}}}, .function = function([](auto x) { return reshape(x[0], {}); }),
       .reference = [](In x) { return as(x[0], {}); }, .ulps = 0, .refused = {{{2}}, {{0}}}},
      {.name = "reshape_of_a_number", .card = "reshape", .inputs = {{{}}}, .function = function([](auto x) { return reshape(x[0], {1, -1}); }),
       .reference = [](In x) { return as(x[0], {1, 1}); }, .ulps = 0},
      {.name = "reshape_to_rank_16", .card = "reshape", .inputs = {{matrix}}, .function = function([](auto x) { return reshape(x[0], {1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 2}); }),
       .reference = [](In x) { return as(x[0], {1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 2}); }, .ulps = 0},
      {.name = "expand_dims", .inputs = {{matrix}}, .function = function([](auto x) { return expand_dims(x[0], 1); }),
       .reference = [](In x) { return as(x[0], {2, 1, 3}); }, .ulps = 0, .refused = {{{}}, {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}}}},
      {.name = "expand_dims_behind_the_last", .card = "expand_dims", .inputs = {{matrix}}, .function = function([](auto x) { return expand_dims(x[0], -1); }),
       .reference = [](In x) { return as(x[0], {2, 3, 1}); }, .ulps = 0},
      {.name = "expand_dims_of_a_number", .card = "expand_dims", .inputs = {{{}}}, .function = function([](auto x) { return expand_dims(x[0], 0); }),
       .reference = [](In x) { return as(x[0], {1}); }, .ulps = 0},
      {.name = "squeeze", .inputs = {{{1, 2, 1, 3}}}, .function = function([](auto x) { return squeeze(x[0]); }),
       .reference = [](In x) { return as(x[0], {2, 3}); }, .ulps = 0},
      {.name = "squeeze_an_axis", .card = "squeeze", .inputs = {{{1, 2, 1, 3}}}, .function = function([](auto x) { return squeeze(x[0], -2); }),
       .reference = [](In x) { return as(x[0], {1, 2, 3}); }, .ulps = 0, .refused = {{{2, 3}}, {{1}}, {{}}}},
      {.name = "squeeze_to_a_number", .card = "squeeze", .inputs = {{{1, 1}}}, .function = function([](auto x) { return squeeze(x[0]); }),
       .reference = [](In x) { return as(x[0], {}); }, .ulps = 0},
      {.name = "flatten", .inputs = {{cube}}, .function = function([](auto x) { return flatten(x[0]); }),
       .reference = [](In x) { return as(x[0], {24}); }, .ulps = 0},
      {.name = "flatten_a_number", .card = "flatten", .inputs = {{{}}}, .function = function([](auto x) { return flatten(x[0]); }),
       .reference = [](In x) { return as(x[0], {1}); }, .ulps = 0},
      {.name = "transpose", .inputs = {{matrix}}, .function = function([](auto x) { return transpose(x[0]); }),
       .reference = [](In x) { return filled({3, 2}, [&](auto i) { return at(x[0], {i[1], i[0]}); }); }, .ulps = 0},
      {.name = "transpose_all_axes", .card = "transpose", .inputs = {{cube}}, .function = function([](auto x) { return transpose(x[0]); }),
       .reference = [](In x) { return filled({4, 3, 2}, [&](auto i) { return at(x[0], {i[2], i[1], i[0]}); }); }, .ulps = 0},
      // A cycle: its inverse is another order, which a swap would not tell from it.
      {.name = "transpose_in_an_order", .card = "transpose", .inputs = {{cube}}, .function = function([](auto x) { return transpose(x[0], {1, -1, 0}); }),
       .reference = [](In x) { return filled({3, 4, 2}, [&](auto i) { return at(x[0], {i[2], i[0], i[1]}); }); }, .ulps = 0, .refused = {{{2, 3}}, {{2, 3, 4, 5}}, {{}}}},
      {.name = "transpose_a_number", .card = "transpose", .inputs = {{{}}}, .function = function([](auto x) { return transpose(x[0]); }),
       .reference = [](In x) { return x[0]; }, .ulps = 0},
      {.name = "flip", .inputs = {{cube}}, .function = function([](auto x) { return flip(x[0], {0, -1}); }),
       .reference = [](In x) { return filled(cube, [&](auto i) { return at(x[0], {1 - i[0], i[1], 3 - i[2]}); }); }, .ulps = 0, .refused = {{{2}}, {{}}}},
      {.name = "flip_the_middle", .card = "flip", .inputs = {{cube}}, .function = function([](auto x) { return flip(x[0], {1}); }),
       .reference = [](In x) { return filled(cube, [&](auto i) { return at(x[0], {i[0], 2 - i[1], i[2]}); }); }, .ulps = 0, .refused = {{{2}}, {{}}}},
      {.name = "flip_all_axes", .card = "flip", .inputs = {{{2, 1, 3}}}, .function = function([](auto x) { return flip(x[0]); }),
       .reference = [](In x) { return filled({2, 1, 3}, [&](auto i) { return at(x[0], {1 - i[0], 0, 2 - i[2]}); }); }, .ulps = 0},
      {.name = "flip_a_number", .card = "flip", .inputs = {{{}}}, .function = function([](auto x) { return flip(x[0]); }),
       .reference = [](In x) { return x[0]; }, .ulps = 0},
      {.name = "broadcast_to", .inputs = {{{3}}}, .function = function([](auto x) { return broadcast_to(x[0], {2, 3}); }),
       .reference = [](In x) { return filled({2, 3}, [&](auto i) { return at(x[0], i); }); }, .ulps = 0, .refused = {{{2}}, {{3, 1}}, {{2, 2, 3}}, {{0}}}},
      {.name = "broadcast_along_inner_axes", .card = "broadcast_to", .inputs = {{{2, 1, 3, 1}}}, .function = function([](auto x) { return broadcast_to(x[0], {2, 2, 2, 3, 4}); }),
       .reference = [](In x) { return filled({2, 2, 2, 3, 4}, [&](auto i) { return at(x[0], i); }); }, .ulps = 0},
      {.name = "broadcast_a_number", .card = "broadcast_to", .inputs = {{{}}}, .function = function([](auto x) { return broadcast_to(x[0], {2, 3}); }),
       .reference = [](In x) { return filled({2, 3}, [&](auto) { return x[0].item(); }); }, .ulps = 0},
      {.name = "broadcast_to_its_own_shape", .card = "broadcast_to", .inputs = {{matrix}}, .function = function([](auto x) { return broadcast_to(x[0], {2, 3}); }),
       .reference = [](In x) { return x[0]; }, .ulps = 0},
      {.name = "concatenate", .inputs = {{{2, 3}}, {{2, 3}}}, .function = function([](auto x) { return concatenate({x[0], x[1]}, 0); }),
       .reference = [](In x) { return filled({4, 3}, [&](auto i) { return i[0] < 2 ? at(x[0], i) : at(x[1], {i[0] - 2, i[1]}); }); }, .ulps = 0,
       .refused = {{{2, 3}, {2, 4}}, {{2, 3}, {3}}, {{}, {}}}},
      {.name = "concatenate_three", .card = "concatenate", .inputs = {{{2, 1}}, {{2, 3}}, {{2, 2}}}, .function = function([](auto x) { return concatenate({x[0], x[1], x[2]}, -1); }),
       .reference = [](In x) { return filled({2, 6}, [&](auto i) { return i[1] < 1 ? at(x[0], i) : i[1] < 4 ? at(x[1], {i[0], i[1] - 1}) : at(x[2], {i[0], i[1] - 4}); }); }, .ulps = 0},
      {.name = "concatenate_in_the_middle", .card = "concatenate", .inputs = {{{2, 1, 2}}, {{2, 0, 2}}, {{2, 2, 2}}},
       .function = function([](auto x) { return concatenate(x, 1); }),
       .reference = [](In x) { return filled({2, 3, 2}, [&](auto i) { return i[1] < 1 ? x[0](i[0], i[1], i[2]) : x[2](i[0], i[1] - 1, i[2]); }); }, .ulps = 0},
      {.name = "concatenate_one", .card = "concatenate", .inputs = {{matrix}}, .function = function([](auto x) { return concatenate({x[0]}, 1); }),
       .reference = [](In x) { return x[0]; }, .ulps = 0},
      {.name = "slice", .inputs = {{{2, 5}}}, .function = function([](auto x) { return slice(x[0], 1, 1, 4); }),
       .reference = [](In x) { return filled({2, 3}, [&](auto i) { return at(x[0], {i[0], i[1] + 1}); }); }, .ulps = 0, .refused = {{{5}}, {{2, 3}}}},
      {.name = "slice_from_the_end", .card = "slice", .inputs = {{{4, 2}}}, .function = function([](auto x) { return slice(x[0], -2, -3, -1); }),
       .reference = [](In x) { return filled({2, 2}, [&](auto i) { return at(x[0], {i[0] + 1, i[1]}); }); }, .ulps = 0},
      {.name = "slice_nothing", .card = "slice", .inputs = {{matrix}}, .function = function([](auto x) { return slice(x[0], 1, 2, 2); }),
       .reference = [](In) { return zeros<double>({2, 0}); }, .ulps = 0},
      {.name = "slice_nothing_of_the_start", .card = "slice", .inputs = {{matrix}}, .function = function([](auto x) { return slice(x[0], 0, 0, 0); }),
       .reference = [](In) { return zeros<double>({0, 3}); }, .ulps = 0},
      {.name = "slice_everything", .card = "slice", .inputs = {{matrix}}, .function = function([](auto x) { return slice(x[0], 0, 0, 2); }),
       .reference = [](In x) { return x[0]; }, .ulps = 0},
      // Of a slice's pullback.
      {.name = "pad", .inputs = {{matrix}}, .function = function([](auto x) { return record(cards::Pad{1, 2, 1}, x[0]); }),
       .reference = [](In x) { return filled({2, 6}, [&](auto i) { return i[1] >= 2 && i[1] < 5 ? at(x[0], {i[0], i[1] - 2}) : 0.0; }); }, .ulps = 0},
  };
}

}  // namespace

WENGERT_ROWS(ShapeOperations, declared(Linear::jointly, rows()));

TEST(Reshape, LeavesOneExtentOpenAndNotTwo) {
  const auto x = zeros<double>(cube);
  EXPECT_EQ(reshape(x, {-1, 4}).shape(), Shape({6, 4}));
  EXPECT_THROW(reshape(x, {-1, -1}), ShapeError);
  EXPECT_THROW(reshape(x, {-1, 24, -1}), ShapeError);
  EXPECT_THROW(reshape(x, {-2, 12}), ShapeError);
}

TEST(Slice, StaysWithinItsAxis) {
  const auto x = zeros<double>({3, 5});
  EXPECT_EQ(slice(x, 1, -5, 5).shape(), Shape({3, 5}));
  EXPECT_THROW(slice(x, 1, -6, 2), ShapeError);
  EXPECT_THROW(slice(x, 1, 0, 6), ShapeError);
  EXPECT_THROW(slice(x, 1, 3, 2), ShapeError);
  EXPECT_THROW(slice(x, 1, -1, 2), ShapeError);
}

}  // namespace wengert::test
