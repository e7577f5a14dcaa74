// The functions on numbers of the cards in ops/cards/hyperbolic.hpp.
#include "ops/cards/hyperbolic.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Hyperbolic, float>(std::size_t place) noexcept { return family_table<cards::Hyperbolic, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Hyperbolic, double>(std::size_t place) noexcept { return family_table<cards::Hyperbolic, double>(place); }
}
