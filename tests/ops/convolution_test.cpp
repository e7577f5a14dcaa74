// Rows of convolution and of the cards that it copies places by; what it does at the edges, and what it refuses.
#include <wengert/ops/convolution.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/check/gtest.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/reduce.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"
#include "support/refusal.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;
using detail::Windows;
using naive::filled;

/// x(n, c, row, column), 0 where that is beyond an edge.
double pixel(const Array<double>& x, std::size_t n, std::size_t c, std::int64_t row, std::int64_t column) {
  const auto height = static_cast<std::int64_t>(x.shape()[2]), width = static_cast<std::int64_t>(x.shape()[3]);
  return row < 0 || row >= height || column < 0 || column >= width ? 0 : x(n, c, static_cast<std::size_t>(row), static_cast<std::size_t>(column));
}

std::int64_t place(std::size_t window, std::size_t stride, std::size_t k, std::size_t dilation, std::size_t before) {
  return static_cast<std::int64_t>(window * stride + k * dilation) - static_cast<std::int64_t>(before);
}

/// The sum as it is written, for an output of this shape.
Array<double> convolution(In x, const Conv2dOptions& o, const Shape& to) {
  const Shape& w = x[1].shape();
  return filled(to, [&](const naive::Index& i) {
    long double total = x.size() > 2 ? static_cast<long double>(x[2](i[1])) : 0;
    const std::size_t first = i[1] / (w[0] / o.groups) * w[1];  // of the channels that the output sees
    for (std::size_t c = 0; c < w[1]; ++c)
      for (std::size_t a = 0; a < w[2]; ++a)
        for (std::size_t b = 0; b < w[3]; ++b)
          total += static_cast<long double>(x[1](i[1], c, a, b)) * static_cast<long double>(pixel(x[0], i[0], first + c, place(i[2], o.stride.height, a, o.dilation.height, o.padding.height.before),
                                                                                                  place(i[3], o.stride.width, b, o.dilation.width, o.padding.width.before)));
    return total;
  });
}

constexpr Windows tall{.length = 4, .kernel = 2, .stride = 2, .dilation = 2, .before = 1, .behind = 1, .count = 2}, wide{.length = 3, .kernel = 2, .before = 1, .behind = 1, .count = 4};

Array<double> unfolding(In x) {
  return filled({2, 2, 2, 2, 2, 4}, [&](const naive::Index& i) { return pixel(x[0], i[3], i[0], place(i[4], 2, i[1], 2, 1), place(i[5], 1, i[2], 1, 1)); });
}

Array<double> folding(In x) {
  return filled({2, 2, 4, 3}, [&](const naive::Index& to) {
    double sum = 0;
    for (std::size_t k = 0; k < x[0].size(); ++k) {
      const auto i = naive::index_of(x[0].shape(), k);
      const bool is_there = i[3] == to[0] && i[0] == to[1] && place(i[4], 2, i[1], 2, 1) == static_cast<std::int64_t>(to[2]) && place(i[5], 1, i[2], 1, 1) == static_cast<std::int64_t>(to[3]);
      if (is_there) sum += x[0].data()[k];
    }
    return sum;
  });
}

std::vector<Row> window_rows() {
  return {
      {.name = "unfold", .inputs = {{{2, 2, 4, 3}}}, .function = function([](auto x) { return record(cards::Unfold{tall, wide}, x[0]); }), .reference = unfolding, .ulps = 0,
       .refused = {{{2, 2, 4}}, {{2, 2, 3, 3}}, {{2, 2, 4, 4}}, {{}}}},
      {.name = "fold", .inputs = {{{2, 2, 2, 2, 2, 4}}}, .function = function([](auto x) { return record(cards::Fold{tall, wide}, x[0]); }), .reference = folding, .ulps = 1,
       .refused = {{{2, 2, 2, 2, 2}}, {{2, 2, 2, 2, 2, 3}}, {{2, 1, 2, 2, 2, 4}}, {{}}}},
  };
}

