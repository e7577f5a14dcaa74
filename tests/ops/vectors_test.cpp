// The reference vectors: PyTorch's own test inputs, with its outputs and derivatives. Operations of ours, and small compositions of
// them, are compared with all of them; what differs on purpose is listed here by its id, and what is not there yet by its name.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/margin_losses.hpp>
#include <wengert/nn/regression_losses.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/cumulative.hpp>
#include <wengert/ops/einsum.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/norm.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/ops/solve.hpp>

#include "support/vectors.hpp"

namespace wengert::test {

namespace {

using adref::json;
using V = Var<double>;
using Vars = std::vector<V>;
using Integers = Array<std::int64_t>;

// ---- a case as a call ----

Shape shape_of(const adref::Array& a) { return Shape(a.shape.begin(), a.shape.end()); }
Array<double> doubles(const adref::Array& a) {
  if (a.is_float()) return from_values<double>(std::span<const double>(a.f64), shape_of(a));
  const std::vector<double> values(a.i64.begin(), a.i64.end());
  return from_values<double>(std::span<const double>(values), shape_of(a));
}

class Call {
 public:
  Call(const adref::Case& c, Tape& tape) : case_(c), tape_(tape) {
    for (const auto& input : c.inputs) leaves_.push_back(input.is_float() ? tape.variable(doubles(input)) : V());
  }

  const Vars& leaves() const { return leaves_; }

  const json& argument(std::size_t i, const char* name) const { return adref::argument(case_, i, name); }
  bool has(std::size_t i, const char* name) const { return !argument(i, name).is_null(); }
  V var(const json& a) const {
    const auto k = adref::input_index(a);
    if (!k) return tape_.constant(adref::number(a));
    return case_.inputs[*k].is_float() ? leaves_[*k] : tape_.constant(doubles(case_.inputs[*k]));
  }
  V var(std::size_t i) const { return var(argument(i, "")); }
  Vars list(std::size_t i) const {
    Vars all;
    for (const auto& a : argument(i, "")) all.push_back(var(a));
    return all;
  }
  /// The input that argument i names, as it was given.
  const adref::Array& given(const json& a) const { return case_.inputs.at(adref::input_index(a).value()); }
  const adref::Array& given(std::size_t i) const { return given(argument(i, "")); }
  Integers integers(std::size_t i) const { return from_values<std::int64_t>(std::span<const std::int64_t>(given(i).i64), shape_of(given(i))); }
  std::int64_t integer(std::size_t i, const char* name, std::int64_t otherwise = 0) const { return has(i, name) ? argument(i, name).get<std::int64_t>() : otherwise; }
  double number(std::size_t i, const char* name, double otherwise) const { return has(i, name) ? adref::number(argument(i, name)) : otherwise; }
  bool flag(std::size_t i, const char* name) const { return has(i, name) && argument(i, name).get<bool>(); }
  std::string word(const char* name, const char* otherwise) const { return has(99, name) ? argument(99, name).get<std::string>() : otherwise; }
  /// A number or a list of them.
  std::vector<std::int64_t> numbers(std::size_t i, const char* name) const {
    const json& a = argument(i, name);
    if (a.is_null()) return {};
    return a.is_array() ? a.get<std::vector<std::int64_t>>() : std::vector<std::int64_t>{a.get<std::int64_t>()};
  }
  /// The axes of a reduction of argument 0. PyTorch allows axis 0 of a number.
  Axes axes() const {
    Axes axes;
    if (given(0).shape.empty()) return axes;
    for (const auto axis : numbers(1, "dim")) axes.push_back(axis);
    return axes;
  }
  ReduceOptions reduction() const { return {.axes = axes(), .keep_dims = flag(2, "keepdim")}; }
  LossOptions loss() const {
    const std::string name = word("reduction", "mean");
    return {.reduction = name == "sum" ? Reduction::sum : name == "none" ? Reduction::none : Reduction::mean};
  }

