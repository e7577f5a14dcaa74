// Gradient descent, plain and with momentum.
#include <wengert/optim/gradient_descent.hpp>

#include <array>
#include <string_view>

#include "array/ranges.hpp"
#include "optim/hyperparameters.hpp"
#include "optim/updates.hpp"

namespace wengert::optim {

namespace {
constexpr std::array<std::string_view, 1> velocity_name{"velocity"};
constexpr std::array<std::string_view, 1> buffer_name{"buffer"};

std::span<const std::string_view> state_name(MomentumForm form) { return form == MomentumForm::velocity ? velocity_name : buffer_name; }

template <Real T>
void apply(T* p, T* v, const T* g, std::size_t n, const detail::MomentumRule<T>& rule) {
  const auto& loops = detail::updates<T>();
  detail::in_ranges(n, 1, [&](std::size_t first, std::size_t last) { loops.momentum(p + first, v + first, g + first, last - first, rule); });
}
}  // namespace

template <Real T>
GradientDescent<T>::GradientDescent(Parameters<T> parameters, GradientDescentOptions options)
    : Optimizer<T>("GradientDescent", std::move(parameters), options.learning_rate, {}) {}

template <Real T>
void GradientDescent<T>::update(const typename Optimizer<T>::Update& u) const {
  const auto& loops = detail::updates<T>();
  const T rate = static_cast<T>(this->learning_rate());
  detail::in_ranges(u.elements, 1, [&](std::size_t first, std::size_t last) { loops.descend(u.value + first, u.gradient + first, last - first, rate); });
}

template <Real T>
Momentum<T>::Momentum(Parameters<T> parameters, MomentumOptions options)
    : Optimizer<T>("Momentum", std::move(parameters), options.learning_rate, state_name(options.form)), options_(options) {
  detail::check_below_one("Momentum", "momentum", options.momentum);
  detail::check_fraction("Momentum", "dampening", options.dampening);
}

template <Real T>
void Momentum<T>::update(const typename Optimizer<T>::Update& u) const {
  const double rate = this->learning_rate(), fresh = 1 - options_.dampening;
  detail::MomentumRule<T> rule{.keep = static_cast<T>(options_.momentum), .add = 0, .velocity = 0, .gradient = 0};
  if (options_.form == MomentumForm::velocity) {
    rule.add = static_cast<T>(-rate * fresh);
    rule.velocity = 1;
  } else {
    rule.add = u.count == 1 ? T(1) : static_cast<T>(fresh);
    rule.velocity = static_cast<T>(-rate);
  }
  apply(u.value, u.state[0], u.gradient, u.elements, rule);
}

template <Real T>
Nesterov<T>::Nesterov(Parameters<T> parameters, NesterovOptions options)
    : Optimizer<T>("Nesterov", std::move(parameters), options.learning_rate, state_name(options.form)), options_(options) {
  detail::check_below_one("Nesterov", "momentum", options.momentum);
}

template <Real T>
void Nesterov<T>::update(const typename Optimizer<T>::Update& u) const {
  const double rate = this->learning_rate();
  detail::MomentumRule<T> rule{.keep = static_cast<T>(options_.momentum), .add = 1, .velocity = 0, .gradient = static_cast<T>(-rate)};
  if (options_.form == MomentumForm::velocity) {
    rule.add = static_cast<T>(-rate);
    rule.velocity = static_cast<T>(options_.momentum);
  } else {
    rule.velocity = static_cast<T>(-rate * options_.momentum);
  }
  apply(u.value, u.state[0], u.gradient, u.elements, rule);
}

template class GradientDescent<float>;
template class GradientDescent<double>;
template class Momentum<float>;
template class Momentum<double>;
template class Nesterov<float>;
template class Nesterov<double>;

}  // namespace wengert::optim
