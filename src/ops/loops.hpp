// From a card of the library to its SIMD loops on this machine.
#pragma once

#include <utility>

#include <wengert/base/export.hpp>

#include "ops/family_loops.hpp"

namespace wengert::detail {

// Each family's table at this machine's level. ValueError for an environment that asks for one it cannot have (see simd_level).
WENGERT_API const FamilyLoops<cards::Activation>& family_loops(cards::Activation);
WENGERT_API const FamilyLoops<cards::Arithmetic>& family_loops(cards::Arithmetic);
WENGERT_API const FamilyLoops<cards::Exponential>& family_loops(cards::Exponential);
WENGERT_API const FamilyLoops<cards::Piecewise>& family_loops(cards::Piecewise);
WENGERT_API const FamilyLoops<cards::StrongZero>& family_loops(cards::StrongZero);
WENGERT_API const FamilyLoops<cards::Hyperbolic>& family_loops(cards::Hyperbolic);
WENGERT_API const FamilyLoops<cards::Rectifier>& family_loops(cards::Rectifier);
WENGERT_API const FamilyLoops<cards::Special>& family_loops(cards::Special);
WENGERT_API const FamilyLoops<cards::Trigonometric>& family_loops(cards::Trigonometric);

template <class Card, class T>
const ElementwiseLoops<T>& library_loops() {
  using Family = decltype(family_of(std::declval<const Card&>()));
  return family_loops(Family{}).template of<T>()[Family::template place<Card>()];
}

}  // namespace wengert::detail