 private:
  const adref::Case& case_;
  Tape& tape_;
  Vars leaves_;
};

// ---- operations of the vectors, in terms of ours ----

template <class F>
auto unary(F f) {
  return [f](const Call& call) { return Vars{f(call.var(0))}; };
}
template <class F>
auto binary(F f) {
  return [f](const Call& call) { return Vars{f(call.var(0), call.var(1))}; };
}

Axes axes_from(const std::vector<std::int64_t>& numbers) {
  Axes axes;
  for (const auto number : numbers) axes.push_back(number);
  return axes;
}

Vars variance(const Call& call, bool root) {
  // The second argument is `dim`, or in another overload `unbiased`; both may be names.
  const json& second = call.argument(1, "dim");
  VarianceOptions options;
  if (second.is_boolean()) {
    options.correction = second.get<bool>() ? 1 : 0;
  } else {
    options.axes = call.axes();
    options.keep_dims = call.flag(3, "keepdim");
    if (call.has(2, "unbiased")) options.correction = call.flag(2, "unbiased") ? 1 : 0;
  }
  options.correction = call.integer(99, "correction", options.correction);
  const V x = call.var(0);
  return {root ? stddev(x, options) : var(x, options)};
}

Vars norms(const Call& call) {
  const json& order = call.argument(1, call.has(99, "ord") ? "ord" : "p");
  NormOptions options{.keep_dims = call.flag(3, "keepdim")};
  if (!order.is_null() && !order.is_string()) options.order = adref::number(order);
  if (!call.given(0).shape.empty()) options.axes = axes_from(call.numbers(2, "dim"));  // PyTorch allows axis 0 of a number
  return {norm(call.var(0), options)};
}

/// PyTorch runs along axis 0 of a number too.
template <class F>
Vars running(const Call& call, F along) {
  const V x = call.var(0);
  return {x.shape().empty() ? reshape(along(reshape(x, {1}), 0), {}) : along(x, call.integer(1, "dim"))};
}

/// The extreme along an axis and its place: here the gradient goes to one element even at a tie.
Vars extreme(const Call& call, bool largest) {
  const V x = call.var(0);
  if (x.shape().empty()) return {x};
  const std::int64_t axis = call.integer(1, "dim");
  const Integers places = largest ? argmax(x, axis) : argmax(-x, axis);
  Shape kept = x.shape();
  kept[normal_axis("extreme", axis, kept)] = 1;
  const V picked = gather(x, places.reshaped(kept), axis);
  return {call.flag(2, "keepdim") ? picked : squeeze(picked, axis)};
}

Vars pieces(const V& x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  Vars all;
  std::int64_t start = 0;
  for (const auto size : sizes) {
    all.push_back(slice(x, axis, start, start + size));
    start += size;
  }
  return all;
}

std::vector<std::int64_t> equal_sizes(std::int64_t extent, std::int64_t size) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t left = extent; left > 0; left -= size) sizes.push_back(std::min(size, left));
  return sizes;
}

std::int64_t extent(const V& x, std::int64_t axis) { return static_cast<std::int64_t>(x.shape()[normal_axis("extent", axis, x.shape())]); }

/// x along an axis in the order f(0), f(1), ..., f(count - 1).
template <class F>
V picked(const V& x, std::int64_t axis, std::int64_t count, F f) {
  return take(x, Integers::build({count}, [&](std::span<std::int64_t> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(static_cast<std::int64_t>(i)); }), axis);
}

Vars sliced(const Call& call) {
  const V x = call.var(0);
  const std::int64_t axis = call.integer(1, "dim"), whole = extent(x, axis), step = call.integer(4, "step", 1);
  const auto bound = [&](std::size_t i, const char* name, std::int64_t otherwise) {
    const std::int64_t given = call.integer(i, name, otherwise);
    return std::clamp<std::int64_t>(given < 0 ? given + whole : given, 0, whole);
  };
  const std::int64_t start = bound(2, "start", 0), stop = std::max(start, bound(3, "end", whole));
  if (step == 1) return {slice(x, axis, start, stop)};
  return {picked(x, axis, (stop - start + step - 1) / step, [&](std::int64_t i) { return start + i * step; })};
}

Vars tiled(const Call& call) {
  const auto times = call.numbers(1, "");
  return {tile(call.var(0), std::vector<std::size_t>(times.begin(), times.end()))};
}

