// Rows of pooling; its windows at the edges, special values, and what it refuses.
#include <wengert/ops/pooling.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;
using naive::filled;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

/// fold(values of the window that are there) for each window.
template <class F>
Array<double> pooled(const Array<double>& x, const MaxPool2dOptions& o, const Shape& to, F fold) {
  return filled(to, [&](const naive::Index& i) {
    std::vector<double> values;
    for (std::size_t a = 0; a < o.kernel.height; ++a)
      for (std::size_t b = 0; b < o.kernel.width; ++b) {
        const std::size_t row = i[2] * o.stride.height + a * o.dilation.height, column = i[3] * o.stride.width + b * o.dilation.width;  // with the padding
        const std::size_t top = o.padding.height.before, left = o.padding.width.before;
        if (row >= top && row - top < x.shape()[2] && column >= left && column - left < x.shape()[3]) values.push_back(x(i[0], i[1], row - top, column - left));
      }
    return fold(values);
  });
}

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }
double total(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}
double average(const std::vector<double>& values) { return total(values) / static_cast<double>(values.size()); }

std::vector<Row> rows() {
  return {
      {.name = "max_pool2d", .inputs = {{{2, 2, 4, 5}, Domain::distinct}}, .function = function([](auto x) { return max_pool2d(x[0]); }),
       .reference = [](In x) { return pooled(x[0], {}, {2, 2, 2, 2}, largest); }, .ulps = 0, .refused = {{{2, 4, 5}}, {{2, 2, 1, 5}}, {{2, 2, 4, 0}}, {{}}}},
      {.name = "max_pool2d_that_overlaps", .card = "max_pool2d", .inputs = {{{1, 2, 4, 4}, Domain::distinct}},
       .function = function([](auto x) { return max_pool2d(x[0], {.kernel = {3, 2}, .stride = 1, .padding = {1, 0}}); }),
       .reference = [](In x) { return pooled(x[0], {.kernel = {3, 2}, .stride = 1, .padding = {1, 0}}, {1, 2, 4, 3}, largest); }, .ulps = 0},
      {.name = "max_pool2d_dilated_to_the_ceiling", .card = "max_pool2d", .inputs = {{{1, 2, 5, 6}, Domain::distinct}},
       .function = function([](auto x) { return max_pool2d(x[0], {.kernel = 2, .stride = {2, 3}, .padding = {{1, 0}, 0}, .dilation = {2, 1}, .ceil_mode = true}); }),
       .reference = [](In x) { return pooled(x[0], {.kernel = 2, .stride = {2, 3}, .padding = {{1, 0}, 0}, .dilation = {2, 1}}, {1, 2, 3, 2}, largest); }, .ulps = 0},
      {.name = "max_pool1d", .inputs = {{{2, 1, 5}, Domain::distinct}}, .function = function([](auto x) { return max_pool1d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }),
       .reference = [](In x) { return pooled(x[0].reshaped({2, 1, 1, 5}), {.kernel = {1, 3}, .stride = {1, 2}, .padding = {0, 1}}, {2, 1, 1, 3}, largest).reshaped({2, 1, 3}); }, .ulps = 0,
       .refused = {{{2, 1, 1, 5}}, {{5}}}},
      {.name = "avg_pool2d", .inputs = {{{2, 2, 4, 5}}}, .function = function([](auto x) { return avg_pool2d(x[0]); }),
       .reference = [](In x) { return pooled(x[0], {}, {2, 2, 2, 2}, average); }, .ulps = 4, .refused = {{{2, 4, 5}}, {{2, 2, 1, 5}}, {{2, 2, 4, 0}}, {{}}}},
      {.name = "avg_pool2d_with_its_padding", .card = "avg_pool2d", .inputs = {{{1, 2, 4, 4}}}, .function = function([](auto x) { return avg_pool2d(x[0], {.kernel = 3, .stride = 2, .padding = 1}); }),
       .reference = [](In x) { return pooled(x[0], {.kernel = 3, .stride = 2, .padding = 1}, {1, 2, 2, 2}, [](const auto& values) { return total(values) / 9; }); }, .ulps = 4},
      {.name = "avg_pool2d_without_its_padding", .card = "avg_pool2d", .inputs = {{{1, 1, 4, 5}}},
       .function = function([](auto x) { return avg_pool2d(x[0], {.kernel = {3, 2}, .stride = {2, 2}, .padding = 1, .ceil_mode = true, .count_include_pad = false}); }),
       .reference = [](In x) { return pooled(x[0], {.kernel = {3, 2}, .stride = {2, 2}, .padding = 1}, {1, 1, 3, 3}, average); }, .ulps = 4},
      {.name = "avg_pool1d", .inputs = {{{2, 1, 5}}}, .function = function([](auto x) { return avg_pool1d(x[0], {.kernel = 3, .divisor_override = -0.5}); }),
       .reference = [](In x) { return pooled(x[0].reshaped({2, 1, 1, 5}), {.kernel = {1, 3}}, {2, 1, 1, 1}, [](const auto& values) { return total(values) / -0.5; }).reshaped({2, 1, 1}); }, .ulps = 4},
  };
}

}  // namespace

