// Derivatives of the function under check: recorded as far as they are differentiated again, the last one by a plain backward pass.
#include "check/derivatives.hpp"

#include <utility>

#include <wengert/base/errors.hpp>
#include <wengert/graph/card.hpp>

namespace wengert::detail {

namespace {

void add_to(Arrays& sum, const Arrays& more) {
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] = Array<double>::build(sum[i].shape(), [&](std::span<double> out) {
      for (std::size_t j = 0; j < out.size(); ++j) out[j] = sum[i].data()[j] + more[i].data()[j];
    });
}

/// What f gives; an error of the backward pass as a finding.
template <class F>
auto guarded(F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const ShapeError& error) {
    throw BrokenPullback{error.what()};
  } catch (const GraphError& error) {
    throw BrokenPullback{error.what()};
  }
}

}  // namespace

Array<double> Derivatives::value(std::span<const Array<double>> inputs) { return start(inputs).value(); }

Arrays Derivatives::gradient(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights, bool consuming) {
  if (n == 1) {
    const Var<double> out = start(inputs);
    return guarded([&] { return plain(out, vars_, weights.cotangent, consuming); });
  }
  const Vars last = recorded_here(n - 1, inputs, weights);
  return guarded([&] {
    Arrays sum = plain(last[0], vars_, weights.orders[n - 2][0], false);
    for (std::size_t k = 1; k < last.size(); ++k) add_to(sum, plain(last[k], vars_, weights.orders[n - 2][k], false));
    return sum;
  });
}

Arrays Derivatives::recorded(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights) {
  Arrays values;
  for (const auto& var : recorded_here(n, inputs, weights)) values.push_back(var.value());
  return values;
}

Var<double> Derivatives::start(std::span<const Array<double>> inputs) {
  vars_.clear();
  tape_.clear();
  for (const auto& x : inputs) vars_.push_back(tape_.variable(x));
  Var<double> out = function_.call(function_.callable, vars_);
  if (!out.is_taped() || out.head() != &tape_.head())
    throw BrokenPullback{out.is_taped() ? "the function returned a Var of another tape; return what it computes from its arguments"
                                        : "the function returned a Var that is on no tape; return what it computes from its arguments"};
  return out;
}

Derivatives::Vars Derivatives::recorded_here(std::size_t n, std::span<const Array<double>> inputs, const Weights& weights) {
  const Var<double> out = start(inputs.first(inputs.size() - 1));
  return guarded([&] {
    const Var<double> cotangent = tape_.variable(inputs.back());
    Vars level = tape_.gradient(out, vars_, {.cotangent = cotangent});
    vars_.push_back(cotangent);
    for (std::size_t order = 2; order <= n; ++order) {
      Vars next;
      for (std::size_t k = 0; k < level.size(); ++k) {
        Vars pieces = tape_.gradient(level[k], vars_, {.cotangent = weights.orders[order - 2][k]});
        if (next.empty()) {
          next = std::move(pieces);
        } else {
          for (std::size_t i = 0; i < next.size(); ++i) next[i] = added(next[i], pieces[i]);
        }
      }
      level = std::move(next);
    }
    return level;
  });
}

Arrays Derivatives::plain(const Var<double>& out, const Vars& by, const Array<double>& cotangent, bool consuming) {
  const Gradients gradients = tape_.backward(out, {.cotangent = cotangent, .keep_tape = !consuming});
  Arrays values;
  for (const auto& x : by) values.push_back(gradients[x]);
  return values;
}

}  // namespace wengert::detail
