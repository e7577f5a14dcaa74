// Losses: how far an answer is from the right one, as compositions of operations.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/softmax.hpp>

namespace wengert {

/// How the losses of many examples become one number; `none` leaves them as they are.
enum class Reduction : std::uint8_t { mean, sum, none };

struct LossOptions {
  Reduction reduction = Reduction::mean;  ///< how the examples' losses become one number
};

namespace detail {

/// ShapeError unless the two shapes are equal: a loss that stretched one of them would hide a mistake.
WENGERT_API void check_same_shape(std::string_view who, const Shape& a, const Shape& b);
/// Where the classes are: axis 1, behind that of the examples, or the only axis. ShapeError for a number.
WENGERT_API std::int64_t class_axis(const Shape& logits);

template <Tensor X>
X reduced(const X& losses, const LossOptions& options) {
  switch (options.reduction) {
    case Reduction::sum: return sum(losses);
    case Reduction::none: return losses;
    case Reduction::mean: break;
  }
  return mean(losses);
}

}  // namespace detail

/// y = mean of -log softmax(logits)[label] over the examples.   dlogits = g (softmax(logits) - [class = label]) / examples.
/// Logits (examples, classes), also (classes) or (examples, classes, places...); labels the same without the classes. Works on logits, not on
/// probabilities: fused, exact where the loss is small, finite for all finite logits. ShapeError for labels that do not fit, ValueError for one
/// that is no class, and for the mean of no examples.
template <Tensor X>
X cross_entropy(const X& logits, const Array<std::int64_t>& labels, const LossOptions& options = {}) {
  return detail::reduced(label_cross_entropy(logits, labels, detail::class_axis(logits.shape())), options);
}

/// y = mean of -sum over classes of target log softmax(logits) over the examples, for one-hot or soft targets.
/// dlogits = g (softmax(logits) sum of targets - target) / examples,   dtarget = -g log softmax(logits) / examples.
/// Targets of the logits' shape (ShapeError), each row adding up to 1. A target of 0 contributes 0, also beside a logit of -inf.
template <Tensor X, class Y>
  requires(Tensor<Y> || detail::is_parameter<Y>) && Operands<X, Y>
auto cross_entropy(const X& logits, const Y& targets, const LossOptions& options = {}) {
  detail::check_same_shape("cross_entropy", logits.shape(), targets.shape());
  const std::int64_t axis = detail::class_axis(logits.shape());
  return detail::reduced(-sum(detail::record_library<cards::Both>(targets, log_softmax(logits, axis)), axis), options);
}

/// y = mean of (a - b)^2.   da = 2 g (a - b) / n,   db = -da.   ShapeError unless a and b are of one shape; a number stands for an array of it.
template <class A, class B>
  requires Operands<A, B>
auto mse_loss(const A& a, const B& b, const LossOptions& options = {}) {
  if constexpr (XtensorExpression<A>) {
    return mse_loss(Array<detail::number_of<A, B>>(a), b, options);
  } else if constexpr (XtensorExpression<B>) {
    return mse_loss(a, Array<detail::number_of<A, B>>(b), options);
  } else {
    if constexpr (!std::is_arithmetic_v<A> && !std::is_arithmetic_v<B>) detail::check_same_shape("mse_loss", a.shape(), b.shape());
    return detail::reduced(square(a - b), options);
  }
}

}  // namespace wengert
