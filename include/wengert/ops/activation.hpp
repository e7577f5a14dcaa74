// The activation functions of neural networks.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <cstddef>
#include <utility>

#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>

namespace wengert {

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Activation, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Activation, double>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Rectifier, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Rectifier, double>(std::size_t place) noexcept;
}  // namespace detail

struct SoftplusOptions {
  double beta = 1;                                             ///< above 0
  double threshold = std::numeric_limits<double>::infinity();  ///< where beta x is larger, x itself is taken
};

/// How gelu's normal distribution is computed: exactly, or by the tanh that Hendrycks and Gimpel give for it.
enum class GeluForm : std::uint8_t { exact, tanh };

namespace detail {
WENGERT_API void check_softplus(double beta);
WENGERT_API void check_celu(double alpha);
WENGERT_API void check_hardtanh(double lower, double upper);
/// The length of each half of an axis; ShapeError in `who`'s name where it has none.
WENGERT_API std::int64_t half_of(std::string_view who, const Shape& shape, std::int64_t axis);
/// The shape with so many neighbours of an axis on an axis of their own, behind it; ShapeError where they do not divide it, ValueError for none.
WENGERT_API Shape in_pieces(std::string_view who, const Shape& shape, std::size_t axis, std::size_t pieces);
}  // namespace detail

// ---- smooth ones ----

/// y = tanh x.   dx = g (1 - y^2).   Range [-1, 1]; saturates.
template <class X>
  requires Operands<X>
auto tanh(X&& x) {
  return detail::record_library<cards::Tanh>(std::forward<X>(x));
}

/// y = 1 / (1 + e^-x).   dx = g s(x) s(-x), which stays above 0 where y rounds to 1.   Range [0, 1]; saturates.
template <class X>
  requires Operands<X>
auto sigmoid(X&& x) {
  return detail::record_library<cards::Sigmoid>(std::forward<X>(x));
}

/// y = x / (1 + e^-x), also called swish.   dx = g (s + x s (1 - s)), s = sigmoid x.   Smallest value -0.278 at x = -1.278. At inf: inf,
/// slope 1; at -inf: 0, slope 0. (Elfwing, Uchibe, Doya: Sigmoid-weighted linear units, 2018.)
template <class X>
  requires Operands<X>
auto silu(X&& x) {
  return detail::record_library<cards::Silu>(std::forward<X>(x));
}

/// y = -log(1 + e^-x), the logarithm of sigmoid.   dx = g / (1 + e^x).   At inf: 0, slope 0; at -inf: -inf, slope 1.
template <class X>
  requires Operands<X>
auto log_sigmoid(X&& x) {
  return detail::record_library<cards::LogSigmoid>(std::forward<X>(x));
}

/// y = log(1 + e^(beta x)) / beta, and x where beta x > threshold.   dx = g / (1 + e^(-beta x)), and g there.   At inf: inf, slope 1; at -inf:
/// 0, slope 0. ValueError unless beta > 0.
template <class X>
  requires Operands<X>
auto softplus(X&& x, const SoftplusOptions& options = {}) {
  detail::check_softplus(options.beta);
  return detail::record_library<cards::Softplus>(detail::Attributes{options.beta, options.threshold}, std::forward<X>(x));
}

/// y = x / (1 + |x|).   dx = g / (1 + |x|)^2.   At +-inf: +-1, slope 0.
template <class X>
  requires Operands<X>
auto softsign(X&& x) {
  return detail::record_library<cards::Softsign>(std::forward<X>(x));
}

/// y = x tanh(log(1 + e^x)).   dx = g (t + x (1 - t^2) s), t = tanh(log(1 + e^x)), s = sigmoid x.   At inf: inf, slope 1; at -inf: 0, slope 0.
/// (Misra, 2019.)
template <class X>
  requires Operands<X>
auto mish(X&& x) {
  return detail::record_library<cards::Mish>(std::forward<X>(x));
}

/// y = x P(x), P being the standard normal distribution.   dx = g (P(x) + x p(x)), p its density.   At inf: inf, slope 1; at -inf: 0, slope 0.
/// GeluForm::tanh: P(x) = (1 + tanh((2 / pi)^(1/2) (x + 0.044715 x^3))) / 2. (Hendrycks, Gimpel, 2016.)
template <class X>
  requires Operands<X>
auto gelu(X&& x, GeluForm form = GeluForm::exact) {
  return form == GeluForm::tanh ? detail::record_library<cards::GeluByTanh>(std::forward<X>(x)) : detail::record_library<cards::Gelu>(std::forward<X>(x));
}

// ---- with a kink ----

/// y = max(0, x).   dx = g where x > 0, else 0: at 0 the gradient is 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto relu(X&& x) {
  return detail::record_library<cards::Relu>(std::forward<X>(x));
}

