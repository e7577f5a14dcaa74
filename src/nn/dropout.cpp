// The random masks of dropout.
#include <wengert/nn/dropout.hpp>

#include <sstream>

#include <wengert/base/errors.hpp>

namespace wengert::nn::detail {

void check_drop_probability(double given) {
  if (given >= 0 && given <= 1) return;
  std::ostringstream message;
  message << "Dropout: drop_probability is no probability: " << given << "; it must be from 0 to 1";
  throw ValueError(message.str());
}

template <Real T>
Array<T> dropout_mask(const Shape& shape, double drop_probability, RandomEngine& engine) {
  return Array<T>::build(shape, [&](std::span<T> out) {
    engine.fill_uniform(out);
    const T limit = static_cast<T>(drop_probability), kept = static_cast<T>(1 / (1 - drop_probability));
    for (T& u : out) u = u < limit ? T(0) : kept;
  });
}

template Array<float> dropout_mask(const Shape&, double, RandomEngine&);
template Array<double> dropout_mask(const Shape&, double, RandomEngine&);

}  // namespace wengert::nn::detail
