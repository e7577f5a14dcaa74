// The functions on numbers of the cards in ops/cards/special.hpp, and what polygamma() checks.
#include "ops/cards/special.hpp"

#include <string>

#include <wengert/base/errors.hpp>

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {

void check_polygamma_order(std::int64_t order) {
  if (order < 0) throw ValueError(std::string(cards::Polygamma::name) + ": a negative order: " + std::to_string(order) + "; 0 is digamma, 1 its derivative, and so on");
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Special, float>(std::size_t place) noexcept { return family_table<cards::Special, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Special, double>(std::size_t place) noexcept { return family_table<cards::Special, double>(place); }

}  // namespace wengert::detail
