// Products of matrices: the cards' bodies.
#include <wengert/ops/linalg.hpp>

#include <wengert/ops/shape.hpp>

#include "array/products.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert::cards {

namespace {

/// A vector as the matrix that a product takes it for.
template <class V>
V as_matrix(const V& x, const Shape& shape, bool column) {
  return shape.rank() > 1 ? x : expand_dims(x, column ? 1 : 0);
}

template <class V>
V multiplied(const V& a, const V& b, bool transpose_a, bool transpose_b) {
  return matmul(a, b, {.transpose_a = transpose_a, .transpose_b = transpose_b});
}

/// A batch of matrices of equal width as one high one.
template <class V>
V stacked(const V& x) {
  const Shape& shape = x.shape();
  const Shape rows(shape.begin(), shape.end() - 1);
  return shape.rank() == 2 ? x : reshape(x, Shape{rows.elements(), shape.back()});
}

}  // namespace

Shape Matmul::shape(std::span<const Shape> in) const { return detail::product_shape(name, in[0], in[1], transpose_a, transpose_b); }

template <class T>
Array<T> Matmul::forward(Inputs<T> in) const {
  const Shape shapes[] = {in[0].shape(), in[1].shape()};
  return detail::product(in[0], in[1], transpose_a, transpose_b, shape(shapes));
}

template <class V>
V Matmul::pullback(std::size_t i, const Step<V>& s) const {
  const Shape &a_shape = s.shape(0), &b_shape = s.shape(1);
  const bool ta = transpose_a && a_shape.rank() > 1, tb = transpose_b && b_shape.rank() > 1;
  // g as a matrix: the axes that vectors have lost come back.
  V g = b_shape.rank() > 1 ? s.g : expand_dims(s.g, -1);
  if (a_shape.rank() == 1) g = expand_dims(g, -2);
  if (i == 0) {
    const V b = as_matrix(s.x(1), b_shape, true);
    const V da = ta ? multiplied(b, g, tb, true) : multiplied(g, b, false, !tb);
    return detail::unstretched(da, a_shape);
  }
  const V a = as_matrix(s.x(0), a_shape, false);
  if (b_shape.rank() == 2 && a_shape.rank() >= 2 && !ta) {
    // One matrix for the whole batch: its gradient is one product, not a sum of many.
    return tb ? multiplied(stacked(g), stacked(a), true, false) : multiplied(stacked(a), stacked(g), true, false);
  }
  const V db = tb ? multiplied(g, a, true, ta) : multiplied(a, g, !ta, false);
  return b_shape.rank() > 1 ? detail::unstretched(db, b_shape) : reshape(detail::unstretched(db, Shape{b_shape[0], 1}), b_shape);
}

}  // namespace wengert::cards

namespace wengert::detail {

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Linalg, float>(std::size_t place) noexcept { return family_table<cards::Linalg, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Linalg, double>(std::size_t place) noexcept { return family_table<cards::Linalg, double>(place); }

}  // namespace wengert::detail
