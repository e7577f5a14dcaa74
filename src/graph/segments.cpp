// Checkpoints: a segment's values go while it is recorded and come back when a backward pass reaches it.
//
// What a segment needs to come back are the values that its nodes read from outside, and the leaves made within. The outermost segment
// holds them (they count in `keeps`) from the moment of recording; an inner one only while the one around it is present. Nodes that
// are computed again are the recorded ones, with their cards: the user's function is not called a second time, so that random masks
// are the same and running averages move once.
#include "graph/segments.hpp"

#include <algorithm>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

template <class F>
void for_each_input(const Node& node, F f) {
  if (node.kind != NodeKind::operation) return;
  for (std::uint32_t i = 0; i < node.arity; ++i)
    if (!is_number(node, i)) f(i, node.inputs()[i]);
}

}  // namespace

// ---- recording ----

SegmentScope::SegmentScope(const AnyVar& anchor, Keep keep) : anchor_(anchor), first_(anchor.head()->used) {
  TapeState& tape = TapeState::of(anchor);
  if (tape.quiet) return;  // keeps nothing anyway
  Segment segment;
  segment.first = segment.last = first_;
  segment.keep = keep;
  if (!tape.open_segments.empty()) segment.parent = tape.open_segments.back();
  tape.open_segments.reserve(tape.open_segments.size() + 1);
  tape.segments.push_back(std::move(segment));
  tape.open_segments.push_back(static_cast<std::uint32_t>(tape.segments.size() - 1));
  is_open_ = true;
}

SegmentScope::~SegmentScope() {
  TapeState& tape = TapeState::of(anchor_);
  if (!is_open_ || !tape.is_alive() || tape.generation != anchor_.generation() || tape.open_segments.empty()) return;
  Segment& segment = tape.segments[tape.open_segments.back()];
  segment.last = tape.used;
  segment.is_open = false;
  tape.open_segments.pop_back();
  if (!is_done_) {
    anchor_ = AnyVar();
    tape.truncate(first_);
  } else if (segment.first == segment.last && &segment == &tape.segments.back()) {
    tape.segments.pop_back();
  }
}

void TapeState::note_within(std::uint32_t id) noexcept {
  const std::uint32_t outermost = open_segments.front();
  const auto hold = [&](std::uint32_t what) {
    segments[outermost].held.push_back(what);
    ++node(what).keeps;
  };
  if (node(id).kind != NodeKind::operation) return hold(id);  // a leaf cannot be computed again
  for_each_input(node(id), [&](std::uint32_t, std::uint32_t input) {
    if (node(input).value.is_number() && node(input).kind != NodeKind::parameter) return;  // never goes; a parameter's may become another
    for (const std::uint32_t open : open_segments) {
      if (input >= segments[open].first) continue;
      if (open == outermost) {
        hold(input);
        continue;
      }
      segments[open].held.push_back(input);
      const Segment& around = segments[segments[open].parent];
      if (around.is_present && input >= around.first) ++node(input).keeps;  // as restore() counts them
    }
  });
  const bool is_product = node(id).rules->linear == Linear::in_each;
  const auto asks = [&](std::uint32_t open) { return is_product && segments[open].keep == Keep::products; };
  if (std::any_of(open_segments.begin(), open_segments.end(), asks)) hold(id);
}

void TapeState::note_name(std::uint32_t id) {
  const auto asks = [&](std::uint32_t open) { return segments[open].keep == Keep::named && id >= segments[open].first; };
  if (std::none_of(open_segments.begin(), open_segments.end(), asks)) return;
  segments[open_segments.front()].held.push_back(id);
  ++node(id).keeps;
}

void TapeState::let_go_of(std::span<const std::uint32_t> held, std::uint32_t from) noexcept {
  for (const std::uint32_t id : held) {
    if (id < from) continue;
    Node& one = node(id);
    --one.keeps;
    if (one.value.is_block() && can_go(one)) release_value(one);
  }
}

void TapeState::truncate_segments(std::uint32_t size) noexcept {
  while (!segments.empty() && !segments.back().is_open && segments.back().first >= size) {
    Segment& gone = segments.back();
    std::erase_if(gone.held, [size](std::uint32_t id) { return id >= size; });
    if (gone.is_outermost()) let_go_of(gone.held, 0);
    segments.pop_back();
  }
  for (Segment& segment : segments) {
    segment.last = std::min(segment.last, size);
    std::erase_if(segment.held, [size](std::uint32_t id) { return id >= size; });
  }
}

// ---- coming back ----

