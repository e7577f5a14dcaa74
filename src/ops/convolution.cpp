// Convolution: the cards' bodies, and how its operands become matrices.
#include <wengert/ops/convolution.hpp>

#include <limits>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "array/unfold.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert::cards {

namespace {

void check_image(std::string_view who, const Shape& x, const detail::Windows& height, const detail::Windows& width) {
  if (x.rank() != 4 || x[2] != height.length || x[3] != width.length)
    throw ShapeError(std::string(who) + ": not the image that the windows are for: " + to_string(x) + "; (n, channels, " + std::to_string(height.length) + ", " + std::to_string(width.length) +
                     ") is needed");
}

}  // namespace

Shape Unfold::shape(std::span<const Shape> in) const {
  check_image(name, in[0], height, width);
  const Shape out = detail::unfolded_shape(in[0], height, width);
  static_cast<void>(out.elements());  // ShapeError where there would be more than memory can address
  return out;
}

template <class T>
Array<T> Unfold::forward(Inputs<T> in) const {
  static_cast<void>(shape(std::span<const Shape>(&in[0].shape(), 1)));
  return detail::unfolded(in[0], height, width, static_cast<T>(beyond));
}

template <class V>
V Unfold::pullback(std::size_t, const Step<V>& s) const {
  return record(Fold{height, width}, s.g);
}

Shape Fold::shape(std::span<const Shape> in) const {
  const bool has_rank = in[0].rank() == 6;
  const Shape image = has_rank ? Shape{in[0][3], in[0][0], height.length, width.length} : Shape{};
  if (!has_rank || in[0] != detail::unfolded_shape(image, height, width))
    throw ShapeError(std::string(name) + ": not what was unfolded: " + to_string(in[0]) + "; (channels, " + std::to_string(height.kernel) + ", " + std::to_string(width.kernel) + ", n, " +
                     std::to_string(height.count) + ", " + std::to_string(width.count) + ") is needed");
  return image;
}

template <class T>
Array<T> Fold::forward(Inputs<T> in) const {
  static_cast<void>(shape(std::span<const Shape>(&in[0].shape(), 1)));
  return detail::folded(in[0], height, width);
}

template <class V>
V Fold::pullback(std::size_t, const Step<V>& s) const {
  return record(Unfold{height, width}, s.g);
}

Shape MaxPool::shape(std::span<const Shape> in) const {
  check_image(name, in[0], height, width);
  if (in[0][0] != 1) throw ShapeError(std::string(name) + ": not one image: " + to_string(in[0]) + "; all channels side by side are needed, in one image");
  return {in[0][1], height.count, width.count};
}

template <class T>
Array<T> MaxPool::forward(Inputs<T> in) const {
  static_cast<void>(shape(std::span<const Shape>(&in[0].shape(), 1)));
  return detail::largest_in_windows(in[0], height, width);
}

