// Activation functions as layers, and the list of them that initialisers know.
#pragma once

#include <cstdint>

#include <wengert/nn/layer.hpp>
#include <wengert/ops/elementwise.hpp>

namespace wengert {

/// Activation functions by name: init::gain(Activation::relu).
enum class Activation : std::uint8_t { identity, tanh, sigmoid, relu, silu };

namespace nn {

/// y = max(0, x).
template <Real T>
struct ReLU {
  template <TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    return relu(x);
  }
};

/// y = tanh x.
template <Real T>
struct Tanh {
  template <TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    return tanh(x);
  }
};

/// y = 1 / (1 + e^-x).
template <Real T>
struct Sigmoid {
  template <TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    return sigmoid(x);
  }
};

/// y = x / (1 + e^-x).
template <Real T>
struct SiLU {
  template <TensorOf<T> X>
  X operator()(const X& x, const Context&) const {
    return silu(x);
  }
};

}  // namespace nn
}  // namespace wengert