/// y = x where x > 0, else negative_slope x.   dx = g, or g negative_slope: at 0 the left slope.
template <class X>
  requires Operands<X>
auto leaky_relu(X&& x, double negative_slope = 0.01) {
  return detail::record_library<cards::LeakyRelu>(detail::Attributes{negative_slope}, std::forward<X>(x));
}

/// y = x where x > 0, else slope x, the slope being learned: one number, or an array that stretches to x's shape.   dx = g, or g slope: at 0
/// the left slope,   dslope = g x where x <= 0, else 0. (He and others, 2015.)
template <class X, class S>
  requires Operands<X, S> && Tensor<X>
auto prelu(const X& x, const S& slope) {
  detail::check_operands("prelu", x, slope);
  return where(x > 0, x, slope * x);
}

/// y = x where x > 0, else alpha (e^x - 1).   dx = g, or g alpha e^x: at 0 the left slope, and the right second one.   (Clevert, Unterthiner, Hochreiter, 2015.)
template <class X>
  requires Operands<X>
auto elu(X&& x, double alpha = 1) {
  return detail::record_library<cards::Elu>(detail::Attributes{alpha}, std::forward<X>(x));
}

/// y = x where x > 0, else alpha (e^(x / alpha) - 1).   dx = g, or g e^(x / alpha): at 0 the right second slope.   (Barron, 2017.) ValueError where alpha is 0.
template <class X>
  requires Operands<X>
auto celu(X&& x, double alpha = 1) {
  detail::check_celu(alpha);
  return detail::record_library<cards::Celu>(detail::Attributes{alpha}, std::forward<X>(x));
}

/// y = l x where x > 0, else l a (e^x - 1), l = 1.0507, a = 1.6733.   dx = g l, or g l a e^x: at 0 the left slope, and the right second one.   (Klambauer and others, 2017.)
template <class X>
  requires Operands<X>
auto selu(X&& x) {
  return detail::record_library<cards::Selu>(std::forward<X>(x));
}

/// y = x held between lower and upper.   dx = g where lower < x < upper, else 0, also at the corners.   NaN in, NaN out. ValueError unless
/// lower <= upper.
template <class X>
  requires Operands<X>
auto hardtanh(X&& x, double lower = -1, double upper = 1) {
  detail::check_hardtanh(lower, upper);
  return detail::record_library<cards::Hardtanh>(detail::Attributes{lower, upper}, std::forward<X>(x));
}

/// y = x held between 0 and 6.   dx = g where 0 < x < 6, else 0.
template <class X>
  requires Operands<X>
auto relu6(X&& x) {
  detail::check_operands("relu6", x);
  return hardtanh(std::forward<X>(x), 0, 6);
}

/// y = x where x > threshold, else value.   dx = g there, else 0.   NaN in, NaN out.
template <class X>
  requires Operands<X>
auto threshold(X&& x, double threshold, double value) {
  return detail::record_library<cards::Threshold>(detail::Attributes{threshold, value}, std::forward<X>(x));
}

/// y = 1 where x > 0, `at_zero` where x = 0, else 0.   dx = 0.   NaN in, NaN out.
template <Tensor X>
X heaviside(const X& x, double at_zero = 0.5) {
  detail::check_operands("heaviside", x);
  const X side = sign(x);
  return where(side == 0, side + at_zero, maximum(side, 0));
}

// ---- of several elements ----

/// y = a sigmoid(b), a and b being the halves of an axis.   da = g sigmoid(b),   db = g a sigmoid'(b).   (Dauphin and others, 2016.) ShapeError
/// where the axis has no halves.
template <Tensor X>
X glu(const X& x, std::int64_t axis = -1) {
  const std::int64_t half = detail::half_of("glu", detail::operand_shape("glu", x), axis);
  return slice(x, axis, 0, half) * sigmoid(slice(x, axis, half, 2 * half));
}

/// y = the largest of each `pieces` neighbours along an axis.   dx = g in equal shares among the largest of them, else 0.   (Goodfellow and others,
/// 2013.) The axis becomes shorter by the number of pieces: ShapeError where that does not divide it, ValueError for no pieces. NaN as amax.
template <Tensor X>
X maxout(const X& x, std::size_t pieces, std::int64_t axis = -1) {
  const Shape shape = detail::operand_shape("maxout", x);
  const std::size_t at = normal_axis("maxout", axis, shape);
  return amax(reshape(x, detail::in_pieces("maxout", shape, at, pieces)), static_cast<std::int64_t>(at + 1));
}

/// y = e^-x / sum of e^-x along an axis: softmax of -x.
template <Tensor X>
X softmin(const X& x, std::int64_t axis) {
  static_cast<void>(normal_axis("softmin", axis, detail::operand_shape("softmin", x)));
  return softmax(-x, axis);
}

}  // namespace wengert
