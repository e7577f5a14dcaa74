// Adam: a step size for each element, from running averages of its gradient and of the gradient's square.
#include <wengert/optim/adam.hpp>

#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include "array/ranges.hpp"
#include "optim/hyperparameters.hpp"
#include "optim/updates.hpp"

namespace wengert::optim {

namespace {
constexpr std::array<std::string_view, 3> state_names{"first_moment", "second_moment", "largest_second_moment"};
}

template <Real T>
Adam<T>::Adam(Parameters<T> parameters, AdamOptions options)
    : Optimizer<T>("Adam", std::move(parameters), options.learning_rate, std::span(state_names).first(options.variant == AdamVariant::amsgrad ? 3 : 2)),
      options_(options) {
  detail::check_below_one("Adam", "beta1", options.beta1);
  detail::check_below_one("Adam", "beta2", options.beta2);
  detail::check_not_negative("Adam", "epsilon", options.epsilon);
}

template <Real T>
void Adam<T>::update(const typename Optimizer<T>::Update& u) const {
  // In double, whatever T is: 1 - beta2^t loses its digits in float while t is small.
  const bool corrected = options_.bias_correction == BiasCorrection::on;
  const auto count = static_cast<double>(u.count);
  const double correction1 = corrected ? 1 - std::pow(options_.beta1, count) : 1, correction2 = corrected ? 1 - std::pow(options_.beta2, count) : 1;
  const bool outside = options_.epsilon_place == EpsilonPlace::outside_root;
  const detail::AdamRule<T> rule{.keep1 = static_cast<T>(options_.beta1),
                                 .add1 = static_cast<T>(1 - options_.beta1),
                                 .keep2 = static_cast<T>(options_.beta2),
                                 .add2 = static_cast<T>(1 - options_.beta2),
                                 .rate = static_cast<T>(this->learning_rate() / correction1),
                                 .scale = static_cast<T>(1 / correction2),
                                 .inside = outside ? T(0) : static_cast<T>(options_.epsilon),
                                 .outside = outside ? static_cast<T>(options_.epsilon) : T(0)};
  const auto& loops = detail::updates<T>();
  const auto [m, v, largest] = u.state;
  detail::in_ranges(u.elements, 1, [&, m = m, v = v, largest = largest](std::size_t first, std::size_t last) {
    const std::size_t n = last - first;
    if (options_.variant == AdamVariant::plain) {
      loops.adam(u.value + first, m + first, v + first, u.gradient + first, n, rule);
    } else {
      loops.amsgrad(u.value + first, m + first, v + first, largest + first, u.gradient + first, n, rule);
    }
  });
}

template class Adam<float>;
template class Adam<double>;

}  // namespace wengert::optim
