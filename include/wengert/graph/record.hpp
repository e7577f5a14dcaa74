// Putting a card on a tape: the one door through which the library's operations and the users' functions go.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/graph/card.hpp>
#include <wengert/graph/operand.hpp>

namespace wengert {

namespace detail {

template <Real T>
WENGERT_API Var<T> record_many(const TypedRules<T>& rules, const void* card, std::span<const Operand<T>> operands);

/// Whether NumberNodes records a card of so many bytes of attributes for these operands: Vars, and one of two a number where the
/// attributes would lie.
template <std::size_t card_size, class... X>
inline constexpr bool recorded_as_numbers = sizeof...(X) <= 2 && ((is_var<std::remove_cvref_t<X>> || std::is_arithmetic_v<std::remove_cvref_t<X>>) && ...) &&
                                            (card_size == 0 || (card_size <= sizeof(Node::inline_card) && (is_var<std::remove_cvref_t<X>> && ...)));

template <Real T, class... X>
auto number_recorder(const TypedRules<T>& rules) {
  constexpr bool var[] = {is_var<std::remove_cvref_t<X>>...};
  if constexpr (sizeof...(X) == 1) {
    return rules.record_numbers.var;
  } else if constexpr (var[0] && var[1]) {
    return rules.record_numbers.vars;
  } else if constexpr (var[0]) {
    return rules.record_numbers.var_number;
  } else {
    return rules.record_numbers.number_var;
  }
}

/// The card's forward pass on plain arrays, with nothing recorded. `own`: the inputs are the operation's own copies, so that an
/// elementwise card may write over one that nobody else holds.
template <Real T>
WENGERT_API Array<T> evaluate(const TypedRules<T>& rules, const void* card, std::span<const Array<T>> inputs, bool own = false);

/// The operands that are Vars about to go, one bit for each.
template <class... X>
constexpr unsigned taken_operands() {
  unsigned bits = 0, bit = 1;
  ((bits |= is_var<X> ? bit : 0, bit <<= 1), ...);  // X is a reference for all that stays
  return bits;
}

/// The card's output, by its rules.
template <bool as_numbers, Real T, class... X>
auto record_by(const TypedRules<T>& rules, const void* card, X&&... x) {
  if constexpr (!is_recorded<X...>) {
    Array<T> inputs[] = {Array<T>(lifted<T>(std::forward<X>(x)))...};
    return evaluate<T>(rules, card, inputs, true);
  } else if constexpr (as_numbers) {
    return number_recorder<T, X...>(rules)(rules, card, taken_operands<X...>(), lifted<T>(x)...);
  } else if constexpr (sizeof...(X) == 1) {
    return record_one<T>(rules, card, Operand<T>(lifted<T>(std::forward<X>(x)))...);
  } else if constexpr (sizeof...(X) == 2) {
    return record_two<T>(rules, card, Operand<T>(lifted<T>(std::forward<X>(x)))...);
  } else {
    // The list lives to the end of this expression, and with it the arrays of lifted expressions.
    return record_many<T>(rules, card, std::initializer_list<Operand<T>>{Operand<T>(lifted<T>(std::forward<X>(x)))...});
  }
}

/// The attributes of one of the library's elementwise cards: as many doubles as its struct has members, in their order.
template <std::size_t n>
struct Attributes {
  double values[n];
};
template <class... N>
Attributes(N...) -> Attributes<sizeof...(N)>;

/// One of the library's elementwise cards, known by its name alone.
template <class Card, class... X>
  requires Operands<X...>
auto record_library(X&&... x) {
  using T = number_of<X...>;
  static constexpr char nothing = 0;  // a card without attributes is read at no address
  return record_by<recorded_as_numbers<0, X...>, T>(rules_of<Card, T>(), &nothing, std::forward<X>(x)...);
}
template <class Card, std::size_t n, class... X>
  requires Operands<X...>
auto record_library(const Attributes<n>& attributes, X&&... x) {
  using T = number_of<X...>;
  return record_by<recorded_as_numbers<sizeof(attributes), X...>, T>(rules_of<Card, T>(), &attributes, std::forward<X>(x)...);
}

/// x in the other number type, recorded by the rules of a card that says so.
template <Real To, Real From>
WENGERT_API Var<To> record_conversion(const TypedRules<To>& rules, const Var<From>& x);

/// A copy of a name that lives as long as the program: cards hold views.
WENGERT_API std::string_view lasting_name(std::string_view name);

}  // namespace detail

/// The card's output for these operands: recorded when a Var or a Parameter is among them, evaluated at once when all are
/// Arrays. Numbers, Arrays, Parameters and xtensor expressions join the tape of the Var beside them; GraphError without one.
template <class Card, class... X>
  requires Operands<X...>
auto record(const Card& card, X&&... x) {
  using T = detail::number_of<X...>;
  constexpr bool as_numbers = [] {
    if constexpr (ElementwiseCard<Card> && detail::fits_node<Card>) {
      return detail::elementwise_arity<Card>() == sizeof...(X) && detail::recorded_as_numbers<std::is_empty_v<Card> ? 0 : sizeof(Card), X...>;
    } else {
      return false;
    }
  }();
  return detail::record_by<as_numbers, T>(detail::rules_of<Card, T>(), &card, std::forward<X>(x)...);
}

/// The same with the operands in a list: record(Affine{}, {x, w, b}).
template <class Card>
Var<float> record(const Card& card, std::initializer_list<Operand<float>> operands) {
  return detail::record_many<float>(detail::rules_of<Card, float>(), &card, operands);
}
template <class Card>
Var<double> record(const Card& card, std::initializer_list<Operand<double>> operands) {
  return detail::record_many<double>(detail::rules_of<Card, double>(), &card, operands);
}
template <class Card, Real T>
Var<T> record(const Card& card, std::span<const Var<T>> operands) {
  const std::vector<Operand<T>> list(operands.begin(), operands.end());
  return detail::record_many<T>(detail::rules_of<Card, T>(), &card, list);
}
template <class Card>
Array<float> record(const Card& card, std::initializer_list<Array<float>> inputs) {
  return detail::evaluate<float>(detail::rules_of<Card, float>(), &card, inputs);
}
template <class Card>
Array<double> record(const Card& card, std::initializer_list<Array<double>> inputs) {
  return detail::evaluate<double>(detail::rules_of<Card, double>(), &card, inputs);
}

namespace detail {

template <class F, class S>
struct ElementwiseByLambda : Elementwise<ElementwiseByLambda<F, S>> {
  static constexpr Keeps keeps = Keeps::both;

