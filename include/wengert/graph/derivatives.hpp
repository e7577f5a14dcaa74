// What transforms ask of the graph beyond a Tape's own functions: several outputs at once, arguments of functions, tangents.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <wengert/array/handle.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::detail {

/// Whether a product that is recorded on the way back is computed at once, or when somebody reads it: a derivative along a direction
/// never reads the gradient itself.
enum class Products : std::uint8_t { at_once, when_read };

/// x as an argument of a function that is to be differentiated by it alone: a node of its own on x's tape, through which gradients of
/// higher orders go on to x. A constant becomes a variable of the same value.
WENGERT_API AnyVar argument(std::string_view who, const AnyVar& x);

/// An array as a leaf of x's tape.
template <Real T>
WENGERT_API Var<T> leaf_beside(const AnyVar& x, Array<T> value, NodeKind kind);

/// The tape of the first Var that is on one; GraphError in `who`'s name without one, or where another is of another tape.
WENGERT_API TapeHead& tape_of_all(std::string_view who, std::span<const AnyVar* const> vars);

/// GraphError in `who`'s name where the tape of this Var has been cleared or ended since it was made.
WENGERT_API void check_still_there(std::string_view who, const AnyVar& x);

/// Whether a gradient leads through it to a variable or a parameter.
WENGERT_API bool is_differentiable(const AnyVar& x) noexcept;

/// Parameters that are used from now on are constants: those that matter have their leaves already.
WENGERT_API void hold_other_parameters(Tape& tape);

/// The backward pass from several outputs, each with its cotangent: of its shape, a number for all of it, or nothing for 1. Consumes.
WENGERT_API Gradients pull_back(std::string_view who, std::span<const AnyVar> outputs, std::span<const Handle> cotangents, bool keep_tape);

/// The same recorded, for differentiable Vars `xs` of the same tape; zeros where no output depends on an x. Cotangents are Vars of their
/// output's shape. Only what was recorded from `first` on, and the xs themselves, lead on.
WENGERT_API std::vector<AnyVar> pull_back_recorded(std::string_view who, std::span<const AnyVar> outputs, std::span<const AnyVar> cotangents, std::span<const AnyVar> xs, std::uint32_t first = 0,
                                                   Products products = Products::at_once);

/// The tangent of the output where the xs, whose shapes the tangents have, move: in one pass over what was recorded between. Only what was
/// recorded from `first` on moves with them.
WENGERT_API Handle push_forward(std::string_view who, const AnyVar& output, std::span<const AnyVar> xs, std::span<const Handle> tangents, std::uint32_t first = 0);

/// The same recorded.
WENGERT_API AnyVar push_forward_recorded(std::string_view who, const AnyVar& output, std::span<const AnyVar> xs, std::span<const AnyVar> tangents, std::uint32_t first = 0);

/// Gradients by parameters of one number type, each times its weight, added in their order.
template <Real T>
WENGERT_API Gradients weighted_sum(std::span<const Gradients> list, std::span<const double> weights);

/// What was recorded on a tape since this was made goes again unless it is kept.
class WENGERT_API Attempt {
 public:
  explicit Attempt(TapeHead& tape) noexcept;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();
  void keep() noexcept { is_kept_ = true; }
  /// The first node that the attempt records.
  std::uint32_t first() const noexcept { return first_; }

 private:
  TapeHead& tape_;
  std::uint32_t first_, generation_;
  bool is_kept_ = false;
};

}  // namespace wengert::detail
