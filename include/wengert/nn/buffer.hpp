// Buffer<T>: a named array that belongs to a layer and is not learned, such as a running average.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>

namespace wengert::nn {

/// A handle, as Parameter is one: copies are the same buffer, clone() is another of equal value.
template <Real T>
class Buffer {
 public:
  Buffer(std::string name, Array<T> value);

  const std::string& name() const noexcept { return state_->name; }
  Array<T> value() const { return state_->value; }
  const Shape& shape() const noexcept { return state_->value.shape(); }
  /// Another value of the same shape; ShapeError otherwise. Const as a pointer's target is changed through a const pointer.
  void assign(Array<T> value) const;
  void rename(std::string name) { state_->name = std::move(name); }
  Buffer clone() const { return Buffer(name(), value().copy()); }

  friend bool operator==(const Buffer& a, const Buffer& b) noexcept { return a.state_ == b.state_; }

 private:
  struct State {
    std::string name;
    Array<T> value;
  };
  std::shared_ptr<State> state_;
};

extern template class WENGERT_API Buffer<float>;
extern template class WENGERT_API Buffer<double>;

}  // namespace wengert::nn