WENGERT_ROWS(Pooling, rows());

TEST(Pooling, CountsAPartialWindowOnlyWhereItHoldsAPlace) {
  const auto x = from_values<double>({1, 2, 3, 4, 5}, {1, 1, 5});
  EXPECT_EQ(max_pool1d(x, {.kernel = 2, .ceil_mode = true}).shape(), (Shape{1, 1, 3}));
  EXPECT_EQ(max_pool1d(x, {.kernel = 1, .stride = 4, .ceil_mode = true}).shape(), (Shape{1, 1, 2}));
  EXPECT_EQ(max_pool1d(x, {.kernel = 2, .stride = 3, .padding = {0, 1}, .ceil_mode = true}).shape(), (Shape{1, 1, 2})) << "a third one would begin behind the last place";
  const auto y = avg_pool1d(x, {.kernel = 3, .stride = 2, .padding = 1, .ceil_mode = true});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(y.data()[i], (std::vector<double>{1, 3, 3})[i]) << "two places and a zero each time at the ends";
  EXPECT_EQ(avg_pool1d(x, {.kernel = 4, .ceil_mode = true})(0, 0, 1), 5) << "what a partial window lacks does not count";
}

TEST(Pooling, SharesTheGradientEquallyAmongTies) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({2, 2, 1, 2, 0}, {1, 1, 5}));
  const auto g = tape.backward(max_pool1d(x, {.kernel = 3, .stride = 1}), {.cotangent = from_values<double>({6, 60, 600}, {1, 1, 3})})[x];
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(g.data()[i], (std::vector<double>{3, 3 + 30, 0, 30 + 600, 0})[i]);
}

