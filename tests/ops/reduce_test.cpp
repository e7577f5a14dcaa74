// Rows of the reductions, and what they do at the edges of their arguments.
#include <wengert/ops/reduce.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

using Group = std::vector<long double>;

long double sum_of(const Group& x) { return std::accumulate(x.begin(), x.end(), 0.0L); }
long double mean_of(const Group& x) { return sum_of(x) / static_cast<long double>(x.size()); }
long double squares_of(const Group& x) {
  long double sum = 0;
  for (const auto value : x) sum += (value - mean_of(x)) * (value - mean_of(x));
  return sum;
}
long double variance_of(const Group& x) { return squares_of(x) / static_cast<long double>(x.size() - 1); }
long double deviation_of(const Group& x) { return std::sqrt(variance_of(x)); }
long double largest_of(const Group& x) { return *std::max_element(x.begin(), x.end()); }
long double smallest_of(const Group& x) { return *std::min_element(x.begin(), x.end()); }
long double logsumexp_of(const Group& x) {
  long double sum = 0;
  for (const auto value : x) sum += std::exp(value);
  return std::log(sum);
}

const Shape cube{2, 3, 2};
const Shape rank_16{2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 3};
using In = std::span<const Array<double>>;

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "sum_of_all", .card = "sum", .inputs = {{cube}}, .function = function([](auto x) { return sum(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, sum_of); }, .linear = Linear::jointly},
      {.name = "sum_over_an_axis", .card = "sum", .inputs = {{cube}}, .function = function([](auto x) { return sum(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, sum_of); }, .refused = {{{3}}, {{}}}, .linear = Linear::jointly},
      {.name = "sum_over_the_last_axis", .card = "sum", .inputs = {{cube}}, .function = function([](auto x) { return sum(x[0], -1); }),
       .reference = [](In x) { return naive::reduced(x[0], {2}, false, sum_of); }, .refused = {{{}}}, .linear = Linear::jointly},
      {.name = "sum_over_two_axes", .card = "sum", .inputs = {{cube}}, .function = function([](auto x) { return sum(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, sum_of); }, .refused = {{{}}, {{3}}}, .linear = Linear::jointly},  // of rank 1: the same axis twice
      {.name = "sum_over_the_first_axis", .card = "sum", .inputs = {{cube}}, .function = function([](auto x) { return sum(x[0], 0); }),
       .reference = [](In x) { return naive::reduced(x[0], {0}, false, sum_of); }, .linear = Linear::jointly},
      {.name = "sum_of_a_number", .card = "sum", .inputs = {{{}}}, .function = function([](auto x) { return sum(x[0]); }),
       .reference = [](In x) { return x[0]; }, .linear = Linear::jointly},
      {.name = "sum_of_rank_16", .card = "sum", .inputs = {{rank_16}}, .function = function([](auto x) { return sum(x[0], {.axes = {0, 7}}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 7}, false, sum_of); }, .linear = Linear::jointly},
      {.name = "sum_over_every_other_axis", .card = "sum", .inputs = {{{2, 3, 2, 3}}}, .function = function([](auto x) { return sum(x[0], {.axes = {1, 3}}); }),
       .reference = [](In x) { return naive::reduced(x[0], {1, 3}, false, sum_of); }, .linear = Linear::jointly},
      {.name = "sum_over_an_axis_of_length_1", .card = "sum", .inputs = {{{2, 1, 3}}}, .function = function([](auto x) { return sum(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, sum_of); }, .linear = Linear::jointly},
      {.name = "mean_of_all", .card = "mean", .inputs = {{cube}}, .function = function([](auto x) { return mean(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, mean_of); }, .linear = Linear::jointly},
      {.name = "mean_over_an_axis", .card = "mean", .inputs = {{cube}}, .function = function([](auto x) { return mean(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, mean_of); }, .refused = {{{3}}}, .linear = Linear::jointly},
      {.name = "mean_over_two_axes", .card = "mean", .inputs = {{cube}}, .function = function([](auto x) { return mean(x[0], {.axes = {-1, 0}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, mean_of); }, .linear = Linear::jointly},
      {.name = "var_of_all", .card = "var", .inputs = {{cube}}, .function = function([](auto x) { return var(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, variance_of); }, .ulps = 8},
      {.name = "var_over_an_axis", .card = "var", .inputs = {{cube}}, .function = function([](auto x) { return var(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, variance_of); }, .ulps = 8, .refused = {{{3}}}},
      {.name = "var_over_two_axes", .card = "var", .inputs = {{cube}}, .function = function([](auto x) { return var(x[0], {.axes = {0, -1}, .correction = 0, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, [](const Group& group) { return squares_of(group) / static_cast<long double>(group.size()); }); }, .ulps = 8},
      {.name = "stddev_of_all", .card = "stddev", .inputs = {{cube}}, .function = function([](auto x) { return stddev(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, deviation_of); }, .ulps = 8},
      {.name = "stddev_over_an_axis", .card = "stddev", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return stddev(x[0], -2); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, deviation_of); }, .ulps = 8, .refused = {{{3}}}},
      {.name = "stddev_over_two_axes", .card = "stddev", .inputs = {{cube}}, .function = function([](auto x) { return stddev(x[0], {.axes = {0, -1}, .correction = 0, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, [](const Group& group) { return std::sqrt(squares_of(group) / static_cast<long double>(group.size())); }); }, .ulps = 8},
      {.name = "amax_of_all", .card = "amax", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amax(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, largest_of); }, .ulps = 0},
      {.name = "amax_over_an_axis", .card = "amax", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amax(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, largest_of); }, .ulps = 0, .refused = {{{3}}}},
      {.name = "amax_over_two_axes", .card = "amax", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amax(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, largest_of); }, .ulps = 0},
      {.name = "amin_of_all", .card = "amin", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amin(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, smallest_of); }, .ulps = 0},
      {.name = "amin_over_an_axis", .card = "amin", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amin(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, smallest_of); }, .ulps = 0, .refused = {{{3}}}},
      {.name = "amin_over_two_axes", .card = "amin", .inputs = {{cube, D::distinct}}, .function = function([](auto x) { return amin(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, smallest_of); }, .ulps = 0},
      {.name = "logsumexp_of_all", .card = "logsumexp", .inputs = {{cube}}, .function = function([](auto x) { return logsumexp(x[0]); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 1, 2}, false, logsumexp_of); }},
      {.name = "logsumexp_over_an_axis", .card = "logsumexp", .inputs = {{cube}}, .function = function([](auto x) { return logsumexp(x[0], 1); }),
       .reference = [](In x) { return naive::reduced(x[0], {1}, false, logsumexp_of); }, .refused = {{{3}}}},
      {.name = "logsumexp_over_two_axes", .card = "logsumexp", .inputs = {{cube}}, .function = function([](auto x) { return logsumexp(x[0], {.axes = {0, -1}, .keep_dims = true}); }),
       .reference = [](In x) { return naive::reduced(x[0], {0, 2}, true, logsumexp_of); }},
  };
}

}  // namespace

WENGERT_ROWS(Reduce, rows());

}  // namespace wengert::test
