// A layer's named arrays that are not learned.
#include <wengert/nn/buffer.hpp>

#include <wengert/base/errors.hpp>

namespace wengert::nn {

template <Real T>
Buffer<T>::Buffer(std::string name, Array<T> value) : state_(std::make_shared<State>()) {
  if (value.is_nothing()) throw ValueError("buffer: the array holds nothing: \"" + name + "\"; an array of any shape is needed");
  *state_ = {std::move(name), std::move(value)};
}

template <Real T>
void Buffer<T>::assign(Array<T> value) const {
  if (value.is_nothing() || value.shape() != shape())
    throw ShapeError("assign: the shape is not the buffer's: " + (value.is_nothing() ? std::string("nothing") : to_string(value.shape())) + " for \"" + name() +
                     "\"; it must be " + to_string(shape()));
  state_->value = std::move(value);
}

template class Buffer<float>;
template class Buffer<double>;

}  // namespace wengert::nn
