// The running averages and the checks of batch normalisation.
#include <wengert/nn/batch_norm.hpp>

#include <sstream>

#include <wengert/base/errors.hpp>

namespace wengert::nn {

namespace detail {

void check_batch_norm(std::size_t features, const BatchNormOptions& options) {
  std::ostringstream message;
  message << "BatchNorm: ";
  wengert::detail::check_epsilon("BatchNorm", options.epsilon);
  if (features == 0) {
    message << "no features: 0; at least 1 is needed";
  } else if (!(options.momentum >= 0 && options.momentum <= 1)) {
    message << "momentum is out of its range: " << options.momentum << "; it must be from 0 to 1";
  } else {
    return;
  }
  throw ValueError(message.str());
}

}  // namespace detail

template <Real T>
BatchNorm<T>::BatchNorm(std::size_t features, BatchNormOptions options)
    : options_((detail::check_batch_norm(features, options), options)),
      gamma_("gamma", ones<T>({features})),
      beta_("beta", zeros<T>({features})),
      running_mean_("running_mean", zeros<T>({features})),
      running_variance_("running_variance", ones<T>({features})) {}

template <Real T>
void BatchNorm<T>::update_running_averages(const Array<T>& batch_mean, const Array<T>& variance, std::size_t count) const {
  const auto n = static_cast<double>(count);
  const auto moved = [&](const Array<T>& running, const Array<T>& batch, double scale) {
    const T keep = static_cast<T>(1 - options_.momentum), add = static_cast<T>(options_.momentum * scale);
    return Array<T>::build(running.shape(), [&](std::span<T> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = keep * running.data()[i] + add * batch.data()[i];
    });
  };
  const Array<T> next_mean = moved(running_mean_.value(), batch_mean, 1);
  running_variance_.assign(moved(running_variance_.value(), variance, n / (n - 1)));
  running_mean_.assign(next_mean);
}

template class BatchNorm<float>;
template class BatchNorm<double>;

}  // namespace wengert::nn
