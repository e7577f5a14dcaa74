// The loops of the cards in ops/cards/activation.hpp, once per instruction set.
#include "ops/cards/activation.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Activation> activation = family_loops_of(cards::Activation{});
}
