// A function recorded at a point: what every transform starts with.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/transform/argument.hpp>
#include <wengert/transform/place.hpp>

namespace wengert::detail {

/// The function's result as a Var of the place's tape.
template <class Place, class R>
auto output_of(std::string_view who, Place& place, R&& result) {
  using X = std::remove_cvref_t<R>;
  if constexpr (is_var<X>) {
    if (result.is_literal()) return place.constant(result.value());
    if (result.is_taped() && result.head() != &place.head()) refuse_foreign_result(who);
    return X(std::forward<R>(result));
  } else if constexpr (is_parameter<X>) {
    return Var<typename X::value_type>(place.leaf_of(result));
  } else {
    static_assert(Argument<X>, "a function to differentiate returns a Var, or an array or a number that depends on nothing");
    return place.constant(result);
  }
}

/// A function recorded at a point: y = fn(x...), to be differentiated by the xs.
template <class Place, class Point, Real T>
struct Recorded {
  using Numbers = typename ArgumentNumbers<Point>::type;

  std::string_view who;
  Place& place;
  const Point& point;           // the arguments as they were given
  std::vector<AnyVar> xs;       // of each argument, or of each parameter
  Var<T> y;

  /// What `get.operator()<N>(k)` makes of each argument, N its number type, in a tuple.
  template <class Get>
  auto for_each_argument(Get get) const {
    std::size_t k = 0;
    return std::apply(
        [&](const auto&... x) {
          const auto one = [&]<class X>(const X&) {
            if constexpr (Argument<X>) {
              return std::make_tuple(get.template operator()<argument_number<X>>(k++));
            } else {
              return std::tuple();
            }
          };
          // A list in braces is evaluated from left to right.
          std::tuple<decltype(one(x))...> pieces{one(x)...};
          return std::apply([](auto&&... piece) { return std::tuple_cat(std::move(piece)...); }, std::move(pieces));
        },
        point);
  }
  /// What a pull has found for each argument, in a tuple.
  auto results() const {
    return for_each_argument([&]<Real N>(std::size_t k) { return place.template at<N>(k); });
  }
  /// The same for parameters, in their order.
  template <Real P>
  auto list_of_results() const {
    std::vector<decltype(place.template at<P>(0))> list;
    for (std::size_t k = 0; k < xs.size(); ++k) list.push_back(place.template at<P>(k));
    return list;
  }
};

/// Results in Arrays as constants of a tape that records nothing.
template <class R>
auto lifted_results(const AnyVar& anchor, const R& result) {
  if constexpr (is_array<R>) {
    return leaf_beside(anchor, result, NodeKind::constant);
  } else if constexpr (is_tuple<R>) {
    return std::apply([&](const auto&... each) { return std::make_tuple(lifted_results(anchor, each)...); }, result);
  } else if constexpr (requires { result.second; }) {
    return std::pair(lifted_results(anchor, result.first), lifted_results(anchor, result.second));
  } else {
    std::vector<decltype(lifted_results(anchor, result.front()))> list;
    for (const auto& each : result) list.push_back(lifted_results(anchor, each));
    return list;
  }
}

/// Records fn at the point on the place's tape, and returns what `then` makes of it. With parameters the derivatives are taken by them,
/// otherwise by the arguments.
template <class Place, Real P, class F, class Point, class Then>
auto evaluate_on(std::string_view who, Place& place, F& fn, const Point& point, std::optional<std::span<const Parameter<P>>> parameters, Then& then) {
  std::vector<AnyVar> xs;
  if (parameters)
    for (const auto& parameter : *parameters) xs.push_back(place.leaf_of(parameter));
  auto arguments = std::apply(
      [&](const auto&... x) {
        const auto one = [&]<class X>(const X& given) {
          if constexpr (!Argument<X>) {
            return std::tuple<const X&>(given);
          } else {
            using V = Var<argument_number<X>>;
            if (parameters) return std::tuple<V>(place.constant(given));
            xs.push_back(place.variable(given));
            return std::tuple<V>(V(xs.back()));
          }
        };
        std::tuple<decltype(one(x))...> pieces{one(x)...};
        return std::apply([](auto&&... piece) { return std::tuple_cat(std::move(piece)...); }, std::move(pieces));
      },
      point);
  place.begin(parameters.has_value());
  auto result = std::apply(fn, arguments);
  place.check_there();
  auto y = output_of(who, place, std::move(result));
  using T = typename decltype(y)::value_type;
  Recorded<Place, Point, T> recorded{who, place, point, std::move(xs), std::move(y)};
  auto results = then(recorded);
  place.done();
  return results;
}

/// The same, on a tape of its own where the point and `beside` (cotangents, tangents) are Arrays, and on their tape where a Var is among them.
template <Real P = double, class F, class Point, class Beside, class Then>
auto evaluate_at(std::string_view who, F& fn, const Point& point, const Beside& beside, Then then, std::optional<std::span<const Parameter<P>>> parameters = std::nullopt) {
  if constexpr (!has_var<Point> && !has_var<Beside>) {
    OwnTape place(who);
    return evaluate_on<OwnTape, P>(who, place, fn, point, parameters, then);
  } else {
    std::vector<const AnyVar*> vars;
    const auto note = [&]<class X>(const X& x) {
      if constexpr (is_var<X>) {
        if (!x.is_literal()) vars.push_back(&x);
      }
    };
    std::apply([&](const auto&... x) { (note(x), ...); }, point);
    std::apply([&](const auto&... x) { (note(x), ...); }, beside);
    TapeHead& head = tape_of_all(who, vars);
    const AnyVar anchor = *vars.front();
    if (head.quiet) {
      OwnTape place(who);
      return lifted_results(anchor, evaluate_on<OwnTape, P>(who, place, fn, point, parameters, then));
    }
    ArgumentsTape place(who, head, anchor);
    return evaluate_on<ArgumentsTape, P>(who, place, fn, point, parameters, then);
  }
}

/// The gradient of a function of one number as Vars, to be differentiated once more.
template <class Recorded>
std::vector<AnyVar> recorded_gradient(const Recorded& r, Products products = Products::at_once) {
  check_one_number(r.who, r.y.shape());
  using T = typename decltype(r.y)::value_type;
  const AnyVar outputs[] = {r.y};
  const AnyVar one[] = {leaf_beside(r.y, ones<T>(r.y.shape()), NodeKind::constant)};
  return pull_back_recorded(r.who, outputs, one, r.xs, r.place.first(), products);
}

/// One result for a single argument, a tuple for several.
template <bool as_tuple, class Tuple>
auto unpacked(Tuple&& results) {
  if constexpr (as_tuple) {
    return std::forward<Tuple>(results);
  } else {
    return std::get<0>(std::forward<Tuple>(results));
  }
}

}  // namespace wengert::detail
