// Losses of numbers: how far one array is from another.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <type_traits>

#include <wengert/nn/losses.hpp>
#include <wengert/ops/norm.hpp>

namespace wengert {

namespace detail {
/// ValueError unless the value is above 0, or 0 where that is allowed.
WENGERT_API void check_scale(std::string_view who, std::string_view what, double value, bool zero_is_allowed);
}  // namespace detail

/// y = mean of (a - b)^2.   da = 2 g (a - b) / n,   db = -da.   ShapeError unless a and b are of one shape; a number stands for an array of it.
template <class A, class B>
  requires Operands<A, B>
auto mse_loss(const A& a, const B& b, const LossOptions& options = {}) {
  return detail::loss_of_pair("mse_loss", a, b, options.reduction, [](const auto& x, const auto& t) { return square(x - t); });
}

/// y = mean of |a - b|.   da = g sign(a - b) / n, 0 where a = b,   db = -da.   Shapes as mse_loss.
template <class A, class B>
  requires Operands<A, B>
auto l1_loss(const A& a, const B& b, const LossOptions& options = {}) {
  return detail::loss_of_pair("l1_loss", a, b, options.reduction, [](const auto& x, const auto& t) { return abs(x - t); });
}

struct SmoothL1Options {
  Reduction reduction = Reduction::mean;  ///< how the elements' losses become one number
  double beta = 1;                        ///< where |a - b| is below it the loss is a parabola; 0: l1_loss
};

/// y = mean of d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, d = a - b.   da = g d / beta / n, or g sign(d) / n,   db = -da.   (Girshick:
/// Fast R-CNN, 2015.) Shapes as mse_loss; ValueError unless beta >= 0.
template <class A, class B>
  requires Operands<A, B>
auto smooth_l1_loss(const A& a, const B& b, const SmoothL1Options& options = {}) {
  detail::check_scale("smooth_l1_loss", "beta", options.beta, true);
  return detail::loss_of_pair("smooth_l1_loss", a, b, options.reduction, [beta = options.beta](const auto& x, const auto& t) {
    const auto d = x - t, size = abs(d);
    return beta == 0 ? size : where(size < beta, square(d) * (0.5 / beta), size - 0.5 * beta);
  });
}

struct HuberOptions {
  Reduction reduction = Reduction::mean;  ///< how the elements' losses become one number
  double delta = 1;                       ///< where |a - b| is at most that the loss is a parabola
};

/// y = mean of d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2), d = a - b.   da = g d / n held between -delta and delta,   db = -da.
/// (Huber, 1964.) Shapes as mse_loss; ValueError unless delta > 0.
template <class A, class B>
  requires Operands<A, B>
auto huber_loss(const A& a, const B& b, const HuberOptions& options = {}) {
  detail::check_scale("huber_loss", "delta", options.delta, false);
  return detail::loss_of_pair("huber_loss", a, b, options.reduction, [delta = options.delta](const auto& x, const auto& t) {
    const auto d = x - t, size = abs(d);
    return where(size <= delta, square(d) * 0.5, (size - 0.5 * delta) * delta);
  });
}

struct PoissonOptions {
  Reduction reduction = Reduction::mean;  ///< how the elements' losses become one number
  bool log_input = true;                  ///< whether the rate is given by its logarithm
  bool full = false;                      ///< whether the target's own part is added, by Stirling's formula, where it is above 1
  double epsilon = 1e-8;                  ///< added to a rate before its logarithm is taken
};

/// y = mean of e^x - t x, or of x - t log(x + epsilon) where the rate itself is given: minus the log-likelihood of the counts t.
/// dx = g (e^x - t) / n, or g (1 - t / (x + epsilon)) / n.   Shapes as mse_loss.
template <class A, class B>
  requires Operands<A, B>
auto poisson_nll_loss(const A& a, const B& b, const PoissonOptions& options = {}) {
  return detail::loss_of_pair("poisson_nll_loss", a, b, options.reduction, [&](const auto& x, const auto& t) {
    using V = std::remove_cvref_t<decltype(x - t)>;
    const V loss = options.log_input ? V(exp(x) - t * x) : V(x - t * log(x + options.epsilon));
    if (!options.full) return loss;
    const auto stirling = xlogy(t, t) - t + 0.5 * log(t * (2 * std::numbers::pi));
    return V(loss + where(t > 1, stirling, 0));
  });
}

struct GaussianOptions {
  Reduction reduction = Reduction::mean;  ///< how the elements' losses become one number
  bool full = false;                      ///< whether the constant log(2 pi) / 2 is added
  double epsilon = 1e-6;                  ///< a variance below it counts as this
};

/// y = mean of (log v + (x - t)^2 / v) / 2, v being the variance, at least epsilon: minus the log-likelihood of t.   dx = g (x - t) / v / n,   dt = -dx,
/// dv = g (1 / v - (x - t)^2 / v^2) / 2 / n, 0 below epsilon. x and t of one shape (ShapeError), to which the variance must stretch.
template <class A, class B, class C>
  requires Operands<A, B, C>
auto gaussian_nll_loss(const A& a, const B& b, const C& variance, const GaussianOptions& options = {}) {
  detail::check_scale("gaussian_nll_loss", "epsilon", options.epsilon, false);
  detail::check_operands("gaussian_nll_loss", a, b, variance);
  return detail::loss_of_pair("gaussian_nll_loss", a, b, options.reduction, [&](const auto& x, const auto& t) {
    const auto given = detail::as_tensor<detail::number_of<A, B, C>>(variance);
    const auto v = where(given < options.epsilon, options.epsilon, given);
    const auto loss = 0.5 * (log(v) + square(x - t) / v);
    return options.full ? loss + 0.5 * std::log(2 * std::numbers::pi) : loss + 0.0;
  });
}

struct SimilarityOptions {
  std::int64_t axis = -1;  ///< along which the vectors lie
  double epsilon = 1e-8;   ///< a length below it counts as this
};

/// y = a . b / (|a| |b|) along an axis, each length being at least epsilon.   da = g (b / |b| - y a / |a|) / |a|, db likewise; where a length
/// is below epsilon, without its second term.
/// One for each pair of vectors: its shape is that of a without the axis. ShapeError unless a and b are of one shape.
template <class A, class B>
  requires Operands<A, B>
auto cosine_similarity(const A& a, const B& b, const SimilarityOptions& options = {}) {
  detail::check_scale("cosine_similarity", "epsilon", options.epsilon, false);
  return detail::loss_of_pair("cosine_similarity", a, b, Reduction::none, [&](const auto& x, const auto& t) {
    static_cast<void>(normal_axis("cosine_similarity", options.axis, x.shape()));
    const auto direction = [&](const auto& v) {
      const auto length = norm(v, {.axes = {options.axis}, .keep_dims = true});
      return v / where(length < options.epsilon, options.epsilon, length);
    };
    return sum(direction(x) * direction(t), options.axis);
  });
}

}  // namespace wengert
