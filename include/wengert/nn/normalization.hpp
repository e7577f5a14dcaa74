// Normalisation as functions: of batches, layers, groups and instances. Compositions; nn::BatchNorm is batch_norm with a memory.
#pragma once

#include <cstddef>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

struct NormalizationOptions {
  double epsilon = 1e-5;  ///< added to the variance, inside the root; > 0
};

namespace detail {

/// ValueError in `who`'s name unless epsilon is finite and greater than 0.
WENGERT_API void check_epsilon(std::string_view who, double epsilon);
/// ShapeError in `who`'s name unless x has so many axes at least: the examples, the features or channels, and what `form` says.
WENGERT_API void check_features_of(std::string_view who, const Shape& x, std::size_t least_rank, std::string_view form);
/// ShapeError in `who`'s name unless the scale, or what it is called, has this shape.
WENGERT_API void check_weights_of(std::string_view who, std::string_view what, const Shape& given, const Shape& needed);
/// The elements that each feature is averaged over; ValueError in `who`'s name for fewer than two: they have no variance.
WENGERT_API std::size_t averaged_elements(std::string_view who, const Shape& x);
/// All axes but axis 1.
WENGERT_API Axes averaged_axes(const Shape& x);
/// {features, 1, 1, ...}: stretches along axis 1 of x.
WENGERT_API Shape along_features(const Shape& x);
/// The last axes of x, which must be these; ShapeError otherwise, ValueError where they hold no element.
WENGERT_API Axes last_axes(const Shape& x, const Shape& normalized);
/// (n, groups, the rest), for group_norm: ShapeError unless the channels are a multiple of the groups, ValueError for no groups, for groups
/// without elements, and for epsilon.
WENGERT_API Shape in_groups(const Shape& x, std::size_t groups, double epsilon);
/// (n, channels, places), for instance_norm: ShapeError for fewer axes, ValueError for no channels, for no places, and for epsilon.
WENGERT_API Shape in_instances(const Shape& x, double epsilon);

/// What normalises x over axes, which stay there with length 1: the distances from the mean, the mean and the biased variance.
template <Tensor X>
struct Moments {
  X centred, mean, variance;
};
template <Tensor X>
Moments<X> moments(const X& x, const Axes& axes) {
  X middle = mean(x, {.axes = axes, .keep_dims = true});
  X centred = x - middle;
  X variance = mean(square(centred), {.axes = axes, .keep_dims = true});
  return {std::move(centred), std::move(middle), std::move(variance)};
}

/// x, which has mean 0, brought to variance 1 over axes.
template <Tensor X>
X standardized(const X& x, const Axes& axes, double epsilon) {
  const auto m = moments(x, axes);
  return m.centred * rsqrt(m.variance + epsilon);
}

/// centred scale / sqrt(variance + epsilon) + shift for each feature, which is axis 1.
template <class X, class M, class S, class B>
auto scaled_features(const X& centred, const M& variance, const S& scale, const B& shift, double epsilon) {
  const Shape form = along_features(centred.shape());
  return centred * (reshape(scale, form) * rsqrt(variance + epsilon)) + reshape(shift, form);
}

/// The shape of x, which batch_norm can normalise, and whose features what is given for each of them must fit.
template <class X>
Shape batch_shape(const X& x, double epsilon) {
  const Shape shape = operand_shape("batch_norm", x);
  check_features_of("batch_norm", shape, 2, "(n, features) or (n, features, places...)");
  check_epsilon("batch_norm", epsilon);
  return shape;
}

/// ShapeError in `who`'s name unless the weights, named as they are to be called, have this shape.
template <class W>
void check_weights(std::string_view who, std::string_view what, const W& weights, const Shape& needed) {
  check_weights_of(who, what, operand_shape(who, weights), needed);
}

}  // namespace detail

// ---- features over the examples ----

/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, by mean and biased variance of each feature over all examples and places: as in
/// training.   dx = scale (g - mean of g - z mean of g z) / sqrt(variance + epsilon), z being the normalised x;   dscale = sum of g z,   dshift = sum of g.
/// x (n, features) or (n, features, places...); scale and shift (features). ShapeError where they do not fit, ValueError for fewer than two
/// elements to each feature.
template <Tensor X, WeightsOf<X> S, WeightsOf<X> B>
auto batch_norm(const X& x, const S& scale, const B& shift, const NormalizationOptions& options = {}) {
  const Shape shape = detail::batch_shape(x, options.epsilon), features{shape[1]};
  detail::check_weights("batch_norm", "scale", scale, features);
  detail::check_weights("batch_norm", "shift", shift, features);
  static_cast<void>(detail::averaged_elements("batch_norm", shape));
  const auto of = detail::as_tensors("batch_norm", x, scale, shift);
  const auto m = detail::moments(of[0], detail::averaged_axes(shape));
  return detail::scaled_features(m.centred, m.variance, of[1], of[2], options.epsilon);
}
/// The same by a given mean and variance (features), as in evaluation.
template <Tensor X, WeightsOf<X> M, WeightsOf<X> C, WeightsOf<X> S, WeightsOf<X> B>
auto batch_norm(const X& x, const M& mean, const C& variance, const S& scale, const B& shift, const NormalizationOptions& options = {}) {
  const Shape shape = detail::batch_shape(x, options.epsilon), features{shape[1]};
  detail::check_weights("batch_norm", "mean", mean, features);
  detail::check_weights("batch_norm", "variance", variance, features);
  detail::check_weights("batch_norm", "scale", scale, features);
  detail::check_weights("batch_norm", "shift", shift, features);
  const Shape form = detail::along_features(shape);
  const auto of = detail::as_tensors("batch_norm", x, mean, variance, scale, shift);
  return detail::scaled_features(of[0] - reshape(of[1], form), reshape(of[2], form), of[3], of[4], options.epsilon);
}

