// A SIMD batch as kernels and cards see it: the one place where xsimd is met. For kernel units only.
//
// The same text is compiled once per instruction set into one library. A function that two of those objects define under one
// weak name would be taken from either, so that AVX code could run on a machine without it. Hence two walls: xsimd is given
// a namespace of its own in each level, and everything of ours is in an anonymous namespace, which makes every template
// instantiated with a Batch local to its object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#ifndef WENGERT_LEVEL
#error "kernel units are compiled once per level, with WENGERT_LEVEL=baseline, avx2 or avx512"
#endif
#define WENGERT_LEVEL_NAMESPACE_OF(level) xsimd_##level
#define WENGERT_LEVEL_NAMESPACE(level) WENGERT_LEVEL_NAMESPACE_OF(level)
#define xsimd WENGERT_LEVEL_NAMESPACE(WENGERT_LEVEL)
#include <xsimd/xsimd.hpp>

namespace wengert::detail {
namespace {

/// As many numbers as the instruction set takes at once. Only what is defined for it here and in batch_math.hpp can be called on it: not
/// xsimd's own functions, of which some are approximations (reciprocal has 12 bits).
template <class T>
struct Batch {
  using Lanes = xsimd::batch<T>;
  using Mask = typename Lanes::batch_bool_type;
  static constexpr std::size_t size = Lanes::size;

  Lanes lanes;

  Batch() = default;
  Batch(const Lanes& from) : lanes(from) {}  // NOLINT: the same thing
  /// The same number in every lane.
  template <class N>
    requires std::is_arithmetic_v<N>
  explicit Batch(N number) : lanes(static_cast<T>(number)) {}

  static Batch load(const T* from) { return Lanes::load_unaligned(from); }
  /// The next `count` elements, fewer than a batch; the other lanes are `rest`, or repeat the first, so that nothing is computed on arbitrary bits.
  static Batch load_part(const T* from, std::size_t count, T rest) {
    alignas(Lanes) T padded[size];
    Batch(rest).store(padded);
    for (std::size_t k = 0; k < count; ++k) padded[k] = from[k];
    return Lanes::load_aligned(padded);
  }
  static Batch load_part(const T* from, std::size_t count) { return load_part(from, count, *from); }
  void store(T* to) const { lanes.store_unaligned(to); }
  void store_part(T* to, std::size_t count) const {
    alignas(Lanes) T padded[size];
    lanes.store_aligned(padded);
    for (std::size_t k = 0; k < count; ++k) to[k] = padded[k];
  }

  friend Batch operator+(Batch a, Batch b) { return a.lanes + b.lanes; }
  friend Batch operator-(Batch a, Batch b) { return a.lanes - b.lanes; }
  friend Batch operator*(Batch a, Batch b) { return a.lanes * b.lanes; }
  friend Batch operator/(Batch a, Batch b) { return a.lanes / b.lanes; }
  friend Batch operator-(Batch a) { return a.lanes ^ Lanes(T(-0.0)); }  // xsimd's is 0 - a with AVX-512: not -0 for 0
  friend Mask operator<(Batch a, Batch b) { return a.lanes < b.lanes; }
  friend Mask operator<=(Batch a, Batch b) { return a.lanes <= b.lanes; }
  friend Mask operator>(Batch a, Batch b) { return a.lanes > b.lanes; }
  friend Mask operator>=(Batch a, Batch b) { return a.lanes >= b.lanes; }
  friend Mask operator==(Batch a, Batch b) { return a.lanes == b.lanes; }
  friend Mask operator!=(Batch a, Batch b) { return !(a.lanes == b.lanes); }  // xsimd's own is false for NaN with AVX
  friend Batch where(Mask condition, Batch a, Batch b) { return xsimd::select(condition, a.lanes, b.lanes); }

  /// The smaller and the larger; b where either is NaN, as the instruction has it.
  friend Batch smaller(Batch a, Batch b) { return xsimd::min(a.lanes, b.lanes); }
  friend Batch larger(Batch a, Batch b) { return xsimd::max(a.lanes, b.lanes); }
  /// a * b + c, in one rounding where the machine can.
  friend Batch fused(Batch a, Batch b, Batch c) {
#ifdef __AVX512F__  // which xsimd leaves to two instructions
    if constexpr (std::is_same_v<T, float>) {
      return Lanes(_mm512_fmadd_ps(a.lanes, b.lanes, c.lanes));
    } else {
      return Lanes(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes));
    }
#else
    return xsimd::fma(a.lanes, b.lanes, c.lanes);
#endif
  }
};

/// Lane by lane in a fixed order, whatever the level.
template <class T, class F>
T fold_lanes(Batch<T> x, F&& join) {
  alignas(typename Batch<T>::Lanes) T lanes[Batch<T>::size];
  x.lanes.store_aligned(lanes);
  for (std::size_t half = Batch<T>::size / 2; half > 0; half /= 2)
    for (std::size_t k = 0; k < half; ++k) lanes[k] = join(lanes[k], lanes[k + half]);
  return lanes[0];
}

}  // namespace
}  // namespace wengert::detail
