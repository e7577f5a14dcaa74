// The function under check and its derivatives, order by order, on one tape.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/tape.hpp>

#include "check/differences.hpp"

namespace wengert::detail {

/// What the checker holds fixed: the cotangent c of the function's value, and for each order above the weights u by which the
/// gradients of the order below become a number again: s_1 = <c, f(x)>, s_(n+1) = sum of <u_n, gradient of s_n>. From order 2 on
/// the cotangent is an input like the others.
struct Weights {
  Array<double> cotangent;
  std::vector<Arrays> orders;  // orders[0] for the gradients of s_1, ...
};

/// An error of the backward pass, which is a finding. What the function itself throws is the caller's.
struct BrokenPullback {
  std::string what;
};

class Derivatives {
 public:
  explicit Derivatives(CheckedFunction function) : function_(function) {}

  /// The value alone.
  Array<double> value(std::span<const Array<double>> inputs);

  /// The gradient of s_n by its inputs (for n > 1 the cotangent, the last of `inputs`, among them): recorded up to n - 1, the last
  /// one by a plain backward pass. `consuming`: that pass may take the tape's values with it.
  Arrays gradient(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights, bool consuming = true);

  /// The gradient of s_n with everything recorded; for n = 1 by the function's own inputs only. The cotangent is the last of `inputs`.
  Arrays recorded(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights);

 private:
  using Vars = std::vector<Var<double>>;

  Var<double> start(std::span<const Array<double>> inputs);
  Vars recorded_here(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights);
  Arrays plain(const Var<double>& out, const Vars& by, const Array<double>& cotangent, bool consuming);

  CheckedFunction function_;
  Tape tape_;
  Vars vars_;  // after tape_: dropped first
};

}  // namespace wengert::detail
