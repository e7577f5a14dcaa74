// Products of arrays by the names of their axes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert {

namespace detail {

/// A letter of an equation, or an axis that an ellipsis stands for: from 256 on, the last one first.
using Label = int;
using Labels = std::vector<Label>;

/// An equation as the operands' axes and those of the result.
struct EinsumTerms {
  std::vector<Labels> operands;
  Labels result;
};
/// ShapeError naming what does not fit the operands' shapes, or is no equation.
WENGERT_API EinsumTerms einsum_terms(std::string_view equation, std::span<const Shape> shapes);

/// How two operands are brought together: axes of both that stay, of each alone, and of both that are summed.
struct EinsumPair {
  Labels batch, first, second, summed;
};
WENGERT_API EinsumPair einsum_pair(const Labels& a, const Labels& b, const Labels& needed);

/// Which of the operands that are left a product is multiplied by next, and the labels that somebody needs afterwards.
struct EinsumNext {
  std::size_t place;
  Labels needed;
};
/// The first one, if the product has no more axes than an array can have; else the first of which that is true. ShapeError where there is none.
WENGERT_API EinsumNext einsum_next(std::string_view equation, const Labels& product, std::span<const Labels> left, const Labels& result);

/// The places of these labels among others; empty where they are the same.
WENGERT_API Axes einsum_order(const Labels& from, const Labels& to);
WENGERT_API bool contains(const Labels& labels, Label label);
WENGERT_API void check_vectors(std::string_view who, const Shape& a, const Shape& b, bool equal_lengths);

/// An operand with names for its axes.
template <Tensor X>
struct Labelled {
  X x;
  Labels labels;

  std::size_t extent(Label label) const {
    for (std::size_t k = 0; k < labels.size(); ++k)
      if (labels[k] == label) return x.shape()[k];
    return 1;
  }
  /// With the axes in this order.
  void arrange(const Labels& order) {
    if (order != labels) x = transpose(x, einsum_order(labels, order));
    labels = order;
  }
  /// Without the axes that f(label) names: summed.
  template <class F>
  void sum_where(F f) {
    Axes axes;
    Labels left;
    for (std::size_t k = 0; k < labels.size(); ++k) {
      if (f(labels[k])) axes.push_back(static_cast<std::int64_t>(k)); else left.push_back(labels[k]);
    }
    if (!axes.empty()) x = sum(x, axes);
    labels = left;
  }
  /// A label that stands twice is a diagonal.
  void take_diagonals() {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      for (std::size_t j = i + 1; j < labels.size(); ++j) {
        if (labels[i] != labels[j]) continue;
        const Label label = labels[i];
        const std::size_t length = x.shape()[i];
        Axes order;
        Labels left;
        Shape form;
        for (std::size_t k = 0; k < labels.size(); ++k) {
          if (k == i || k == j) continue;
          order.push_back(static_cast<std::int64_t>(k));
          left.push_back(labels[k]);
          form.push_back(x.shape()[k]);
        }
        order.push_back(static_cast<std::int64_t>(i));
        order.push_back(static_cast<std::int64_t>(j));
        form.push_back(length * length);
        x = take(reshape(transpose(x, order), form), places(0, static_cast<std::int64_t>(length) + 1, length), -1);
        left.push_back(label);
        labels = left;
        j = i;  // from here again: the axes have moved
      }
    }
  }
};

/// The extents of these labels, one after the other.
template <Tensor X>
Shape extents_of(const Labelled<X>& a, const Labels& labels) {
  Shape shape;
  for (const Label label : labels) shape.push_back(a.extent(label));
  return shape;
}

inline Labels joined_labels(const Labels& a, const Labels& b, const Labels& c = {}) {
  Labels all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

/// The product of two operands, summed over the labels that nobody needs any more: one matrix product for each index of the batch labels.
template <Tensor X>
Labelled<X> einsum_product(Labelled<X> a, Labelled<X> b, const Labels& needed) {
  a.sum_where([&](Label label) { return !contains(b.labels, label) && !contains(needed, label); });
  b.sum_where([&](Label label) { return !contains(a.labels, label) && !contains(needed, label); });
  const EinsumPair pair = einsum_pair(a.labels, b.labels, needed);
  const Labels result = joined_labels(pair.batch, pair.first, pair.second);
  const Shape batch = extents_of(a, pair.batch), first = extents_of(a, pair.first), second = extents_of(b, pair.second), summed = extents_of(a, pair.summed);
  Shape to = batch;
  for (const auto extent : first) to.push_back(extent);
  for (const auto extent : second) to.push_back(extent);
  if (pair.summed.empty()) {  // nothing is summed: elementwise, stretched
    a.arrange(joined_labels(pair.batch, pair.first));
    b.arrange(joined_labels(pair.batch, pair.second));
    const std::size_t n = batch.elements(), rows = first.elements(), columns = second.elements();
    return {reshape(reshape(a.x, Shape{n, rows, 1}) * reshape(b.x, Shape{n, 1, columns}), to), result};
  }
  // As they lie where that will do: products take either operand transposed.
  const bool transpose_a = a.labels == joined_labels(pair.batch, pair.summed, pair.first), transpose_b = b.labels == joined_labels(pair.batch, pair.second, pair.summed);
  if (!transpose_a) a.arrange(joined_labels(pair.batch, pair.first, pair.summed));
  if (!transpose_b) b.arrange(joined_labels(pair.batch, pair.summed, pair.second));
  const auto form = [&](std::size_t rows, std::size_t columns) { return pair.batch.empty() ? Shape{rows, columns} : Shape{batch.elements(), rows, columns}; };
  const std::size_t m = first.elements(), k = summed.elements(), n = second.elements();
  const X left = reshape(a.x, transpose_a ? form(k, m) : form(m, k)), right = reshape(b.x, transpose_b ? form(n, k) : form(k, n));
  return {reshape(matmul(left, right, {.transpose_a = transpose_a, .transpose_b = transpose_b}), to), result};
}

}  // namespace detail

