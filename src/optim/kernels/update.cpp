// The loops of the update rules, once per instruction set: one pass over a parameter, its gradient and its state.
#include <array>
#include <cstddef>

#include "array/kernels/batch_math.hpp"
#include "optim/updates.hpp"

namespace wengert::detail {
namespace {

/// Calls change(x, g) with one batch of each changed array and of the gradient, from the first element to the last. The last
/// ones go through a padded batch, so that they get the same arithmetic as all others.
template <class T, std::size_t N, class F>
void for_each_batch(std::array<T*, N> arrays, const T* g, std::size_t n, F change) {
  using B = Batch<T>;
  std::array<B, N> x;
  std::size_t i = 0;
  for (; i + B::size <= n; i += B::size) {
    for (std::size_t k = 0; k < N; ++k) x[k] = B::load(arrays[k] + i);
    change(x, B::load(g + i));
    for (std::size_t k = 0; k < N; ++k) x[k].store(arrays[k] + i);
  }
  if (const std::size_t left = n - i; left > 0) {
    for (std::size_t k = 0; k < N; ++k) x[k] = B::load_part(arrays[k] + i, left);
    change(x, B::load_part(g + i, left));
    for (std::size_t k = 0; k < N; ++k) x[k].store_part(arrays[k] + i, left);
  }
}

template <class T>
void descend(T* p, const T* g, std::size_t n, T rate) {
  const Batch<T> step(rate);
  for_each_batch<T, 1>({p}, g, n, [=](auto& x, Batch<T> slope) { x[0] = x[0] - step * slope; });
}

template <class T>
void momentum(T* p, T* v, const T* g, std::size_t n, const MomentumRule<T>& rule) {
  const Batch<T> keep(rule.keep), add(rule.add), by_velocity(rule.velocity), by_gradient(rule.gradient);
  for_each_batch<T, 2>({p, v}, g, n, [=](auto& x, Batch<T> slope) {
    x[1] = keep * x[1] + add * slope;
    x[0] = x[0] + (by_velocity * x[1] + by_gradient * slope);
  });
}

/// The running averages in x[1] and x[2].
template <class T, class X>
void average(const AdamRule<T>& rule, X& x, Batch<T> slope) {
  x[1] = Batch<T>(rule.keep1) * x[1] + Batch<T>(rule.add1) * slope;
  x[2] = Batch<T>(rule.keep2) * x[2] + Batch<T>(rule.add2) * (slope * slope);
}

template <class T>
Batch<T> scaled(const AdamRule<T>& rule, Batch<T> m, Batch<T> v) {
  return Batch<T>(rule.rate) * m / (sqrt(Batch<T>(rule.scale) * v + Batch<T>(rule.inside)) + Batch<T>(rule.outside));
}

template <class T>
void adam(T* p, T* m, T* v, const T* g, std::size_t n, const AdamRule<T>& all) {
  for_each_batch<T, 3>({p, m, v}, g, n, [rule = all](auto& x, Batch<T> slope) {
    average(rule, x, slope);
    x[0] = x[0] - scaled(rule, x[1], x[2]);
  });
}

template <class T>
void amsgrad(T* p, T* m, T* v, T* largest, const T* g, std::size_t n, const AdamRule<T>& all) {
  for_each_batch<T, 4>({p, m, v, largest}, g, n, [rule = all](auto& x, Batch<T> slope) {
    average(rule, x, slope);
    x[3] = where(x[3] > x[2], x[3], x[2]);
    x[0] = x[0] - scaled(rule, x[1], x[3]);
  });
}

template <class T>
constexpr Updates<T> loops() {
  return {descend<T>, momentum<T>, adam<T>, amsgrad<T>};
}

}  // namespace

namespace WENGERT_LEVEL {
constinit const UpdateTable updates{loops<float>(), loops<double>()};
}
}  // namespace wengert::detail
