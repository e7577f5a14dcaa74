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

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Activation, float>(std::size_t place) noexcept { return family_table<cards::Activation, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Activation, double>(std::size_t place) noexcept { return family_table<cards::Activation, double>(place); }

}  // namespace wengert::detail
