// The fully connected layer.
#include <wengert/nn/linear.hpp>

#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/nn/init.hpp>

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
