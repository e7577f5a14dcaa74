// Choosing elements: by a mask, by index.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>
#include <wengert/ops/compare.hpp>

namespace wengert {

namespace cards {

/// y = a where the mask holds, else b.   da = g there, 0 elsewhere;   db = g elsewhere, 0 there.
struct WENGERT_API Where {
  static constexpr std::string_view name = "where";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  Array<bool> mask;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y(.., i.., ..) = x(.., indices(i..), ..).   dx = zeros, g added where each element came from.
struct WENGERT_API Take {
  static constexpr std::string_view name = "take";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  Array<std::int64_t> indices;
  std::int64_t axis = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = zeros of shape `to`, x added where Take would take each element from.   dx = g taken from there.
struct WENGERT_API TakeBack {
  static constexpr std::string_view name = "take_back";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  Array<std::int64_t> indices;
  std::int64_t axis = 0;
  Shape to;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y(.., i, ..) = x(.., indices(.., i, ..), ..).   dx = zeros, g added where each element came from.
struct WENGERT_API Gather {
  static constexpr std::string_view name = "gather";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  Array<std::int64_t> indices;
  std::int64_t axis = 0;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

/// y = zeros of shape `to`, x added where Gather would take each element from.   dx = g gathered from there.
struct WENGERT_API GatherBack {
  static constexpr std::string_view name = "gather_back";
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Linear linear = Linear::jointly;
  Array<std::int64_t> indices;
  std::int64_t axis = 0;
  Shape to;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using Select = detail::CardList<Where, Take, TakeBack, Gather, GatherBack>;
template <class Card>
  requires(Select::contains<Card>)
Select family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Select, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Select, double>(std::size_t place) noexcept;
}  // namespace detail

// ---- by a mask ----

namespace detail {

/// where() for operands of which none may be on a tape yet: then they join that of the comparison.
template <Real T>
WENGERT_API Var<T> where_compared(const Mask<T>& mask, const Operand<T>& a, const Operand<T>& b);

/// The number type of a comparison of Vars; void for any other mask.
template <class M>
struct ComparedNumber {
  using type = void;
};
template <Real T>
struct ComparedNumber<Mask<T>> {
  using type = T;
};
template <class M>
using compared_number = typename ComparedNumber<std::remove_cvref_t<M>>::type;

}  // namespace detail

/// What where() takes: a mask and the operands of one operation; beside a comparison of Vars these may also be two numbers.
template <class M, class A, class B>
concept Choice = (std::is_void_v<detail::compared_number<M>> && std::convertible_to<M, Array<bool>> && Operands<A, B>) ||
                 (Real<detail::compared_number<M>> && detail::fits_operation<A, detail::compared_number<M>> && detail::fits_operation<B, detail::compared_number<M>>);

/// y = a where the mask holds, else b, all three stretched to one shape.   da = g there,   db = g elsewhere: the branch that is not
/// taken contributes exactly 0, whatever its value. The mask is an Array<bool>, or a comparison: where that is of Vars, the result is on their
/// tape. ShapeError where the shapes do not broadcast.
template <class M, class A, class B>  // as xtensor's own takes them: see operator+
  requires Choice<M, A, B>
auto where(M&& mask, A&& a, B&& b) {
  if constexpr (std::is_void_v<detail::compared_number<M>>) {
    return record(cards::Where{Array<bool>(mask)}, a, b);
  } else {
    using T = detail::compared_number<M>;
    return detail::where_compared<T>(mask, Operand<T>(detail::lifted<T>(a)), Operand<T>(detail::lifted<T>(b)));
  }
}

// ---- by index ----

/// y = the elements of an axis that `indices` names: the axis is replaced by the axes of `indices`, as in NumPy.   dx = zeros, g added
/// where each element came from. Indices may repeat, and count from the end where negative; ShapeError when one is out of range.
template <Tensor X>
X take(const X& x, const Array<std::int64_t>& indices, std::int64_t axis) {
  return record(cards::Take{indices, axis}, x);
}

/// y(.., i, ..) = x(.., indices(.., i, ..), ..), of the shape of `indices`, which has x's rank and is nowhere but along `axis` longer than
/// x.   dx = zeros, g added where each element came from. Indices as for take().
template <Tensor X>
X gather(const X& x, const Array<std::int64_t>& indices, std::int64_t axis) {
  return record(cards::Gather{indices, axis}, x);
}

/// y(.., k) = 1 where indices(..) = k, else 0, for k from 0 to classes - 1. Never differentiated. ValueError for an index that is no class.
template <Real T = float>
WENGERT_API Array<T> one_hot(const Array<std::int64_t>& indices, std::size_t classes);

}  // namespace wengert
