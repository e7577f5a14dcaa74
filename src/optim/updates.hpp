// The update rules' loops, one table for each instruction set, and the values in which a rule is told what to do.
#pragma once

#include <cstddef>
#include <type_traits>

#include "array/simd.hpp"

namespace wengert::detail {

/// v <- keep v + add g,   p <- p + velocity v + gradient g: gradient descent with every kind of momentum.
template <class T>
struct MomentumRule {
  T keep, add, velocity, gradient;
};

/// m <- keep1 m + add1 g,   v <- keep2 v + add2 g^2,   p <- p - rate m / (sqrt(scale v + inside) + outside).
template <class T>
struct AdamRule {
  T keep1, add1, keep2, add2;
  T rate, scale, inside, outside;
};

template <class T>
struct Updates {
  void (*descend)(T* p, const T* g, std::size_t n, T rate);
  void (*momentum)(T* p, T* v, const T* g, std::size_t n, const MomentumRule<T>& rule);
  void (*adam)(T* p, T* m, T* v, const T* g, std::size_t n, const AdamRule<T>& rule);
  void (*amsgrad)(T* p, T* m, T* v, T* largest, const T* g, std::size_t n, const AdamRule<T>& rule);
};

struct UpdateTable {
  Updates<float> of_float;
  Updates<double> of_double;
};

namespace baseline {
extern const UpdateTable updates;
}
namespace avx2 {
extern const UpdateTable updates;
}
namespace avx512 {
extern const UpdateTable updates;
}

template <class T>
const Updates<T>& updates() {
  static constexpr TablePerLevel<UpdateTable> tables{&baseline::updates, &avx2::updates, &avx512::updates};
  if constexpr (std::is_same_v<T, float>) {
    return at_level(tables).of_float;
  } else {
    return at_level(tables).of_double;
  }
}

}  // namespace wengert::detail
