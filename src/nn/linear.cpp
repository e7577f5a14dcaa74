// Products with weights: what they check, and the fully connected layer.
#include <wengert/nn/linear.hpp>

#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/nn/init.hpp>

namespace wengert::detail {

void check_linear(const Shape& x, const Shape& weights) {
  if (weights.rank() != 2) throw ShapeError("linear: the weights are no matrix: " + to_string(weights) + "; (inputs, outputs) is needed");
  if (x.empty() || x.back() != weights[0])
    throw ShapeError("linear: the input does not fit: " + to_string(x) + " for weights " + to_string(weights) + "; (..., " + std::to_string(weights[0]) + ") is needed");
}

void check_bias(std::string_view who, const Shape& bias, std::size_t outputs) {
  if (bias != Shape{outputs}) throw ShapeError(std::string(who) + ": the bias does not fit: " + to_string(bias) + "; " + to_string(Shape{outputs}) + " is needed, a number for each output");
}

BilinearPlan bilinear_plan(const Shape& a, const Shape& b, const Shape& weights) {
  const bool fits = weights.rank() == 3 && a.rank() > 0 && a.rank() == b.rank() && Shape(a.begin(), a.end() - 1) == Shape(b.begin(), b.end() - 1) && a.back() == weights[1] && b.back() == weights[2];
  if (!fits)
    throw ShapeError("bilinear: the shapes do not fit: " + to_string(a) + " and " + to_string(b) + " with weights " + to_string(weights) +
                     "; (..., i) and (..., j) with (outputs, i, j) are needed, the leading axes equal");
  BilinearPlan plan;
  const std::size_t outputs = weights[0], i = weights[1], j = weights[2];
  plan.out = Shape(a.begin(), a.end() - 1);
  const std::size_t examples = plan.out.elements();
  plan.out.push_back(outputs);
  plan.a = {examples, i};
  plan.weights = {i, checked_product("bilinear", outputs, j)};
  plan.b = {examples, j, 1};
  plan.between = {examples, outputs, j};
  return plan;
}

}  // namespace wengert::detail

namespace wengert::nn {

namespace {

const Shape& checked_sizes(const Shape& weight) {
  if (weight.rank() != 2 || weight[0] == 0 || weight[1] == 0)
    throw ShapeError("Linear: the weight does not have two axes of at least 1: " + to_string(weight) + "; it must be {inputs, outputs}");
  return weight;
}

}  // namespace

template <Real T>
Linear<T>::Linear(std::size_t inputs, std::size_t outputs, RandomEngine& engine) : Linear(init::he_normal<T>(checked_sizes({inputs, outputs}), engine)) {}

template <Real T>
Linear<T>::Linear(Array<T> weight) : Linear(weight, zeros<T>({checked_sizes(weight.shape())[1]})) {}

template <Real T>
Linear<T>::Linear(Array<T> weight, Array<T> bias) : weight_("weight", std::move(weight)), bias_("bias", std::move(bias)) {
  const Shape& sizes = checked_sizes(weight_.shape());
  if (bias_.shape() != Shape{sizes[1]})
    throw ShapeError("Linear: bias and weight do not fit: " + to_string(bias_.shape()) + " with " + to_string(sizes) + "; the bias must be " + to_string(Shape{sizes[1]}));
}

template class Linear<float>;
template class Linear<double>;

}  // namespace wengert::nn
