// The functions on numbers of the cards in ops/cards/trigonometric.hpp.
#include "ops/cards/trigonometric.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Trigonometric, float>(std::size_t place) noexcept { return family_table<cards::Trigonometric, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Trigonometric, double>(std::size_t place) noexcept { return family_table<cards::Trigonometric, double>(place); }
}
