// Initialisers: the arrays that training starts from.
#include <wengert/nn/init.hpp>

#include <cmath>
#include <numbers>
#include <sstream>
#include <string_view>

#include <wengert/base/errors.hpp>

namespace wengert::init {

namespace {

/// gain * sqrt(numerator / fan), checked.
double scale_of(std::string_view who, const Shape& shape, double gain, Fan fan, double numerator) {
  std::ostringstream message;
  message << who << ": ";
  if (shape.rank() != 2 || shape[0] == 0 || shape[1] == 0) {
    message << "the weight does not have two axes of at least 1: " << shape << "; it must be {inputs, outputs}";
    throw ShapeError(message.str());
  }
  if (!(std::isfinite(gain) && gain > 0)) {
    message << "gain is out of its range: " << gain << "; it must be a finite number greater than 0";
    throw ValueError(message.str());
  }
  const auto inputs = static_cast<double>(shape[0]), outputs = static_cast<double>(shape[1]);
  double size = (inputs + outputs) / 2;
  if (fan == Fan::in) size = inputs;
  if (fan == Fan::out) size = outputs;
  return gain * std::sqrt(numerator / size);
}

template <Real T>
Array<T> drawn_normal(const Shape& shape, RandomEngine& engine, double mean, double stddev) {
  return Array<T>::build(shape, [&](std::span<T> out) { engine.fill_normal(out, static_cast<T>(mean), static_cast<T>(stddev)); });
}

template <Real T>
Array<T> drawn_uniform(const Shape& shape, RandomEngine& engine, double low, double high) {
  return Array<T>::build(shape, [&](std::span<T> out) { engine.fill_uniform(out, static_cast<T>(low), static_cast<T>(high)); });
}

template <Real T>
Array<T> drawn_around_zero(const Shape& shape, RandomEngine& engine, double bound) {
  return drawn_uniform<T>(shape, engine, -bound, bound);
}

// A uniform distribution on +-b has the variance b^2 / 3.
constexpr double uniform_variance = 3;

}  // namespace

template <Real T>
Array<T> normal(const Shape& shape, RandomEngine& engine, NormalOptions options) {
  return drawn_normal<T>(shape, engine, options.mean, options.stddev);
}

template <Real T>
Array<T> uniform(const Shape& shape, RandomEngine& engine, UniformOptions options) {
  return drawn_uniform<T>(shape, engine, options.low, options.high);
}

template <Real T>
Array<T> glorot_normal(const Shape& shape, RandomEngine& engine, GlorotOptions options) {
  return drawn_normal<T>(shape, engine, 0, scale_of("glorot_normal", shape, options.gain, options.fan, 1));
}

template <Real T>
Array<T> glorot_uniform(const Shape& shape, RandomEngine& engine, GlorotOptions options) {
  return drawn_around_zero<T>(shape, engine, scale_of("glorot_uniform", shape, options.gain, options.fan, uniform_variance));
}

template <Real T>
Array<T> he_normal(const Shape& shape, RandomEngine& engine, HeOptions options) {
  return drawn_normal<T>(shape, engine, 0, scale_of("he_normal", shape, options.gain, options.fan, 2));
}

template <Real T>
Array<T> he_uniform(const Shape& shape, RandomEngine& engine, HeOptions options) {
  return drawn_around_zero<T>(shape, engine, scale_of("he_uniform", shape, options.gain, options.fan, 2 * uniform_variance));
}

double gain(Activation activation) {
  switch (activation) {
    case Activation::identity:
    case Activation::tanh: return 1;
    case Activation::sigmoid: return 4;
    case Activation::relu:
    case Activation::silu: return std::numbers::sqrt2;
  }
  throw ValueError("gain: no such activation: " + std::to_string(static_cast<int>(activation)) + "; name one of the enumeration");
}

#define WENGERT_INSTANTIATE(T)                                                    \
  template Array<T> normal(const Shape&, RandomEngine&, NormalOptions);           \
  template Array<T> uniform(const Shape&, RandomEngine&, UniformOptions);         \
  template Array<T> glorot_normal(const Shape&, RandomEngine&, GlorotOptions);    \
  template Array<T> glorot_uniform(const Shape&, RandomEngine&, GlorotOptions);   \
  template Array<T> he_normal(const Shape&, RandomEngine&, HeOptions);            \
  template Array<T> he_uniform(const Shape&, RandomEngine&, HeOptions);
WENGERT_INSTANTIATE(float)
WENGERT_INSTANTIATE(double)
#undef WENGERT_INSTANTIATE

}  // namespace wengert::init
