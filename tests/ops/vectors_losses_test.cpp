// The reference vectors: activations and losses.
#include "ops/vectors.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <wengert/nn/losses.hpp>
#include <wengert/nn/margin_losses.hpp>
#include <wengert/nn/regression_losses.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

namespace wengert::test {

namespace {

LossOptions loss(const Call& call) {
  const std::string name = call.word("reduction", "mean");
  return {.reduction = name == "sum" ? Reduction::sum : name == "none" ? Reduction::none : Reduction::mean};
}

LabelLossOptions label_loss(const Call& call) {
  LabelLossOptions options{.reduction = loss(call).reduction, .label_smoothing = call.number(99, "label_smoothing", 0), .ignored_label = call.integer(99, "ignore_index", -100)};
  if (call.has(99, "weight")) {
    const auto& weights = call.given(call.argument(99, "weight")).f64;
    options.class_weights.assign(weights.begin(), weights.end());
  }
  return options;
}

Vars cross_entropies(const Call& call) {
  const V x = call.var(0);
  const LabelLossOptions options = label_loss(call);
  if (!call.given(1).is_float()) return {cross_entropy(x, call.integers(1), options)};
  if (!call.has(99, "weight")) return {cross_entropy(x, call.var(1), options)};
  // PyTorch differentiates by the weights beside soft targets.
  Shape form;
  for (std::size_t k = x.shape().rank() == 1 ? 0 : 1; k < x.shape().rank(); ++k) form.push_back(form.empty() ? x.shape()[k] : 1);
  return {cross_entropy(x, call.var(1) * reshape(call.var(call.argument(99, "weight")), form), loss(call).reduction == Reduction::mean ? LabelLossOptions{} : LabelLossOptions{.reduction = loss(call).reduction})};
}

/// Losses of elements, weighed and then reduced.
Vars weighed(const Call& call, const V& losses) {
  const V each = call.has(99, "weight") ? losses * call.var(call.argument(99, "weight")) : losses;
  return {loss(call).reduction == Reduction::none ? each : loss(call).reduction == Reduction::sum ? sum(each) : mean(each)};
}

Vars entropies_of_logits(const Call& call) {
  constexpr LogitLossOptions each{.reduction = Reduction::none};
  const V x = call.var(0), t = call.var(1);
  if (!call.has(99, "pos_weight")) return weighed(call, binary_cross_entropy_with_logits(x, t, each));
  // One positive weight for each element; ours is one number.
  return weighed(call, -(call.var(call.argument(99, "pos_weight")) * t * log_sigmoid(x) + (1 - t) * log_sigmoid(-x)));
}

Vars divergence(const Call& call) {
  const V x = call.var(0);
  const bool of_batch = call.word("reduction", "mean") == "batchmean";
  const V y = kl_divergence(x, call.var(1), {.reduction = of_batch ? Reduction::sum : loss(call).reduction, .log_target = call.flag(99, "log_target")});
  return {of_batch ? y / static_cast<double>(x.shape()[0]) : y};
}

/// Two operands of a loss stretched to one shape, which ours do not do by themselves.
std::pair<V, V> stretched(const V& a, const V& b) {
  const Shape shape = broadcast_shape("stretched", a.shape(), b.shape());
  return {broadcast_to(a, shape), broadcast_to(b, shape)};
}

Vars gaussian(const Call& call) {
  const auto [x, t] = stretched(call.var(0), call.var(1));
  V variance = call.var(2);
  if (variance.shape().rank() + 1 == x.shape().rank()) variance = expand_dims(variance, -1);  // one for each row
  return {gaussian_nll_loss(x, t, variance, {.reduction = loss(call).reduction, .full = call.flag(99, "full"), .epsilon = call.number(99, "eps", 1e-6)})};
}

Operations operations() {
  return {
      {"F.silu", unary([](const V& x) { return silu(x); })},
      {"F.relu", unary([](const V& x) { return relu(x); })},
      {"F.leaky_relu", [](const Call& call) { return Vars{leaky_relu(call.var(0), call.number(1, "negative_slope", 0.01))}; }},
      {"F.elu", [](const Call& call) { return Vars{elu(call.var(0), call.number(1, "alpha", 1))}; }},
      {"F.celu", [](const Call& call) { return Vars{celu(call.var(0), call.number(1, "alpha", 1))}; }},
      {"F.selu", unary([](const V& x) { return selu(x); })},
      {"F.gelu", [](const Call& call) { return Vars{gelu(call.var(0), call.word("approximate", "none") == "tanh" ? GeluForm::tanh : GeluForm::exact)}; }},
      {"F.mish", unary([](const V& x) { return mish(x); })},
      {"F.softplus", [](const Call& call) { return Vars{softplus(call.var(0), {.beta = call.number(1, "beta", 1), .threshold = call.number(2, "threshold", 20)})}; }},
      {"F.softsign", unary([](const V& x) { return softsign(x); })},
      {"F.logsigmoid", unary([](const V& x) { return log_sigmoid(x); })},
      {"F.hardtanh", [](const Call& call) { return Vars{hardtanh(call.var(0), call.number(1, "min_val", -1), call.number(2, "max_val", 1))}; }},
      {"F.relu6", unary([](const V& x) { return relu6(x); })},
      {"F.threshold", [](const Call& call) { return Vars{threshold(call.var(0), call.number(1, "threshold", 0), call.number(2, "value", 0))}; }},
      {"F.prelu", [](const Call& call) {
         const V x = call.var(0), slope = call.var(call.argument(1, "weight"));
         if (slope.size() == 1 || x.shape().rank() < 2) return Vars{prelu(x, slope.size() == 1 ? reshape(slope, {}) : slope)};
         Shape form;  // one slope for each channel, which is axis 1
         for (std::size_t k = 0; k < x.shape().rank(); ++k) form.push_back(1);
         form[1] = slope.size();
         return Vars{prelu(x, reshape(slope, form))};
       }},
      {"F.glu", [](const Call& call) { return Vars{glu(call.var(0), call.integer(1, "dim", -1))}; }},
      {"softmax", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return softmax(x, axis); }); }},
      {"log_softmax", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return log_softmax(x, axis); }); }},
      {"F.softmin", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return softmax(-x, axis); }); }},

      {"F.mse_loss", [](const Call& call) { return Vars{mse_loss(call.var(0), call.var(1), loss(call))}; }},
      {"F.cross_entropy", cross_entropies},
      {"F.nll_loss", [](const Call& call) { return Vars{nll_loss(call.var(0), call.integers(1), label_loss(call))}; }},
      {"F.binary_cross_entropy", [](const Call& call) { return weighed(call, binary_cross_entropy(call.var(0), call.var(1), {.reduction = Reduction::none})); }},
      {"F.binary_cross_entropy_with_logits", entropies_of_logits},
      {"F.kl_div", divergence},
      {"F.l1_loss", [](const Call& call) { return Vars{l1_loss(call.var(0), call.var(1), loss(call))}; }},
      {"F.smooth_l1_loss", [](const Call& call) { return Vars{smooth_l1_loss(call.var(0), call.var(1), {.reduction = loss(call).reduction, .beta = call.number(99, "beta", 1)})}; }},
      {"F.huber_loss", [](const Call& call) { return Vars{huber_loss(call.var(0), call.var(1), {.reduction = loss(call).reduction, .delta = call.number(99, "delta", 1)})}; }},
      {"F.hinge_embedding_loss", [](const Call& call) { return Vars{hinge_embedding_loss(call.var(0), call.var(1), {.reduction = loss(call).reduction, .margin = call.number(99, "margin", 1)})}; }},
      {"F.margin_ranking_loss", [](const Call& call) {
         const auto [a, b] = stretched(call.var(0), call.var(1));
         return Vars{margin_ranking_loss(a, b, call.var(2), {.reduction = loss(call).reduction, .margin = call.number(99, "margin", 0)})};
       }},
      {"F.multi_margin_loss", [](const Call& call) {
         V x = call.var(0);
         if (x.shape().rank() == 1) x = expand_dims(x, 0);  // PyTorch takes one label in an array for one example
         return Vars{multiclass_hinge_loss(x, call.integers(1).reshaped({x.shape()[0]}), {.reduction = loss(call).reduction, .margin = call.number(99, "margin", 1), .power = static_cast<int>(call.integer(99, "p", 1)),
                                                                 .class_weights = label_loss(call).class_weights})};
       }},
      {"F.poisson_nll_loss", [](const Call& call) {
         return Vars{poisson_nll_loss(call.var(0), call.var(1), {.reduction = loss(call).reduction, .log_input = !call.has(99, "log_input") || call.flag(99, "log_input"), .full = call.flag(99, "full"), .epsilon = call.number(99, "eps", 1e-8)})};
       }},
      {"F.gaussian_nll_loss", gaussian},
      {"F.cosine_similarity", [](const Call& call) {
         auto [a, b] = stretched(call.var(0), call.var(1));
         if (a.shape().empty()) a = reshape(a, {1}), b = reshape(b, {1});  // PyTorch takes a number for a vector
         return Vars{cosine_similarity(a, b, {.axis = call.integer(2, "dim", 1), .epsilon = call.number(3, "eps", 1e-8)})};
       }},
  };
}

Listed listed() {
  return {
      {"F.binary_cross_entropy/sample/4", "PyTorch adds 1e-12 to p (1 - p)"},
      {"F.celu/reference/0", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/9", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/12", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/18", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.mish/reference/10", "at 1000 PyTorch's second derivative is NaN"},
      {"F.mish/reference/11", "at infinity the slope is 1, at -infinity 0"},
      {"F.hardtanh/sample/0", "bounds that are not in order are a ValueError"},
      {"F.threshold/reference/3", "the slope at NaN is NaN"},
      {"F.threshold/reference/13", "the slope at NaN is NaN"},
  };
}

}  // namespace

TEST(ReferenceVectors, AgreeOnActivations) { compare_group("activation", operations(), listed()); }
TEST(ReferenceVectors, AgreeOnLosses) { compare_group("loss", operations(), listed()); }

}  // namespace wengert::test
