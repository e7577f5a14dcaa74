// The tables that the kernel units export: for each level and each family of cards the loops of every card.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <wengert/array/tiles.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::detail {

/// The loops of a family's cards, in the order of its list.
template <class Family>
struct FamilyLoops {
  std::array<ElementwiseLoops<float>, Family::size> of_float;
  std::array<ElementwiseLoops<double>, Family::size> of_double;

  template <class T>
  constexpr const auto& of() const {
    if constexpr (std::is_same_v<T, float>) return of_float; else return of_double;
  }
};

// One kernel unit for each line.
#define WENGERT_FAMILY_TABLES                                      \
  extern const FamilyLoops<cards::Activation> activation;          \
  extern const FamilyLoops<cards::Arithmetic> arithmetic;          \
  extern const FamilyLoops<cards::Exponential> exponential;        \
  extern const FamilyLoops<cards::Hyperbolic> hyperbolic;          \
  extern const FamilyLoops<cards::Piecewise> piecewise;            \
  extern const FamilyLoops<cards::Rectifier> rectifier;            \
  extern const FamilyLoops<cards::Special> special;                \
  extern const FamilyLoops<cards::StrongZero> strong_zero;         \
  extern const FamilyLoops<cards::Trigonometric> trigonometric;
namespace baseline {
WENGERT_FAMILY_TABLES
}
namespace avx2 {
WENGERT_FAMILY_TABLES
}
namespace avx512 {
WENGERT_FAMILY_TABLES
}
#undef WENGERT_FAMILY_TABLES

}  // namespace wengert::detail
