// Convolution, of sequences and of images: products of matrices between two cards that copy places, each the other's pullback. What is
// called so in networks: the kernel is not turned around.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/array/windows.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/families.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

struct Conv1dOptions {
  std::size_t stride = 1;    ///< places from window to window
  AxisPadding padding = 0;   ///< zeros before and behind
  std::size_t dilation = 1;  ///< places from one of a window's to its next
  std::size_t groups = 1;    ///< parts of the channels that do not see each other
};

struct Conv2dOptions {
  HeightWidth stride = 1;    ///< places from window to window
  ImagePadding padding = 0;  ///< zeros around the image
  HeightWidth dilation = 1;  ///< places from one of a window's to its next
  std::size_t groups = 1;    ///< parts of the channels that do not see each other
};

namespace cards {

/// y(c, i, j, n, p, q) = x(n, c, place i of window p, place j of window q), `beyond` where that is not there.   dx = g added where each
/// element came from.
struct WENGERT_API Unfold {
  static constexpr std::string_view name = "unfold";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  detail::Windows height, width;
  double beyond = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = zeros of shape (n, c, h, w), x added where Unfold would take each element from.   dx = g taken from there.
struct WENGERT_API Fold {
  static constexpr std::string_view name = "fold";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  detail::Windows height, width;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y(c, p, q) = the largest of x(0, c, ..) in window (p, q).   dx = g in equal shares among the places that are largest there.
struct WENGERT_API MaxPool {
  static constexpr std::string_view name = "max_pool";
  static constexpr Keeps keeps = Keeps::both;
  detail::Windows height, width;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using Convolution = detail::CardList<Unfold, Fold, MaxPool>;
template <class Card>
  requires(Convolution::contains<Card>)
Convolution family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Convolution, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Convolution, double>(std::size_t place) noexcept;

/// A convolution as a product: the shapes that its operands, and what is between them, are seen in.
struct ConvolutionPlan {
  Windows height, width;
  Shape image;    // (n, channels, h, w)
  Shape weights;  // (groups, outputs of each, places of a window), without the first for one group
  Shape columns;  // (groups, places of a window, windows)
  Shape bias;     // to stretch along the sums, which are (groups, outputs of each, windows)
  Shape sums;     // (outputs, n, windows of an image)
  Shape out;
};
/// ShapeError and ValueError in `who`'s name.
WENGERT_API ConvolutionPlan convolution_plan(std::string_view who, const Shape& x, const Shape& weights, const Conv2dOptions& options);
WENGERT_API ConvolutionPlan convolution_plan(std::string_view who, const Shape& x, const Shape& weights, const Conv1dOptions& options);
/// ShapeError in `who`'s name unless there is one number for each output.
WENGERT_API void check_convolution_bias(std::string_view who, const Shape& bias, const Shape& weights);

/// The convolution of these operands: x, weights, and the bias if there is one.
template <class Options, class X, class W, class... B>
auto convolved(std::string_view who, const Options& options, const X& x, const W& weights, const B&... bias) {
  const Shape filter = operand_shape(who, weights);
  const ConvolutionPlan plan = convolution_plan(who, operand_shape(who, x), filter, options);
  (check_convolution_bias(who, operand_shape(who, bias), filter), ...);
  const auto operands = as_tensors(who, x, weights, bias...);
  const auto columns = reshape(record(cards::Unfold{plan.height, plan.width}, reshape(operands[0], plan.image)), plan.columns);
  auto sums = matmul(reshape(operands[1], plan.weights), columns);
  const auto in_place = [&](const auto& y) { return reshape(transpose(reshape(y, plan.sums), {1, 0, 2}), plan.out); };
  if constexpr (sizeof...(B) == 0) {
    return in_place(sums);
  } else {
    return in_place(std::move(sums) + reshape(operands[2], plan.bias));
  }
}

}  // namespace detail

/// y(n, o, p, q) = sum over c, i, j of w(o, c, i, j) x(n, c, p stride + i dilation - padding, q stride + ...) + b(o), zeros beyond the edges.
/// dx = g spread back over its windows by w,   dw = sum over n, p, q of g x,   db = sum over n, p, q of g.
/// x (n, channels, h, w); weights (outputs, channels / groups, kernel height, kernel width); bias (outputs). With groups, each part of the
/// outputs sees its own part of the channels. As in IEEE 0 * inf is NaN, also for the zeros of the padding. ShapeError where the shapes or
/// groups do not fit or no window does, ValueError for a stride, dilation or number of groups of 0.
template <Tensor X, WeightsOf<X> W>
auto conv2d(const X& x, const W& weights, const Conv2dOptions& options = {}) {
  return detail::convolved("conv2d", options, x, weights);
}
template <Tensor X, WeightsOf<X> W, WeightsOf<X> B>
auto conv2d(const X& x, const W& weights, const B& bias, const Conv2dOptions& options = {}) {
  return detail::convolved("conv2d", options, x, weights, bias);
}

/// y(n, o, p) = sum over c, i of w(o, c, i) x(n, c, p stride + i dilation - padding) + b(o): conv2d along one axis.   dx, dw, db likewise.
/// x (n, channels, length); weights (outputs, channels / groups, kernel); bias (outputs). Errors as conv2d.
template <Tensor X, WeightsOf<X> W>
auto conv1d(const X& x, const W& weights, const Conv1dOptions& options = {}) {
  return detail::convolved("conv1d", options, x, weights);
}
template <Tensor X, WeightsOf<X> W, WeightsOf<X> B>
auto conv1d(const X& x, const W& weights, const B& bias, const Conv1dOptions& options = {}) {
  return detail::convolved("conv1d", options, x, weights, bias);
}

}  // namespace wengert
