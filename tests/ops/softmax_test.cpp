// Rows of the softmax family and of the losses that are made of it.
#include <wengert/ops/softmax.hpp>

#include <cmath>
#include <limits>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/regression_losses.hpp>

#include "ops/naive.hpp"
#include "ops/table.hpp"

namespace wengert::test {

namespace {

using In = std::span<const Array<double>>;
using naive::at, naive::filled, naive::Index;

/// log of the sum of e^x along an axis, at the place of an index.
long double logsum(const Array<double>& x, std::size_t axis, Index index) {
  long double sum = 0;
  for (index[axis] = 0; index[axis] < x.shape()[axis]; ++index[axis]) sum += std::exp(static_cast<long double>(at(x, index)));
  return std::log(sum);
}
template <std::size_t axis>
Array<double> log_softmax_of(In x) {
  return filled(x[0].shape(), [&](const Index& i) { return static_cast<long double>(at(x[0], i)) - logsum(x[0], axis, i); });
}
template <std::size_t axis>
Array<double> softmax_of(In x) {
  return filled(x[0].shape(), [&](const Index& i) { return std::exp(static_cast<long double>(at(x[0], i)) - logsum(x[0], axis, i)); });
}

constexpr std::int64_t labels_of_two[] = {2, 0};
Array<std::int64_t> labels() { return from_values<std::int64_t>(labels_of_two, {2}); }
/// Of logits (2, 3), the loss of each row.
long double label_loss(const Array<double>& x, std::size_t row) {
  const auto label = static_cast<std::size_t>(labels_of_two[row]);
  return logsum(x, 1, {row, 0}) - static_cast<long double>(x(row, label));
}
long double target_loss(In x, std::size_t row) {
  long double sum = 0;
  for (std::size_t k = 0; k < 3; ++k) sum += static_cast<long double>(x[1](row, k)) * (logsum(x[0], 1, {row, 0}) - static_cast<long double>(x[0](row, k)));
  return sum;
}
long double squared(In x, std::size_t k) {
  const long double difference = static_cast<long double>(x[0].data()[k]) - static_cast<long double>(x[1].data()[k]);
  return difference * difference;
}

const Shape matrix{2, 3};
const Shape cube{2, 3, 2};

std::vector<Row> rows() {
  using D = Domain;
  return {
      {.name = "softmax", .inputs = {{matrix}}, .function = function([](auto x) { return softmax(x[0], -1); }), .reference = softmax_of<1>, .refused = {{{}}}},
      {.name = "softmax_over_the_first_axis", .card = "softmax", .inputs = {{cube}}, .function = function([](auto x) { return softmax(x[0], 0); }), .reference = softmax_of<0>},
      {.name = "softmax_over_the_middle_axis", .card = "softmax", .inputs = {{cube}}, .function = function([](auto x) { return softmax(x[0], 1); }), .reference = softmax_of<1>, .refused = {{{3}}}},
      {.name = "softmax_of_one_class", .card = "softmax", .inputs = {{{2, 1}}}, .function = function([](auto x) { return softmax(x[0], 1); }), .reference = softmax_of<1>},
      {.name = "log_softmax", .inputs = {{matrix}}, .function = function([](auto x) { return log_softmax(x[0], -1); }), .reference = log_softmax_of<1>, .refused = {{{}}}},
      {.name = "log_softmax_over_the_first_axis", .card = "log_softmax", .inputs = {{cube}}, .function = function([](auto x) { return log_softmax(x[0], 0); }), .reference = log_softmax_of<0>},
      {.name = "log_softmax_over_the_middle_axis", .card = "log_softmax", .inputs = {{cube}}, .function = function([](auto x) { return log_softmax(x[0], 1); }), .reference = log_softmax_of<1>, .refused = {{{3}}}},
      {.name = "cross_entropy", .inputs = {{matrix}}, .function = function([](auto x) { return cross_entropy(x[0], labels()); }),
       .reference = [](In x) { return Array<double>(static_cast<double>((label_loss(x[0], 0) + label_loss(x[0], 1)) / 2)); }, .refused = {{{3, 3}}, {{}}, {{2, 3, 2}}, {{3}}}},
      {.name = "cross_entropy_added", .card = "cross_entropy", .inputs = {{matrix}}, .function = function([](auto x) { return cross_entropy(x[0], labels(), {.reduction = Reduction::sum}); }),
       .reference = [](In x) { return Array<double>(static_cast<double>(label_loss(x[0], 0) + label_loss(x[0], 1))); }},
      {.name = "cross_entropy_of_each", .card = "cross_entropy", .inputs = {{matrix}}, .function = function([](auto x) { return cross_entropy(x[0], labels(), {.reduction = Reduction::none}); }),
       .reference = [](In x) { return filled({2}, [&](const Index& i) { return label_loss(x[0], i[0]); }); }},
      {.name = "cross_entropy_of_one_example", .card = "cross_entropy", .inputs = {{{3}}}, .function = function([](auto x) { return cross_entropy(x[0], Array<std::int64_t>(1)); }),
       .reference = [](In x) { return Array<double>(static_cast<double>(logsum(x[0], 0, {0}) - static_cast<long double>(x[0](1)))); }},
      {.name = "cross_entropy_of_places", .card = "cross_entropy", .inputs = {{cube}},
       .function = function([](auto x) { return cross_entropy(x[0], from_values<std::int64_t>({0, 2, 1, 1}, {2, 2}), {.reduction = Reduction::none}); }),
       .reference = [](In x) {
         const std::size_t label[] = {0, 2, 1, 1};
         return filled({2, 2}, [&](const Index& i) { return logsum(x[0], 1, {i[0], 0, i[1]}) - static_cast<long double>(x[0](i[0], label[i[0] * 2 + i[1]], i[1])); });
       }},
      {.name = "cross_entropy_of_targets", .card = "cross_entropy", .inputs = {{matrix}, {matrix, D::weights}}, .function = function([](auto x) { return cross_entropy(x[0], x[1]); }),
       .reference = [](In x) { return Array<double>(static_cast<double>((target_loss(x, 0) + target_loss(x, 1)) / 2)); }, .refused = {{{2, 3}, {3}}, {{2, 3}, {1, 3}}, {{}, {}}}},
      {.name = "mse_loss", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return mse_loss(x[0], x[1]); }),
       .reference = [](In x) { long double sum = 0; for (std::size_t k = 0; k < 6; ++k) sum += squared(x, k); return Array<double>(static_cast<double>(sum / 6)); },
       .refused = {{{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{}, {1}}}},
      {.name = "mse_loss_added", .card = "mse_loss", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return mse_loss(x[0], x[1], {.reduction = Reduction::sum}); }),
       .reference = [](In x) { long double sum = 0; for (std::size_t k = 0; k < 6; ++k) sum += squared(x, k); return Array<double>(static_cast<double>(sum)); }},
      {.name = "mse_loss_of_each", .card = "mse_loss", .inputs = {{matrix}, {matrix}}, .function = function([](auto x) { return mse_loss(x[0], x[1], {.reduction = Reduction::none}); }),
       .reference = [](In x) { return filled(matrix, [&](const Index& i) { return squared(x, i[0] * 3 + i[1]); }); }},
  };
}

}  // namespace

