// The loops of the cards in ops/cards/exponential.hpp, once per instruction set.
#include "ops/cards/exponential.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Exponential> exponential = family_loops_of(cards::Exponential{});
}
