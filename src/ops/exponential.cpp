// The functions on numbers of the cards in ops/cards/exponential.hpp.
#include "ops/cards/exponential.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Exponential, float>(std::size_t place) noexcept { return family_table<cards::Exponential, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Exponential, double>(std::size_t place) noexcept { return family_table<cards::Exponential, double>(place); }
}