WENGERT_ROWS(SoftmaxAndLosses, rows());

TEST(CrossEntropy, HasItsGradientHoweverLargeTheLoss) {
  const auto check = []<Real T>(T) {
    for (const double far : {3.0, 7.9, 8.1, 20.0, 100.0, 1e4, 1e8, 1e30}) {
      Tape tape;
      const auto x = tape.variable(from_values<T>({T(5.25), T(4), static_cast<T>(5.25 - far)}, {1, 3}));
      const auto loss = cross_entropy(x, from_values<std::int64_t>({2}, {1}));
      const auto recorded = tape.gradient(loss, x).value(), plain = tape.backward(loss)[x];
      const double down = std::exp(-1.25), last = std::exp(-far), sum = 1 + down + last;
      for (const auto& g : {plain, recorded}) {
        EXPECT_NEAR(g(0, 0), 1 / sum, 8 * std::numeric_limits<T>::epsilon()) << far;
        EXPECT_NEAR(g(0, 1), down / sum, 8 * std::numeric_limits<T>::epsilon()) << far;
        EXPECT_NEAR(g(0, 2), last / sum - 1, 8 * std::numeric_limits<T>::epsilon()) << far;
      }
    }
  };
  check(float{});
  check(double{});
}

TEST(CrossEntropy, RefusesWhatIsNoClass) {
  const auto x = zeros<double>({2, 3});
  EXPECT_THROW(static_cast<void>(cross_entropy(x, from_values<std::int64_t>({0, 3}, {2}))), ValueError);
  EXPECT_THROW(static_cast<void>(cross_entropy(x, from_values<std::int64_t>({-1, 0}, {2}))), ValueError);
  EXPECT_THROW(static_cast<void>(cross_entropy(zeros<double>({0, 3}), zeros<std::int64_t>({0}))), ValueError) << "the mean of no examples";
}

}  // namespace wengert::test
