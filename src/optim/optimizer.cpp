// What all optimizers share: which parameters take part in a step, and the state that each of them has.
#include <wengert/optim/optimizer.hpp>

#include <algorithm>

#include <wengert/base/errors.hpp>

#include "optim/hyperparameters.hpp"

namespace wengert::optim {

namespace {

/// The elements for an update in place; where somebody else holds them, of a copy.
template <Real T>
T* own_elements(Array<T>& array) {
  if (array.handle().is_block() && !array.handle().is_unique()) array = array.copy();
  return array.writable().data();
}

}  // namespace

template <Real T>
Optimizer<T>::Optimizer(std::string_view name, Parameters<T> parameters, double learning_rate, std::span<const std::string_view> state_names)
    : name_(name), learning_rate_(learning_rate), state_names_(state_names) {
  detail::check_not_negative(name, "learning_rate", learning_rate);
  if (parameters.empty()) throw ValueError(std::string(name) + ": the list of parameters is empty: {}; name at least one, as in net.parameters()");
  slots_.reserve(parameters.size());
  for (auto& parameter : parameters) {
    if (std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.parameter == parameter; }))
      throw ValueError(std::string(name) + ": a parameter is listed twice: \"" + parameter.name() + "\"; it would be updated twice in a step: list it once");
    slots_.push_back({.parameter = std::move(parameter), .state = {}, .updates = 0, .value = nullptr, .gradient = {}});
  }
}

template <Real T>
Optimizer<T>::Optimizer(Optimizer&&) noexcept = default;
template <Real T>
Optimizer<T>& Optimizer<T>::operator=(Optimizer&&) noexcept = default;
template <Real T>
Optimizer<T>::~Optimizer() = default;

template <Real T>
void Optimizer<T>::set_learning_rate(double rate) {
  detail::check_not_negative(name_, "learning_rate", rate);
  learning_rate_ = rate;
}

template <Real T>
Parameters<T> Optimizer<T>::parameters() const {
  Parameters<T> all;
  all.reserve(slots_.size());
  for (const Slot& slot : slots_) all.push_back(slot.parameter);
  return all;
}

template <Real T>
std::uint64_t Optimizer<T>::updates(std::size_t i) const {
  if (i >= slots_.size())
    throw ValueError(std::string(name_) + ": no such parameter: " + std::to_string(i) + " of " + std::to_string(slots_.size()) + "; they are counted from 0");
  return slots_[i].updates;
}

template <Real T>
std::vector<StateArray<T>> Optimizer<T>::state() const {
  std::vector<StateArray<T>> all;
  for (const Slot& slot : slots_)
    for (std::size_t k = 0; slot.updates > 0 && k < state_names_.size(); ++k)
      all.push_back({slot.parameter.name() + "." + std::string(state_names_[k]), slot.state[k]});
  return all;
}

/// Everything of a step that can fail.
template <Real T>
void Optimizer<T>::prepare(Slot& slot, const Gradients& gradients) const {
  slot.value = nullptr;
  if (slot.parameter.frozen() || !gradients.contains(slot.parameter)) return;
  slot.gradient = gradients[slot.parameter];
  for (std::size_t k = 0; k < state_names_.size(); ++k) {
    if (slot.state[k].is_nothing()) slot.state[k] = zeros<T>(slot.parameter.shape());
    own_elements(slot.state[k]);
  }
  slot.value = slot.parameter.writable().data();
}

template <Real T>
void Optimizer<T>::step(const Gradients& gradients) {
  for (Slot& slot : slots_) prepare(slot, gradients);
  for (Slot& slot : slots_) {
    if (slot.value == nullptr) continue;
    Update one{.value = slot.value, .gradient = slot.gradient.data(), .state = {}, .count = slot.updates + 1, .elements = slot.parameter.size()};
    for (std::size_t k = 0; k < state_names_.size(); ++k) one.state[k] = slot.state[k].writable().data();
    update(one);
    ++slot.updates;
    slot.gradient = {};
  }
}

template <Real T>
Tape Optimizer<T>::take_tape() {
  if (!tape_) return Tape();
  // Taken out for the length of the iteration: the loss may call minimize() itself, or throw.
  Tape tape = std::move(*tape_);
  tape_.reset();
  tape.adopt();
  return tape;
}

template <Real T>
void Optimizer<T>::keep_tape(Tape&& tape) {
  tape.clear();
  tape_ = std::move(tape);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace wengert::optim
