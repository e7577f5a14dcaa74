// What a layer is told beside its input: whether it is being trained, and where random numbers come from.
#pragma once

#include <cstdint>
#include <string_view>

#include <wengert/base/export.hpp>
#include <wengert/base/random.hpp>

namespace wengert {

/// Whether a network learns or answers: Dropout and BatchNorm behave differently.
enum class Mode : std::uint8_t { train, evaluate };

namespace nn {

/// net(x, Mode::evaluate), net(x, {Mode::train, engine}): a mode alone where nothing is random.
class Context {
 public:
  Context(Mode mode) noexcept : mode_(mode) {}                                         // NOLINT: implicit by design
  Context(Mode mode, RandomEngine& engine) noexcept : mode_(mode), engine_(&engine) {}

  Mode mode() const noexcept { return mode_; }
  bool is_training() const noexcept { return mode_ == Mode::train; }
  /// The engine to draw from; ValueError in `who`'s name when none was given.
  WENGERT_API RandomEngine& engine(std::string_view who) const;

 private:
  Mode mode_;
  RandomEngine* engine_ = nullptr;
};

}  // namespace nn
}  // namespace wengert
