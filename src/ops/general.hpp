// What the pullbacks of the general cards have in common, for plain arrays and for recorded values alike.
#pragma once

#include <string>
#include <string_view>

#include <wengert/base/errors.hpp>
#include <wengert/graph/card.hpp>

#include "array/reduce.hpp"

namespace wengert::detail {

/// GraphError unless the array, an attribute of a card, holds something.
template <Element T>
void require_values(std::string_view who, std::string_view what, const Array<T>& array) {
  if (array.is_nothing())
    throw GraphError(std::string(who) + ": the " + std::string(what) + " holds nothing: it was default-constructed or moved from; an array is needed");
}

/// A cotangent summed over the axes along which an array of shape `to` was stretched.
template <Tensor V>
V unstretched(const V& g, const Shape& to) {
  if constexpr (is_var<V>) {
    return summed_to(g, to);
  } else {
    return V(sum_to<typename V::value_type>(g.handle(), to));
  }
}

/// Whether a cotangent is one number that stands for a constant array (see Rules::takes_uniform), or is a number anyway.
template <Tensor V>
bool is_uniform(const V& g) {
  if constexpr (is_var<V>) {
    return false;
  } else {
    return g.handle().is_number();
  }
}

}  // namespace wengert::detail