/// PyTorch pads from the last axis on, and cuts where a width is negative.
Vars padded(const Call& call) {
  V x = call.var(0);
  const auto pairs = call.numbers(1, "pad");
  const std::string mode = call.argument(2, "mode").get<std::string>();
  std::vector<PadWidth> widths(x.shape().rank());
  for (std::size_t k = 0; 2 * k < pairs.size(); ++k) {
    const auto axis = static_cast<std::int64_t>(widths.size() - 1 - k);
    const std::int64_t before = pairs[2 * k], behind = pairs[2 * k + 1], whole = extent(x, axis);
    x = slice(x, axis, std::max<std::int64_t>(0, -before), whole + std::min<std::int64_t>(0, behind));
    widths[static_cast<std::size_t>(axis)] = {static_cast<std::size_t>(std::max<std::int64_t>(0, before)), static_cast<std::size_t>(std::max<std::int64_t>(0, behind))};
  }
  return {pad(x, widths, {.mode = mode == "reflect" ? PadMode::reflect : mode == "replicate" ? PadMode::replicate : mode == "circular" ? PadMode::circular : PadMode::constant,
                          .value = call.number(3, "value", 0)})};
}

Vars flipped(const Call& call) {
  const auto axes = call.numbers(1, "dims");
  return {axes.empty() ? reshape(call.var(0), call.var(0).shape()) : flip(call.var(0), axes_from(axes))};
}

Vars rolled(const Call& call) {
  V x = call.var(0);
  const Shape shape = x.shape();
  const auto shifts = call.numbers(1, "shifts");
  auto axes = call.numbers(2, "dims");
  const bool all = axes.empty();
  if (all) {
    x = flatten(x);
    axes = {0};
  }
  for (std::size_t k = 0; k < axes.size(); ++k) x = roll(x, shifts[k], axes[k]);
  return {all ? reshape(x, shape) : x};
}

/// PyTorch's weights are (outputs, inputs), or (inputs) for one output without an axis.
Vars linear(const Call& call) {
  const V w = call.var(1);
  if (w.shape().rank() == 1) return {call.has(2, "bias") ? matmul(call.var(0), w) + call.var(2) : matmul(call.var(0), w)};
  return {call.has(2, "bias") ? wengert::linear(call.var(0), transpose(w), call.var(2)) : wengert::linear(call.var(0), transpose(w))};
}

Vars bilinear(const Call& call) {
  return {call.has(3, "bias") ? wengert::bilinear(call.var(0), call.var(1), call.var(2), call.var(3)) : wengert::bilinear(call.var(0), call.var(1), call.var(2))};
}

LabelLossOptions label_loss(const Call& call) {
  LabelLossOptions options{.reduction = call.loss().reduction, .label_smoothing = call.number(99, "label_smoothing", 0), .ignored_label = call.integer(99, "ignore_index", -100)};
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
  return {cross_entropy(x, call.var(1) * reshape(call.var(call.argument(99, "weight")), form), call.loss().reduction == Reduction::mean ? LabelLossOptions{} : LabelLossOptions{.reduction = call.loss().reduction})};
}

/// Losses of elements, weighed and then reduced.
Vars weighed(const Call& call, const V& losses) {
  const V each = call.has(99, "weight") ? losses * call.var(call.argument(99, "weight")) : losses;
  return {call.loss().reduction == Reduction::none ? each : call.loss().reduction == Reduction::sum ? sum(each) : mean(each)};
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
  const V y = kl_divergence(x, call.var(1), {.reduction = of_batch ? Reduction::sum : call.loss().reduction, .log_target = call.flag(99, "log_target")});
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
  return {gaussian_nll_loss(x, t, variance, {.reduction = call.loss().reduction, .full = call.flag(99, "full"), .epsilon = call.number(99, "eps", 1e-6)})};
}

/// PyTorch takes a b of one axis less than A for a batch of vectors, too.
Vars solved(const Call& call) {
  const V a = call.var(0), b = call.var(1);
  const bool vectors = b.shape().rank() > 1 && b.shape().rank() + 1 == a.shape().rank();
  return {vectors ? squeeze(solve(a, expand_dims(b, -1)), -1) : solve(a, b)};
}

