// The fully connected layer.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>

namespace wengert::nn {

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
    detail::check_features("Linear", x.shape(), -1, weight_.shape()[0], "(..., features)");
    return matmul(x, use(weight_, x)) + use(bias_, x);
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

}  // namespace wengert::nn
