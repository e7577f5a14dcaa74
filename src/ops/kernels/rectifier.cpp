// The loops of the cards in ops/cards/rectifier.hpp, once per instruction set.
#include "ops/cards/rectifier.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Rectifier> rectifier = family_loops_of(cards::Rectifier{});
}
