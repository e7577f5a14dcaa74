// Losses of classifiers, and what all losses share: compositions of operations. Those of numbers are in regression_losses.hpp, those that
// ask for a margin in margin_losses.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

namespace wengert {

/// How the losses of many examples become one number; `none` leaves them as they are.
enum class Reduction : std::uint8_t { mean, sum, none };

struct LossOptions {
  Reduction reduction = Reduction::mean;  ///< how the examples' losses become one number
};

struct LabelLossOptions {
  Reduction reduction = Reduction::mean;  ///< the mean is over the weights of the examples
  std::vector<double> class_weights = {}; ///< of the loss of each class's examples; none: all 1
  double label_smoothing = 0;             ///< in [0, 1]: this share of each label is spread evenly over all classes
  std::int64_t ignored_label = -100;      ///< examples with it count as nothing
};

namespace detail {

/// What class weights and ignored labels make of the labels.
template <Real T>
struct WeighedLabels {
  Array<std::int64_t> labels;  // those that are ignored replaced by 0
  Array<std::int64_t> places;  // the same with the axis of classes, of length 1
  Array<T> weights;            // of the labels' shape, 0 where ignored
  Array<T> counted;            // 1, 0 where ignored
  Array<T> class_weights;      // (classes, 1, ...), to stretch along the logits' axis
  double total = 0;            // of the weights
};
/// ValueError for weights of another number than classes or not finite, for smoothing outside [0, 1], and for a mean of nothing.
template <Real T>
WENGERT_API WeighedLabels<T> weighed_labels(std::string_view who, const Shape& logits, std::int64_t axis, const Array<std::int64_t>& labels, const LabelLossOptions& options);
/// The class weights alone, to stretch along the logits' axis. ValueError as weighed_labels.
template <Real T>
WENGERT_API Array<T> class_weights(std::string_view who, const Shape& logits, std::int64_t axis, const LabelLossOptions& options);
/// Whether these options, for these labels, ask for no more than the plain loss.
WENGERT_API bool is_plain(const LabelLossOptions& options, const Array<std::int64_t>& labels);

/// ShapeError unless the two shapes are equal: a loss that stretched one of them would hide a mistake.
WENGERT_API void check_same_shape(std::string_view who, const Shape& a, const Shape& b);
/// Where the classes are: axis 1, behind that of the examples, or the only axis. ShapeError for a number.
WENGERT_API std::int64_t class_axis(std::string_view who, const Shape& logits);

template <Tensor X>
X reduced(const X& losses, const LossOptions& options) {
  switch (options.reduction) {
    case Reduction::sum: return sum(losses);
    case Reduction::none: return losses;
    case Reduction::mean: break;
  }
  return mean(losses);
}

/// An operand as something that functions take: numbers and xtensor expressions as arrays.
template <Real T, class X>
decltype(auto) as_tensor(const X& x) {
  if constexpr (std::is_arithmetic_v<X>) {
    return Array<T>(static_cast<T>(x));
  } else if constexpr (XtensorExpression<X>) {
    return Array<T>(x);
  } else {
    return (x);
  }
}

/// f(a, b) of two operands of one shape, reduced. A number stands for an array of that shape.
template <class A, class B, class F>
auto loss_of_pair(std::string_view who, const A& a, const B& b, Reduction reduction, F f) {
  using T = number_of<A, B>;
  check_operands(who, a, b);
  const auto loss = [&](const auto& x, const auto& y) {
    if constexpr (!std::is_arithmetic_v<A> && !std::is_arithmetic_v<B>) check_same_shape(who, x.shape(), y.shape());
    return reduced(f(x, y), {.reduction = reduction});
  };
  return loss(as_tensor<T>(a), as_tensor<T>(b));
}

/// The reduction of losses that have been weighed, the weights adding up to `total`.
template <Tensor X>
X reduced(const X& weighed, double total, Reduction reduction) {
  return reduction == Reduction::mean ? X(sum(weighed) / total) : reduced(weighed, {.reduction = reduction});
}

/// weights * losses, an example without weight adding 0 even where its loss is infinite.
template <Tensor X, Real T>
X weighed(const Array<T>& weights, const X& losses) {
  return record_library<cards::Both>(weights, losses);
}

}  // namespace detail

/// y = mean of -log softmax(logits)[label] over the examples.   dlogits = g (softmax(logits) - [class = label]) / examples.
/// Logits (examples, classes), also (classes) or (examples, classes, places...); labels the same without the classes. Works on logits, not on
/// probabilities: fused, exact where the loss is small, finite for all finite logits. With class weights: each example's loss times that of its
/// label, the mean divided by their sum. With smoothing e: (1 - e) of it and e / classes of the weighed losses of all classes.
/// ShapeError for labels that do not fit, ValueError for one that is no class, for options out of range and for the mean of no examples.
template <Tensor X>
X cross_entropy(const X& logits, const Array<std::int64_t>& labels, const LabelLossOptions& options = {}) {
  const std::int64_t axis = detail::class_axis("cross_entropy", detail::operand_shape("cross_entropy", logits));
  detail::check_not_nothing("cross_entropy", labels);
  if (detail::is_plain(options, labels)) return detail::reduced(label_cross_entropy(logits, labels, axis), {.reduction = options.reduction});
  const auto by = detail::weighed_labels<typename X::value_type>("cross_entropy", logits.shape(), axis, labels, options);
  X losses = detail::weighed(by.weights, label_cross_entropy(logits, by.labels, axis));
  if (options.label_smoothing != 0) {
    const double share = options.label_smoothing / static_cast<double>(logits.shape()[static_cast<std::size_t>(axis)]);
    const X of_all_classes = -sum(detail::weighed(by.class_weights, log_softmax(logits, axis)), axis);
    losses = losses * (1 - options.label_smoothing) + detail::weighed(by.counted, of_all_classes) * share;
  }
  return detail::reduced(losses, by.total, options.reduction);
}

/// y = mean of -x[label] over the examples, x being logarithms of probabilities, as from log_softmax.   dx = -g [class = label] / examples.
/// Shapes, class weights, ignored labels and errors as cross_entropy.
template <Tensor X>
X nll_loss(const X& log_probabilities, const Array<std::int64_t>& labels, const LabelLossOptions& options = {}) {
  const std::int64_t axis = detail::class_axis("nll_loss", detail::operand_shape("nll_loss", log_probabilities));
  detail::check_not_nothing("nll_loss", labels);
  const auto by = detail::weighed_labels<typename X::value_type>("nll_loss", log_probabilities.shape(), axis, labels, options);
  const X picked = squeeze(gather(log_probabilities, by.places, axis), axis);
  return detail::reduced(detail::weighed(by.weights, -picked), by.total, options.reduction);
}

/// y = mean of -sum over classes of target log softmax(logits) over the examples, for one-hot or soft targets.
/// dlogits = g (softmax(logits) sum of targets - target) / examples,   dtarget = -g log softmax(logits) / examples.
/// Targets of the logits' shape (ShapeError), each row adding up to 1. A target of 0 contributes 0, also beside a logit of -inf. Class weights
/// and smoothing change the targets; the mean is over the examples.
template <Tensor X, class Y>
  requires(Tensor<Y> || detail::is_parameter<Y>) && Operands<X, Y>
auto cross_entropy(const X& logits, const Y& targets, const LabelLossOptions& options = {}) {
  detail::check_operands("cross_entropy", logits, targets);
  detail::check_same_shape("cross_entropy", logits.shape(), targets.shape());
  const std::int64_t axis = detail::class_axis("cross_entropy", logits.shape());
  const auto losses = [&](const auto& t) {
    return detail::reduced(-sum(detail::record_library<cards::Both>(t, log_softmax(logits, axis)), axis), {.reduction = options.reduction});
  };
  if (options.class_weights.empty() && options.label_smoothing == 0) return losses(targets);
  const double share = options.label_smoothing / static_cast<double>(logits.shape()[static_cast<std::size_t>(axis)]);
  const auto weights = detail::class_weights<typename X::value_type>("cross_entropy", logits.shape(), axis, options);
  return losses((targets * (1 - options.label_smoothing) + share) * weights);
}

/// y = mean of -(t log p + (1 - t) log(1 - p)), p being probabilities.   dp = g (p - t) / (p (1 - p)) / n,   dt = -g log(p / (1 - p)) / n.
/// A side whose share of t is 0 contributes 0, also where its logarithm is infinite. From logits: binary_cross_entropy_with_logits, which is
/// exact where p rounds to 1. ShapeError unless p and t are of one shape; a number stands for an array of it.
template <class P, class Y>
  requires Operands<P, Y>
auto binary_cross_entropy(const P& p, const Y& t, const LossOptions& options = {}) {
  return detail::loss_of_pair("binary_cross_entropy", p, t, options.reduction, [](const auto& q, const auto& u) {
    return -(detail::record_library<cards::Both>(u, log(q)) + detail::record_library<cards::Both>(1 - u, log1p(-q)));
  });
}

struct LogitLossOptions {
  Reduction reduction = Reduction::mean;  ///< how the elements' losses become one number
  double positive_weight = 1;             ///< of the loss where t is 1: above 1 for a class that is rare
};

/// y = mean of -(w t log sigmoid(x) + (1 - t) log sigmoid(-x)), w being the positive weight.   dx = g (s (1 - t) - w (1 - s) t) / n, s = sigmoid x,
/// which is (s - t) / n for w = 1. Finite for all finite x. ShapeError unless x and t are of one shape; a number stands for an array of it.
template <class X, class Y>
  requires Operands<X, Y>
auto binary_cross_entropy_with_logits(const X& x, const Y& t, const LogitLossOptions& options = {}) {
  return detail::loss_of_pair("binary_cross_entropy_with_logits", x, t, options.reduction, [&](const auto& z, const auto& u) {
    return -(detail::record_library<cards::Both>(u * options.positive_weight, log_sigmoid(z)) + detail::record_library<cards::Both>(1 - u, log_sigmoid(-z)));
  });
}

struct DivergenceOptions {
  Reduction reduction = Reduction::mean;  ///< of the elements, not of the distributions: divide a sum by their number for those
  bool log_target = false;                ///< whether the target is given by its logarithms too
};

/// y = mean of p (log p - log q) over all elements, log q and p being given.   dlog q = -g p / n,   dp = g (log p + 1 - log q) / n.
/// With log_target p is given as log p. p = 0 contributes 0. ShapeError unless both are of one shape.
template <class Q, class P>
  requires Operands<Q, P>
auto kl_divergence(const Q& log_q, const P& p, const DivergenceOptions& options = {}) {
  return detail::loss_of_pair("kl_divergence", log_q, p, options.reduction, [&](const auto& q, const auto& t) {
    using V = std::remove_cvref_t<decltype(t - q)>;
    if (options.log_target) return V(exp(t) * (t - q));
    return V(xlogy(t, t) - detail::record_library<cards::Both>(t, q));
  });
}

}  // namespace wengert
