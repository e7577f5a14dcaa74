// What a pullback or a pushforward is given to read, checked against what its card keeps.
#include <wengert/base/errors.hpp>
#include <wengert/graph/card.hpp>

#include "graph/tape_state.hpp"

namespace wengert {

using detail::Node;
using detail::TapeState;

namespace {

[[noreturn]] void refuse_unkept(const detail::StepSource& source, const std::string& what) {
  throw GraphError(std::string(TapeState::of(source.tape).name_of(source.node)) + ": the pullback reads " + what +
                   ", which the card does not keep; name it in `keeps` (Keeps::inputs, Keeps::output or Keeps::both)");
}

[[noreturn]] void refuse_input(const detail::StepSource& source, std::size_t i) {
  throw GraphError(std::string(TapeState::of(source.tape).name_of(source.node)) + ": the pullback asks for input " + std::to_string(i) + " of " +
                   std::to_string(source.node.arity) + "; inputs are counted from 0");
}

template <class V>
V kept_input(const detail::StepSource& source, std::size_t i) {
  const Node& node = source.node;
  if (i >= node.arity) refuse_input(source, i);
  if (!keeps(*node.rules, Keeps::inputs)) refuse_unkept(source, "input " + std::to_string(i));
  if (!is_number(node, i) && !source.tape.node(node.inputs()[i]).value) refuse_unkept(source, "input " + std::to_string(i) + " (excluded by its reads(i, j))");
  return detail::input_of<V>(source.tape, node, i);
}

template <class V>
V kept_output(const detail::StepSource& source) {
  if (!keeps(*source.node.rules, Keeps::output) || !source.node.value) refuse_unkept(source, "the output");
  if constexpr (detail::is_var<V>) return V(detail::AnyVar::of_node(source.tape, source.id)); else return V(source.node.value);
}

const Shape& input_shape(const detail::StepSource& source, std::size_t i) {
  const Node& node = source.node;
  if (i >= node.arity) refuse_input(source, i);
  return is_number(node, i) ? detail::scalar_shape() : *source.tape.node(node.inputs()[i]).shape;
}

}  // namespace

template <Tensor V>
V Step<V>::x(std::size_t i) const {
  return kept_input<V>(*source_, i);
}

template <Tensor V>
V Step<V>::y() const {
  return kept_output<V>(*source_);
}

template <Tensor V>
const Shape& Step<V>::shape(std::size_t i) const {
  return input_shape(*source_, i);
}

template <Tensor V>
bool Step<V>::wanted(std::size_t i) const noexcept {
  const Node& node = source_->node;
  if (i >= node.arity || is_number(node, i)) return false;
  const std::uint32_t id = node.inputs()[i];
  return source_->reach != nullptr ? source_->reach[id] != 0 : source_->tape.node(id).is.differentiable;
}

template <Tensor V>
V ForwardStep<V>::t(std::size_t i) const {
  const Shape& of_input = input_shape(*source_, i);
  if (moves(i)) return tangents_[i];
  if constexpr (detail::is_var<V>) {
    if (of_input.empty()) return V(T(0));
    return V(TapeState::of(source_->tape).leaf(zeros<T>(of_input).handle(), detail::NodeKind::constant, detail::number_type<T>));
  } else {
    return zeros<T>(of_input);
  }
}

template <Tensor V>
V ForwardStep<V>::x(std::size_t i) const {
  return kept_input<V>(*source_, i);
}

template <Tensor V>
V ForwardStep<V>::y() const {
  return kept_output<V>(*source_);
}

template <Tensor V>
const Shape& ForwardStep<V>::shape(std::size_t i) const {
  return input_shape(*source_, i);
}

void detail::refuse_pullback_count(std::string_view who, std::size_t given, std::size_t arity) {
  throw GraphError(std::string(who) + ": pullbacks returned a wrong number of cotangents: " + std::to_string(given) + "; one for each of the " + std::to_string(arity) +
                   " inputs is needed (an empty one where it is not wanted)");
}

template class Step<Array<float>>;
template class Step<Array<double>>;
template class Step<Var<float>>;
template class Step<Var<double>>;
template class ForwardStep<Array<float>>;
template class ForwardStep<Array<double>>;
template class ForwardStep<Var<float>>;
template class ForwardStep<Var<double>>;

}  // namespace wengert