std::vector<Row> rows() {
  return {
      {.name = "max_pool_of_channels", .card = "max_pool", .inputs = {{{1, 2, 4, 3}, Domain::distinct}}, .function = function([](auto x) { return record(cards::MaxPool{tall, wide}, x[0]); }),
       .reference = [](In x) {
         return filled({2, 2, 4}, [&](const naive::Index& i) {
           double best = -std::numeric_limits<double>::infinity();
           for (std::size_t a = 0; a < 2; ++a)
             for (std::size_t b = 0; b < 2; ++b) {
               const auto row = place(i[1], 2, a, 2, 1), column = place(i[2], 1, b, 1, 1);
               if (row >= 0 && row < 4 && column >= 0 && column < 3) best = std::max(best, x[0](0, i[0], static_cast<std::size_t>(row), static_cast<std::size_t>(column)));
             }
           return best;
         });
       },
       .ulps = 0, .refused = {{{2, 2, 4, 3}}, {{1, 2, 4}}, {{1, 2, 3, 3}}}},
      {.name = "conv2d", .inputs = {{{2, 2, 3, 4}}, {{3, 2, 2, 3}}, {{3}}}, .function = function([](auto x) { return conv2d(x[0], x[1], x[2]); }),
       .reference = [](In x) { return convolution(x, {}, {2, 3, 2, 2}); }, .ulps = 8,
       .refused = {{{2, 3, 4}, {3, 2, 2, 3}, {3}}, {{2, 2, 3, 4}, {3, 2, 3}, {3}}, {{2, 3, 3, 4}, {3, 2, 2, 3}, {3}}, {{2, 2, 3, 4}, {3, 2, 4, 3}, {3}}, {{2, 2, 3, 2}, {3, 2, 2, 3}, {3}},
                   {{2, 2, 3, 4}, {3, 2, 2, 3}, {2}}, {{2, 2, 3, 4}, {3, 2, 2, 3}, {3, 1}}, {{2, 2, 0, 4}, {3, 2, 2, 3}, {3}}}},
      {.name = "conv2d_padded", .card = "conv2d", .inputs = {{{1, 2, 3, 3}}, {{2, 2, 3, 3}}}, .function = function([](auto x) { return conv2d(x[0], x[1], {.padding = 1}); }),
       .reference = [](In x) { return convolution(x, {.padding = 1}, {1, 2, 3, 3}); }, .ulps = 8},
      {.name = "conv2d_padded_by_sides", .card = "conv2d", .inputs = {{{2, 1, 2, 3}}, {{2, 1, 2, 2}}}, .function = function([](auto x) { return conv2d(x[0], x[1], {.padding = {{0, 2}, {3, 1}}}); }),
       .reference = [](In x) { return convolution(x, {.padding = {{0, 2}, {3, 1}}}, {2, 2, 3, 6}); }, .ulps = 8},
      {.name = "conv2d_with_strides", .card = "conv2d", .inputs = {{{1, 2, 5, 4}}, {{1, 2, 2, 3}}}, .function = function([](auto x) { return conv2d(x[0], x[1], {.stride = {2, 3}, .padding = {1, 1}}); }),
       .reference = [](In x) { return convolution(x, {.stride = {2, 3}, .padding = {1, 1}}, {1, 1, 3, 2}); }, .ulps = 8},
      {.name = "conv2d_dilated", .card = "conv2d", .inputs = {{{1, 1, 5, 5}}, {{2, 1, 2, 2}}},
       .function = function([](auto x) { return conv2d(x[0], x[1], {.padding = {0, 1}, .dilation = {3, 2}}); }),
       .reference = [](In x) { return convolution(x, {.padding = {0, 1}, .dilation = {3, 2}}, {1, 2, 2, 5}); }, .ulps = 8},
      {.name = "conv2d_in_groups", .card = "conv2d", .inputs = {{{2, 4, 3, 3}}, {{4, 2, 2, 2}}, {{4}}}, .function = function([](auto x) { return conv2d(x[0], x[1], x[2], {.groups = 2}); }),
       .reference = [](In x) { return convolution(x, {.groups = 2}, {2, 4, 2, 2}); }, .ulps = 8,
       .refused = {{{2, 3, 3, 3}, {4, 2, 2, 2}, {4}}, {{2, 4, 3, 3}, {3, 2, 2, 2}, {3}}, {{2, 4, 3, 3}, {4, 4, 2, 2}, {4}}}},
      {.name = "conv2d_by_channel", .card = "conv2d", .inputs = {{{1, 3, 3, 2}}, {{6, 1, 2, 2}}}, .function = function([](auto x) { return conv2d(x[0], x[1], {.padding = {{1, 0}, {0, 1}}, .groups = 3}); }),
       .reference = [](In x) { return convolution(x, {.padding = {{1, 0}, {0, 1}}, .groups = 3}, {1, 6, 3, 2}); }, .ulps = 8},
      {.name = "conv2d_of_one_place", .card = "conv2d", .inputs = {{{2, 3, 2, 2}}, {{2, 3, 1, 1}}}, .function = function([](auto x) { return conv2d(x[0], x[1]); }),
       .reference = [](In x) { return convolution(x, {}, {2, 2, 2, 2}); }, .ulps = 8},
      {.name = "conv1d", .inputs = {{{2, 2, 5}}, {{3, 2, 2}}, {{3}}}, .function = function([](auto x) { return conv1d(x[0], x[1], x[2], {.stride = 2, .padding = {2, 1}, .dilation = 2}); }),
       .reference = [](In x) {
         const Array<double> images[] = {x[0].reshaped({2, 2, 1, 5}), x[1].reshaped({3, 2, 1, 2}), x[2]};
         return convolution(images, {.stride = {1, 2}, .padding = {0, {2, 1}}, .dilation = {1, 2}}, {2, 3, 1, 3}).reshaped({2, 3, 3});
       },
       .ulps = 8, .refused = {{{2, 2, 5, 1}, {3, 2, 2}, {3}}, {{2, 2, 5}, {3, 2, 2, 1}, {3}}, {{2, 3, 5}, {3, 2, 2}, {3}}, {{2, 2, 5}, {3, 2, 2}, {4}}}},
  };
}

}  // namespace

