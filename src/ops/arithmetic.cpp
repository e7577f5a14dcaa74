// The functions on numbers of the cards in ops/cards/arithmetic.hpp.
#include "ops/cards/arithmetic.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Arithmetic, float>(std::size_t place) noexcept { return family_table<cards::Arithmetic, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Arithmetic, double>(std::size_t place) noexcept { return family_table<cards::Arithmetic, double>(place); }
}
