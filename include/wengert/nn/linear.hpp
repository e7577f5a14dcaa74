// Products with weights, as functions and as the fully connected layer.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

namespace detail {
/// ShapeError unless x ends with the weights' inputs.
WENGERT_API void check_linear(const Shape& x, const Shape& weights);
/// ShapeError in `who`'s name unless there is one number for each output.
WENGERT_API void check_bias(std::string_view who, const Shape& bias, std::size_t outputs);

/// The shapes that bilinear() sees its operands in.
struct BilinearPlan {
  Shape a;        // (examples, inputs)
  Shape weights;  // (inputs of a, outputs times inputs of b)
  Shape b;        // (examples, inputs of b, 1)
  Shape between;  // (examples, outputs, inputs of b): a times the weights
  Shape out;
};
/// ShapeError where they do not fit.
WENGERT_API BilinearPlan bilinear_plan(const Shape& a, const Shape& b, const Shape& weights);
}  // namespace detail

/// y = x . weights + bias.   dx = g . weights^T,   dweights = x^T . g,   dbias = g summed over all axes but the last.
/// x (..., inputs); weights (inputs, outputs); bias (outputs). ShapeError where they do not fit.
template <Tensor X, WeightsOf<X> W>
auto linear(const X& x, const W& weights) {
  detail::check_linear(detail::operand_shape("linear", x), detail::operand_shape("linear", weights));
  const auto of = detail::as_tensors("linear", x, weights);
  return matmul(of[0], of[1]);
}
template <Tensor X, WeightsOf<X> W, WeightsOf<X> B>
auto linear(const X& x, const W& weights, const B& bias) {
  detail::check_linear(detail::operand_shape("linear", x), detail::operand_shape("linear", weights));
  detail::check_bias("linear", detail::operand_shape("linear", bias), weights.shape()[1]);
  const auto of = detail::as_tensors("linear", x, weights, bias);
  return matmul(of[0], of[1]) + of[2];
}

/// y(.., o) = sum over i, j of a(.., i) weights(o, i, j) b(.., j) + bias(o).   Each derivative the same sum over what is left, with g.
/// a (..., inputs of a), b (..., inputs of b), of the same leading axes; weights (outputs, inputs of a, inputs of b); bias (outputs).
/// ShapeError where they do not fit.
template <Tensor A, Tensor B, WeightsOf<A> W>
  requires Operands<A, B>
auto bilinear(const A& a, const B& b, const W& weights) {
  const auto plan = detail::bilinear_plan(detail::operand_shape("bilinear", a), detail::operand_shape("bilinear", b), detail::operand_shape("bilinear", weights));
  const auto of = detail::as_tensors("bilinear", a, b, weights);
  const auto folded = reshape(transpose(of[2], {1, 0, 2}), plan.weights);
  return reshape(matmul(reshape(matmul(reshape(of[0], plan.a), folded), plan.between), reshape(of[1], plan.b)), plan.out);
}
template <Tensor A, Tensor B, WeightsOf<A> W, WeightsOf<A> C>
  requires Operands<A, B>
auto bilinear(const A& a, const B& b, const W& weights, const C& bias) {
  static_cast<void>(detail::bilinear_plan(detail::operand_shape("bilinear", a), detail::operand_shape("bilinear", b), detail::operand_shape("bilinear", weights)));
  detail::check_bias("bilinear", detail::operand_shape("bilinear", bias), weights.shape()[0]);
  const auto of = detail::as_tensors("bilinear", a, b, weights, bias);
  return bilinear(of[0], of[1], of[2]) + of[3];
}

namespace nn {

/// y = x . weight + bias for x of shape (..., inputs); weight is {inputs, outputs}, bias {outputs}.
template <Real T>
class Linear {
 public:
  /// He's normal initialisation, stddev sqrt(2 / inputs), which suits the relu family; bias zero. ValueError for a size of 0.
  Linear(std::size_t inputs, std::size_t outputs, RandomEngine& engine);
  /// A weight of one's own, as from init::glorot_uniform<T>({inputs, outputs}, engine); bias zero.
  explicit Linear(Array<T> weight);
  Linear(Array<T> weight, Array<T> bias);

  template <TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    detail::check_features("Linear", wengert::detail::operand_shape("Linear", x), -1, weight_.shape()[0], "(..., features)");
    return linear(x, use(weight_, x), use(bias_, x));
  }
  void members(Members<T>& all) {
    all("weight", weight_);
    all("bias", bias_);
  }

  const Parameter<T>& weight() const noexcept { return weight_; }
  const Parameter<T>& bias() const noexcept { return bias_; }

 private:
  Parameter<T> weight_, bias_;
};

extern template class WENGERT_API Linear<float>;
extern template class WENGERT_API Linear<double>;

}  // namespace nn
}  // namespace wengert
