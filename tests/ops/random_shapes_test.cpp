// Random shapes, empty ones, axes of length 1 and rank 0 among them: values and gradients are those of plain loops over indices.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/softmax.hpp>

#include "ops/naive.hpp"
#include "ops/property.hpp"
#include "ops/random_shapes.hpp"
#include "ops/table_checks.hpp"

namespace wengert::test {

namespace {

using naive::Index;

/// What naive rules of broadcasting say; nothing where they refuse.
std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape to = a.rank() < b.rank() ? b : a;
  for (std::size_t back = 1; back <= std::min(a.rank(), b.rank()); ++back) {
    const std::size_t x = a[a.rank() - back], y = b[b.rank() - back];
    if (x != y && x != 1 && y != 1) return std::nullopt;
    to[to.rank() - back] = x == 1 ? y : x;
  }
  return to;
}

// ---- elementwise functions ----

using Vars = std::span<const Var<double>>;

struct OfNumbers {
  std::string_view name;
  std::size_t arity;
  Var<double> (*function)(Vars x);
  double (*value)(const double* x);
  double (*slope)(std::size_t i, const double* x);
};

constexpr OfNumbers functions_of_numbers[] = {
    {"add", 2, [](Vars x) { return x[0] + x[1]; }, [](const double* x) { return x[0] + x[1]; }, [](std::size_t, const double*) { return 1.0; }},
    {"subtract", 2, [](Vars x) { return x[0] - x[1]; }, [](const double* x) { return x[0] - x[1]; }, [](std::size_t i, const double*) { return i == 0 ? 1.0 : -1.0; }},
    {"multiply", 2, [](Vars x) { return x[0] * x[1]; }, [](const double* x) { return x[0] * x[1]; }, [](std::size_t i, const double* x) { return x[1 - i]; }},
    {"divide", 2, [](Vars x) { return x[0] / x[1]; }, [](const double* x) { return x[0] / x[1]; }, [](std::size_t i, const double* x) { return i == 0 ? 1 / x[1] : -x[0] / (x[1] * x[1]); }},
    {"maximum", 2, [](Vars x) { return maximum(x[0], x[1]); }, [](const double* x) { return std::max(x[0], x[1]); }, [](std::size_t i, const double* x) { return x[i] > x[1 - i] ? 1.0 : 0.0; }},
    {"pow", 2, [](Vars x) { return pow(x[0], x[1]); }, [](const double* x) { return std::pow(x[0], x[1]); },
     [](std::size_t i, const double* x) { return i == 0 ? x[1] * std::pow(x[0], x[1] - 1) : std::pow(x[0], x[1]) * std::log(x[0]); }},
    {"fma", 3, [](Vars x) { return fma(x[0], x[1], x[2]); }, [](const double* x) { return x[0] * x[1] + x[2]; }, [](std::size_t i, const double* x) { return i == 2 ? 1.0 : x[1 - i]; }},
    {"tanh", 1, [](Vars x) { return tanh(x[0]); }, [](const double* x) { return std::tanh(x[0]); }, [](std::size_t, const double* x) { return 1 - std::tanh(x[0]) * std::tanh(x[0]); }},
    {"negative", 1, [](Vars x) { return -x[0]; }, [](const double* x) { return -x[0]; }, [](std::size_t, const double*) { return -1.0; }},
};

void stretch_operands(std::vector<std::size_t>& used) {
  const auto which = pick<std::size_t>(0, std::size(functions_of_numbers) - 1);
  const auto& f = functions_of_numbers[which];
  ++used[which];
  const Shape whole = random_shape(0, 4);
  std::vector<Array<double>> x;
  std::optional<Shape> to = Shape{};
  for (std::size_t i = 0; i < f.arity; ++i) {
    x.push_back(random_numbers(stretching_to(whole), 0.3, 2));
    to = broadcast(*to, x.back().shape());
  }
  RC_LOG() << f.name << " of " << shapes_of([&] { std::vector<Shape> shapes; for (const auto& input : x) shapes.push_back(input.shape()); return shapes; }());
  Tape tape;
  const auto leaves = variables(tape, x);
  const auto y = f.function(leaves);
  const auto c = random_numbers(*to);
  const auto g = tape.backward(y, {.cotangent = c});
  std::vector<std::vector<double>> slopes;
  for (const auto& input : x) slopes.emplace_back(input.size(), 0.0);
  const auto value = Array<double>::build(*to, [&](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      double numbers[3] = {};
      for (std::size_t i = 0; i < x.size(); ++i) numbers[i] = x[i].data()[place_in(x[i].shape(), *to, k)];
      out[k] = f.value(numbers);
      for (std::size_t i = 0; i < x.size(); ++i) slopes[i][place_in(x[i].shape(), *to, k)] += c.data()[k] * f.slope(i, numbers);
    }
  });
  require(agrees(y.value(), value));
  for (std::size_t i = 0; i < x.size(); ++i) require(agrees(g[leaves[i]], from_values<double>(slopes[i], x[i].shape())));
}