template <class V>
V MaxPool::pullback(std::size_t, const Step<V>& s) const {
  if constexpr (detail::is_array<V>) {
    return detail::largest_in_windows_backward(s.x(0), s.y(), s.g, height, width);
  } else {
    using T = typename V::value_type;
    // The shares of each place of each window, which do not change with x, times the window's cotangent, added where the places lie.
    const Shape out = s.g.shape(), apart{out[0], 1, 1, 1, out[1], out[2]};
    const Array<T> windows = detail::unfolded(s.x(0).value(), height, width, -std::numeric_limits<T>::infinity());
    const Array<T> ties = cast<T>(equal(windows, s.y().value().reshaped(apart)));
    const Array<T> shares = ties / sum(ties, {.axes = {1, 2}, .keep_dims = true});
    return record(Fold{height, width}, detail::record_library<StrongProduct>(reshape(s.g, apart), shares));
  }
}

}  // namespace wengert::cards

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Convolution, float>(std::size_t place) noexcept { return family_table<cards::Convolution, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Convolution, double>(std::size_t place) noexcept { return family_table<cards::Convolution, double>(place); }

namespace {

/// The plan but for its windows, for the shapes of images and their weights or, with one place less, of sequences.
ConvolutionPlan fitted(std::string_view who, const Shape& x, const Shape& weights, std::size_t places, std::size_t groups) {
  const auto refuse = [&](const std::string& why, const std::string& right) {
    throw ShapeError(std::string(who) + ": " + why + ": input " + to_string(x) + ", weights " + to_string(weights) + "; " + right);
  };
  const bool is_image = places == 2;
  if (x.rank() != places + 2) refuse("the input has another number of axes", is_image ? "(n, channels, height, width) is needed" : "(n, channels, length) is needed");
  if (weights.rank() != places + 2)
    refuse("the weights have another number of axes", is_image ? "(outputs, channels / groups, height, width) is needed" : "(outputs, channels / groups, length) is needed");
  if (groups == 0) throw ValueError(std::string(who) + ": no groups: 0; at least 1 is needed");
  const std::string of_groups = groups == 1 ? "" : " in " + std::to_string(groups) + " groups";
  if (x[1] % groups != 0 || x[1] / groups != weights[1])
    refuse("the channels do not fit" + of_groups,
           "the input's channels, " + std::to_string(x[1]) + ", must be " + (groups == 1 ? "" : std::to_string(groups) + " times ") + "the weights', " + std::to_string(weights[1]));
  if (weights[0] % groups != 0) refuse("the outputs do not fit" + of_groups, "the number of outputs, " + std::to_string(weights[0]) + ", must be a multiple of that of groups");
  ConvolutionPlan plan;
  plan.image = is_image ? x : Shape{x[0], x[1], 1, x[2]};
  return plan;
}

/// The plan with its shapes, once the windows are known.
ConvolutionPlan completed(std::string_view who, ConvolutionPlan plan, const Shape& weights, std::size_t groups) {
  const std::size_t images = plan.image[0], outputs = weights[0], windows = checked_product(who, plan.height.count, plan.width.count);
  const std::size_t places = checked_product(who, checked_product(who, plan.height.kernel, plan.width.kernel), weights[1]);
  plan.weights = {outputs / groups, places};
  plan.columns = {places, checked_product(who, images, windows)};
  plan.bias = {outputs / groups, 1};
  plan.sums = {outputs, images, windows};
  plan.out = {images, outputs, plan.width.count};
  if (weights.rank() == 4) plan.out.insert(2, plan.height.count);
  if (groups > 1) {
    for (Shape* const shape : {&plan.weights, &plan.columns, &plan.bias}) shape->insert(0, groups);
  }
  return plan;
}

}  // namespace

ConvolutionPlan convolution_plan(std::string_view who, const Shape& x, const Shape& weights, const Conv2dOptions& options) {
  ConvolutionPlan plan = fitted(who, x, weights, 2, options.groups);
  plan.height = windows_along(who, "height", x[2], weights[2], options.stride.height, options.dilation.height, options.padding.height);
  plan.width = windows_along(who, "width", x[3], weights[3], options.stride.width, options.dilation.width, options.padding.width);
  return completed(who, plan, weights, options.groups);
}

ConvolutionPlan convolution_plan(std::string_view who, const Shape& x, const Shape& weights, const Conv1dOptions& options) {
  ConvolutionPlan plan = fitted(who, x, weights, 1, options.groups);
  plan.width = windows_along(who, "length", x[2], weights[2], options.stride, options.dilation, options.padding);
  return completed(who, plan, weights, options.groups);
}

void check_convolution_bias(std::string_view who, const Shape& bias, const Shape& weights) {
  if (bias != Shape{weights[0]})
    throw ShapeError(std::string(who) + ": the bias does not fit: " + to_string(bias) + " beside weights " + to_string(weights) + "; " + to_string(Shape{weights[0]}) +
                     " is needed, a number for each output");
}

}  // namespace wengert::detail
