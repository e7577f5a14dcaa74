// The functions on numbers of the cards in ops/cards/activation.hpp, and what their attributes must be.
#include "ops/cards/activation.hpp"

#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/activation.hpp>

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {

void check_softplus(double beta) {
  if (!(beta > 0)) throw ValueError(std::string(cards::Softplus::name) + ": beta is " + std::to_string(beta) + "; a number above 0 is needed");
}

std::int64_t half_of(std::string_view who, const Shape& shape, std::int64_t axis) {
  const std::size_t length = shape[normal_axis(who, axis, shape)];
  if (length % 2 != 0) throw ShapeError(std::string(who) + ": the axis has no halves: axis " + std::to_string(axis) + " of shape " + to_string(shape) + "; an even length is needed");
  return static_cast<std::int64_t>(length / 2);
}

Shape in_pieces(std::string_view who, const Shape& shape, std::size_t axis, std::size_t pieces) {
  if (pieces == 0) throw ValueError(std::string(who) + ": no pieces: 0; at least 1 is needed");
  if (shape[axis] % pieces != 0)
    throw ShapeError(std::string(who) + ": the axis has no whole number of " + std::to_string(pieces) + " pieces: axis " + std::to_string(axis) + " of shape " + to_string(shape) +
                     "; a multiple of them is needed");
  Shape apart = shape;
  apart[axis] /= pieces;
  apart.insert(axis + 1, pieces);
  return apart;
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Activation, float>(std::size_t place) noexcept { return family_table<cards::Activation, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Activation, double>(std::size_t place) noexcept { return family_table<cards::Activation, double>(place); }

}  // namespace wengert::detail
