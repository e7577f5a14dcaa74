// The loops of the cards in ops/cards/hyperbolic.hpp, once per instruction set.
#include "ops/cards/hyperbolic.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Hyperbolic> hyperbolic = family_loops_of(cards::Hyperbolic{});
}
