// A card's forward pass on values: what recording, plain evaluation and computing again share.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <wengert/base/errors.hpp>
#include <wengert/graph/card.hpp>

#include "array/loops.hpp"
#include "graph/tape_state.hpp"

namespace wengert::detail {

template <Real T>
std::string_view name_of(const TypedRules<T>& rules, const void* card) {
  return rules.name(card);
}

/// The output of an elementwise card on arrays, its shape checked first. It takes the memory of the first input that has this shape
/// and whose elements `free_to_write(i)` gives away; the input is nothing then.
template <Real T, class F>
Handle elementwise_forward(const TypedRules<T>& rules, const void* card, std::span<Handle* const> in, F free_to_write) {
  Shape shape = in[0]->shape();
  for (std::size_t i = 1; i < in.size(); ++i)
    if (in[i]->shape() != shape) shape = broadcast_shape(name_of(rules, card), shape, in[i]->shape());
  const ElementwiseLoops<T>& loops = rules.loops();
  for (std::size_t i = 0; rules.overwrites && i < in.size(); ++i) {
    if (!in[i]->is_unique() || in[i]->shape() != shape || !free_to_write(i)) continue;
    forward_elementwise<T>(loops, card, in, shape, static_cast<T*>(in[i]->block()->data));
    return std::move(*in[i]);
  }
  Array<T> out = Array<T>::uninitialized(shape);
  forward_elementwise<T>(loops, card, in, shape, out.writable().data());
  return std::move(out).handle();
}

/// What a general card's shape rule says.
template <Real T>
Shape shape_of(const TypedRules<T>& rules, const void* card, Inputs<T> in) {
  PoolVector<Shape> shapes;
  shapes.reserve(in.size());
  for (const auto& x : in) shapes.push_back(x.shape());
  return rules.shape(card, shapes);
}

/// The output of a general card, checked against its own shape rule.
template <Real T>
Handle general_forward(const TypedRules<T>& rules, const void* card, Inputs<T> in) {
  std::optional<Shape> promised;
  if (rules.shape != nullptr) promised = shape_of(rules, card, in);
  Array<T> out = rules.forward(card, in);
  if (out.is_nothing()) throw GraphError(std::string(name_of(rules, card)) + ": forward returned an empty or moved-from Array; an array of the output's shape is needed");
  if (promised && out.shape() != *promised)
    throw ShapeError(std::string(name_of(rules, card)) + ": forward returned shape " + to_string(out.shape()) + "; its shape rule says " + to_string(*promised));
  return std::move(out).handle();
}

template <Real T>
void check_arity(const TypedRules<T>& rules, const void* card, std::size_t given) {
  if (given == 0) throw ShapeError(std::string(name_of(rules, card)) + ": no operands: an empty list; at least one is needed");
  if (rules.arity != 0 && rules.arity != given)
    throw ShapeError(std::string(name_of(rules, card)) + ": wrong number of operands: " + std::to_string(given) + "; it takes " + std::to_string(rules.arity));
}

}  // namespace wengert::detail
