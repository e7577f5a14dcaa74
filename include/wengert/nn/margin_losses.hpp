// Losses that are 0 beyond a margin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <wengert/nn/losses.hpp>
#include <wengert/ops/compare.hpp>

namespace wengert {

struct MarginOptions {
  Reduction reduction = Reduction::mean;  ///< how the examples' losses become one number
  double margin = 1;                      ///< how far the right side must be away
};

/// y = mean of max(0, margin - t x), t being 1 or -1: that of support vector machines.   dx = -g t / n where t x < margin, else 0.
/// ShapeError unless x and t are of one shape; a number stands for an array of it.
template <class X, class Y>
  requires Operands<X, Y>
auto hinge_loss(const X& x, const Y& t, const MarginOptions& options = {}) {
  return detail::loss_of_pair("hinge_loss", x, t, options.reduction, [&](const auto& z, const auto& u) { return relu(options.margin - u * z); });
}

/// y = mean of x where t is 1, max(0, margin - x) where t is -1.   dx = g / n, or -g / n where x < margin, else 0.   x is a distance. Shapes as
/// hinge_loss.
template <class X, class Y>
  requires Operands<X, Y>
auto hinge_embedding_loss(const X& x, const Y& t, const MarginOptions& options = {}) {
  return detail::loss_of_pair("hinge_embedding_loss", x, t, options.reduction, [&](const auto& z, const auto& u) {
    return where(u != 1, relu(options.margin - z), 0) + where(u != -1, z, 0);
  });
}

struct RankingOptions {
  Reduction reduction = Reduction::mean;  ///< how the pairs' losses become one number
  double margin = 0;                      ///< how much the larger must be larger
};

/// y = mean of max(0, margin - t (a - b)), t being 1 where a should be the larger, -1 where b.   da = -g t / n where that is above 0, else 0,
/// db = -da.   ShapeError unless a and b are of one shape, to which t must stretch.
template <class A, class B, class Y>
  requires Operands<A, B, Y>
auto margin_ranking_loss(const A& a, const B& b, const Y& t, const RankingOptions& options = {}) {
  detail::check_operands("margin_ranking_loss", a, b, t);
  return detail::loss_of_pair("margin_ranking_loss", a, b, options.reduction, [&](const auto& x, const auto& z) { return relu(options.margin - t * (x - z)); });
}

struct MulticlassHingeOptions {
  Reduction reduction = Reduction::mean;  ///< how the examples' losses become one number
  double margin = 1;                      ///< how far above all others the label's score must be
  int power = 1;                          ///< 1, or 2 for the squared loss
  std::vector<double> class_weights = {}; ///< of the loss of each class's examples; none: all 1
};

namespace detail {
WENGERT_API void check_hinge_power(int power);
}  // namespace detail

/// y = mean over the examples of w[label] times the sum over classes k other than the label of max(0, margin - x[label] + x[k])^power / classes.
/// dx[k] = g w[label] / classes / examples where that is above 0 (times 2 of it for power 2), dx[label] = minus their sum.   (Crammer, Singer, 2001; Weston,
/// Watkins, 1999.) Scores (examples, classes) or (classes), labels the same without the classes. ShapeError, ValueError as cross_entropy.
template <Tensor X>
X multiclass_hinge_loss(const X& scores, const Array<std::int64_t>& labels, const MulticlassHingeOptions& options = {}) {
  detail::check_hinge_power(options.power);
  using T = typename X::value_type;
  const std::int64_t axis = detail::class_axis("multiclass_hinge_loss", detail::operand_shape("multiclass_hinge_loss", scores));
  detail::check_not_nothing("multiclass_hinge_loss", labels);
  // No label is ignored, and a mean counts the examples, whatever they weigh: it is refused of none alone.
  const auto by = detail::weighed_labels<T>("multiclass_hinge_loss", scores.shape(), axis, labels,
                                            {.reduction = labels.size() == 0 ? options.reduction : Reduction::sum, .class_weights = options.class_weights, .ignored_label = std::numeric_limits<std::int64_t>::min()});
  const std::size_t classes = scores.shape()[static_cast<std::size_t>(axis)];
  const X excess = relu(options.margin - gather(scores, by.places, axis) + scores);
  const Array<bool> is_label = equal(by.places, arange<std::int64_t>(classes).reshaped(by.class_weights.shape()));
  const X each = where(is_label, 0, options.power == 2 ? square(excess) : excess);
  const X losses = sum(each, axis) / static_cast<double>(classes);
  return detail::reduced(options.class_weights.empty() ? losses : X(losses * by.weights), {.reduction = options.reduction});
}

}  // namespace wengert
