// What every composition refuses alike, in its own name and before anything is recorded: operands that hold nothing, Vars of two tapes, parameters
// without a tape.
#include <wengert/core.hpp>

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Axes;
using wg::Parameter;
using wg::Tape;
using wg::Var;
using wg::test::mentions;
using wg::test::refusal;

using Labels = Array<std::int64_t>;

/// A composition of one operand, which holds nothing.
template <class X>
struct Call {
  std::string name;
  std::function<void(const X&)> call;
};

/// All of them; `fitting` is a tensor to stand beside the one that is missing, of the shape {2, 2}.
template <class X>
std::vector<Call<X>> calls(const X& fitting) {
  const Labels labels = wg::from_values<std::int64_t>({0, 1}, {2});
  const X y = fitting, row = wg::reshape(wg::slice(fitting, 0, 0, 1), {2}), image = wg::reshape(fitting, {1, 1, 2, 2}), sequence = wg::reshape(fitting, {1, 2, 2});
  const wg::nn::Context training(wg::Mode::train);
  return {
      // ---- elements in another order, repeated, set apart ----
      {"flip", [](const X& x) { (void)wg::flip(x); }},
      {"swapaxes", [](const X& x) { (void)wg::swapaxes(x, 0, 1); }},
      {"roll", [](const X& x) { (void)wg::roll(x, 1, 0); }},
      {"roll", [](const X& x) { (void)wg::roll(x, 1); }},
      {"stack", [=](const X& x) { (void)wg::stack({y, x}); }},
      {"split", [](const X& x) { (void)wg::split(x, 2); }},
      {"split", [](const X& x) { (void)wg::split(x, {1, 1}); }},
      {"repeat", [](const X& x) { (void)wg::repeat(x, 2, 0); }},
      {"tile", [](const X& x) { (void)wg::tile(x, {2, 2}); }},
      {"pad", [](const X& x) { (void)wg::pad(x, {{1, 1}, {0, 0}}); }},
      {"tril", [](const X& x) { (void)wg::tril(x); }},
      {"triu", [](const X& x) { (void)wg::triu(x); }},
      {"diag", [](const X& x) { (void)wg::diag(x); }},
      {"trace", [](const X& x) { (void)wg::trace(x); }},
      {"masked_fill", [](const X& x) { (void)wg::masked_fill(x, Array<bool>(true), 1); }},
      {"scatter_add", [=](const X& x) { (void)wg::scatter_add(x, labels, row, 0); }},
      {"scatter_add", [=](const X& x) { (void)wg::scatter_add(row, labels, x, 0); }},
      // ---- by size ----
      {"argmax", [](const X& x) { (void)wg::argmax(x); }},
      {"argmax", [](const X& x) { (void)wg::argmax(x, 0); }},
      {"argmin", [](const X& x) { (void)wg::argmin(x); }},
      {"argmin", [](const X& x) { (void)wg::argmin(x, 0); }},
      {"argsort", [](const X& x) { (void)wg::argsort(x); }},
      {"sort", [](const X& x) { (void)wg::sort(x); }},
      {"topk", [](const X& x) { (void)wg::topk(x, 1); }},
      {"greater", [](const X& x) { (void)(x > 0); }},
      {"not_equal", [=](const X& x) { (void)wg::not_equal(y, x); }},
      // ---- norms and activations ----
      {"norm", [](const X& x) { (void)wg::norm(x); }},
      {"norm", [](const X& x) { (void)wg::norm(x, {.order = 0}); }},
      {"norm", [](const X& x) { (void)wg::norm(x, 0); }},
      {"prelu", [=](const X& x) { (void)wg::prelu(x, 0.5); }},
      {"prelu", [=](const X& x) { (void)wg::prelu(y, x); }},
      {"relu6", [](const X& x) { (void)wg::relu6(x); }},
      {"heaviside", [](const X& x) { (void)wg::heaviside(x); }},
      {"glu", [](const X& x) { (void)wg::glu(x); }},
      {"maxout", [](const X& x) { (void)wg::maxout(x, 2); }},
      {"softmin", [](const X& x) { (void)wg::softmin(x, 0); }},
      // ---- products ----
      {"dot", [=](const X& x) { (void)wg::dot(row, x); }},
      {"outer", [=](const X& x) { (void)wg::outer(x, row); }},
      {"einsum", [=](const X& x) { (void)wg::einsum("ij,jk->ik", y, x); }},
      {"einsum", [=](const X& x) { (void)wg::einsum("ij,jk->ik", std::vector<X>{y, x}); }},
      {"linear", [=](const X& x) { (void)wg::linear(x, y); }},
      {"linear", [=](const X& x) { (void)wg::linear(y, x); }},
      {"linear", [=](const X& x) { (void)wg::linear(y, y, x); }},
      {"bilinear", [=](const X& x) { (void)wg::bilinear(y, x, sequence); }},
      {"bilinear", [=](const X& x) { (void)wg::bilinear(y, y, sequence, x); }},
      {"embedding", [=](const X& x) { (void)wg::embedding(labels, x); }},
      // ---- windows ----
      {"conv1d", [=](const X& x) { (void)wg::conv1d(x, sequence); }},
      {"conv1d", [=](const X& x) { (void)wg::conv1d(sequence, x); }},
      {"conv2d", [=](const X& x) { (void)wg::conv2d(x, image); }},
      {"conv2d", [=](const X& x) { (void)wg::conv2d(image, image, x); }},
      {"max_pool1d", [](const X& x) { (void)wg::max_pool1d(x); }},
      {"max_pool2d", [](const X& x) { (void)wg::max_pool2d(x); }},
      {"avg_pool1d", [](const X& x) { (void)wg::avg_pool1d(x); }},
      {"avg_pool2d", [](const X& x) { (void)wg::avg_pool2d(x); }},
      // ---- normalisation ----
      {"batch_norm", [=](const X& x) { (void)wg::batch_norm(x, row, row); }},
      {"batch_norm", [=](const X& x) { (void)wg::batch_norm(y, row, x); }},
      {"batch_norm", [=](const X& x) { (void)wg::batch_norm(y, row, x, row, row); }},
      {"layer_norm", [](const X& x) { (void)wg::layer_norm(x, {2}); }},
      {"layer_norm", [=](const X& x) { (void)wg::layer_norm(y, {2}, x, row); }},
      {"group_norm", [](const X& x) { (void)wg::group_norm(x, 1); }},
      {"group_norm", [=](const X& x) { (void)wg::group_norm(y, 1, row, x); }},
      {"instance_norm", [](const X& x) { (void)wg::instance_norm(x); }},
      {"instance_norm", [=](const X& x) { (void)wg::instance_norm(sequence, x, row); }},
      // ---- losses ----
      {"cross_entropy", [=](const X& x) { (void)wg::cross_entropy(x, labels); }},
      {"cross_entropy", [=](const X& x) { (void)wg::cross_entropy(x, y); }},
      {"cross_entropy", [=](const X& x) { (void)wg::cross_entropy(y, x); }},
      {"nll_loss", [=](const X& x) { (void)wg::nll_loss(x, labels); }},
      {"binary_cross_entropy", [=](const X& x) { (void)wg::binary_cross_entropy(x, 1); }},
      {"binary_cross_entropy_with_logits", [=](const X& x) { (void)wg::binary_cross_entropy_with_logits(y, x); }},
      {"kl_divergence", [=](const X& x) { (void)wg::kl_divergence(x, y); }},
      {"mse_loss", [=](const X& x) { (void)wg::mse_loss(x, y); }},
      {"mse_loss", [=](const X& x) { (void)wg::mse_loss(x, 1); }},
      {"l1_loss", [=](const X& x) { (void)wg::l1_loss(y, x); }},
      {"smooth_l1_loss", [=](const X& x) { (void)wg::smooth_l1_loss(x, y); }},
      {"huber_loss", [=](const X& x) { (void)wg::huber_loss(x, y); }},
      {"poisson_nll_loss", [=](const X& x) { (void)wg::poisson_nll_loss(x, y); }},
      {"gaussian_nll_loss", [=](const X& x) { (void)wg::gaussian_nll_loss(y, y, x); }},
      {"cosine_similarity", [=](const X& x) { (void)wg::cosine_similarity(x, y); }},
      {"hinge_loss", [=](const X& x) { (void)wg::hinge_loss(x, y); }},
      {"hinge_embedding_loss", [=](const X& x) { (void)wg::hinge_embedding_loss(x, y); }},
      {"margin_ranking_loss", [=](const X& x) { (void)wg::margin_ranking_loss(y, y, x); }},
      {"multiclass_hinge_loss", [=](const X& x) { (void)wg::multiclass_hinge_loss(x, labels); }},
      // ---- linear algebra ----
      {"qr", [](const X& x) { (void)wg::qr(x); }},
      {"svd", [](const X& x) { (void)wg::svd(x); }},
      {"eigh", [](const X& x) { (void)wg::eigh(x); }},
      {"slogdet", [](const X& x) { (void)wg::slogdet(x); }},
      // ---- layers ----
      {"Linear", [=](const X& x) { (void)wg::nn::Linear<double>(wg::ones<double>({2, 2}))(x, training); }},
      {"BatchNorm", [=](const X& x) { (void)wg::nn::BatchNorm<double>(2)(x, training); }},
      {"Dropout", [=](const X& x) { (void)wg::nn::Dropout<double>()(x, training); }},
  };
}

