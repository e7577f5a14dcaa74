// The loops of the cards in ops/cards/piecewise.hpp, once per instruction set.
#include "ops/cards/piecewise.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Piecewise> piecewise = family_loops_of(cards::Piecewise{});
}
