// Var<T>: a counted handle to a value on a tape.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/node.hpp>

namespace wengert {

class Tape;

namespace detail {

/// A Var without its number type: 16 bytes, either a node of a tape, or a literal number on no tape yet, or nothing.
class AnyVar {
 public:
  constexpr AnyVar() noexcept = default;
  AnyVar(const AnyVar& other) : tape_(other.tape_), bits_(other.bits_) {
    if (is_taped()) count_up();
  }
  AnyVar(AnyVar&& other) noexcept : tape_(std::exchange(other.tape_, nullptr)), bits_(other.bits_) {}
  AnyVar& operator=(const AnyVar& other) {
    AnyVar copy(other);
    swap(copy);
    return *this;
  }
  AnyVar& operator=(AnyVar&& other) noexcept {
    if (this == &other) return *this;
    if (is_taped()) count_down();
    tape_ = std::exchange(other.tape_, nullptr);
    bits_ = other.bits_;
    return *this;
  }
  ~AnyVar() {
    if (is_taped()) count_down();
  }

  bool is_nothing() const noexcept { return tape_ == nullptr; }
  bool is_literal() const noexcept { return tape_ == literal_tag(); }
  bool is_taped() const noexcept { return reinterpret_cast<std::uintptr_t>(tape_) > 1; }
  TapeHead* head() const noexcept { return tape_; }
  std::uint32_t id() const noexcept { return static_cast<std::uint32_t>(bits_); }
  std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32U); }
  /// The number of a literal.
  template <class T>
  T literal() const noexcept {
    T value;
    std::memcpy(&value, &bits_, sizeof(T));
    return value;
  }

  /// A handle to a node, counted. The caller is the tape's own thread.
  static AnyVar of_node(TapeHead& tape, std::uint32_t id) noexcept {
    ++tape.node(id).handles;
    return of_new_node(tape, id);
  }
  /// The first handle to a node, which counts it already.
  static AnyVar of_new_node(TapeHead& tape, std::uint32_t id) noexcept {
    tape.count_live(1);
    return of_counted_node(tape, id);
  }
  /// A handle that node and tape count already.
  static AnyVar of_counted_node(TapeHead& tape, std::uint32_t id) noexcept {
    AnyVar var;
    var.tape_ = &tape;
    var.bits_ = id | std::uint64_t{tape.generation} << 32U;
    return var;
  }

  /// Empties a Var that neither node nor tape counts any longer.
  void forget() noexcept { tape_ = nullptr; }

 protected:
  template <class T>
  explicit AnyVar(std::in_place_t, T literal) noexcept : tape_(literal_tag()) {
    std::memcpy(&bits_, &literal, sizeof(T));
  }
  void swap(AnyVar& other) noexcept {
    std::swap(tape_, other.tape_);
    std::swap(bits_, other.bits_);
  }

 private:
  static TapeHead* literal_tag() noexcept { return std::bit_cast<TapeHead*>(std::uintptr_t{1}); }
  void count_up() const {
    if (!tape_->is_mine()) refuse_thread("copy a Var");
    tape_->count_live(1);
    if (generation() == tape_->generation) ++tape_->node(id()).handles;
  }
  void count_down() noexcept {
    if (tape_->records_here() && generation() == tape_->generation) {
      Node& node = tape_->node(id());
      if (node.handles > 1 || node.value.is_number()) {  // neither a value nor a slot nor the tape's state goes with this handle
        --node.handles;
        tape_->discount_live(1);
        return;
      }
    }
    handle_gone(*tape_, id(), generation());
  }

  TapeHead* tape_ = nullptr;
  std::uint64_t bits_ = 0;
};

}  // namespace detail

/// A value on a tape: copying it copies the handle. Operations on Vars record themselves. A Var belongs to its tape's thread;
/// after the tape's clear() it is stale (GraphError when used), after the tape's end it still has its value.
/// Var<T>(number) is a literal: it joins the tape of the first Var that it meets.
template <Real T>
class Var : public detail::AnyVar {
 public:
  using value_type = T;

  Var() noexcept = default;
  template <class N>
    requires std::is_arithmetic_v<N>
  explicit Var(N number) noexcept : AnyVar(std::in_place, static_cast<T>(number)) {}
  explicit Var(AnyVar var) noexcept : AnyVar(std::move(var)) {}

  Array<T> value() const;
  const Shape& shape() const;
  std::size_t size() const { return shape().elements(); }
  /// The number of a value of one element; ShapeError for any other.
  T item() const;
  /// The same value as a constant: no gradient flows through it.
  Var detach() const;
  /// Names the value, for pictures and messages; returns the same Var.
  const Var& named(std::string_view name) const&;
  Var named(std::string_view name) &&;
  /// The name it was given; empty if none.
  std::string name() const;
};

extern template class WENGERT_API Var<float>;
extern template class WENGERT_API Var<double>;

}  // namespace wengert
