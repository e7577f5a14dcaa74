// Activation functions as layers, and the list of them that initialisers know. They take their input by value, so that they write over
// what the layer before them made.
#pragma once

#include <cstdint>
#include <utility>

#include <wengert/nn/layer.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>

namespace wengert {

/// Activation functions by name: init::gain(Activation::relu).
enum class Activation : std::uint8_t { identity, tanh, sigmoid, relu, silu };

namespace nn {

/// y = max(0, x).
template <Real T>
struct ReLU {
  template <TensorOf<T> X>
  X operator()(X x, const Context&) const {
    return relu(std::move(x));
  }
};

/// y = tanh x.
template <Real T>
struct Tanh {
  template <TensorOf<T> X>
  X operator()(X x, const Context&) const {
    return tanh(std::move(x));
  }
};

/// y = 1 / (1 + e^-x).
template <Real T>
struct Sigmoid {
  template <TensorOf<T> X>
  X operator()(X x, const Context&) const {
    return sigmoid(std::move(x));
  }
};

/// y = x / (1 + e^-x).
template <Real T>
struct SiLU {
  template <TensorOf<T> X>
  X operator()(X x, const Context&) const {
    return silu(std::move(x));
  }
};

}  // namespace nn
}  // namespace wengert