WENGERT_ROWS(Windows, declared(Linear::jointly, window_rows()));
WENGERT_ROWS(Convolution, rows());

TEST(Convolution, PadsToTheSameSizeWithTheOddOneBehind) {
  const auto x = from_values<double>({1, 2, 3, 4}, {1, 1, 4}), w = from_values<double>({1, 10}, {1, 1, 2});
  const auto y = conv1d(x, w, {.padding = Padding::same});
  EXPECT_EQ(y.shape(), x.shape());
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(y.data()[i], (std::vector<double>{21, 32, 43, 4})[i]);
  const auto image = ones<double>({1, 1, 7, 6}), kernel = ones<double>({2, 1, 3, 4});
  EXPECT_EQ(conv2d(image, kernel, {.padding = Padding::same}).shape(), (Shape{1, 2, 7, 6}));
  EXPECT_EQ(conv2d(image, kernel, {.padding = {Padding::same, 0}, .dilation = 1}).shape(), (Shape{1, 2, 7, 3}));
  EXPECT_EQ(conv2d(image, kernel, {.stride = {2, 4}, .padding = Padding::same}).shape(), (Shape{1, 2, 4, 2})) << "as many windows as places over the stride";
  EXPECT_EQ(conv2d(image, kernel, {.padding = Padding::valid}).shape(), (Shape{1, 2, 5, 3}));
}

TEST(Convolution, OfNothingIsTheBias) {
  EXPECT_EQ(conv2d(zeros<float>({0, 2, 3, 3}), zeros<float>({4, 2, 3, 3})).shape(), (Shape{0, 4, 1, 1}));
  EXPECT_EQ(conv2d(zeros<float>({2, 2, 3, 3}), zeros<float>({0, 2, 3, 3})).shape(), (Shape{2, 0, 1, 1}));
  const auto y = conv2d(zeros<float>({2, 0, 3, 3}), zeros<float>({1, 0, 3, 3}), full<float>({1}, 5));
  ASSERT_EQ(y.shape(), (Shape{2, 1, 1, 1}));
  for (const float value : y) EXPECT_EQ(value, 5.F);
  EXPECT_EQ(conv1d(zeros<double>({1, 1, 0}), ones<double>({1, 1, 2}), {.padding = 1}).item(), 0) << "all of it padding";
  Tape tape;
  const auto x = tape.variable(zeros<double>({0, 2, 3, 3})), w = tape.variable(ones<double>({4, 2, 3, 3}));
  const auto g = tape.backward(sum(conv2d(x, w)));
  EXPECT_EQ(g[x].shape(), x.shape());
  for (const double value : g[w]) EXPECT_EQ(value, 0);
}