TEST(Pooling, HasItsConventionsAtSpecialValues) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({nan, 1, -inf, -inf, inf, 2}, {1, 1, 6}));
  const auto y = max_pool1d(x);
  EXPECT_TRUE(std::isnan(y.value()(0, 0, 0)));
  EXPECT_EQ(y.value()(0, 0, 1), -inf);
  EXPECT_EQ(y.value()(0, 0, 2), inf);
  const auto g = tape.backward(sum(y))[x];
  EXPECT_TRUE(std::isnan(g.data()[0]) && std::isnan(g.data()[1]));
  for (std::size_t i = 2; i < 6; ++i) EXPECT_EQ(g.data()[i], (std::vector<double>{0.5, 0.5, 1, 0})[i - 2]);

  Tape masked;
  const auto z = masked.variable(from_values<double>({nan, 1, 3, 2}, {1, 1, 4}));
  const auto cotangent = from_values<double>({0, 1}, {1, 1, 2});
  const auto recorded = masked.gradient(max_pool1d(z), z, {.cotangent = masked.constant(cotangent)}).value();
  const auto clean = masked.backward(max_pool1d(z), {.cotangent = cotangent})[z];
  for (const auto& gradient : {clean, recorded})
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(gradient.data()[i], i == 2 ? 1 : 0) << "a cotangent of 0 contributes 0";

  const auto mean = avg_pool1d(from_values<double>({nan, 1, inf, 1, inf, -inf}, {1, 1, 6}));
  EXPECT_TRUE(std::isnan(mean(0, 0, 0)) && std::isnan(mean(0, 0, 2)));
  EXPECT_EQ(mean(0, 0, 1), inf);
  EXPECT_EQ(max_pool1d(ones<double>({1, 1, 1}), {.kernel = 2, .stride = 1, .padding = 1, .dilation = 2})(0, 0, 0), -inf) << "a window of padding alone";
  EXPECT_EQ(max_pool2d(zeros<float>({0, 2, 4, 4})).shape(), (Shape{0, 2, 2, 2}));
  EXPECT_EQ(avg_pool2d(zeros<float>({2, 0, 4, 4})).shape(), (Shape{2, 0, 2, 2}));
}

TEST(Pooling, FindsANotANumberWhereverItIs) {
  const auto check = []<Real T>(T) {
    for (std::size_t row = 0; row < 5; ++row)
      for (std::size_t column = 0; column < 21; ++column) {
        auto x = -ones<T>({1, 2, 5, 21});
        x.writable()[105 + row * 21 + column] = std::numeric_limits<T>::quiet_NaN();
        const auto y = max_pool2d(x);
        ASSERT_EQ(y.shape(), (Shape{1, 2, 2, 10}));
        for (std::size_t k = 0; k < y.size(); ++k) {
          const bool is_there = row < 4 && column < 20 && k == 20 + row / 2 * 10 + column / 2;
          EXPECT_EQ(std::isnan(y.data()[k]), is_there) << row << ", " << column << " at " << k;
          EXPECT_TRUE(is_there || y.data()[k] == T(-1));
        }
      }
  };
  check(float{});
  check(double{});
}

TEST(Pooling, TakesItsPaddingForMinusInfinityInEveryGradient) {
  Tape tape;
  const auto x = tape.variable(from_values<double>({inf, 1, 2, -inf}, {1, 1, 4}));
  const auto y = max_pool1d(x, {.kernel = 2, .padding = 1});
  const auto recorded = tape.gradient(sum(y), x).value();
  const auto plain = tape.backward(sum(y))[x];
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(plain.data()[i], (std::vector<double>{1, 0, 1, 0.5})[i]);
    EXPECT_EQ(recorded.data()[i], plain.data()[i]);
  }
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  const auto x = ones<double>({1, 1, 4, 5});
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)max_pool2d(ones<double>({4, 5})); }), {"max_pool2d: ", "(4, 5)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)max_pool2d(x, {.kernel = {5, 1}}); }), {"max_pool2d: ", "5", "4", "height"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)avg_pool2d(ones<double>({1, 1, 4, 0}), {.padding = 1}); }), {"avg_pool2d: ", "no places", "width"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)max_pool2d(x, {.kernel = 2, .padding = {0, 2}}); }), {"max_pool2d: ", "padding", "2", "width"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)max_pool2d(x, {.kernel = 0, .stride = 1}); }), {"max_pool2d: ", "kernel", "0"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)avg_pool2d(x, {.stride = 0}); }), {"avg_pool2d: ", "stride", "0"}));
  for (const double divisor : {0.0, nan, inf}) EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)avg_pool2d(x, {.divisor_override = divisor}); }), {"avg_pool2d: ", "divisor_override"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)avg_pool1d(x); }), {"avg_pool1d: ", "(1, 1, 4, 5)"}));
}

}  // namespace wengert::test
