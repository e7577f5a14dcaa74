// The chain rule on recorded values, made of operations: what lets a backward pass be differentiated again.
#include <cmath>

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert::detail {

template <Real T>
Var<T> joined(Join join, const Var<T>& g, const Var<T>& slope) {
  if (slope.is_literal()) {
    const T s = slope.template literal<T>();
    if (s == T(1)) return g;
    if (s == T(-1)) return -g;
    if (join == Join::product && std::isfinite(s)) return g * s;  // a plain product is 0 where g is 0
  }
  return join == Join::both ? record_library<cards::Both>(g, slope) : record_library<cards::StrongProduct>(g, slope);
}

template <Real T>
Var<T> added(const Var<T>& a, const Var<T>& b) {
  return a + b;
}

template <Real T>
Var<T> summed_to(const Var<T>& g, const Shape& to) {
  const Shape from = g.shape();
  if (from == to) return g;
  const std::size_t lead = from.rank() - to.rank();
  Axes axes;
  for (std::size_t i = 0; i < from.rank(); ++i)
    if (i < lead || (to[i - lead] == 1 && from[i] != 1)) axes.push_back(static_cast<std::int64_t>(i));
  const Var<T> summed = axes.empty() ? g : sum(g, axes);
  return summed.shape() == to ? summed : reshape(summed, to);
}

template <Real T>
Var<T> spread_to(const Var<T>& g, const Shape& to) {
  return g.shape() == to ? g : broadcast_to(g, to);
}

template Var<float> joined(Join, const Var<float>&, const Var<float>&);
template Var<double> joined(Join, const Var<double>&, const Var<double>&);
template Var<float> added(const Var<float>&, const Var<float>&);
template Var<double> added(const Var<double>&, const Var<double>&);
template Var<float> summed_to(const Var<float>&, const Shape&);
template Var<double> summed_to(const Var<double>&, const Shape&);
template Var<float> spread_to(const Var<float>&, const Shape&);
template Var<double> spread_to(const Var<double>&, const Shape&);

}  // namespace wengert::detail
