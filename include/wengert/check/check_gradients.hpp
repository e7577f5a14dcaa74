// Gradient checks: whether a function's derivatives, of any order, are what differences of its values say.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// Whether a point at which the function has a kink (relu at 0) is good enough to test with.
enum class Kinks : std::uint8_t { refuse, allow };

struct GradientCheckOptions {
  std::size_t order = 1;          ///< the highest derivative to check; from 2 on also with respect to the cotangent
  Kinks kinks = Kinks::refuse;    ///< for EXPECT_GRADIENTS; check_gradients counts kinks and leaves the judgement to its caller
  std::size_t entries = 256;      ///< an input of at most so many entries is checked entry by entry,
  std::size_t directions = 8;     ///< a larger one along so many random directions, each of which moves all of its entries
  std::uint64_t seed = 20120307;  ///< of the random cotangents and directions
};

/// One derivative that is not simply right, or one promise of a pullback that is not kept.
struct GradientFinding {
  enum class Kind : std::uint8_t {
    wrong,         ///< ours is not what converged differences say
    inconclusive,  ///< the differences do not converge well enough to say anything
    kink,          ///< two slopes, ours between them
    contract,      ///< a pullback's shape, count, determinism; a value or gradient that is not finite
  };

  Kind kind = Kind::wrong;
  std::size_t order = 1;
  std::size_t input = 0;                   ///< from 0; the number of inputs stands for the cotangent
  std::vector<std::size_t> index = {};     ///< of the entry; empty for a number or where the finding is not about one entry
  double ours = 0;                         ///< what the pullbacks say
  double differences = 0;                  ///< what differences of values say
  double left = 0, right = 0;              ///< at a kink: the one-sided slopes (for several outputs, the ends of their sum's interval)
  double estimate = 0;                     ///< how far `differences` may be off
  double step = 0;                         ///< the smallest of the three steps that it comes from
  std::string text = {};                   ///< all of it as a sentence
};

struct GradientReport {
  bool ok = false;                  ///< every derivative agrees, every promise is kept. Kinks with our slope inside of their interval count as right
  std::string message;              ///< what was found, the most serious first; if ok, what was checked
  std::size_t compared = 0;         ///< derivatives compared with differences
  std::size_t wrong = 0;            ///< of them: wrong,
  std::size_t inconclusive = 0;     ///< or without an answer,
  std::size_t kinks = 0;            ///< or at a kink
  double worst_difference = 0;      ///< the largest |ours - differences| / max(1, largest entry) among those that agree
  double worst_estimate = 0;        ///< the largest error estimate of a difference, in the same measure
  std::vector<GradientFinding> findings;

  explicit operator bool() const noexcept { return ok; }
};

namespace detail {

/// The function to check without its type, for the length of the call.
struct CheckedFunction {
  void* callable;
  Var<double> (*call)(void* callable, std::span<const Var<double>> inputs);
};

WENGERT_API GradientReport check_gradients_of(CheckedFunction function, std::span<const Array<double>> at, const GradientCheckOptions& options);

template <class F, std::size_t... I>
CheckedFunction checked_function(F& fn, std::index_sequence<I...>) {
  return {const_cast<void*>(static_cast<const void*>(&fn)),
          [](void* callable, std::span<const Var<double>> inputs) -> Var<double> { return (*static_cast<F*>(callable))(inputs[I]...); }};
}

template <std::size_t>
using InputVar = const Var<double>&;

template <class F, class Indices>
inline constexpr bool takes_vars = false;
template <class F, std::size_t... I>
inline constexpr bool takes_vars<F, std::index_sequence<I...>> = std::invocable<F&, InputVar<I>...>;

template <class F>
concept FunctionOfList = std::invocable<F&, std::span<const Var<double>>> || std::invocable<F&, std::vector<Var<double>>>;

}  // namespace detail

/// Compares the derivatives of fn at the given point with differences of its values, in double precision:
///   check_gradients(fn, {x0, y0}, {.order = 2})
/// fn takes one Var per array and returns a Var of any shape; a fixed random cotangent makes a number of it. It must give the same
/// value for the same arguments; it may use arrays and parameters of its own, which are held fixed.
/// Each derivative passes only where |ours - differences| <= 1e-9 scale + estimate, with scale = max(1, largest entry of the
/// gradient) and an error estimate from three step sizes that is at most 1e-6 scale; otherwise it is wrong, or inconclusive, which is
/// not ok either. An exception of fn passes through; an error of the backward pass is a finding. See docs/gradient_checking.md.
template <class F, std::size_t N>
  requires(detail::takes_vars<F, std::make_index_sequence<N>>)
GradientReport check_gradients(F&& fn, const Array<double> (&at)[N], const GradientCheckOptions& options = {}) {
  return detail::check_gradients_of(detail::checked_function<std::remove_reference_t<F>>(fn, std::make_index_sequence<N>()), at, options);
}
/// The same for a function of one input: an Array, a number, or an xtensor expression.
template <class F, class A>
  requires(std::convertible_to<const A&, Array<double>> && std::invocable<F&, const Var<double>&>)
GradientReport check_gradients(F&& fn, const A& at, const GradientCheckOptions& options = {}) {
  const Array<double> point[] = {at};
  return check_gradients(std::forward<F>(fn), point, options);
}
/// The same for a function of a list of Vars, std::span<const Var<double>> or std::vector<Var<double>>.
template <class F, std::same_as<std::vector<Array<double>>> List>  // deduced, so that a list in braces never asks what fn makes of a span
  requires(detail::FunctionOfList<F>)
GradientReport check_gradients(F&& fn, const List& at, const GradientCheckOptions& options = {}) {
  using Callable = std::remove_reference_t<F>;
  const detail::CheckedFunction function{const_cast<void*>(static_cast<const void*>(&fn)), [](void* callable, std::span<const Var<double>> inputs) -> Var<double> {
                                           Callable& f = *static_cast<Callable*>(callable);
                                           if constexpr (std::invocable<Callable&, std::span<const Var<double>>>) {
                                             return f(inputs);
                                           } else {
                                             return f(std::vector<Var<double>>(inputs.begin(), inputs.end()));
                                           }
                                         }};
  return detail::check_gradients_of(function, at, options);
}

}  // namespace wengert
