// A function recorded at a point, on a tape of its own or on that of its arguments: what every transform starts with.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/card.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/use.hpp>

namespace wengert {

/// What a transform differentiates by: an Array or a Var of float or double, a number, an xtensor expression of numbers. Other arguments
/// (labels, masks, options) are handed on to the function as they are.
template <class X>
concept Argument = Tensor<X> || (std::floating_point<std::remove_cvref_t<X>> && Real<std::remove_cvref_t<X>>) ||
                   (XtensorExpression<X> && Real<typename std::remove_cvref_t<X>::value_type>);

namespace detail {

template <class X>
struct ArgumentNumber {
  using type = typename X::value_type;
};
template <std::floating_point X>
struct ArgumentNumber<X> {
  using type = X;
};
/// The number type of an argument.
template <class X>
using argument_number = typename ArgumentNumber<std::remove_cvref_t<X>>::type;

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;

/// A point as a tuple of its arguments.
template <class X>
auto packed(const X& x) {
  if constexpr (is_tuple<X>) {
    return std::apply([](const auto&... each) { return std::tie(each...); }, x);
  } else {
    return std::tie(x);
  }
}

template <class Tuple>
inline constexpr bool has_var = false;
template <class... X>
inline constexpr bool has_var<std::tuple<X...>> = (is_var<std::remove_cvref_t<X>> || ...);

template <class Tuple>
inline constexpr std::size_t argument_count = 0;
template <class... X>
inline constexpr std::size_t argument_count<std::tuple<X...>> = ((Argument<X> ? 1 : 0) + ... + 0);

/// The number types of a point's arguments, in their order.
template <class Point>
struct ArgumentNumbers;
template <class... X>
struct ArgumentNumbers<std::tuple<X...>> {
  template <class One>
  static auto number() {
    if constexpr (Argument<One>) {
      return std::tuple<std::type_identity<argument_number<One>>>();
    } else {
      return std::tuple<>();
    }
  }
  using type = decltype(std::tuple_cat(number<X>()...));
};

template <class X>
auto array_of(const X& x) {
  using T = argument_number<X>;
  if constexpr (is_var<X>) {
    return x.value();
  } else {
    return Array<T>(x);
  }
}

/// A tangent or a cotangent, of which a number is converted and everything else has the type of what it stands beside.
template <Real T, class C>
auto seed_array(const C& given) {
  if constexpr (std::is_arithmetic_v<C>) {
    return Array<T>(static_cast<T>(given));
  } else {
    static_assert(std::is_same_v<argument_number<C>, T>, "a tangent has the number type of its argument, a cotangent that of the result: cast<T>() brings one to the other");
    return array_of(given);
  }
}

/// ShapeError in `who`'s name: not one number, where the derivative of one is asked for.
WENGERT_API void check_one_number(std::string_view who, const Shape& result);
[[noreturn]] WENGERT_API void refuse_foreign_result(std::string_view who);
[[noreturn]] WENGERT_API void refuse_unlisted_parameter(std::string_view name);
/// ShapeError in `who`'s name unless `what` has the shape that it stands for.
WENGERT_API void check_same_shape(std::string_view who, std::string_view what, const Shape& got, const Shape& wanted);
/// The extent of a batch's first axis; ShapeError in `who`'s name for a number.
WENGERT_API std::size_t rows_in(std::string_view who, const Shape& shape);
/// ShapeError in `who`'s name unless it has so many rows.
WENGERT_API void check_batch(std::string_view who, const Shape& shape, std::size_t count);
/// ShapeError in `who`'s name unless there is one for each.
WENGERT_API void check_same_count(std::string_view who, std::string_view what, std::size_t got, std::size_t wanted);

// ---- where a function is recorded ----

/// A tape of the transform's own: Arrays in, Arrays out.
class OwnTape {
 public:
  static constexpr bool is_recorded = false;
  template <Real T>
  using Result = Array<T>;
  using Cotangent = Handle;

  explicit OwnTape(std::string_view who) : who_(who) {}

  template <class X>
  AnyVar variable(const X& x) {
    return tape_.variable(array_of(x));
  }
  template <class X>
  auto constant(const X& x) {
    return tape_.constant(array_of(x));
  }
  template <Real T>
  AnyVar leaf_of(const Parameter<T>& parameter) {
    if (parameter.frozen()) return tape_.variable(parameter.value());  // nothing depends on it
    return tape_.use(parameter);
  }
  /// The point is complete: what comes now is the function.
  void begin(bool with_parameters) {
    if (with_parameters) hold_other_parameters(tape_);
  }
  TapeHead& head() const noexcept { return tape_.head(); }
  /// The first node that belongs to the function.
  std::uint32_t first() const noexcept { return 0; }
  void check_there() const noexcept {}

  /// A cotangent or a tangent of this shape, of which a number stands for all elements.
  template <Real T, class C>
  Cotangent cotangent(std::string_view what, const C& given, const Shape& shape) const {
    const Array<T> array = seed_array<T>(given);
    if (array.shape().empty() && !shape.empty()) return full<T>(shape, array.item()).handle();
    check_same_shape(who_, what, array.shape(), shape);
    return array.handle();
  }

