// What the standard library computes well and few programs wait for, lane by lane: float by its functions of double, so that only the
// result is rounded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "array/kernels/batch.hpp"
#include "array/numbers.hpp"

namespace wengert::detail {
namespace {

template <class T, class F>
[[gnu::noinline]] Batch<T> by_lane(Batch<T> x, F f) {
  alignas(typename Batch<T>::Lanes) T lanes[Batch<T>::size];
  x.lanes.store_aligned(lanes);
  for (T& lane : lanes) lane = static_cast<T>(f(static_cast<double>(lane)));
  return Batch<T>::Lanes::load_aligned(lanes);
}

template <class T>
Batch<T> tan(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_tan(lane); });
}
template <class T>
Batch<T> asin(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_asin(lane); });
}
template <class T>
Batch<T> acos(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_acos(lane); });
}
template <class T>
Batch<T> atan(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_atan(lane); });
}
template <class T>
[[gnu::noinline]] Batch<T> atan2(Batch<T> a, Batch<T> b) {
  alignas(typename Batch<T>::Lanes) T above[Batch<T>::size], right[Batch<T>::size];
  a.lanes.store_aligned(above);
  b.lanes.store_aligned(right);
  for (std::size_t k = 0; k < Batch<T>::size; ++k) above[k] = static_cast<T>(__builtin_atan2(static_cast<double>(above[k]), static_cast<double>(right[k])));
  return Batch<T>::Lanes::load_aligned(above);
}
template <class T>
Batch<T> sinh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_sinh(lane); });
}
template <class T>
Batch<T> cosh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_cosh(lane); });
}
template <class T>
Batch<T> asinh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_asinh(lane); });
}
template <class T>
Batch<T> acosh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_acosh(lane); });
}
template <class T>
Batch<T> atanh(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_atanh(lane); });
}
template <class T>
Batch<T> log2(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_log2(lane); });
}
template <class T>
Batch<T> log10(Batch<T> x) {
  return by_lane(x, [](double lane) { return __builtin_log10(lane); });
}
template <class T>
Batch<T> lgamma(Batch<T> x) {
  return by_lane(x, [](double lane) { return numbers::lgamma(lane); });
}
template <class T>
Batch<T> digamma(Batch<T> x) {
  return by_lane(x, [](double lane) { return numbers::digamma(lane); });
}
template <class T>
Batch<T> polygamma(std::int64_t n, Batch<T> x) {
  return by_lane(x, [n](double lane) { return numbers::polygamma(n, lane); });
}
/// a * b + c in one rounding on every machine.
template <class T>
Batch<T> fma(Batch<T> a, Batch<T> b, Batch<T> c) {
#ifdef __FMA__
  return fused(a, b, c);
#else
  alignas(typename Batch<T>::Lanes) T x[Batch<T>::size], y[Batch<T>::size], z[Batch<T>::size];
  a.lanes.store_aligned(x);
  b.lanes.store_aligned(y);
  c.lanes.store_aligned(z);
  for (std::size_t k = 0; k < Batch<T>::size; ++k) {
    if constexpr (sizeof(T) == sizeof(float)) z[k] = __builtin_fmaf(x[k], y[k], z[k]); else z[k] = __builtin_fma(x[k], y[k], z[k]);
  }
  return Batch<T>::Lanes::load_aligned(z);
#endif
}

}  // namespace
}  // namespace wengert::detail
