// The mathematical functions on a batch. Where xsimd 8.1 is within two ulp everywhere it does the work; exp, expm1 (wrong near
// overflow, nothing below the normal range), log of denormal doubles, log1p of -0, pow (a hundred ulp), the error function (wrong) and
// tanh (twice as slow) are our own; the rest is the standard library's, lane by lane.
#pragma once

#include "array/kernels/batch_by_lane.hpp"
#include "array/kernels/batch_error_function.hpp"
#include "array/kernels/batch_exponential.hpp"

namespace wengert::detail {
namespace {

// ---- trigonometry and its hyperbolic kin ----

// Long enough that a call costs nothing beside them, and too long to be inlined in every loop.

template <class T>
[[gnu::noinline]] Batch<T> sin(Batch<T> x) {
  return xsimd::sin(x.lanes);
}
template <class T>
[[gnu::noinline]] Batch<T> cos(Batch<T> x) {
  return xsimd::cos(x.lanes);
}

}  // namespace
}  // namespace wengert::detail
