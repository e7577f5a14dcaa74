// Batch normalisation, of features and of the channels of images.
#pragma once

#include <cstddef>

#include <wengert/base/export.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/nn/normalization.hpp>

namespace wengert::nn {

struct BatchNormOptions {
  double epsilon = 1e-5;  ///< added to the variance, inside the root; > 0
  double momentum = 0.1;  ///< share of the new batch in the running averages, in [0, 1]: r <- (1 - momentum) r + momentum batch
};

namespace detail {
WENGERT_API void check_batch_norm(std::size_t features, const BatchNormOptions& options);
}  // namespace detail

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, for each feature of x, which is (N, features) or (N, features, ...).
/// Training: mean and biased variance of the batch; the running averages move towards the batch's mean and unbiased variance.
/// Evaluation: the running averages, which start at 0 and 1. gamma starts at 1, beta at 0.
template <Real T>
class BatchNorm {
 public:
  /// ValueError for no features or options out of range.
  explicit BatchNorm(std::size_t features, BatchNormOptions options = {});

  template <TensorOf<T> X>
  X operator()(const X& x, const Context& context) const {
    detail::check_features("BatchNorm", wengert::detail::operand_shape("BatchNorm", x), 1, gamma_.size(), "(N, features) or (N, features, ...)");
    return context.is_training() ? by_batch(x) : by_running_averages(x);
  }
  void members(Members<T>& all) {
    all("gamma", gamma_);
    all("beta", beta_);
    all("running_mean", running_mean_);
    all("running_variance", running_variance_);
  }

  const Parameter<T>& gamma() const noexcept { return gamma_; }
  const Parameter<T>& beta() const noexcept { return beta_; }
  Array<T> running_mean() const { return running_mean_.value(); }
  Array<T> running_variance() const { return running_variance_.value(); }

 private:
  template <TensorOf<T> X>
  X by_batch(const X& x) const {
    const std::size_t count = wengert::detail::averaged_elements("BatchNorm", x.shape());
    const auto batch = wengert::detail::moments(x, wengert::detail::averaged_axes(x.shape()));
    const X y = wengert::detail::scaled_features(batch.centred, batch.variance, use(gamma_, x), use(beta_, x), options_.epsilon);
    update_running_averages(wengert::detail::value_of(batch.mean), wengert::detail::value_of(batch.variance), count);
    return y;
  }

  template <TensorOf<T> X>
  X by_running_averages(const X& x) const {
    return batch_norm(x, running_mean_.value(), running_variance_.value(), use(gamma_, x), use(beta_, x), {.epsilon = options_.epsilon});
  }

  void update_running_averages(const Array<T>& batch_mean, const Array<T>& variance, std::size_t count) const;

  BatchNormOptions options_;
  Parameter<T> gamma_, beta_;
  Buffer<T> running_mean_, running_variance_;
};

extern template class WENGERT_API BatchNorm<float>;
extern template class WENGERT_API BatchNorm<double>;

}  // namespace wengert::nn
