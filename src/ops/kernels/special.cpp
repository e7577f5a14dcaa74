// The loops of the cards in ops/cards/special.hpp, once per instruction set.
#include "ops/cards/special.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Special> special = family_loops_of(cards::Special{});
}