const Array<double> square = wg::from_values<double>({0.5, 0.25, 0.125, 0.75}, {2, 2});

TEST(Operands, ThatHoldNothingAreRefusedInTheNameOfTheFunctionCalled) {
  Tape tape;
  for (const auto& of : calls<Var<double>>(tape.variable(square))) {
    const std::size_t size = tape.size();
    EXPECT_TRUE(mentions(refusal<wg::GraphError>([&] { of.call(Var<double>()); }), {of.name + ": ", "holds nothing"})) << of.name;
    EXPECT_EQ(tape.size(), size) << of.name;
  }
  Array<double> given = square;
  const Array<double> kept = std::move(given);
  for (const auto& of : calls<Array<double>>(square))
    EXPECT_TRUE(mentions(refusal<wg::GraphError>([&] { of.call(given); }), {of.name + ": ", "holds nothing"})) << of.name;  // NOLINT: moved from
}

TEST(Operands, ThatAreLabelsHoldSomethingToo) {
  const Labels nothing;
  const auto refused = [](const std::string& name, const std::function<void()>& call) { EXPECT_TRUE(mentions(refusal<wg::GraphError>(call), {name + ": ", "holds nothing"})) << name; };
  refused("cross_entropy", [&] { (void)wg::cross_entropy(square, nothing); });
  refused("nll_loss", [&] { (void)wg::nll_loss(square, nothing); });
  refused("multiclass_hinge_loss", [&] { (void)wg::multiclass_hinge_loss(square, nothing); });
  refused("embedding", [&] { (void)wg::embedding(nothing, square); });
  refused("accuracy", [&] { (void)wg::nn::accuracy(square, nothing); });
  refused("equal", [&] { (void)wg::equal(nothing, 1); });
}

