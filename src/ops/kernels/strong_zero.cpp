// The loops of the cards in ops/cards/strong_zero.hpp, once per instruction set.
#include "ops/cards/strong_zero.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::StrongZero> strong_zero = family_loops_of(cards::StrongZero{});
}