using Operation = std::function<Vars(const Call&)>;

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> all = {
      {"neg", unary([](const V& x) { return -x; })},
      {"reciprocal", unary([](const V& x) { return reciprocal(x); })},
      {"exp", unary([](const V& x) { return exp(x); })},
      {"expm1", unary([](const V& x) { return expm1(x); })},
      {"log", unary([](const V& x) { return log(x); })},
      {"log1p", unary([](const V& x) { return log1p(x); })},
      {"sqrt", unary([](const V& x) { return sqrt(x); })},
      {"rsqrt", unary([](const V& x) { return rsqrt(x); })},
      {"abs", unary([](const V& x) { return abs(x); })},
      {"sign", unary([](const V& x) { return sign(x); })},
      {"sin", unary([](const V& x) { return sin(x); })},
      {"cos", unary([](const V& x) { return cos(x); })},
      {"tan", unary([](const V& x) { return tan(x); })},
      {"asin", unary([](const V& x) { return asin(x); })},
      {"acos", unary([](const V& x) { return acos(x); })},
      {"atan", unary([](const V& x) { return atan(x); })},
      {"sinh", unary([](const V& x) { return sinh(x); })},
      {"cosh", unary([](const V& x) { return cosh(x); })},
      {"log2", unary([](const V& x) { return log2(x); })},
      {"erf", unary([](const V& x) { return erf(x); })},
      {"erfc", unary([](const V& x) { return erfc(x); })},
      {"lgamma", unary([](const V& x) { return lgamma(x); })},
      {"tanh", unary([](const V& x) { return tanh(x); })},
      {"sigmoid", unary([](const V& x) { return sigmoid(x); })},
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

      {"add", [](const Call& call) { return Vars{call.var(0) + call.number(99, "alpha", 1) * call.var(1)}; }},
      {"sub", [](const Call& call) { return Vars{call.var(0) - call.number(99, "alpha", 1) * call.var(1)}; }},
      {"mul", binary([](const V& a, const V& b) { return a * b; })},
      {"div:no_rounding_mode", binary([](const V& a, const V& b) { return a / b; })},
      {"pow", binary([](const V& a, const V& b) { return pow(a, b); })},
      {"maximum", binary([](const V& a, const V& b) { return maximum(a, b); })},
      {"minimum", binary([](const V& a, const V& b) { return minimum(a, b); })},
      {"max:binary", binary([](const V& a, const V& b) { return maximum(a, b); })},
      {"min:binary", binary([](const V& a, const V& b) { return minimum(a, b); })},
      {"clamp", [](const Call& call) {
         V x = call.var(0);
         if (call.has(1, "min")) x = maximum(x, call.var(call.argument(1, "min")));
         if (call.has(2, "max")) x = minimum(x, call.var(call.argument(2, "max")));
         return Vars{x};
       }},
      {"where", [](const Call& call) {
         const auto& condition = call.given(1);
         const auto mask = Array<bool>::build(shape_of(condition), [&](std::span<bool> out) { std::transform(condition.i64.begin(), condition.i64.end(), out.begin(), [](std::int64_t holds) { return holds != 0; }); });
         return Vars{where(mask, call.var(0), call.var(2))};
       }},

      {"sum", [](const Call& call) { return Vars{sum(call.var(0), call.reduction())}; }},
      {"mean", [](const Call& call) { return Vars{mean(call.var(0), call.reduction())}; }},
      {"var", [](const Call& call) { return variance(call, false); }},
      {"std", [](const Call& call) { return variance(call, true); }},
      {"amax", [](const Call& call) { return Vars{amax(call.var(0), call.reduction())}; }},
      {"amin", [](const Call& call) { return Vars{amin(call.var(0), call.reduction())}; }},
      {"max:reduction_no_dim", [](const Call& call) { return Vars{amax(call.var(0))}; }},
      {"min:reduction_no_dim", [](const Call& call) { return Vars{amin(call.var(0))}; }},
      {"max:reduction_with_dim", [](const Call& call) { return extreme(call, true); }},
      {"min:reduction_with_dim", [](const Call& call) { return extreme(call, false); }},
      {"logsumexp", [](const Call& call) { return Vars{logsumexp(call.var(0), call.reduction())}; }},
      {"prod", [](const Call& call) { return Vars{prod(call.var(0), call.reduction())}; }},
      {"norm", norms}, {"norm:inf", norms}, {"norm:fro", norms}, {"linalg.vector_norm", norms},
      {"cumsum", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return cumsum(x, axis); }); }},
      {"cumprod", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return cumprod(x, axis); }); }},

      {"matmul", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"mm", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"bmm", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"mv", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"dot", binary([](const V& a, const V& b) { return dot(a, b); })},
      {"outer", binary([](const V& a, const V& b) { return outer(a, b); })},
      {"einsum", [](const Call& call) { return Vars{einsum(call.argument(1, "equation").get<std::string>(), call.list(0))}; }},
      {"addmm", [](const Call& call) { return Vars{call.number(99, "beta", 1) * call.var(0) + call.number(99, "alpha", 1) * matmul(call.var(1), call.var(2))}; }},
      {"F.linear", linear},
      {"F.bilinear", bilinear},

      {"linalg.inv", unary([](const V& a) { return inv(a); })},
      {"linalg.solve", solved},
      {"linalg.cholesky", [](const Call& call) { return Vars{cholesky(call.var(0), {.upper = call.flag(1, "upper")})}; }},
      {"linalg.det", unary([](const V& a) { return det(a); })},
      {"linalg.det:singular", unary([](const V& a) { return det(a); })},
      {"linalg.slogdet", [](const Call& call) {
         const auto [sign, logabsdet] = slogdet(call.var(0));
         return Vars{sign, logabsdet};
       }},

      {"transpose", [](const Call& call) {
         const V x = call.var(0);
         return Vars{x.shape().empty() ? reshape(x, {}) : swapaxes(x, call.integer(1, "dim0"), call.integer(2, "dim1"))};
       }},
      {"permute", [](const Call& call) { return Vars{transpose(call.var(0), axes_from(call.numbers(1, "dims")))}; }},
      {"reshape", [](const Call& call) { return Vars{reshape(call.var(0), axes_from(call.numbers(1, "shape")))}; }},
      {"squeeze", [](const Call& call) {
         const V x = call.var(0);
         if (!call.has(1, "dim")) return Vars{squeeze(x)};
         // PyTorch leaves an axis of another length alone, and so a number.
         return Vars{!x.shape().empty() && extent(x, call.integer(1, "dim")) == 1 ? squeeze(x, call.integer(1, "dim")) : reshape(x, x.shape())};
       }},
      {"unsqueeze", [](const Call& call) { return Vars{expand_dims(call.var(0), call.integer(1, "dim"))}; }},
      {"expand", [](const Call& call) {
         const V x = call.var(0);
         const auto sizes = call.numbers(1, "sizes");
         Shape to;
         for (std::size_t k = 0; k < sizes.size(); ++k) to.push_back(sizes[k] == -1 ? x.shape()[k - (sizes.size() - x.shape().rank())] : static_cast<std::size_t>(sizes[k]));
         return Vars{broadcast_to(x, to)};
       }},
      {"broadcast_to", [](const Call& call) {
         const auto sizes = call.numbers(1, "shape");
         return Vars{broadcast_to(call.var(0), Shape(sizes.begin(), sizes.end()))};
       }},
      {"cat", [](const Call& call) { return Vars{concatenate(call.list(0), call.integer(1, "dim"))}; }},
      {"stack", [](const Call& call) { return Vars{stack(call.list(0), call.integer(1, "dim"))}; }},
      {"tril", [](const Call& call) { return Vars{tril(call.var(0), call.integer(1, "diagonal"))}; }},
      {"triu", [](const Call& call) { return Vars{triu(call.var(0), call.integer(1, "diagonal"))}; }},
      {"diag", [](const Call& call) { return Vars{diag(call.var(0), call.integer(1, "diagonal"))}; }},
      {"trace", unary([](const V& x) { return trace(x); })},
      {"repeat", tiled}, {"tile", tiled},
      {"F.pad:constant", padded}, {"F.pad:reflect", padded}, {"F.pad:replicate", padded}, {"F.pad:circular", padded},
      {"split", [](const Call& call) {
         const V x = call.var(0);
         const std::int64_t axis = call.integer(2, "dim");
         return pieces(x, equal_sizes(extent(x, axis), call.integer(1, "split_size")), axis);
       }},
      {"split:list_args", [](const Call& call) { return pieces(call.var(0), call.numbers(1, "split_sizes"), call.integer(2, "dim")); }},
      {"chunk", [](const Call& call) {
         const V x = call.var(0);
         const std::int64_t axis = call.integer(2, "dim"), chunks = call.integer(1, "chunks"), whole = extent(x, axis);
         return pieces(x, equal_sizes(whole, (whole + chunks - 1) / chunks), axis);
       }},
      {"narrow", [](const Call& call) {
         const std::int64_t start = call.integer(2, "start");
         return Vars{slice(call.var(0), call.integer(1, "dim"), start, start + call.integer(3, "length"))};
       }},
      {"slice", sliced},
      {"flip", flipped},
      {"roll", rolled},
      {"index_select", [](const Call& call) {
         const V x = call.var(0);  // PyTorch selects from a number too
         return Vars{x.shape().empty() ? reshape(x, {}) : take(x, call.integers(2), call.integer(1, "dim"))};
       }},
      {"gather", [](const Call& call) {
         const V x = call.var(0);
         if (!x.shape().empty()) return Vars{gather(x, call.integers(2), call.integer(1, "dim"))};
         const Integers places = call.integers(2);  // PyTorch gathers from a number too
         return Vars{reshape(gather(reshape(x, {1}), places.reshaped({places.size()}), 0), places.shape())};
       }},

      {"softmax", [](const Call& call) { return Vars{softmax(call.var(0), call.integer(1, "dim"))}; }},
      {"log_softmax", [](const Call& call) { return Vars{log_softmax(call.var(0), call.integer(1, "dim"))}; }},
      {"F.softmin", [](const Call& call) { return Vars{softmax(-call.var(0), call.integer(1, "dim"))}; }},
      {"F.mse_loss", [](const Call& call) { return Vars{mse_loss(call.var(0), call.var(1), call.loss())}; }},
      {"F.cross_entropy", cross_entropies},
      {"F.nll_loss", [](const Call& call) { return Vars{nll_loss(call.var(0), call.integers(1), label_loss(call))}; }},
      {"F.binary_cross_entropy", [](const Call& call) { return weighed(call, binary_cross_entropy(call.var(0), call.var(1), {.reduction = Reduction::none})); }},
      {"F.binary_cross_entropy_with_logits", entropies_of_logits},
      {"F.kl_div", divergence},
      {"F.l1_loss", [](const Call& call) { return Vars{l1_loss(call.var(0), call.var(1), call.loss())}; }},
      {"F.smooth_l1_loss", [](const Call& call) { return Vars{smooth_l1_loss(call.var(0), call.var(1), {.reduction = call.loss().reduction, .beta = call.number(99, "beta", 1)})}; }},
      {"F.huber_loss", [](const Call& call) { return Vars{huber_loss(call.var(0), call.var(1), {.reduction = call.loss().reduction, .delta = call.number(99, "delta", 1)})}; }},
      {"F.hinge_embedding_loss", [](const Call& call) { return Vars{hinge_embedding_loss(call.var(0), call.var(1), {.reduction = call.loss().reduction, .margin = call.number(99, "margin", 1)})}; }},
      {"F.margin_ranking_loss", [](const Call& call) {
         const auto [a, b] = stretched(call.var(0), call.var(1));
         return Vars{margin_ranking_loss(a, b, call.var(2), {.reduction = call.loss().reduction, .margin = call.number(99, "margin", 0)})};
       }},
      {"F.multi_margin_loss", [](const Call& call) {
         V x = call.var(0);
         if (x.shape().rank() == 1) x = expand_dims(x, 0);  // PyTorch takes one label in an array for one example
         return Vars{multiclass_hinge_loss(x, call.integers(1), {.reduction = call.loss().reduction, .margin = call.number(99, "margin", 1), .power = static_cast<int>(call.integer(99, "p", 1))})};
       }},
      {"F.poisson_nll_loss", [](const Call& call) {
         return Vars{poisson_nll_loss(call.var(0), call.var(1), {.reduction = call.loss().reduction, .log_input = !call.has(99, "log_input") || call.flag(99, "log_input"), .full = call.flag(99, "full"), .epsilon = call.number(99, "eps", 1e-8)})};
       }},
      {"F.gaussian_nll_loss", gaussian},
      {"F.cosine_similarity", [](const Call& call) {
         const auto [a, b] = stretched(call.var(0), call.var(1));
         return Vars{cosine_similarity(a, b, {.axis = call.integer(2, "dim", 1), .epsilon = call.number(3, "eps", 1e-8)})};
       }},
  };
  return all;
}

