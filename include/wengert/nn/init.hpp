// Initialisers: the arrays that training starts from. A weight is {inputs, outputs}: its fan in is shape[0], its fan out shape[1].
#pragma once

#include <cstdint>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/base/random.hpp>
#include <wengert/nn/activations.hpp>

namespace wengert::init {

// ---- the same for every shape ----

/// Zeros, as for biases.
template <Real T>
Array<T> zeros(const Shape& shape) {
  return wengert::zeros<T>(shape);
}

/// One number throughout.
template <Real T>
Array<T> constant(const Shape& shape, std::type_identity_t<T> value) {
  return full<T>(shape, value);
}

struct NormalOptions {
  double mean = 0;
  double stddev = 1;  ///< >= 0
};
/// Normally distributed numbers. ValueError for a stddev that is negative or not finite.
template <Real T>
WENGERT_API Array<T> normal(const Shape& shape, RandomEngine& engine, NormalOptions options = {});

struct UniformOptions {
  double low = 0;
  double high = 1;  ///< >= low
};
/// Uniformly distributed numbers in [low, high). ValueError for low > high or bounds that are not finite.
template <Real T>
WENGERT_API Array<T> uniform(const Shape& shape, RandomEngine& engine, UniformOptions options = {});

// ---- scaled to the size of a layer: for weights {inputs, outputs}, ShapeError for other shapes ----

/// Which size of a layer the scale comes from: the inputs, the outputs, or the mean of both.
enum class Fan : std::uint8_t { average, in, out };

struct GlorotOptions {
  double gain = 1;  ///< > 0; see gain(Activation)
  Fan fan = Fan::average;
};
/// Variance gain^2 / fan: signals and gradients keep their size through linear layers (Glorot and Bengio 2010). The uniform one draws from
/// +- gain sqrt(3 / fan), which for the average is the familiar sqrt(6 / (inputs + outputs)).
template <Real T>
WENGERT_API Array<T> glorot_normal(const Shape& shape, RandomEngine& engine, GlorotOptions options = {});
template <Real T>
WENGERT_API Array<T> glorot_uniform(const Shape& shape, RandomEngine& engine, GlorotOptions options = {});

struct HeOptions {
  double gain = 1;  ///< > 0; beside the sqrt 2 that this initialiser has for relu
  Fan fan = Fan::in;
};
/// Variance gain^2 2 / fan: the same for layers with relu, which halves the variance (He et al. 2015).
template <Real T>
WENGERT_API Array<T> he_normal(const Shape& shape, RandomEngine& engine, HeOptions options = {});
template <Real T>
WENGERT_API Array<T> he_uniform(const Shape& shape, RandomEngine& engine, HeOptions options = {});

/// The gain that makes up for an activation function in Glorot's initialisers: identity and tanh 1, sigmoid 4 (its slope at 0 is a
/// quarter), relu and silu sqrt 2.
WENGERT_API double gain(Activation activation);

}  // namespace wengert::init