void TapeState::restore(std::uint32_t which) {
  Segment& segment = segments[which];
  const std::uint32_t first = segment.first, last = segment.is_open ? used : segment.last;
  const auto within = [=](std::uint32_t id) { return id >= first && id < last; };
  PoolVector<std::uint8_t> kept(last - first, 0), wanted(last - first, 0), of_child(last - first, 0);
  PoolVector<std::uint32_t> readers(last - first, 0);
  const auto holds_of = [&](const Segment& child, auto f) {
    for (const std::uint32_t id : child.held)
      if (id >= first) f(id);
  };
  for (std::size_t k = which + 1; k < segments.size() && segments[k].first < last; ++k) {
    const Segment& child = segments[k];
    for (std::uint32_t id = child.first; id < (child.is_open ? used : child.last); ++id) of_child[id - first] = 1;
    if (child.parent == which) holds_of(child, [&](std::uint32_t id) { kept[id - first] = 1; });
  }
  const auto is_read_back = [&](std::uint32_t id) { return of_child[id - first] == 0 && node(id).kind == NodeKind::operation && node(id).is.differentiable && !node(id).is.consumed; };

  // What the pullbacks will read, and what that is computed from.
  for (std::uint32_t id = last; id-- > first;) {
    const Node& reader = node(id);
    if (reader.kind != NodeKind::operation) continue;
    if (is_read_back(id)) {
      for_each_input(reader, [&](std::uint32_t i, std::uint32_t input) {
        if (within(input) && reads_input(reader, i)) kept[input - first] = 1;
      });
      if (keeps(*reader.rules, Keeps::output)) kept[id - first] = 1;
    }
    if (kept[id - first] != 0) wanted[id - first] = 1;
    if (wanted[id - first] == 0 || reader.value) continue;
    for_each_input(reader, [&](std::uint32_t, std::uint32_t input) {
      if (!within(input)) return;
      wanted[input - first] = 1;
      ++readers[input - first];
    });
  }
  for (std::uint32_t id = first; id < last; ++id) {
    Node& again = node(id);
    if (wanted[id - first] == 0 || again.value || again.kind != NodeKind::operation) continue;
    again.value = computed_again(*this, again);
    charge(again.value);
    for_each_input(again, [&](std::uint32_t, std::uint32_t input) {
      if (!within(input) || --readers[input - first] > 0 || kept[input - first] != 0) return;
      if (node(input).value.is_block() && can_go(node(input))) release_value(node(input));
    });
  }

  // From here on as if it had been recorded without a checkpoint.
  for (std::uint32_t id = first; id < last; ++id)
    if (is_read_back(id) && !node(id).is.keeps_counted) count_keeps(id);
  for (std::size_t k = which + 1; k < segments.size() && segments[k].first < last; ++k)
    if (segments[k].parent == which) holds_of(segments[k], [&](std::uint32_t id) { ++node(id).keeps; });
  segment.is_present = true;
}

void TapeState::leave(std::uint32_t which) noexcept {
  Segment& segment = segments[which];
  const std::uint32_t last = segment.is_open ? used : segment.last;
  bool is_done = !segment.is_open;
  for (std::uint32_t id = segment.first; id < last; ++id) {
    Node& one = node(id);
    if (one.kind != NodeKind::operation || !one.is.differentiable || one.is.consumed || one.is.numbers_alone) continue;
    is_done = false;
    uncount_keeps(one);
  }
  for (std::size_t k = which + 1; k < segments.size() && segments[k].first < last; ++k)
    if (segments[k].parent == which) let_go_of(segments[k].held, segment.first);
  segment.is_present = false;
  if (!is_done || !segment.is_outermost()) return;
  let_go_of(segment.held, 0);
  for (std::size_t k = which; k < segments.size() && segments[k].first < last; ++k) {
    segments[k].is_gone = true;
    segments[k].held.clear();
  }
}

// ---- a pass ----

SegmentWalk::SegmentWalk(TapeState& tape) noexcept : tape_(tape), low_(tape.segments.empty() ? 0 : Segment::none) {}

void SegmentWalk::enter(std::uint32_t which) {
  if (tape_.segments[which].is_present || tape_.segments[which].is_gone) return;  // a pass around this one has it, or nothing is left to read
  entered_.reserve(entered_.size() + 1);
  tape_.restore(which);
  entered_.push_back(which);
}

void SegmentWalk::cross(std::uint32_t id) {
  leave_above(id + 1);
  low_ = 0;
  // The last segment that starts at or before the node, and those around it: some are over before the node, the outer ones contain it.
  const auto next = std::upper_bound(tape_.segments.begin(), tape_.segments.end(), id, [](std::uint32_t at, const Segment& segment) { return at < segment.first; });
  if (next == tape_.segments.begin()) return;
  PoolVector<std::uint32_t> around;
  for (auto k = static_cast<std::uint32_t>(next - tape_.segments.begin() - 1); k != Segment::none; k = tape_.segments[k].parent) {
    const Segment& segment = tape_.segments[k];
    const std::uint32_t last = segment.is_open ? tape_.used : segment.last;
    low_ = std::max(low_, id < last ? segment.first : last);
    if (id < last) around.push_back(k);
  }
  for (; !around.empty(); around.pop_back()) enter(around.back());
}

void SegmentWalk::everywhere() {
  for (std::uint32_t k = 0; k < tape_.segments.size(); ++k) enter(k);
}

/// Inner segments have been entered last.
void SegmentWalk::leave_above(std::uint32_t first) noexcept {
  while (!entered_.empty() && tape_.segments[entered_.back()].first >= first) {
    tape_.leave(entered_.back());
    entered_.pop_back();
  }
}

}  // namespace wengert::detail