/// Cases in which we differ on purpose, or which need an option that is not there yet. Each must really differ.
const std::map<std::string, std::string>& listed() {
  static const std::map<std::string, std::string> reasons = {
      {"log/reference/11", "below 0 the slope is NaN like the value, at -0 it is that at 0"},
      {"log/reference/18", "below 0 the slope is NaN like the value"},
      {"F.binary_cross_entropy/sample/4", "PyTorch adds 1e-12 to p (1 - p)"},
      {"F.elu/reference/2", "at 0 the second derivative is that of the left side, as the first"},
      {"F.celu/reference/0", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/9", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/12", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"F.celu/reference/18", "PyTorch's kernel rounds 1 / alpha to single precision"},
      {"linalg.vector_norm/sample/10", "PyTorch's kernel rounds the order 0.9 to single precision"},
      {"linalg.vector_norm/sample/28", "PyTorch's kernel rounds the order 0.9 to single precision"},
      {"linalg.vector_norm/sample/59", "PyTorch's kernel rounds the order 0.9 to single precision"},
      {"F.mish/reference/10", "at 1000 PyTorch's second derivative is NaN"},
      {"F.mish/reference/11", "at infinity the slope is 1, at -infinity 0"},
      {"F.hardtanh/sample/0", "bounds that are not in order are a ValueError"},
      {"F.threshold/reference/3", "the slope at NaN is NaN"},
      {"F.threshold/reference/13", "the slope at NaN is NaN"},
      {"log2/reference/11", "below 0 the slope is NaN like the value, at -0 it is that at 0"},
      {"log2/reference/16", "below 0 the slope is NaN like the value"},
      {"log2/reference/18", "below 0 the slope is NaN like the value"},
      {"log2/reference/19", "below 0 the slope is NaN like the value"},
      {"abs/reference/10", "the slope at NaN is NaN"},
      {"sign/reference/4", "the sign of NaN is NaN"},
      {"minimum/reference/25", "the gradient at NaN is NaN, as for amin"},
      {"max:binary/reference/14", "the gradient at NaN is NaN, as for amax"},
      {"max:binary/reference/26", "the gradient at NaN is NaN, as for amax"},
      {"min:binary/reference/10", "the gradient at NaN is NaN, as for amin"},
  };
  return reasons;
}

