// Cards without recording: on plain arrays, and on the nodes of a checkpoint whose values are needed again.
#include "graph/evaluate.hpp"

#include <algorithm>
#include <type_traits>

#include <wengert/graph/record.hpp>

namespace wengert::detail {

template <Real T>
Array<T> evaluate(const TypedRules<T>& rules, const void* card, std::span<const Array<T>> inputs, bool own) {
  check_arity(rules, card, inputs.size());
  for (const auto& input : inputs)
    if (input.is_nothing()) throw GraphError(std::string(name_of(rules, card)) + ": an operand holds nothing: it was default-constructed or moved from; an array is needed");
  if (!rules.is_elementwise) return Array<T>(general_forward(rules, card, inputs));
  Handle* handles[max_elementwise_inputs];
  T x[max_elementwise_inputs];
  bool all_numbers = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    handles[i] = const_cast<Handle*>(&inputs[i].handle());  // written only where they are ours
    all_numbers = all_numbers && handles[i]->is_number();
    if (all_numbers) x[i] = handles[i]->template as<T>();
  }
  if (all_numbers) return Array<T>(rules.apply(card, x));
  return Array<T>(elementwise_forward(rules, card, std::span<Handle* const>(handles, inputs.size()), [own](std::size_t) { return own; }));
}

namespace {

template <Real T>
Handle computed_again(TapeState& tape, const Node& node, const TypedRules<T>& rules) {
  if (rules.conversion_back != nullptr) {
    using From = std::conditional_t<std::is_same_v<T, float>, double, float>;
    return converted<T>(Array<From>(tape.node(node.two[0]).value)).handle();
  }
  const void* const card = node.card_place();
  PoolVector<Handle> in;
  in.reserve(node.arity);
  for (std::uint32_t i = 0; i < node.arity; ++i) {
    in.push_back(input_of<Array<T>>(tape, node, i).handle());
  }
  if (!rules.is_elementwise) {
    const PoolVector<Array<T>> arrays(in.begin(), in.end());
    return general_forward(rules, card, Inputs<T>(arrays));
  }
  Handle* handles[max_elementwise_inputs] = {};
  const std::size_t arity = std::min(in.size(), max_elementwise_inputs);
  for (std::size_t i = 0; i < arity; ++i) handles[i] = &in[i];
  return elementwise_forward(rules, card, std::span<Handle* const>(handles, arity), [](std::size_t) { return false; });
}

}  // namespace

Handle computed_again(TapeState& tape, const Node& node) {
  if (node.type == NumberType::float32) return computed_again(tape, node, static_cast<const TypedRules<float>&>(*node.rules));
  return computed_again(tape, node, static_cast<const TypedRules<double>&>(*node.rules));
}

template Array<float> evaluate(const TypedRules<float>&, const void*, std::span<const Array<float>>, bool);
template Array<double> evaluate(const TypedRules<double>&, const void*, std::span<const Array<double>>, bool);

}  // namespace wengert::detail
