// Derivatives along a direction: products of Jacobians and Hessians with vectors, without the matrices.
#pragma once

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <wengert/transform/function.hpp>

namespace wengert {

namespace detail {

/// The tangents as the place takes them, each of its argument's shape.
template <class Recorded, class V>
auto tangents_of(const Recorded& r, const V& v) {
  std::vector<typename std::remove_cvref_t<decltype(r.place)>::Cotangent> list;
  using Numbers = typename Recorded::Numbers;
  constexpr std::size_t count = std::tuple_size_v<decltype(packed(v))>;
  check_same_count(r.who, "tangents", count, r.xs.size());
  if constexpr (count == std::tuple_size_v<Numbers>) {
    const auto given = packed(v);
    const auto add = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
      using T = typename std::tuple_element_t<K, Numbers>::type;
      list.push_back(r.place.template cotangent<T>("tangent", std::get<K>(given), Var<T>(r.xs[K]).shape()));
    };
    [&]<std::size_t... K>(std::index_sequence<K...>) { (add(std::integral_constant<std::size_t, K>()), ...); }(std::make_index_sequence<count>());
  }
  return list;
}
template <class Recorded, class V>
auto tangents_of(const Recorded& r, const std::vector<V>& v) {
  std::vector<typename std::remove_cvref_t<decltype(r.place)>::Cotangent> list;
  check_same_count(r.who, "tangents", v.size(), r.xs.size());
  using T = argument_number<V>;
  for (std::size_t k = 0; k < v.size(); ++k) list.push_back(r.place.template cotangent<T>("tangent", v[k], Var<T>(r.xs[k]).shape()));
  return list;
}

/// Derivatives of <gradient, v> by the xs, read by at(): the gradient's own products are never computed.
template <class Recorded, class Tangents>
void pull_hessian_product(Recorded& r, const Tangents& tangents) {
  const auto gradients = recorded_gradient(r, Products::when_read);
  std::vector<AnyVar> outer;
  Tangents seeds;
  for (std::size_t k = 0; k < gradients.size(); ++k) {
    if (!is_differentiable(gradients[k])) continue;  // a constant gradient: nothing to add
    outer.push_back(gradients[k]);
    seeds.push_back(tangents[k]);
  }
  r.place.pull(outer, seeds, r.xs);
}

}  // namespace detail

/// c J: the cotangent of x0 for a cotangent c of fn's result (of its shape, or a number for all of it). One pass back.
/// For several arguments x0 is a tuple, and so is the result; Vars among x0 or c are differentiated through.
template <class F, class X, class C>
auto vjp(F&& fn, const X& x0, const C& c) {
  return detail::evaluate_at("vjp", fn, detail::packed(x0), std::tie(c), [&](auto& r) {
    using T = typename decltype(r.y)::value_type;
    const detail::AnyVar outputs[] = {r.y};
    const auto cotangent = r.place.template cotangent<T>("cotangent", c, r.y.shape());
    r.place.pull(outputs, std::span(&cotangent, 1), r.xs);
    return detail::unpacked<detail::is_tuple<X>>(r.results());
  });
}

/// J v: how fn's result moves when x0 moves along v. Forward mode: one pass over what fn recorded, in which each primitive gives its own
/// derivative: elementwise ones by their slope, linear ones applied to the tangent, others by their pushforward where they have one and by
/// differentiating their pullback where they have none (docs/transforms.md has the list). Several arguments: x0 and v are tuples.
template <class F, class X, class V>
auto jvp(F&& fn, const X& x0, const V& v) {
  return detail::evaluate_at("jvp", fn, detail::packed(x0), detail::packed(v), [&](auto& r) {
    using T = typename decltype(r.y)::value_type;
    const auto tangents = detail::tangents_of(r, v);
    return r.place.template push<T>(r.y, r.xs, tangents);
  });
}
/// The same for parameters that fn captures: jvp(fn, net.parameters(), tangents)(x).
template <class F, Real T>
auto jvp(F fn, Parameters<T> parameters, std::vector<Array<T>> v) {
  return [fn = std::move(fn), parameters = std::move(parameters), v = std::move(v)]<class... X>(const X&... x) {
    return detail::evaluate_at<T>(
        "jvp", fn, std::tie(x...), std::tuple(),
        [&](auto& r) {
          using N = typename decltype(r.y)::value_type;
          const auto tangents = detail::tangents_of(r, v);
          return r.place.template push<N>(r.y, r.xs, tangents);
        },
        std::optional(std::span<const Parameter<T>>(parameters)));
  };
}

/// H v: the product of the Hessian of a function of one number with v, of the shape of x0. The gradient is recorded and differentiated
/// along v; its products, which nobody reads, are left out, so that it costs about two gradients. Several arguments: x0, v and the result
/// are tuples.
template <class F, class X, class V>
auto hvp(F&& fn, const X& x0, const V& v) {
  return detail::evaluate_at("hvp", fn, detail::packed(x0), detail::packed(v), [&](auto& r) {
    detail::pull_hessian_product(r, detail::tangents_of(r, v));
    return detail::unpacked<detail::is_tuple<X>>(r.results());
  });
}
/// The same for parameters that fn captures, one array for each in their order: hvp(fn, net.parameters(), v)(x, labels).
template <class F, Real T>
auto hvp(F fn, Parameters<T> parameters, std::vector<Array<T>> v) {
  return [fn = std::move(fn), parameters = std::move(parameters), v = std::move(v)]<class... X>(const X&... x) {
    return detail::evaluate_at<T>(
        "hvp", fn, std::tie(x...), std::tuple(),
        [&](auto& r) {
          detail::pull_hessian_product(r, detail::tangents_of(r, v));
          return r.template list_of_results<T>();
        },
        std::optional(std::span<const Parameter<T>>(parameters)));
  };
}

}  // namespace wengert