// ---- one case ----

/// What differs, or nothing.
std::string compared(const std::string& what, const adref::MaybeArray& want, const Array<double>& got, double sens) {
  if (!want || !want->is_float()) return {};
  if (shape_of(*want) != got.shape()) return what + " has the shape " + to_string(got.shape()) + ", not " + to_string(shape_of(*want)) + "; ";
  const double difference = adref::max_diff(want->f64, got.data()), allowed = adref::tolerance(want->max_abs(), sens);
  return difference <= allowed ? "" : what + " differs by " + std::to_string(difference) + "; ";
}

std::string differences(const adref::Case& c, const Operation& operation) {
  Tape tape;
  const Call call(c, tape);
  const Vars outputs = operation(call);
  std::string found;

  Vars totals;  // sums of output * cotangent
  Vars cotangents;
  for (std::size_t k = 0; k < c.outputs.size(); ++k) {
    if (!c.outputs[k].is_float()) continue;  // places of extremes
    found += compared("output " + std::to_string(k), c.outputs[k], outputs.at(k).value(), c.sens_outputs);
    if (!found.empty()) return found;
    cotangents.push_back(c.cotangents[k] ? tape.variable(doubles(*c.cotangents[k])) : V());
    if (c.cotangents[k]) totals.push_back(sum(outputs[k] * cotangents.back()));
  }
  if (totals.empty()) return found;
  V total = totals[0];
  for (std::size_t k = 1; k < totals.size(); ++k) total = total + totals[k];

  Vars leaves;
  std::vector<std::size_t> inputs;  // of the leaves
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    if (call.leaves()[i].is_nothing()) continue;
    leaves.push_back(call.leaves()[i]);
    inputs.push_back(i);
  }
  // With one output as its users call it; with several through the sum, the slope of which is the cotangent.
  const bool single = totals.size() == 1;
  const auto plain = single ? tape.backward(outputs[0], {.cotangent = cotangents[0].value(), .keep_tape = true}) : tape.backward(total, {.keep_tape = true});
  const Vars recorded = single ? tape.gradient(outputs[0], leaves, {.cotangent = cotangents[0]}) : tape.gradient(total, leaves);
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    const std::string name = "the gradient of input " + std::to_string(inputs[k]);
    found += compared(name, c.grads[inputs[k]], plain[leaves[k]], c.sens_grads);
    found += compared(name + ", recorded,", c.grads[inputs[k]], recorded[k].value(), c.sens_grads);
  }
  if (!c.second || !found.empty()) return found;

  V directional;  // the sum of gradient * direction
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    if (!c.second->v[inputs[k]]) continue;
    const V part = sum(recorded[k] * doubles(*c.second->v[inputs[k]]));
    directional = directional.is_nothing() ? part : directional + part;
  }
  if (directional.is_nothing()) return found;
  const auto second = tape.backward(directional);
  for (std::size_t k = 0; k < leaves.size(); ++k) found += compared("the second derivative by input " + std::to_string(inputs[k]), c.second->grads[inputs[k]], second[leaves[k]], c.sens_second);
  for (std::size_t k = 0; k < cotangents.size(); ++k)
    if (!cotangents[k].is_nothing()) found += compared("the second derivative by cotangent " + std::to_string(k), c.second->cotangent_grads[k], second[cotangents[k]], c.sens_second);
  return found;
}