TEST(Operands, OfTwoTapesAreRefusedBeforeAnythingIsRecorded) {
  Tape tape, elsewhere;
  const auto x = tape.variable(square), y = elsewhere.variable(square), row = tape.variable(wg::ones<double>({2})), other = elsewhere.variable(wg::ones<double>({2}));
  const auto image = wg::reshape(x, {1, 1, 2, 2}), filter = wg::reshape(y, {1, 1, 2, 2}), sequence = wg::reshape(x, {1, 2, 2}), weights = wg::reshape(y, {1, 2, 2});
  const auto one_elsewhere = wg::slice(other, 0, 0, 1);
  const Parameter<double> p("p", wg::ones<double>({2}));
  const Array<double> plain = wg::ones<double>({2});
  const std::size_t size = tape.size(), size_elsewhere = elsewhere.size();
  const auto refused = [&](const std::string& name, const std::function<void()>& call) {
    EXPECT_TRUE(mentions(refusal<wg::GraphError>(call), {name + ": ", "two tapes"})) << name;
    EXPECT_EQ(tape.size(), size) << name;
    EXPECT_EQ(elsewhere.size(), size_elsewhere) << name;
  };
  refused("layer_norm", [&] { (void)wg::layer_norm(x, {2}, plain, other); });
  refused("batch_norm", [&] { (void)wg::batch_norm(x, p, other); });
  refused("batch_norm", [&] { (void)wg::batch_norm(x, plain, row, row, other); });
  refused("group_norm", [&] { (void)wg::group_norm(x, 1, p, other); });
  refused("instance_norm", [&] { (void)wg::instance_norm(sequence, plain, other); });
  refused("conv1d", [&] { (void)wg::conv1d(sequence, weights); });
  refused("conv2d", [&] { (void)wg::conv2d(image, filter); });
  refused("conv2d", [&] { (void)wg::conv2d(image, image, one_elsewhere); });
  refused("linear", [&] { (void)wg::linear(x, y); });
  refused("linear", [&] { (void)wg::linear(square, x, other); });
  refused("bilinear", [&] { (void)wg::bilinear(x, x, weights); });
  refused("bilinear", [&] { (void)wg::bilinear(x, x, sequence, one_elsewhere); });
  refused("dot", [&] { (void)wg::dot(row, other); });
  refused("einsum", [&] { (void)wg::einsum("ij,jk,k->i", std::vector<Var<double>>{x, x, other}); });
  refused("stack", [&] { (void)wg::stack({x, x, y}); });
  refused("prelu", [&] { (void)wg::prelu(x, other); });
  refused("scatter_add", [&] { (void)wg::scatter_add(row, wg::from_values<std::int64_t>({0, 1}, {2}), other, 0); });
  refused("mse_loss", [&] { (void)wg::mse_loss(x, y); });
  refused("cross_entropy", [&] { (void)wg::cross_entropy(x, y, {.label_smoothing = 0.5}); });
  refused("gaussian_nll_loss", [&] { (void)wg::gaussian_nll_loss(x, square, other); });
  refused("margin_ranking_loss", [&] { (void)wg::margin_ranking_loss(x, 1, y); });
}

TEST(Operands, ThatAreParametersNeedATape) {
  const Parameter<double> p("p", square), bias("bias", wg::ones<double>({2}));
  const auto refused = [](const std::string& name, const std::function<void()>& call) { EXPECT_TRUE(mentions(refusal<wg::GraphError>(call), {name + ": ", "no operand is on a tape"})) << name; };
  refused("linear", [&] { (void)wg::linear(square, p, bias); });
  refused("layer_norm", [&] { (void)wg::layer_norm(square, {2}, bias, bias); });
  refused("conv1d", [&] { (void)wg::conv1d(wg::reshape(square, {1, 2, 2}), Parameter<double>("w", wg::ones<double>({1, 2, 1}))); });
  refused("dot", [&] { (void)wg::dot(bias.value(), bias); });
  refused("prelu", [&] { (void)wg::prelu(square, bias); });
  refused("mse_loss", [&] { (void)wg::mse_loss(square, p); });
  EXPECT_EQ(wg::linear(square, use(p, square), use(bias, square)).shape(), (wg::Shape{2, 2})) << "beside a plain array, use() is the parameter's value";
}

}  // namespace
