// checkpoint: a part of a computation whose values are not kept but computed again in the backward pass.
#pragma once

#include <concepts>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/segment.hpp>

namespace wengert {

struct CheckpointOptions {
  Keep keep = Keep::nothing;  ///< what is kept besides the inputs
};

/// fn(x...), of which the tape keeps no values but the inputs: a backward pass computes them again when it gets there, and lets them go when
/// it has left. Gradients have the same bits. Memory for time: one more forward pass of fn (Chen et al., Training Deep Nets with Sublinear
/// Memory Cost, 2016). What is computed again are the recorded primitives; fn itself is called once, so that random masks are the same,
/// running averages move once, and fn may use whatever it captures. Checkpoints nest, for memory that grows with the logarithm of the depth:
/// docs/memory.md. Without a Var among the x, or on a tape that records nothing, it is fn(x...).
template <class F, class... X>
  requires std::invocable<F, X...>
auto checkpoint(const CheckpointOptions& options, F&& fn, X&&... x) {
  if constexpr (!(detail::is_var<std::remove_cvref_t<X>> || ...)) {
    return std::forward<F>(fn)(std::forward<X>(x)...);
  } else {
    std::vector<const detail::AnyVar*> vars;
    const auto note = [&]<class A>(const A& each) {
      if constexpr (detail::is_var<A>) {
        if (!each.is_literal()) vars.push_back(&each);
      }
    };
    (note(x), ...);
    if (vars.empty()) return std::forward<F>(fn)(std::forward<X>(x)...);
    static_cast<void>(detail::tape_of_all("checkpoint", vars));
    detail::SegmentScope segment(*vars.front(), options.keep);
    auto y = std::forward<F>(fn)(std::forward<X>(x)...);
    segment.done();
    return y;
  }
}

template <class F, class... X>
  requires std::invocable<F, X...>
auto checkpoint(F&& fn, X&&... x) {
  return checkpoint(CheckpointOptions{}, std::forward<F>(fn), std::forward<X>(x)...);
}

}  // namespace wengert