TEST(Convolution, KeepsNotANumberInItsWindows) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto y = conv1d(from_values<double>({1, nan, 1, 1, inf}, {1, 1, 5}), ones<double>({1, 1, 2}));
  EXPECT_TRUE(std::isnan(y(0, 0, 0)) && std::isnan(y(0, 0, 1)));
  EXPECT_EQ(y(0, 0, 2), 2);
  EXPECT_EQ(y(0, 0, 3), inf);
  EXPECT_TRUE(std::isnan(conv1d(ones<double>({1, 1, 1}), full<double>({1, 1, 3}, inf), {.padding = 1}).item())) << "0 * inf of the padding";
}

TEST(Convolution, TakesParametersBesideVars) {
  const Parameter<double> w("w", ones<double>({2, 1, 1, 2})), b("b", full<double>({2}, 3));
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2, 4}, {1, 1, 1, 3}));
  const auto y = conv2d(x, w, b);
  EXPECT_EQ(y.value()(0, 1, 0, 1), 9);
  const auto g = tape.backward(sum(y));
  EXPECT_EQ(g[w](1, 0, 0, 0), 3);
  EXPECT_EQ(g[b](0), 2);
  EXPECT_EQ(g[x](0, 0, 0, 1), 4);
  EXPECT_EQ(conv2d(x.value(), use(w, x.value()), use(b, x.value()))(0, 0, 0, 0), 6) << "beside plain arrays a parameter's value";
  const auto of_constant = conv2d(ones<double>({1, 1, 1, 2}), w, tape.variable(ones<double>({2})));
  EXPECT_TRUE(tape.backward(sum(of_constant)).contains(w)) << "any Var brings its tape";
}

TEST(Convolution, HasDerivativesOfOrderThree) {
  EXPECT_GRADIENTS_WITH({.order = 3}, [](auto x, auto w) { return sum(square(conv2d(x, w, {.stride = 2, .padding = 1})), Axes{0, 2, 3}); },
                        draw<double>({{{1, 1, 2, 3}}})[0], draw<double>({{{1, 1, 2, 2}}}, 2)[0]);
}

TEST(Convolution, RefusesWhatDoesNotFit) {
  const auto x = ones<double>({1, 4, 5, 6}), w = ones<double>({2, 4, 3, 3});
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, ones<double>({2, 3, 3, 3})); }), {"conv2d: ", "channels", "(1, 4, 5, 6)", "(2, 3, 3, 3)", "4", "3"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, w, {.groups = 2}); }), {"conv2d: ", "2 groups", "(2, 4, 3, 3)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, ones<double>({3, 2, 3, 3}), {.groups = 2}); }), {"conv2d: ", "outputs", "3"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, w, {.dilation = {1, 3}}); }), {"conv2d: ", "larger", "width", "7", "6"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, w, ones<double>({4})); }), {"conv2d: ", "bias", "(4,)", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, w, {.stride = -1}); }), {"-1"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv2d(x, w, {.stride = {1, 0}}); }), {"conv2d: ", "stride", "0", "width"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv2d(x, w, {.dilation = 0}); }), {"conv2d: ", "dilation", "0"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv2d(x, w, {.groups = 0}); }), {"conv2d: ", "groups", "0"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv2d(x, w, {.padding = std::numeric_limits<std::size_t>::max()}); }), {"conv2d: ", "padding"}));
  EXPECT_TRUE(mentions(refusal<ShapeError>([&] { (void)conv2d(x, w, {.padding = std::size_t{1} << 31U}); }), {}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv2d(x, ones<double>({2, 4, 0, 3})); }), {"conv2d: ", "kernel", "0"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { (void)conv1d(ones<double>({1, 1, 3}), ones<double>({1, 1, 1}), {.stride = 0}); }), {"conv1d: ", "stride", "length"}));
}

}  // namespace wengert::test
