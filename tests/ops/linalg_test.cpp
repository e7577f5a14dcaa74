// Rows of products of matrices.
#include <wengert/ops/linalg.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;

template <bool transpose_a = false, bool transpose_b = false>
Array<double> product(In x) {
  return naive::product(x[0], x[1], transpose_a, transpose_b);
}

Row row(const char* name, const Shape& a, const Shape& b, std::vector<std::vector<Shape>> refused = {}) {
  return {.name = name, .card = "matmul", .inputs = {{a}, {b}}, .function = function([](auto x) { return matmul(x[0], x[1]); }),
          .reference = product<>, .ulps = 8, .refused = std::move(refused)};
}

std::vector<Row> rows() {
  std::vector<Row> all = {
      row("matmul", {2, 3}, {3, 4}, {{{2, 3}, {2, 4}}, {{2, 3}, {}}, {{}, {3, 4}}, {{}, {}}, {{2, 3}, {2}}, {{2}, {3, 4}}, {{2}, {3}}, {{2, 2, 3}, {3, 3, 4}}}),
      row("matmul_square", {2, 2}, {2, 2}),
      row("matmul_of_vectors", {3}, {3}),
      row("matmul_row_by_matrix", {3}, {3, 2}),
      row("matmul_matrix_by_column", {2, 3}, {3}),
      row("matmul_of_1_by_1", {1, 1}, {1, 1}),
      row("matmul_outer", {2, 1}, {1, 3}),
      row("matmul_in_batches", {2, 2, 3}, {2, 3, 2}),
      row("matmul_batches_by_one_matrix", {2, 2, 3}, {3, 2}),
      row("matmul_one_matrix_by_batches", {2, 3}, {2, 3, 2}),
      row("matmul_batches_stretched", {2, 1, 2, 3}, {3, 3, 2}),
      row("matmul_batches_stretched_both_ways", {2, 1, 1, 2}, {1, 3, 2, 1}),
      row("matmul_batches_by_column", {2, 2, 3}, {3}),
      row("matmul_row_by_batches", {3}, {2, 3, 2}),
      {.name = "matmul_transposed_left", .card = "matmul", .inputs = {{{3, 2}}, {{3, 4}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_a = true}); }),
       .reference = product<true, false>, .ulps = 8, .refused = {{{2, 3}, {3, 4}}}},
      {.name = "matmul_transposed_right", .card = "matmul", .inputs = {{{2, 3}}, {{4, 3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_b = true}); }),
       .reference = product<false, true>, .ulps = 8, .refused = {{{2, 3}, {3, 4}}}},
      {.name = "matmul_transposed_both", .card = "matmul", .inputs = {{{3, 2}}, {{4, 3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); }),
       .reference = product<true, true>, .ulps = 8, .refused = {{{2, 3}, {4, 3}}}},
      {.name = "matmul_transposed_in_batches", .card = "matmul", .inputs = {{{2, 3, 2}}, {{4, 3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); }),
       .reference = product<true, true>, .ulps = 8},
      {.name = "matmul_transposed_stretched", .card = "matmul", .inputs = {{{3, 2}}, {{2, 4, 3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); }),
       .reference = product<true, true>, .ulps = 8},
      // A vector has no two axes to swap.
      {.name = "matmul_by_a_transposed_column", .card = "matmul", .inputs = {{{2, 3}}, {{3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_b = true}); }),
       .reference = product<false, true>, .ulps = 8},
      {.name = "matmul_transposed_vectors", .card = "matmul", .inputs = {{{3}}, {{2, 3}}}, .function = function([](auto x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); }),
       .reference = product<true, true>, .ulps = 8},
  };
  return all;
}

}  // namespace

WENGERT_ROWS(Linalg, declared(Linear::in_each, rows()));

TEST(Matmul, OfNothingIsZero) {
  EXPECT_EQ(matmul(zeros<double>({2, 0}), zeros<double>({0, 3})).shape(), (Shape{2, 3}));
  for (const double value : matmul(zeros<double>({2, 0}), zeros<double>({0, 3}))) EXPECT_EQ(value, 0);
  EXPECT_EQ(matmul(zeros<double>({0, 4}), zeros<double>({4, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(matmul(zeros<double>({0, 2, 4}), zeros<double>({4, 3})).shape(), (Shape{0, 2, 3}));
  EXPECT_EQ(matmul(zeros<double>({0}), zeros<double>({0})).item(), 0);
}

}  // namespace wengert::test
