// The segments of a tape: which nodes have let go of their values, and what is needed to compute them again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <wengert/array/memory.hpp>
#include <wengert/graph/segment.hpp>

namespace wengert::detail {

/// Nodes [first, last) of a tape, recorded within one checkpoint.
struct Segment {
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  std::uint32_t first = 0, last = 0;
  std::uint32_t parent = none;  // the segment around it, by its place in the list
  Keep keep = Keep::nothing;
  bool is_open = true;
  bool is_present = false;  // its values have been computed again
  bool is_gone = false;     // all of it has been consumed
  std::vector<std::uint32_t, PoolAllocator<std::uint32_t>> held = {};  // what its nodes read from outside; of an outermost one also leaves and kept values

  bool contains(std::uint32_t id) const noexcept { return id >= first && id < last; }
  bool is_outermost() const noexcept { return parent == none; }
};

class TapeState;

/// A pass over a tape, from its end to its start, finds the values of each segment that it comes to, and leaves none behind.
class SegmentWalk {
 public:
  explicit SegmentWalk(TapeState& tape) noexcept;
  SegmentWalk(const SegmentWalk&) = delete;
  SegmentWalk& operator=(const SegmentWalk&) = delete;
  ~SegmentWalk() { leave_above(0); }

  /// The pass is at this node; ids come in descending order.
  void at(std::uint32_t id) {
    if (id < low_) cross(id);
  }
  /// All segments at once, for a pass that goes the other way.
  void everywhere();

 private:
  void cross(std::uint32_t id);
  void enter(std::uint32_t which);
  void leave_above(std::uint32_t first) noexcept;

  TapeState& tape_;
  std::uint32_t low_;  // down to here nothing changes
  std::vector<std::uint32_t, PoolAllocator<std::uint32_t>> entered_;
};

}  // namespace wengert::detail
