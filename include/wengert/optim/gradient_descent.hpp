// Gradient descent, plain and with momentum.
#pragma once

#include <cstdint>

#include <wengert/base/export.hpp>
#include <wengert/optim/optimizer.hpp>

namespace wengert::optim {

struct GradientDescentOptions {
  double learning_rate = 0.01;  ///< >= 0 and finite
};

/// p <- p - rate g.
template <Real T>
class WENGERT_API GradientDescent final : public Optimizer<T> {
 public:
  explicit GradientDescent(Parameters<T> parameters, GradientDescentOptions options = {});

 private:
  void update(const typename Optimizer<T>::Update& update) const override;
};

/// Where the learning rate enters. `velocity`: into the velocity, so that a change of the rate acts on new gradients only.
/// `buffer`: at the end, so that it acts on all that has been gathered. At a constant rate both are the same.
enum class MomentumForm : std::uint8_t { velocity, buffer };

struct MomentumOptions {
  double learning_rate = 0.01;
  double momentum = 0.9;   ///< in [0, 1)
  double dampening = 0.0;  ///< in [0, 1]
  MomentumForm form = MomentumForm::velocity;
};

/// velocity:  v <- momentum v - rate (1 - dampening) g,   p <- p + v,   v = 0 at first.
/// buffer:    b <- momentum b + (1 - dampening) g,   p <- p - rate b;   the first b is g itself, undampened.
template <Real T>
class WENGERT_API Momentum final : public Optimizer<T> {
 public:
  explicit Momentum(Parameters<T> parameters, MomentumOptions options = {});
  const MomentumOptions& options() const noexcept { return options_; }

 private:
  void update(const typename Optimizer<T>::Update& update) const override;

  MomentumOptions options_;
};

struct NesterovOptions {
  double learning_rate = 0.01;
  double momentum = 0.9;  ///< in [0, 1)
  MomentumForm form = MomentumForm::velocity;
};

/// Nesterov's momentum, rewritten so that the gradient is taken where the parameters stand: they are the look-ahead point
/// x + momentum v of the original form, v <- momentum v - rate g(x + momentum v), x <- x + v.
/// velocity:  v <- momentum v - rate g,   p <- p + momentum v - rate g.
/// buffer:    b <- momentum b + g,   p <- p - rate (g + momentum b).
template <Real T>
class WENGERT_API Nesterov final : public Optimizer<T> {
 public:
  explicit Nesterov(Parameters<T> parameters, NesterovOptions options = {});
  const NesterovOptions& options() const noexcept { return options_; }

 private:
  void update(const typename Optimizer<T>::Update& update) const override;

  NesterovOptions options_;
};

extern template class WENGERT_API GradientDescent<float>;
extern template class WENGERT_API GradientDescent<double>;
extern template class WENGERT_API Momentum<float>;
extern template class WENGERT_API Momentum<double>;
extern template class WENGERT_API Nesterov<float>;
extern template class WENGERT_API Nesterov<double>;

}  // namespace wengert::optim