// ---- each example by itself ----

/// y = (x - mean) / sqrt(variance + epsilon), by mean and biased variance over the last axes, of shape `normalized`.
/// dx = (g - mean of g - y mean of g y) / sqrt(variance + epsilon).   ShapeError unless x ends with these axes, ValueError where they hold no element.
template <Tensor X>
X layer_norm(const X& x, const Shape& normalized, const NormalizationOptions& options = {}) {
  const Axes axes = detail::last_axes(detail::operand_shape("layer_norm", x), normalized);
  detail::check_epsilon("layer_norm", options.epsilon);
  return detail::standardized(x, axes, options.epsilon);
}
/// The same times scale, plus shift, both of shape `normalized`.   dscale = sum of g z,   dshift = sum of g, z being the normalised x.
template <Tensor X, WeightsOf<X> S, WeightsOf<X> B>
auto layer_norm(const X& x, const Shape& normalized, const S& scale, const B& shift, const NormalizationOptions& options = {}) {
  const Axes axes = detail::last_axes(detail::operand_shape("layer_norm", x), normalized);
  detail::check_epsilon("layer_norm", options.epsilon);
  detail::check_weights("layer_norm", "scale", scale, normalized);
  detail::check_weights("layer_norm", "shift", shift, normalized);
  const auto of = detail::as_tensors("layer_norm", x, scale, shift);
  return detail::standardized(of[0], axes, options.epsilon) * of[1] + of[2];
}

namespace detail {

/// Each example's groups by themselves, seen in the shape `apart`, (n, groups, the rest).
template <Tensor X>
X grouped_norm(const X& x, const Shape& apart, double epsilon) {
  return reshape(standardized(reshape(x, apart), {2}, epsilon), x.shape());
}
template <Tensor X, class S, class B>
auto grouped_norm(std::string_view who, const X& x, const Shape& apart, const S& scale, const B& shift, double epsilon) {
  const Shape channels{x.shape()[1]}, form = along_features(x.shape());
  check_weights(who, "scale", scale, channels);
  check_weights(who, "shift", shift, channels);
  const auto of = as_tensors(who, x, scale, shift);
  return grouped_norm(of[0], apart, epsilon) * reshape(of[1], form) + reshape(of[2], form);
}

}  // namespace detail

/// y = (x - mean) / sqrt(variance + epsilon), by mean and biased variance of each example's groups of neighbouring channels, over all their places.
/// dx as layer_norm.   x (n, channels) or (n, channels, places...). ShapeError unless the channels are a multiple of the groups, ValueError for no
/// groups and for groups of no elements.
template <Tensor X>
X group_norm(const X& x, std::size_t groups, const NormalizationOptions& options = {}) {
  return detail::grouped_norm(x, detail::in_groups(detail::operand_shape("group_norm", x), groups, options.epsilon), options.epsilon);
}
/// The same times scale, plus shift, a number of each for every channel.
template <Tensor X, WeightsOf<X> S, WeightsOf<X> B>
auto group_norm(const X& x, std::size_t groups, const S& scale, const B& shift, const NormalizationOptions& options = {}) {
  return detail::grouped_norm("group_norm", x, detail::in_groups(detail::operand_shape("group_norm", x), groups, options.epsilon), scale, shift, options.epsilon);
}

/// y = (x - mean) / sqrt(variance + epsilon), by mean and biased variance of each channel of each example, over its places.   dx as layer_norm.
/// x (n, channels, places...). ShapeError for fewer axes, ValueError where there are no channels or no places.
template <Tensor X>
X instance_norm(const X& x, const NormalizationOptions& options = {}) {
  return detail::grouped_norm(x, detail::in_instances(detail::operand_shape("instance_norm", x), options.epsilon), options.epsilon);
}
/// The same times scale, plus shift, a number of each for every channel.
template <Tensor X, WeightsOf<X> S, WeightsOf<X> B>
auto instance_norm(const X& x, const S& scale, const B& shift, const NormalizationOptions& options = {}) {
  return detail::grouped_norm("instance_norm", x, detail::in_instances(detail::operand_shape("instance_norm", x), options.epsilon), scale, shift, options.epsilon);
}

}  // namespace wengert