/// y = the sum of products that an equation names: "ij,jk->ik" is a matrix product, "bi,bi->b" one dot product for each row, "ii->i" a diagonal, "ij->ji"
/// a transposition. One letter for each axis; a letter that the result lacks is summed over; without "->" the result has the letters that stand
/// once, in alphabetical order. "..." stands for any axes, which broadcast.   Each dx = the same with g in its place.   From left to right
/// in pairs, each one a product of matrices; an operand waits where the product would have more axes than an array can. ShapeError for an equation that
/// does not fit the operands, and where it would still have more.
template <Tensor X>
X einsum(std::string_view equation, std::span<const X> operands) {
  using detail::Label;
  detail::check_operands("einsum", operands);
  std::vector<Shape> shapes;
  for (const X& x : operands) shapes.push_back(x.shape());
  detail::EinsumTerms terms = detail::einsum_terms(equation, shapes);

  std::vector<detail::Labelled<X>> all;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    all.push_back({operands[i], std::move(terms.operands[i])});
    all[i].take_diagonals();
  }
  // An axis of length 1 beside longer ones of its name is stretched: it has nothing to say.
  for (auto& operand : all) {
    operand.sum_where([&](Label label) {
      bool longer = false;
      for (const auto& other : all) longer = longer || other.extent(label) != 1;
      return longer && operand.extent(label) == 1;
    });
  }
  detail::Labelled<X> product = all[0];
  std::vector<detail::Labels> left;
  for (std::size_t i = 1; i < all.size(); ++i) left.push_back(all[i].labels);
  all.erase(all.begin());
  while (!all.empty()) {
    const auto [place, needed] = detail::einsum_next(equation, product.labels, left, terms.result);
    const auto at = static_cast<std::ptrdiff_t>(place);
    product = detail::einsum_product(std::move(product), std::move(all[place]), needed);
    all.erase(all.begin() + at);
    left.erase(left.begin() + at);
  }
  product.sum_where([&](Label label) { return !detail::contains(terms.result, label); });
  product.arrange(terms.result);
  return product.x;
}
template <Tensor X>
X einsum(std::string_view equation, const std::vector<X>& operands) {
  return einsum(equation, std::span<const X>(operands));
}
/// The same with the operands one by one: Vars, Arrays, Parameters, xtensor expressions.
template <class... A>
  requires Operands<A...>
auto einsum(std::string_view equation, const A&... operands) {
  const Shape shapes[] = {detail::operand_shape("einsum", operands)...};
  static_cast<void>(detail::einsum_terms(equation, shapes));  // before an operand gets its leaf on the tape
  const auto tensors = detail::as_tensors("einsum", operands...);
  return einsum(equation, std::span<const typename decltype(tensors)::value_type>(tensors));
}

/// y = sum of a_i b_i for two vectors.   da = g b,   db = g a.   ShapeError unless both have one axis, of one length.
template <class A, class B>
  requires Operands<A, B>
auto dot(const A& a, const B& b) {
  detail::check_vectors("dot", detail::operand_shape("dot", a), detail::operand_shape("dot", b), true);
  const auto x = detail::as_tensors("dot", a, b);
  return matmul(x[0], x[1]);
}

/// y(i, j) = a_i b_j for two vectors.   da = g b,   db = a g.   ShapeError unless both have one axis.
template <class A, class B>
  requires Operands<A, B>
auto outer(const A& a, const B& b) {
  detail::check_vectors("outer", detail::operand_shape("outer", a), detail::operand_shape("outer", b), false);
  const auto x = detail::as_tensors("outer", a, b);
  return expand_dims(x[0], 1) * expand_dims(x[1], 0);
}

}  // namespace wengert
