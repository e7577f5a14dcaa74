// Linear algebra: products of matrices.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

struct MatmulOptions {
  bool transpose_a = false;  ///< swap the last two axes of a; a vector has but one and stays as it is
  bool transpose_b = false;  ///< the same for b
};

namespace cards {

/// y = a b for matrices.   da = g b^T,   db = a^T g.   With the transpositions as attributes the rule is closed: no array is ever
/// transposed in memory.
struct WENGERT_API Matmul {
  static constexpr std::string_view name = "matmul";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr Linear linear = Linear::in_each;
  static constexpr bool reads(std::size_t i, std::size_t j) { return i != j; }
  bool transpose_a = false, transpose_b = false;

  Shape shape(std::span<const Shape> in) const;
  template <class T> Array<T> forward(Inputs<T> in) const;
  template <class V> V pullback(std::size_t i, const Step<V>& s) const;
};

using Linalg = detail::CardList<Matmul>;
template <class Card>
  requires(Linalg::contains<Card>)
Linalg family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Linalg, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Linalg, double>(std::size_t place) noexcept;
}  // namespace detail

/// y = a b for matrices.   da = g b^T,   db = a^T g.   A vector on the left is a row, on the right a column, and its axis is gone from y;
/// axes before the last two are batches and broadcast. {.transpose_a, .transpose_b} multiply with a^T, b^T without making them. As in
/// IEEE 0 * inf is NaN: mask the inputs. ShapeError when the inner sizes differ, or for a number.
template <class A, class B>
  requires Operands<A, B>
auto matmul(const A& a, const B& b, const MatmulOptions& options = {}) {
  return record(cards::Matmul{options.transpose_a, options.transpose_b}, a, b);
}

}  // namespace wengert
