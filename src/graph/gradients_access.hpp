// How the graph room fills Gradients, which to everybody else are read-only.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include <wengert/graph/gradients.hpp>

namespace wengert {

struct GradientsAccess {
  static void begin(Gradients& g, std::uint64_t tape, std::uint32_t generation) {
    g.tape_ = tape;
    g.generation_ = generation;
  }
  static void reserve(Gradients& g, std::size_t more) { g.entries_.reserve(g.entries_.size() + more); }
  /// Ids come in descending order.
  static void add(Gradients& g, std::uint32_t id, detail::Handle value, std::uint64_t parameter) {
    g.entries_.push_back({std::move(value), parameter, id});
  }
  /// The nodes that were asked for, ascending, where nothing came: their gradients are zeros. Before finish().
  static void add_unreached(Gradients& g, std::span<const std::uint32_t> asked);
  static void finish(Gradients& g);
  template <Real T>
  static Gradients weighted_sum(std::span<const Gradients> list, std::span<const double> weights);
};

}  // namespace wengert
