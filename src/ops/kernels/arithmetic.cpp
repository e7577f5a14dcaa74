// The loops of the cards in ops/cards/arithmetic.hpp, once per instruction set.
#include "ops/cards/arithmetic.hpp"
#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Arithmetic> arithmetic = family_loops_of(cards::Arithmetic{});
}