/// Of two shapes that have nothing to do with each other, too.
void keep_the_rules_of_broadcasting() {
  const Shape a = random_shape(0, 4), b = random_shape(0, 3);
  RC_LOG() << to_string(a) << " and " << to_string(b);
  const auto to = broadcast(a, b);
  Tape tape;
  const auto x = tape.variable(random_numbers(a)), y = tape.variable(random_numbers(b));
  if (!to) {
    RC_ASSERT_THROWS_AS(static_cast<void>(x * y), ShapeError);
    return;
  }
  const auto product = x * y;
  RC_ASSERT(product.shape() == *to);
  const auto g = tape.backward(product, {.cotangent = full<double>(*to, 1)});
  RC_ASSERT(g[x].shape() == a);
  RC_ASSERT(g[y].shape() == b);
}

// ---- reductions ----

using Group = std::vector<long double>;

long double sum_of(const Group& x) { return std::accumulate(x.begin(), x.end(), 0.0L); }
long double mean_of(const Group& x) { return sum_of(x) / static_cast<long double>(x.size()); }
long double largest_of(const Group& x) { return *std::max_element(x.begin(), x.end()); }
long double smallest_of(const Group& x) { return *std::min_element(x.begin(), x.end()); }
long double logsum_of(const Group& x) {
  long double sum = 0;
  for (const long double value : x) sum += std::exp(value);
  return std::log(sum);
}
long double variance_of(const Group& x) {
  long double sum = 0;
  for (const long double value : x) sum += (value - mean_of(x)) * (value - mean_of(x));
  return sum / static_cast<long double>(x.size());
}

struct Reduction {
  std::string_view name;
  Var<double> (*function)(const Var<double>& x, const ReduceOptions& options);
  long double (*value)(const Group& x);
  double (*slope)(double x, double y, double mean, double count);  // of one element
  bool of_nothing;                                                 // whether it has a value there
};

constexpr Reduction reductions[] = {
    {"sum", [](const Var<double>& x, const ReduceOptions& o) { return sum(x, o); }, sum_of, [](double, double, double, double) { return 1.0; }, true},
    {"mean", [](const Var<double>& x, const ReduceOptions& o) { return mean(x, o); }, mean_of, [](double, double, double, double n) { return 1 / n; }, false},
    {"amax", [](const Var<double>& x, const ReduceOptions& o) { return amax(x, o); }, largest_of, [](double x, double y, double, double) { return x == y ? 1.0 : 0.0; }, false},
    {"amin", [](const Var<double>& x, const ReduceOptions& o) { return amin(x, o); }, smallest_of, [](double x, double y, double, double) { return x == y ? 1.0 : 0.0; }, false},
    {"logsumexp", [](const Var<double>& x, const ReduceOptions& o) { return logsumexp(x, o); }, logsum_of, [](double x, double y, double, double) { return std::exp(x - y); }, true},
    {"var", [](const Var<double>& x, const ReduceOptions& o) { return var(x, {.axes = o.axes, .correction = 0, .keep_dims = o.keep_dims}); }, variance_of,
     [](double x, double, double mean, double n) { return 2 * (x - mean) / n; }, false},
};

void reduce(std::vector<std::size_t>& used) {
  const auto which = pick<std::size_t>(0, std::size(reductions) - 1);
  const auto& f = reductions[which];
  const Shape shape = random_shape(0, 4);
  std::vector<std::size_t> axes;
  ReduceOptions options;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (pick(0, 1) == 0) continue;
    axes.push_back(axis);
    options.axes.push_back(random_axis(axis, shape.rank()));
  }
  if (axes.empty()) {  // all of them
    axes.resize(shape.rank());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  options.keep_dims = pick(0, 1) == 1;
  RC_LOG() << f.name << " of " << to_string(shape) << " over " << rc::toString(axes) << (options.keep_dims ? ", kept" : "");
  std::size_t count = 1;
  for (const std::size_t axis : axes) count *= shape[axis];
  Tape tape;
  const auto x = tape.variable(random_numbers(shape));
  if (count == 0 && !f.of_nothing) {
    if (naive::reduced(x.value(), axes, true, sum_of).size() > 0) RC_ASSERT_THROWS_AS(static_cast<void>(f.function(x, options)), ValueError);
    return;
  }
  ++used[which];
  const auto y = f.function(x, options);
  require(agrees(y.value(), naive::reduced(x.value(), axes, options.keep_dims, f.value)));
  const auto c = random_numbers(y.shape());
  const auto g = tape.backward(y, {.cotangent = c})[x];
  const auto kept = naive::reduced(x.value(), axes, true, f.value), means = naive::reduced(x.value(), axes, true, mean_of);
  const auto spread = from_values<double>(c.values(), kept.shape());
  require(agrees(g, naive::filled(shape, [&](const Index& i) {
                   return naive::at(spread, i) * f.slope(naive::at(x.value(), i), naive::at(kept, i), naive::at(means, i), static_cast<double>(count));
                 })));
}

