// Array<T>: an immutable, shared, dense, row-major array. The value type of the whole library.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/handle.hpp>
#include <wengert/array/shape.hpp>
#include <wengert/base/export.hpp>

namespace xt {
template <class D>
class xexpression;  // xtensor's root of all expressions, named here so that no xtensor header is needed
}

namespace wengert {

/// The number types that are differentiated.
template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

/// The number types that an Array may hold.
template <class T>
concept Element = Real<T> || std::same_as<T, std::int64_t> || std::same_as<T, bool>;

namespace detail {
template <class D>
std::true_type is_xexpression(const xt::xexpression<D>*);
std::false_type is_xexpression(...);
}  // namespace detail

/// Any expression or container of xtensor.
template <class E>
concept XtensorExpression = decltype(detail::is_xexpression(static_cast<std::remove_cvref_t<E>*>(nullptr)))::value;

template <Element T>
class Array;

namespace detail {
template <Element T, class E>
Array<T> evaluated(const E& expression);  // defined beside xtensor, in array/xtensor.hpp
/// std::copy, whose header every program would have to compile.
template <class T>
void copy_elements(std::span<const T> from, std::span<T> to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
}
[[noreturn]] WENGERT_API void refuse_item(const Shape& shape, std::size_t elements);
[[noreturn]] WENGERT_API void refuse_reshaped(const Shape& from, std::size_t elements, const Shape& to);
[[noreturn]] WENGERT_API void refuse_index(const Shape& shape, std::initializer_list<std::size_t> index);
}  // namespace detail

/// A dense, row-major array whose elements never change. Copying it shares the elements; copy() does not. An array of rank 0
/// holds its number in the handle itself. A default-constructed or moved-from Array holds nothing and only may be assigned to.
template <Element T>
class Array {
 public:
  using value_type = T;

  Array() noexcept = default;
  /// A number: an array of rank 0.
  Array(T number) noexcept : handle_(detail::Handle::number(number)) {}  // NOLINT: implicit by design
  /// The evaluated elements of any xtensor expression.
  template <XtensorExpression E>
  Array(const E& expression) : Array(detail::evaluated<T>(expression)) {}  // NOLINT: implicit by design

  /// An array whose elements `fill(std::span<T>)` writes; all of them, as they are arbitrary at first.
  template <std::invocable<std::span<T>> F>
  static Array build(const Shape& shape, F&& fill) {
    Array array = uninitialized(shape);
    std::forward<F>(fill)(array.writable());
    return array;
  }

  const Shape& shape() const noexcept { return handle_.shape(); }
  std::size_t rank() const noexcept { return shape().rank(); }
  std::size_t size() const noexcept { return handle_.elements(); }
  const T* data() const noexcept { return static_cast<const T*>(handle_.address()); }
  std::span<const T> values() const noexcept { return {data(), size()}; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size(); }
  /// The element at an index, one integer per axis, checked: ShapeError.
  template <std::integral... I>
  T operator()(I... index) const {
    const Shape& s = shape();
    const std::size_t at[] = {static_cast<std::size_t>(index)..., 0};
    bool inside = sizeof...(I) == s.rank() && !is_nothing();
    std::size_t offset = 0;
    for (std::size_t axis = 0; inside && axis < sizeof...(I); ++axis) {
      inside = at[axis] < s[axis];
      offset = offset * s[axis] + at[axis];
    }
    if (!inside) detail::refuse_index(s, {static_cast<std::size_t>(index)...});
    return data()[offset];
  }
  /// The number in an array of one element; ShapeError for any other.
  T item() const {
    if (size() != 1) detail::refuse_item(shape(), size());
    return *data();
  }
  /// A deep copy, sharing nothing.
  Array copy() const {
    if (!handle_.is_block()) return *this;
    return build(shape(), [&](std::span<T> out) { detail::copy_elements(std::span<const T>(data(), size()), out); });
  }
  /// A read-only xtensor expression that shares ownership of the elements. Needs <wengert/array/xtensor.hpp>.
  template <class U = T>
  auto xt() const;

  /// Whether this holds no array at all (default-constructed or moved from), not even an empty one.
  bool is_nothing() const noexcept { return handle_.is_nothing(); }

  // For the library and for code that builds arrays step by step.
  static Array uninitialized(const Shape& shape) {
    if (shape.empty()) return Array(T{});
    return Array(detail::Handle::adopt(detail::new_block(shape, sizeof(T))));
  }
  explicit Array(detail::Handle handle) noexcept : handle_(std::move(handle)) {}
  const detail::Handle& handle() const& noexcept { return handle_; }
  detail::Handle handle() && noexcept { return std::move(handle_); }
  detail::Handle& handle() & noexcept { return handle_; }
  /// The elements for writing: this array's own from here on, copied first where anybody shares them.
  std::span<T> writable() {
    if (handle_.is_block() && !handle_.is_unique()) *this = copy();
    return {const_cast<T*>(data()), size()};
  }
  /// The same elements under another shape of equal size; ShapeError for any other.
  Array reshaped(const Shape& shape) const {
    if (shape == this->shape() && !is_nothing()) return *this;
    if (shape.elements() != size()) detail::refuse_reshaped(this->shape(), size(), shape);
    if (shape.empty()) return Array(*data());
    if (!handle_.is_block()) return build(shape, [&](std::span<T> out) { out[0] = *data(); });
    return Array(detail::Handle::adopt(detail::new_view(handle_.block(), shape)));
  }

 private:
  detail::Handle handle_;
};

// ---- making arrays ----

/// Arrays of one number throughout: full<float>({2, 3}, 0.5f), zeros<float>({2, 3}), ones<float>({2, 3}).
template <Element T>
Array<T> full(const Shape& shape, std::type_identity_t<T> value) {
  return Array<T>::build(shape, [&](std::span<T> out) { for (T& element : out) element = value; });
}
template <Element T>
Array<T> zeros(const Shape& shape) {
  return full<T>(shape, T{});
}
template <Element T>
Array<T> ones(const Shape& shape) {
  return full<T>(shape, T{1});
}
/// {0, 1, ..., count - 1}.
template <Element T>
Array<T> arange(std::size_t count) {
  return Array<T>::build({count}, [](std::span<T> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(i); });
}

namespace detail {
/// The same elements as another type.
template <Real To, Element From>
WENGERT_API Array<To> converted(const Array<From>& x);
WENGERT_API void check_value_count(std::size_t given, const Shape& shape);
}

/// The given values, row by row, in this shape. ShapeError when their number is not the shape's.
template <Element T>
Array<T> from_values(std::span<const T> values, const Shape& shape) {
  detail::check_value_count(values.size(), shape);
  return Array<T>::build(shape, [&](std::span<T> out) { detail::copy_elements(values, out); });
}
template <Element T>
Array<T> from_values(std::initializer_list<T> values, const Shape& shape) {
  return from_values<T>(std::span<const T>(values.begin(), values.size()), shape);
}

extern template class WENGERT_API Array<float>;
extern template class WENGERT_API Array<double>;
extern template class WENGERT_API Array<std::int64_t>;
extern template class WENGERT_API Array<bool>;

}  // namespace wengert