  /// What the cotangents of the outputs become at the xs: read by at().
  void pull(std::span<const AnyVar> outputs, std::span<const Cotangent> cotangents, std::span<const AnyVar> xs, bool again = false) {
    gradients_ = outputs.empty() ? Gradients() : pull_back(who_, outputs, cotangents, again);
    xs_.assign(xs.begin(), xs.end());
  }
  template <Real T>
  Array<T> at(std::size_t k) const {
    const Var<T> x(xs_[k]);
    return gradients_.contains(x) ? gradients_[x] : zeros<T>(x.shape());
  }
  Gradients gradients() && { return std::move(gradients_); }

  template <Real T>
  Array<T> push(const AnyVar& output, std::span<const AnyVar> xs, std::span<const Cotangent> tangents) const {
    return Array<T>(push_forward(who_, output, xs, tangents));
  }
  template <Real T>
  Array<T> result(const Var<T>& y) const {
    return y.value();
  }
  void done() noexcept {}

 protected:
  std::string_view who_;
  Tape tape_;

 private:
  Gradients gradients_;
  std::vector<AnyVar> xs_;
};

/// The tape of the arguments, which is as before when the function throws: Vars in, Vars out.
class ArgumentsTape {
 public:
  static constexpr bool is_recorded = true;
  template <Real T>
  using Result = Var<T>;
  using Cotangent = AnyVar;

  ArgumentsTape(std::string_view who, TapeHead& head, const AnyVar& anchor) : who_(who), anchor_(anchor), attempt_(head), first_(attempt_.first()) {}

  template <class X>
  AnyVar variable(const X& x) {
    if constexpr (is_var<X>) {
      if (!x.is_literal()) return argument(who_, x);
    }
    return leaf_beside(anchor_, array_of(x), NodeKind::variable);
  }
  template <class X>
  auto constant(const X& x) {
    using T = argument_number<X>;
    if constexpr (is_var<X>) {
      if (!x.is_literal()) return Var<T>(argument(who_, x));
    }
    return leaf_beside(anchor_, array_of(x), NodeKind::constant);
  }
  template <Real T>
  AnyVar leaf_of(const Parameter<T>& parameter) {
    const AnyVar leaf = use(parameter, Var<T>(anchor_));
    return is_differentiable(leaf) ? leaf : leaf_beside(anchor_, parameter.value(), NodeKind::variable);  // frozen: nothing depends on it
  }
  void begin(bool with_parameters) {
    if (with_parameters) first_ = anchor_.head()->used;
  }
  TapeHead& head() const noexcept { return *anchor_.head(); }
  std::uint32_t first() const noexcept { return first_; }
  void check_there() const { check_still_there(who_, anchor_); }

  template <Real T, class C>
  Cotangent cotangent(std::string_view what, const C& given, const Shape& shape) const {
    if constexpr (is_var<C>) {
      static_assert(std::is_same_v<argument_number<C>, T>, "a tangent has the number type of its argument, a cotangent that of the result: cast<T>() brings one to the other");
      if (given.shape().empty()) return spread_to<T>(given.is_literal() ? Var<T>(leaf_beside(anchor_, array_of(given), NodeKind::constant)) : given, shape);
      check_same_shape(who_, what, given.shape(), shape);
      return given;
    } else {
      const Array<T> array = seed_array<T>(given);
      if (array.shape().empty() && !shape.empty()) return leaf_beside(anchor_, full<T>(shape, array.item()), NodeKind::constant);
      check_same_shape(who_, what, array.shape(), shape);
      return leaf_beside(anchor_, array, NodeKind::constant);
    }
  }

  void pull(std::span<const AnyVar> outputs, std::span<const Cotangent> cotangents, std::span<const AnyVar> xs, bool = false) {
    found_ = pull_back_recorded(who_, outputs, cotangents, xs, first_);
  }
  template <Real T>
  Var<T> at(std::size_t k) const {
    return Var<T>(found_[k]);
  }
  const AnyVar& any_at(std::size_t k) const { return found_[k]; }

  template <Real T>
  Var<T> push(const AnyVar& output, std::span<const AnyVar> xs, std::span<const Cotangent> tangents) const {
    return Var<T>(push_forward_recorded(who_, output, xs, tangents, first_));
  }
  template <Real T>
  Var<T> result(const Var<T>& y) const {
    return y;
  }
  void done() noexcept { attempt_.keep(); }

 private:
  std::string_view who_;
  AnyVar anchor_;
  Attempt attempt_;
  std::uint32_t first_;
  std::vector<AnyVar> found_;
};

// ---- the function at a point ----

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

  /// One result for each x: at<N>(k) of the place, in a tuple for a tuple of arguments.
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

/// One result for a single argument, a tuple for several.
template <bool as_tuple, class Tuple>
auto unpacked(Tuple&& results) {
  if constexpr (as_tuple) {
    return std::forward<Tuple>(results);
  } else {
    return std::get<0>(std::forward<Tuple>(results));
  }
}

}  // namespace detail
}  // namespace wengert
