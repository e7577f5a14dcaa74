// Dropout: random zeros while training.
#pragma once

#include <utility>

#include <wengert/base/export.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/ops/arithmetic.hpp>

namespace wengert::nn {

struct DropoutOptions {
  double drop_probability = 0.5;  ///< in [0, 1]; at 1 the output is 0
};

namespace detail {
WENGERT_API void check_drop_probability(double given);
/// 0 with the given probability, else 1 / (1 - probability); drawn at once.
template <Real T>
WENGERT_API Array<T> dropout_mask(const Shape& shape, double drop_probability, RandomEngine& engine);
}  // namespace detail

/// Training: each element is 0 with the given probability, the others are divided by 1 - probability (inverted dropout: the mean
/// stays). The mask is drawn anew for each call, from the context's engine: ValueError without one. Evaluation: y = x.
template <Real T>
class Dropout {
 public:
  explicit Dropout(DropoutOptions options = {}) : options_(options) { detail::check_drop_probability(options.drop_probability); }

  template <TensorOf<T> X>
  X operator()(X x, const Context& context) const {
    const Shape shape = wengert::detail::operand_shape("Dropout", x);
    if (!context.is_training() || options_.drop_probability == 0) return x;
    const Array<T> mask = detail::dropout_mask<T>(shape, options_.drop_probability, context.engine("Dropout"));
    return std::move(x) * mask;
  }

  double drop_probability() const noexcept { return options_.drop_probability; }

 private:
  DropoutOptions options_;
};

}  // namespace wengert::nn
