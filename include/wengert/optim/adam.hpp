// Adam: a step size for each element, from running averages of its gradient and of the gradient's square.
#pragma once

#include <cstdint>

#include <wengert/base/export.hpp>
#include <wengert/optim/optimizer.hpp>

namespace wengert::optim {

/// Where epsilon is added to the denominator: sqrt(v) + epsilon or sqrt(v + epsilon).
enum class EpsilonPlace : std::uint8_t { outside_root, inside_root };
/// Whether the averages, which start from 0, are divided by 1 - beta^t.
enum class BiasCorrection : std::uint8_t { on, off };
/// `amsgrad` divides by the largest v so far.
enum class AdamVariant : std::uint8_t { plain, amsgrad };

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;     ///< of the average of g, in [0, 1)
  double beta2 = 0.999;   ///< of the average of g^2, in [0, 1)
  double epsilon = 1e-8;  ///< >= 0
  EpsilonPlace epsilon_place = EpsilonPlace::outside_root;
  BiasCorrection bias_correction = BiasCorrection::on;
  AdamVariant variant = AdamVariant::plain;
};

/// m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2,   p <- p - rate m' / (sqrt(v') + epsilon)
/// with m' = m / (1 - beta1^t), v' = v / (1 - beta2^t), t counting the parameter's own updates.
/// Inside the root: p <- p - rate m' / sqrt(v' + epsilon). amsgrad: v' is made from the largest v so far.
template <Real T>
class WENGERT_API Adam final : public Optimizer<T> {
 public:
  explicit Adam(Parameters<T> parameters, AdamOptions options = {});
  const AdamOptions& options() const noexcept { return options_; }

 private:
  void update(const typename Optimizer<T>::Update& update) const override;

  AdamOptions options_;
};

extern template class WENGERT_API Adam<float>;
extern template class WENGERT_API Adam<double>;

}  // namespace wengert::optim
