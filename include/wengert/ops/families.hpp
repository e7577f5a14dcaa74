// The families of the library's elementwise cards: which there are, without a word of what they do. The cards themselves are in
// src/ops/cards, so that a user compiles none of them and a change of one of them compiles little.
#pragma once

#include <cstddef>
#include <type_traits>

namespace wengert::detail {

/// A family's list of cards: what its tables and its kernel units are compiled from, in this order.
template <class... Cards>
struct CardList {
  static constexpr std::size_t size = sizeof...(Cards);

  template <class Card>
  static constexpr bool contains = (std::is_same_v<Card, Cards> || ...);

  /// The place of a card in this list.
  template <class Card>
    requires contains<Card>
  static constexpr std::size_t place() {
    std::size_t index = 0;
    static_cast<void>(((std::is_same_v<Card, Cards> || (++index, false)) || ...));
    return index;
  }
};

}  // namespace wengert::detail

namespace wengert::cards {

// Declared before they are listed: `struct Add` in a list would be a user's own ::Add, if there is one.
struct Add; struct Subtract; struct Negative; struct Multiply; struct Divide; struct Square; struct Reciprocal; struct Fma;
struct Maximum; struct Minimum; struct Abs; struct Clip; struct Sign; struct Guarded; struct Both; struct StrongProduct;
struct Exp; struct Expm1; struct Exp2; struct Log; struct Log1p; struct Log2; struct Log10; struct Xlogy; struct Pow; struct Sqrt;
struct Rsqrt; struct Cbrt; struct Sin; struct Cos; struct Tan; struct Asin; struct Acos; struct Atan; struct Atan2; struct Sinh;
struct Cosh; struct Asinh; struct Acosh; struct Atanh; struct Erf; struct Erfc; struct Lgamma; struct Digamma; struct Polygamma;
struct Tanh; struct Sigmoid; struct LogSigmoid; struct Softplus; struct Softsign; struct Silu; struct Mish; struct Gelu;
struct GeluByTanh; struct Relu; struct LeakyRelu; struct Elu; struct Celu; struct Selu; struct Hardtanh; struct Threshold;

/// Sums, products, quotients.
using Arithmetic = detail::CardList<Add, Subtract, Negative, Multiply, Divide, Square, Reciprocal, Fma>;
template <class Card>
  requires(Arithmetic::contains<Card>)
Arithmetic family_of(const Card&);

/// Of pieces that meet at a kink.
using Piecewise = detail::CardList<Maximum, Minimum, Abs, Clip, Sign>;
template <class Card>
  requires(Piecewise::contains<Card>)
Piecewise family_of(const Card&);

/// The rule 0 * inf = 0 of the backward pass, closed under differentiation.
using StrongZero = detail::CardList<Guarded, Both, StrongProduct>;
template <class Card>
  requires(StrongZero::contains<Card>)
StrongZero family_of(const Card&);

/// Exponentials, logarithms, powers, roots.
using Exponential = detail::CardList<Exp, Expm1, Exp2, Log, Log1p, Log2, Log10, Xlogy,
                                       Pow, Sqrt, Rsqrt, Cbrt>;
template <class Card>
  requires(Exponential::contains<Card>)
Exponential family_of(const Card&);

/// Of angles.
using Trigonometric = detail::CardList<Sin, Cos, Tan, Asin, Acos, Atan, Atan2>;
template <class Card>
  requires(Trigonometric::contains<Card>)
Trigonometric family_of(const Card&);

/// Of hyperbolic angles; tanh is among the activations.
using Hyperbolic = detail::CardList<Sinh, Cosh, Asinh, Acosh, Atanh>;
template <class Card>
  requires(Hyperbolic::contains<Card>)
Hyperbolic family_of(const Card&);

/// The error function, and the gamma function's logarithm with its derivatives.
using Special = detail::CardList<Erf, Erfc, Lgamma, Digamma, Polygamma>;
template <class Card>
  requires(Special::contains<Card>)
Special family_of(const Card&);

/// Of neural networks, smooth.
using Activation = detail::CardList<Tanh, Sigmoid, LogSigmoid, Softplus, Softsign, Silu, Mish, Gelu, GeluByTanh>;
template <class Card>
  requires(Activation::contains<Card>)
Activation family_of(const Card&);

/// Of neural networks, with a kink.
using Rectifier = detail::CardList<Relu, LeakyRelu, Elu, Celu, Selu, Hardtanh, Threshold>;
template <class Card>
  requires(Rectifier::contains<Card>)
Rectifier family_of(const Card&);

}  // namespace wengert::cards