void compare_group(const std::string& group) {
  const std::filesystem::path folder = std::filesystem::path(WENGERT_SHARED_DIR) / "vectors";
  if (!std::filesystem::exists(folder / (group + ".json"))) GTEST_SKIP() << "there are no reference vectors in " << folder;
  struct Count {
    std::size_t passed = 0, listed = 0, second = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& c : adref::load_group(folder.string(), group + ".json").cases) {
    SCOPED_TRACE(c.id);
    const std::string name = c.variant.empty() ? c.op : c.op + ":" + c.variant;
    const auto operation = operations().find(name);
    if (operation == operations().end()) {
      ADD_FAILURE() << name << " is not compared";
      continue;
    }
    std::string found;
    try {
      found = differences(c, operation->second);
    } catch (const Error& error) {
      found = std::string("throws ") + error.what();
    }
    const bool is_listed = listed().count(c.id) != 0;
    EXPECT_EQ(!found.empty(), is_listed) << (is_listed ? "is listed, but does not differ" : found) << " arguments " << c.args << " " << c.kwargs;
    ++(is_listed ? counts[name].listed : counts[name].passed);
    counts[name].second += !is_listed && c.second ? 1 : 0;
  }
  std::size_t passed = 0, kept_apart = 0;
  for (const auto& [name, count] : counts) {
    std::cout << "  " << name << ": " << count.passed << " passed (" << count.second << " of them to order 2), " << count.listed << " listed\n";
    passed += count.passed;
    kept_apart += count.listed;
  }
  std::cout << group << ": " << passed << " passed, " << kept_apart << " listed\n";
  EXPECT_GT(passed, 0u);
}

}  // namespace

TEST(ReferenceVectors, AgreeOnFunctionsOfOneElement) { compare_group("unary"); }
TEST(ReferenceVectors, AgreeOnArithmetic) { compare_group("binary"); }
TEST(ReferenceVectors, AgreeOnReductions) { compare_group("reduce"); }
TEST(ReferenceVectors, AgreeOnProducts) { compare_group("matmul"); }
TEST(ReferenceVectors, AgreeOnLinearAlgebra) { compare_group("linalg"); }
TEST(ReferenceVectors, AgreeOnShapes) { compare_group("shape"); }
TEST(ReferenceVectors, AgreeOnActivations) { compare_group("activation"); }
TEST(ReferenceVectors, AgreeOnLosses) { compare_group("loss"); }

}  // namespace wengert::test
