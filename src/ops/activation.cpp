// The functions on numbers of the cards in ops/cards/activation.hpp.
#include "ops/cards/activation.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Activation, float>(std::size_t place) noexcept { return family_table<cards::Activation, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Activation, double>(std::size_t place) noexcept { return family_table<cards::Activation, double>(place); }
}
