// Gradients: what a backward pass returns. A value; nothing needs resetting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/array/memory.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// The gradients of one backward pass, by Var and by Parameter. Stays valid after the tape's clear() and end.
class Gradients {
 public:
  Gradients() = default;

  /// The gradient of a variable, of a parameter's leaf, or of an intermediate that was asked for. Zeros for a variable on which
  /// the result does not depend; GraphError for what was not asked for.
  template <Real T>
  Array<T> operator[](const Var<T>& x) const {
    return Array<T>(of_var(x));
  }
  /// The gradient of a parameter; zeros if it took no part.
  template <Real T>
  Array<T> operator[](const Parameter<T>& parameter) const {
    const detail::Handle* found = find(parameter.state()->serial);
    return found != nullptr ? Array<T>(*found) : zeros<T>(parameter.shape());
  }
  /// Whether the result depends on it (and its gradient was asked for).
  bool contains(const detail::AnyVar& x) const noexcept { return find(x) != nullptr; }
  template <Real T>
  bool contains(const Parameter<T>& parameter) const noexcept {
    return find(parameter.state()->serial) != nullptr;
  }
  /// How many gradients there are.
  std::size_t size() const noexcept { return entries_.size() - unreached_; }

 private:
  friend struct GradientsAccess;

  struct Entry {
    detail::Handle value;     // nothing for an intermediate that was asked for and not reached
    std::uint64_t parameter;  // its serial; 0 for anything else
    std::uint32_t id;
  };

  WENGERT_API detail::Handle of_var(const detail::AnyVar& x) const;
  WENGERT_API const detail::Handle* find(const detail::AnyVar& x) const noexcept;
  WENGERT_API const detail::Handle* find(std::uint64_t parameter) const noexcept;
  const Entry* entry_of(std::uint32_t id) const noexcept;

  std::vector<Entry, detail::PoolAllocator<Entry>> entries_;                        // by id, descending
  std::vector<std::uint32_t, detail::PoolAllocator<std::uint32_t>> by_parameter_;  // indices into entries_, by serial
  std::size_t unreached_ = 0;
  std::uint64_t tape_ = 0;                                                         // the tape's serial
  std::uint32_t generation_ = 0;
};

}  // namespace wengert
