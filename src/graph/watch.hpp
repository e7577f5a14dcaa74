// What a tape that is watched does besides: looks for NaN and infinity, measures times, hands cotangents to callbacks.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <wengert/array/handle.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/node.hpp>
#include <wengert/graph/profile.hpp>

namespace wengert::detail {

class TapeState;

// ---- the guard: Check::finite ----

/// Whether all these numbers are finite; one pass without a branch.
bool is_finite(const Handle& values, NumberType type);

/// ValueError where an operation's value, or a leaf's, is not finite. The inputs are those of the node to come, with ids in place of positions.
void check_value(const TapeState& tape, std::string_view operation, std::span<const GraphInput> inputs, const Handle& value, NumberType type);
void check_leaf(NodeKind kind, std::string_view name, const Handle& value, NumberType type);
/// ValueError where what the node `id`, whose own cotangent is g, contributes to its input i is not finite.
void check_contribution(const TapeState& tape, std::uint32_t id, std::uint32_t i, const Handle& contribution, const Handle& g);
/// ValueError where a cotangent that was given, or by a callback returned, or added up, is not finite.
void check_cotangent(const TapeState& tape, std::string_view who, std::string_view what, std::uint32_t id, const Handle& cotangent);

// ---- callbacks for cotangents ----

/// The finished cotangent of the node `id` after the callbacks that wait for it.
Handle hooked(const TapeState& tape, std::uint32_t id, Handle g);

// ---- the profile ----

/// What a tape and the Profile attached to it share.
struct ProfileData {
  TapeState* tape = nullptr;  // null when it has ended
  std::map<std::string, ProfileRow, std::less<>> rows;

  ProfileRow& row(std::string_view operation);
};

/// Measures from its making on where the tape is watched; what is measured goes to its profile, if it has one.
class Stopwatch {
 public:
  explicit Stopwatch(const TapeHead& tape) noexcept {
    if (tape.watched) start_ = std::chrono::steady_clock::now();
  }
  /// The end of an operation that made `value`.
  void made(TapeState& tape, std::string_view operation, const Handle& value, NumberType type) const;
  /// The end of its pullback.
  void pulled(TapeState& tape, std::string_view operation) const;

 private:
  double seconds() const noexcept { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  std::chrono::steady_clock::time_point start_{};
};

}  // namespace wengert::detail