void normalise() {
  const Shape shape = random_shape(1, 4);
  const auto axis = pick<std::size_t>(0, shape.rank() - 1);
  const bool of_logarithm = pick(0, 1) == 1;
  RC_LOG() << (of_logarithm ? "log_softmax" : "softmax") << " of " << to_string(shape) << " along " << axis;
  Tape tape;
  const auto x = tape.variable(random_numbers(shape));
  const auto y = of_logarithm ? log_softmax(x, random_axis(axis, shape.rank())) : softmax(x, random_axis(axis, shape.rank()));
  const auto c = random_numbers(shape);
  const auto g = tape.backward(y, {.cotangent = c})[x];
  const auto logs = naive::reduced(x.value(), {axis}, true, logsum_of);
  const auto p = naive::filled(shape, [&](const Index& i) { return std::exp(naive::at(x.value(), i) - naive::at(logs, i)); });
  require(agrees(y.value(), of_logarithm ? naive::filled(shape, [&](const Index& i) { return naive::at(x.value(), i) - naive::at(logs, i); }) : p));
  const auto weighed = naive::filled(shape, [&](const Index& i) { return naive::at(c, i) * (of_logarithm ? 1 : naive::at(p, i)); });
  const auto total = naive::reduced(weighed, {axis}, true, sum_of);
  require(agrees(g, naive::filled(shape, [&](const Index& i) {
                   return of_logarithm ? naive::at(c, i) - naive::at(p, i) * naive::at(total, i) : naive::at(p, i) * (naive::at(c, i) - naive::at(total, i));
                 })));
}

// ---- products of matrices ----

void multiply_matrices() {
  const std::size_t rows = pick<std::size_t>(0, 4), inner = pick<std::size_t>(0, 4), columns = pick<std::size_t>(0, 4);
  const bool transpose_a = pick(0, 1) == 1, transpose_b = pick(0, 1) == 1;
  const Shape batch = random_shape(0, 2);
  const auto operand = [&](std::size_t high, std::size_t wide, bool transposed, bool is_left) {
    if (pick(0, 5) == 0) return Shape{is_left ? wide : high};
    Shape shape = stretching_to(batch);
    shape.push_back(transposed ? wide : high);
    shape.push_back(transposed ? high : wide);
    return shape;
  };
  const auto a = random_numbers(operand(rows, inner, transpose_a, true)), b = random_numbers(operand(inner, columns, transpose_b, false));
  RC_LOG() << to_string(a.shape()) << (transpose_a ? "^T" : "") << " by " << to_string(b.shape()) << (transpose_b ? "^T" : "");
  const MatmulOptions options{.transpose_a = transpose_a, .transpose_b = transpose_b};
  Tape tape;
  const auto x = tape.variable(a), y = tape.variable(b);
  const auto z = matmul(x, y, options);
  require(agrees(z.value(), naive::product(a, b, transpose_a, transpose_b)));
  const auto c = random_numbers(z.shape());
  const auto g = tape.backward(z, {.cotangent = c});
  // Linear in each: <c, v b> = <da, v> for any v, <c, a w> = <db, w> for any w.
  const auto dot = [](const Array<double>& p, const Array<double>& q) { return std::inner_product(p.begin(), p.end(), q.begin(), 0.0); };
  const auto v = random_numbers(a.shape()), w = random_numbers(b.shape());
  RC_ASSERT(g[x].shape() == a.shape());
  RC_ASSERT(g[y].shape() == b.shape());
  RC_ASSERT(std::abs(dot(c, naive::product(v, b, transpose_a, transpose_b)) - dot(g[x], v)) < 1e-11);
  RC_ASSERT(std::abs(dot(c, naive::product(a, w, transpose_a, transpose_b)) - dot(g[y], w)) < 1e-11);
}

void expect_all_used(const std::vector<std::size_t>& used) {
  for (std::size_t i = 0; i < used.size(); ++i) EXPECT_GT(used[i], 0u) << "function " << i << " of the list";
}

}  // namespace

TEST(RandomShapes, StretchTheOperandsOfElementwiseFunctions) {
  std::vector<std::size_t> used(std::size(functions_of_numbers));
  if (expect_property(1, 1500, [&] { stretch_operands(used); })) expect_all_used(used);
}
TEST(RandomShapes, KeepTheRulesOfBroadcasting) { expect_property(2, 800, keep_the_rules_of_broadcasting); }
TEST(RandomShapes, Reduce) {
  std::vector<std::size_t> used(std::size(reductions));
  if (expect_property(3, 1500, [&] { reduce(used); })) expect_all_used(used);
}
TEST(RandomShapes, AreNormalisedAlongAnAxis) { expect_property(4, 500, normalise); }
TEST(RandomShapes, MultiplyAsMatrices) { expect_property(5, 700, multiply_matrices); }

}  // namespace wengert::test