  ElementwiseByLambda(std::string_view name_, F f, S s) : name(lasting_name(name_)), function(std::move(f)), slope_function(std::move(s)) {}

  template <class X>
  X apply(X x) const {
    return static_cast<X>(function(x));
  }
  template <class X>
  X slope(X x, X y) const {
    return static_cast<X>(slope_function(x, y));
  }

  std::string_view name;
  F function;
  S slope_function;
};

template <class F, class P>
struct FunctionWithPullback {
  static constexpr std::string_view name = "with_gradient";
  static constexpr Keeps keeps = Keeps::both;

  template <class T>
  Array<T> forward(Inputs<T> in) const {
    return Array<T>(function(in[0]));
  }
  template <class V>
  V pullback(std::size_t, const Step<V>& s) const {
    return V(pull(s.x(0), s.y(), s.g));
  }

  F function;
  P pull;
};

}  // namespace detail

/// An elementwise function from two generic lambdas, function(x) and slope(x, y): differentiable to any order.
template <class F, class S>
auto elementwise(std::string_view name, F function, S slope) {
  return [card = detail::ElementwiseByLambda<F, S>(name, std::move(function), std::move(slope))]<Tensor X>(X&& x) { return record(card, std::forward<X>(x)); };
}

/// function(x) with a gradient of your own: pullback(x, y, g) gives the cotangent of x. Generic lambdas over Array and Var:
/// then differentiable to any order.
template <Tensor X, class F, class P>
X with_gradient(const X& x, F function, P pullback) {
  return record(detail::FunctionWithPullback<F, P>{std::move(function), std::move(pullback)}, x);
}

}  // namespace wengert
