// The functions on numbers of the cards in ops/cards/piecewise.hpp, and what clip() checks.
#include "ops/cards/piecewise.hpp"

#include <string>

#include <wengert/base/errors.hpp>

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {

void check_clip(double lower, double upper) {
  if (!(lower <= upper))
    throw ValueError(std::string(cards::Clip::name) + ": the bounds are not in order: " + std::to_string(lower) + " and " + std::to_string(upper) + "; lower <= upper is needed");
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Piecewise, float>(std::size_t place) noexcept { return family_table<cards::Piecewise, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Piecewise, double>(std::size_t place) noexcept { return family_table<cards::Piecewise, double>(place); }

}  // namespace wengert::detail
