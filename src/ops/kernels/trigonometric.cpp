// The loops of the cards in ops/cards/trigonometric.hpp, once per instruction set.
#include "ops/cards/trigonometric.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Trigonometric> trigonometric = family_loops_of(cards::Trigonometric{});
}
