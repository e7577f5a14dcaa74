// Batch normalisation, of features and of the channels of images.
#pragma once

#include <cstddef>

#include <wengert/base/export.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert::nn {

struct BatchNormOptions {
  double epsilon = 1e-5;  ///< added to the variance, inside the root; > 0
  double momentum = 0.1;  ///< share of the new batch in the running averages, in [0, 1]: r <- (1 - momentum) r + momentum batch
};

namespace detail {
WENGERT_API void check_batch_norm(std::size_t features, const BatchNormOptions& options);
/// The elements that each feature is averaged over; ValueError for fewer than two: they have no variance.
WENGERT_API std::size_t averaged_elements(const Shape& input);
/// All axes but axis 1.
WENGERT_API Axes averaged_axes(const Shape& input);
/// {features, 1, 1, ...}: stretches along axis 1 of the input.
WENGERT_API Shape along_features(const Shape& input);
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
    detail::check_features("BatchNorm", x.shape(), 1, gamma_.size(), "(N, features) or (N, features, ...)");
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
    const std::size_t count = detail::averaged_elements(x.shape());
    const Axes axes = detail::averaged_axes(x.shape());
    const X batch_mean = mean(x, {.axes = axes, .keep_dims = true});
    const X centred = x - batch_mean;
    const X variance = mean(square(centred), {.axes = axes, .keep_dims = true});
    const Shape form = detail::along_features(x.shape());
    const X scale = rsqrt(variance + options_.epsilon) * reshape(use(gamma_, x), form);
    const X y = centred * scale + reshape(use(beta_, x), form);
    update_running_averages(detail::value_of(batch_mean), detail::value_of(variance), count);
    return y;
  }

  template <TensorOf<T> X>
  X by_running_averages(const X& x) const {
    const Shape form = detail::along_features(x.shape());
    const X scale = reshape(use(gamma_, x), form) * rsqrt(running_variance_.value().reshaped(form) + options_.epsilon);
    return (x - running_mean_.value().reshaped(form)) * scale + reshape(use(beta_, x), form);
  }

  void update_running_averages(const Array<T>& batch_mean, const Array<T>& variance, std::size_t count) const;

  BatchNormOptions options_;
  Parameter<T> gamma_, beta_;
  Buffer<T> running_mean_, running_variance_;
};

extern template class WENGERT_API BatchNorm<float>;
extern template class WENGERT_API BatchNorm<double>;

}  // namespace wengert::nn
