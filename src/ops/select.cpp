// Choosing elements: the cards' bodies.
#include <wengert/ops/select.hpp>

#include <algorithm>
#include <string>

#include <wengert/base/errors.hpp>

#include "array/movement.hpp"
#include "graph/tape_state.hpp"
#include "ops/general.hpp"
#include "ops/library_rules.hpp"

namespace wengert {

namespace cards {

// ---- where ----

Shape Where::shape(std::span<const Shape> in) const {
  detail::require_values(name, "mask", mask);
  return broadcast_shape(name, mask.shape(), broadcast_shape(name, in[0], in[1]));
}

template <class T>
Array<T> Where::forward(Inputs<T> in) const {
  const Shape in_shapes[] = {in[0].shape(), in[1].shape()};
  return detail::chosen(mask, in[0], in[1], shape(in_shapes));
}

template <class V>
V Where::pullback(std::size_t i, const Step<V>& s) const {
  const V nothing(typename V::value_type(0));
  return detail::unstretched(i == 0 ? where(mask, s.g, nothing) : where(mask, nothing, s.g), s.shape(i));
}

// ---- take ----

Shape Take::shape(std::span<const Shape> in) const {
  detail::require_values(name, "array of indices", indices);
  const std::size_t at = normal_axis(name, axis, in[0]);
  Shape out(in[0].begin(), in[0].begin() + at);
  for (const auto extent : indices.shape()) out.push_back(extent);
  for (std::size_t k = at + 1; k < in[0].rank(); ++k) out.push_back(in[0][k]);
  return out;
}

template <class T>
Array<T> Take::forward(Inputs<T> in) const {
  const Shape& from = in[0].shape();
  const Shape to = shape(std::span<const Shape>(&from, 1));
  const std::size_t at = normal_axis(name, axis, from);
  detail::check_indices(name, indices, from[at]);
  return detail::taken(in[0], indices, at, to);
}

template <class V>
V Take::pullback(std::size_t, const Step<V>& s) const {
  return record(TakeBack{indices, axis, s.shape(0)}, s.g);
}

Shape TakeBack::shape(std::span<const Shape> in) const {
  const Shape taken = Take{indices, axis}.shape(std::span<const Shape>(&to, 1));
  if (in[0] != taken) throw ShapeError(std::string(name) + ": not the shape that was taken: " + to_string(in[0]) + "; " + to_string(taken) + " is needed");
  return to;
}

template <class T>
Array<T> TakeBack::forward(Inputs<T> in) const {
  const std::size_t at = normal_axis(name, axis, to);
  detail::check_indices(name, indices, to[at]);
  return detail::taken_back(in[0], indices, at, to);
}

template <class V>
V TakeBack::pullback(std::size_t, const Step<V>& s) const {
  return take(s.g, indices, axis);
}

// ---- gather ----

Shape Gather::shape(std::span<const Shape> in) const {
  detail::require_values(name, "array of indices", indices);
  const std::size_t at = normal_axis(name, axis, in[0]);
  const Shape& picked = indices.shape();
  bool fits = picked.rank() == in[0].rank();
  for (std::size_t k = 0; k < in[0].rank() && fits; ++k) fits = k == at || picked[k] <= in[0][k];
  if (!fits)
    throw ShapeError(std::string(name) + ": the indices do not fit: indices " + to_string(picked) + " for an array " + to_string(in[0]) + " along axis " +
                     std::to_string(axis) + "; they need its rank, and may be longer along that axis only");
  return picked;
}

template <class T>
Array<T> Gather::forward(Inputs<T> in) const {
  const Shape& from = in[0].shape();
  static_cast<void>(shape(std::span<const Shape>(&from, 1)));
  const std::size_t at = normal_axis(name, axis, from);
  detail::check_indices(name, indices, from[at]);
  return detail::gathered(in[0], indices, at);
}

template <class V>
V Gather::pullback(std::size_t, const Step<V>& s) const {
  return record(GatherBack{indices, axis, s.shape(0)}, s.g);
}

Shape GatherBack::shape(std::span<const Shape> in) const {
  const Shape gathered = Gather{indices, axis}.shape(std::span<const Shape>(&to, 1));
  if (in[0] != gathered) throw ShapeError(std::string(name) + ": not the shape that was gathered: " + to_string(in[0]) + "; " + to_string(gathered) + " is needed");
  return to;
}

template <class T>
Array<T> GatherBack::forward(Inputs<T> in) const {
  const std::size_t at = normal_axis(name, axis, to);
  detail::check_indices(name, indices, to[at]);
  return detail::gathered_back(in[0], indices, at, to);
}

template <class V>
V GatherBack::pullback(std::size_t, const Step<V>& s) const {
  return gather(s.g, indices, axis);
}

}  // namespace cards

// ---- functions ----

namespace detail {

template <Real T>
Var<T> where_compared(const Mask<T>& mask, const Operand<T>& a, const Operand<T>& b) {
  using Kind = typename Operand<T>::Kind;
  const cards::Where card{mask.values()};
  const auto& rules = rules_of<cards::Where, T>();
  if (a.kind() != Kind::var && b.kind() != Kind::var) {
    if (mask.compared().is_taped()) {
      TapeState::checked_node(card.name, mask.compared());
      TapeState& tape = TapeState::of(mask.compared());
      tape.check_usable(card.name);
      const std::uint32_t before = tape.used;
      try {
        return record_two<T>(rules, &card, Operand<T>(leaf_for(card.name, tape, a)), b);
      } catch (...) {
        tape.truncate(before);
        throw;
      }
    }
    // Numbers that were compared before they met a tape: so is the answer.
    if (a.kind() == Kind::number && b.kind() == Kind::number && mask.values().handle().is_number()) return Var<T>(mask.values().item() ? a.number() : b.number());
  }
  return record_two<T>(rules, &card, a, b);
}

template Var<float> where_compared(const Mask<float>&, const Operand<float>&, const Operand<float>&);
template Var<double> where_compared(const Mask<double>&, const Operand<double>&, const Operand<double>&);

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Select, float>(std::size_t place) noexcept { return family_table<cards::Select, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Select, double>(std::size_t place) noexcept { return family_table<cards::Select, double>(place); }

}  // namespace detail

template <Real T>
Array<T> one_hot(const Array<std::int64_t>& indices, std::size_t classes) {
  detail::require_values("one_hot", "array of indices", indices);
  Shape to = indices.shape();
  to.push_back(classes);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t index = indices.data()[i];
    if (index < 0 || static_cast<std::uint64_t>(index) >= classes)
      throw ValueError("one_hot: not a class: " + std::to_string(index) + " at place " + std::to_string(i) + " of the indices; classes go from 0 to less than " + std::to_string(classes));
  }
  return Array<T>::build(to, [&](std::span<T> out) {
    std::fill(out.begin(), out.end(), T(0));
    for (std::size_t i = 0; i < indices.size(); ++i) out[i * classes + static_cast<std::size_t>(indices.data()[i])] = T(1);
  });
}

template Array<float> one_hot<float>(const Array<std::int64_t>&, std::size_t);
template Array<double> one_hot<double>(const Array<std::int64_t>&, std::size_t);

}  // namespace wengert
