// What a Var can say of itself.
#include <wengert/graph/var.hpp>

#include <wengert/base/errors.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

using detail::NodeKind;
using detail::TapeState;

namespace {
/// The node of a Var whose value is asked for.
const detail::Node& computed_node(std::string_view who, const detail::AnyVar& x) {
  const detail::Node& node = TapeState::checked_node(who, x);
  if (!node.value) TapeState::of(x).compute_postponed(x.id());
  return node;
}
}  // namespace

template <Real T>
Array<T> Var<T>::value() const {
  if (is_literal()) return Array<T>(literal<T>());
  return Array<T>(computed_node("value", *this).value);
}

template <Real T>
const Shape& Var<T>::shape() const {
  if (is_literal()) return detail::scalar_shape();
  return *TapeState::checked_node("shape", *this).shape;
}

template <Real T>
T Var<T>::item() const {
  if (is_literal()) return literal<T>();
  const detail::Handle& value = computed_node("item", *this).value;
  if (value.elements() != 1) detail::refuse_item(value.shape(), value.elements());
  return *static_cast<const T*>(value.address());
}

template <Real T>
Var<T> Var<T>::detach() const {
  if (is_literal()) return *this;
  const detail::Node& node = computed_node("detach", *this);
  TapeState& tape = TapeState::of(*this);
  tape.check_usable("detach");
  return Var(tape.leaf(node.value, NodeKind::constant, detail::number_type<T>));
}

template <Real T>
const Var<T>& Var<T>::named(std::string_view name) const& {
  TapeState::checked_node("named", *this);
  TapeState& tape = TapeState::of(*this);
  tape.names.insert_or_assign(id(), std::string(name));
  if (!tape.open_segments.empty()) tape.note_name(id());
  return *this;
}

template <Real T>
Var<T> Var<T>::named(std::string_view name) && {
  static_cast<const Var&>(*this).named(name);
  return std::move(*this);
}

template <Real T>
std::string Var<T>::name() const {
  if (is_literal()) return {};
  TapeState::checked_node("name", *this);
  return TapeState::of(*this).given_name(id());
}

template class Var<float>;
template class Var<double>;

}  // namespace wengert
