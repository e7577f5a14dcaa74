// The loops of the cards in ops/cards/exponential.hpp, once per instruction set.
#include <wengert/ops/cards/exponential.hpp>

#include "ops/kernels/elementwise_unit.hpp"

namespace wengert::detail::WENGERT_LEVEL {
constinit const FamilyLoops<cards::Exponential> exponential = family_table(cards::Exponential{});
}
