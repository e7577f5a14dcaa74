// The functions on numbers of the cards in ops/cards/strong_zero.hpp.
#include "ops/cards/strong_zero.hpp"

#include "ops/elementwise_rules.hpp"

namespace wengert {

/// For the slopes on recorded values, which find it by argument-dependent look-up.
template <Real T>
Var<T> guarded(const Var<T>& value, const Var<T>& factor) {
  return detail::record_library<cards::Guarded>(value, factor);
}

}  // namespace wengert

namespace wengert::detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::StrongZero, float>(std::size_t place) noexcept { return family_table<cards::StrongZero, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::StrongZero, double>(std::size_t place) noexcept { return family_table<cards::StrongZero, double>(place); }
}
