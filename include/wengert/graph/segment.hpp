// Parts of a tape whose values are let go of and computed again in the backward pass: what checkpoint is made of.
#pragma once

#include <cstdint>
#include <string_view>

#include <wengert/base/export.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// What a checkpoint keeps besides its inputs.
enum class Keep : std::uint8_t {
  nothing,   ///< everything is computed again
  named,     ///< Vars that were given a name with named()
  products,  ///< outputs of products (matmul and every card with Linear::in_each), which take longest to compute again
};

namespace detail {

/// What is recorded while this lives is a segment: its nodes stay, their values go as soon as no Var names them, and a backward pass
/// computes them again from the segment's inputs. Segments nest.
class WENGERT_API SegmentScope {
 public:
  SegmentScope(const AnyVar& anchor, Keep keep);  ///< of the anchor's tape
  SegmentScope(const SegmentScope&) = delete;
  SegmentScope& operator=(const SegmentScope&) = delete;
  /// Ends the segment. Without done() before, what it recorded goes again.
  ~SegmentScope();
  void done() noexcept { is_done_ = true; }

 private:
  AnyVar anchor_;
  std::uint32_t first_;
  bool is_open_ = false, is_done_ = false;
};

}  // namespace detail
}  // namespace wengert
