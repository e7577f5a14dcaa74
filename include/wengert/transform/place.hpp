// Where a function is recorded: on a tape of the transform's own, or on that of its arguments.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/transform/argument.hpp>

namespace wengert::detail {

/// A tape of the transform's own: Arrays in, Arrays out.
class OwnTape {
 public:
  static constexpr bool is_recorded = false;
  using Cotangent = Handle;

  explicit OwnTape(std::string_view who) : who_(who) {}

  template <class X>
  AnyVar variable(const X& x) {
    return tape_.variable(array_of(x));
  }
  template <class X>
  auto constant(const X& x) {
    return tape_.constant(array_of(x));
  }
  template <Real T>
  AnyVar leaf_of(const Parameter<T>& parameter) {
    if (parameter.frozen()) return tape_.variable(parameter.value());  // nothing depends on it
    return tape_.use(parameter);
  }
  /// The point is complete: what comes now is the function.
  void begin(bool with_parameters) {
    if (with_parameters) hold_other_parameters(tape_);
  }
  TapeHead& head() const noexcept { return tape_.head(); }
  /// The first node that belongs to the function.
  std::uint32_t first() const noexcept { return 0; }
  void check_there() const noexcept {}

  /// A cotangent or a tangent of this shape, of which a number stands for all elements.
  template <Real T, class C>
  Cotangent cotangent(std::string_view what, const C& given, const Shape& shape) const {
    return seed_array<T>(who_, what, given, shape).handle();
  }

  /// What the cotangents of the outputs become at the xs: read by at().
  void pull(std::span<const AnyVar> outputs, std::span<const Cotangent> cotangents, std::span<const AnyVar> xs, bool again = false) {
    gradients_ = outputs.empty() ? Gradients() : pull_back(who_, outputs, cotangents, again);
    xs_.assign(xs.begin(), xs.end());
  }
  template <Real T>
  Array<T> at(std::size_t k) const {
    const Var<T> x(xs_[k]);
    return gradients_.contains(x) ? gradients_[x] : zeros<T>(x.shape());
  }
  Gradients gradients() && { return std::move(gradients_); }

  template <Real T>
  Array<T> push(const AnyVar& output, std::span<const AnyVar> xs, std::span<const Cotangent> tangents) const {
    return Array<T>(push_forward(who_, output, xs, tangents));
  }
  template <Real T>
  Array<T> result(const Var<T>& y) const {
    return y.value();
  }
  void done() noexcept {}

 private:
  std::string_view who_;
  Tape tape_;
  Gradients gradients_;
  std::vector<AnyVar> xs_;
};

/// The tape of the arguments, which is as before when the function throws: Vars in, Vars out.
class ArgumentsTape {
 public:
  static constexpr bool is_recorded = true;
  using Cotangent = AnyVar;

  ArgumentsTape(std::string_view who, TapeHead& head, const AnyVar& anchor) : who_(who), anchor_(anchor), attempt_(head), first_(attempt_.first()) {}

  template <class X>
  AnyVar variable(const X& x) {
    if constexpr (is_var<X>) {
      if (!x.is_literal()) return argument(who_, x);
    }
    return leaf_beside(anchor_, array_of(x), NodeKind::variable);
  }
  template <class X>
  auto constant(const X& x) {
    using T = argument_number<X>;
    if constexpr (is_var<X>) {
      if (!x.is_literal()) return Var<T>(argument(who_, x));
    }
    return leaf_beside(anchor_, array_of(x), NodeKind::constant);
  }
  template <Real T>
  AnyVar leaf_of(const Parameter<T>& parameter) {
    const AnyVar leaf = use(parameter, Var<T>(anchor_));
    return is_differentiable(leaf) ? leaf : leaf_beside(anchor_, parameter.value(), NodeKind::variable);  // frozen: nothing depends on it
  }
  void begin(bool with_parameters) {
    if (with_parameters) first_ = anchor_.head()->used;
  }
  TapeHead& head() const noexcept { return *anchor_.head(); }
  std::uint32_t first() const noexcept { return first_; }
  void check_there() const { check_still_there(who_, anchor_); }

  template <Real T, class C>
  Cotangent cotangent(std::string_view what, const C& given, const Shape& shape) const {
    if constexpr (is_var<C>) {
      static_assert(std::is_same_v<argument_number<C>, T>, "a tangent has the number type of its argument, a cotangent that of the result: cast<T>() brings one to the other");
      if (given.shape().empty()) return spread_to<T>(given.is_literal() ? Var<T>(leaf_beside(anchor_, array_of(given), NodeKind::constant)) : given, shape);
      check_same_shape(who_, what, given.shape(), shape);
      return given;
    } else {
      return leaf_beside(anchor_, seed_array<T>(who_, what, given, shape), NodeKind::constant);
    }
  }

  void pull(std::span<const AnyVar> outputs, std::span<const Cotangent> cotangents, std::span<const AnyVar> xs, bool = false) {
    found_ = pull_back_recorded(who_, outputs, cotangents, xs, first_);
  }
  template <Real T>
  Var<T> at(std::size_t k) const {
    return Var<T>(found_[k]);
  }
  const AnyVar& any_at(std::size_t k) const { return found_[k]; }

  template <Real T>
  Var<T> push(const AnyVar& output, std::span<const AnyVar> xs, std::span<const Cotangent> tangents) const {
    return Var<T>(push_forward_recorded(who_, output, xs, tangents, first_));
  }
  template <Real T>
  Var<T> result(const Var<T>& y) const {
    return y;
  }
  void done() noexcept { attempt_.keep(); }

 private:
  std::string_view who_;
  AnyVar anchor_;
  Attempt attempt_;
  std::uint32_t first_;
  std::vector<AnyVar> found_;
};

}  // namespace wengert::detail
