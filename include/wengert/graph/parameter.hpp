// Parameter<T>: a handle to a named array that outlives tapes: what training changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>

namespace wengert {

namespace detail {
/// What every copy of one Parameter shares.
struct AnyParameterState {
  std::string name;
  Handle value;
  std::uint64_t serial = 0;  // no two parameters of a process share it, as they might an address
  bool frozen = false;
};
}  // namespace detail

/// A named array to be learned. Copies are the same parameter; clone() is another one of equal value.
template <Real T>
class Parameter {
 public:
  using value_type = T;

  Parameter(std::string name, Array<T> value);
  // Moving is copying: no Parameter is ever without its array.
  Parameter(const Parameter&) = default;
  Parameter& operator=(const Parameter&) = default;

  const std::string& name() const noexcept { return state_->name; }
  Array<T> value() const { return Array<T>(state_->value); }
  const Shape& shape() const noexcept { return state_->value.shape(); }
  std::size_t size() const noexcept { return state_->value.elements(); }
  /// Another value of the same shape; ShapeError otherwise. What a tape has recorded of the old one stays.
  void assign(Array<T> value);
  /// A frozen parameter takes part as a constant: no gradient is asked for.
  void freeze() noexcept { state_->frozen = true; }
  void unfreeze() noexcept { state_->frozen = false; }
  bool frozen() const noexcept { return state_->frozen; }
  /// A parameter of its own with the same name and a copy of the value.
  Parameter clone() const;
  /// The same parameter under another name, for layers that prefix the names of their parts.
  void rename(std::string name) { state_->name = std::move(name); }

  /// The elements for an update in place. Where a tape or an Array still holds them, they are copied first: a recorded value
  /// never changes.
  std::span<T> writable();

  friend bool operator==(const Parameter& a, const Parameter& b) noexcept { return a.state_ == b.state_; }

  const std::shared_ptr<detail::AnyParameterState>& state() const noexcept { return state_; }

 private:
  std::shared_ptr<detail::AnyParameterState> state_;
};

/// What an optimizer updates, in the order of the layers.
template <Real T>
using Parameters = std::vector<Parameter<T>>;

extern template class WENGERT_API Parameter<float>;
extern template class WENGERT_API Parameter<double>;

}  // namespace wengert
