// Parameters: named arrays that change between steps, never under a tape that still reads them.
#include <wengert/graph/parameter.hpp>

#include <atomic>

#include <wengert/base/errors.hpp>

namespace wengert {

template <Real T>
Parameter<T>::Parameter(std::string name, Array<T> value) : state_(std::make_shared<detail::AnyParameterState>()) {
  if (value.is_nothing()) throw ValueError("parameter: the array holds nothing: \"" + name + "\"; an array of any shape is needed");
  static std::atomic<std::uint64_t> serials{0};
  state_->serial = ++serials;
  state_->name = std::move(name);
  state_->value = std::move(value).handle();
}

template <Real T>
void Parameter<T>::assign(Array<T> value) {
  if (value.is_nothing() || value.shape() != shape())
    throw ShapeError("assign: the shape is not the parameter's: " + (value.is_nothing() ? std::string("nothing") : to_string(value.shape())) + " for \"" + name() +
                     "\"; it must be " + to_string(shape()));
  state_->value = std::move(value).handle();
}

template <Real T>
Parameter<T> Parameter<T>::clone() const {
  Parameter other(name(), value().copy());
  other.state_->frozen = frozen();
  return other;
}

template <Real T>
std::span<T> Parameter<T>::writable() {
  detail::Handle& held = state_->value;
  if (held.is_block() && !held.is_unique()) held = value().copy().handle();
  return {const_cast<T*>(static_cast<const T*>(held.address())), held.elements()};
}

template class Parameter<float>;
template class Parameter<double>;

}  // namespace wengert
