// The families' tables, one per level: which of them runs is looked up at each call.
#include "ops/loops.hpp"

#include "array/simd.hpp"

namespace wengert::detail {

const FamilyLoops<cards::Activation>& family_loops(cards::Activation) { return at_level<FamilyLoops<cards::Activation>>({&baseline::activation, &avx2::activation, &avx512::activation}); }
const FamilyLoops<cards::Arithmetic>& family_loops(cards::Arithmetic) { return at_level<FamilyLoops<cards::Arithmetic>>({&baseline::arithmetic, &avx2::arithmetic, &avx512::arithmetic}); }
const FamilyLoops<cards::Exponential>& family_loops(cards::Exponential) { return at_level<FamilyLoops<cards::Exponential>>({&baseline::exponential, &avx2::exponential, &avx512::exponential}); }
const FamilyLoops<cards::Piecewise>& family_loops(cards::Piecewise) { return at_level<FamilyLoops<cards::Piecewise>>({&baseline::piecewise, &avx2::piecewise, &avx512::piecewise}); }
const FamilyLoops<cards::StrongZero>& family_loops(cards::StrongZero) { return at_level<FamilyLoops<cards::StrongZero>>({&baseline::strong_zero, &avx2::strong_zero, &avx512::strong_zero}); }
const FamilyLoops<cards::Hyperbolic>& family_loops(cards::Hyperbolic) { return at_level<FamilyLoops<cards::Hyperbolic>>({&baseline::hyperbolic, &avx2::hyperbolic, &avx512::hyperbolic}); }
const FamilyLoops<cards::Rectifier>& family_loops(cards::Rectifier) { return at_level<FamilyLoops<cards::Rectifier>>({&baseline::rectifier, &avx2::rectifier, &avx512::rectifier}); }
const FamilyLoops<cards::Special>& family_loops(cards::Special) { return at_level<FamilyLoops<cards::Special>>({&baseline::special, &avx2::special, &avx512::special}); }
const FamilyLoops<cards::Trigonometric>& family_loops(cards::Trigonometric) { return at_level<FamilyLoops<cards::Trigonometric>>({&baseline::trigonometric, &avx2::trigonometric, &avx512::trigonometric}); }

}  // namespace wengert::detail
