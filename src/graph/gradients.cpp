// Looking gradients up.
#include <wengert/graph/gradients.hpp>

#include <algorithm>
#include <cstddef>
#include <map>

#include <wengert/base/errors.hpp>
#include <wengert/graph/derivatives.hpp>

#include "graph/gradients_access.hpp"
#include "graph/tape_state.hpp"

namespace wengert {

using detail::Handle;

const Handle* Gradients::find(const detail::AnyVar& x) const noexcept {
  if (!x.is_taped() || x.head()->serial != tape_ || x.generation() != generation_) return nullptr;
  const Entry* const entry = entry_of(x.id());
  return entry != nullptr && entry->value ? &entry->value : nullptr;
}

const Gradients::Entry* Gradients::entry_of(std::uint32_t id) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), id, [](const Entry& entry, std::uint32_t wanted) { return entry.id > wanted; });
  return found != entries_.end() && found->id == id ? &*found : nullptr;
}

const Handle* Gradients::find(std::uint64_t parameter) const noexcept {
  const auto found = std::lower_bound(by_parameter_.begin(), by_parameter_.end(), parameter,
                                      [this](std::uint32_t i, std::uint64_t serial) { return entries_[i].parameter < serial; });
  return found != by_parameter_.end() && entries_[*found].parameter == parameter ? &entries_[*found].value : nullptr;
}

Handle Gradients::of_var(const detail::AnyVar& x) const {
  if (const Handle* found = find(x)) return *found;
  const detail::Node& node = detail::TapeState::checked_node("gradients", x);
  if (x.head()->serial != tape_) throw GraphError("gradients: the Var is of another tape than the backward pass; ask with a Var of the tape that backward was called on");
  if (x.generation() != generation_) throw GraphError("gradients: the Var was made after the tape's clear(), the gradients before it; ask the gradients of the same step");
  if (node.kind != detail::NodeKind::variable && node.kind != detail::NodeKind::parameter && entry_of(x.id()) == nullptr) {
    const detail::TapeState& tape = detail::TapeState::of(x);
    throw GraphError("gradients: the gradient of an intermediate or a constant was not asked for: \"" + std::string(tape.name_of(node)) + "\" of shape " + to_string(*node.shape) +
                     "; name it in the call: backward(loss, {.also = {x}})");
  }
  return node.type == detail::NumberType::float32 ? zeros<float>(*node.shape).handle() : zeros<double>(*node.shape).handle();
}

namespace {
/// into + weight * more; into is nothing at first.
template <Real T>
Handle with_added(const Handle& into, const Handle& more, double weight) {
  const Array<T> next(more);
  const Array<T> before = into ? Array<T>(into) : Array<T>();
  return Array<T>::build(next.shape(), [&](std::span<T> out) {
    const T factor = static_cast<T>(weight);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (into ? before.data()[i] : T(0)) + factor * next.data()[i];
  }).handle();
}
}  // namespace

template <Real T>
Gradients GradientsAccess::weighted_sum(std::span<const Gradients> list, std::span<const double> weights) {
  std::map<std::uint64_t, Handle> sums;
  for (std::size_t k = 0; k < list.size(); ++k)
    for (const std::uint32_t i : list[k].by_parameter_) {
      const Gradients::Entry& entry = list[k].entries_[i];
      Handle& sum = sums[entry.parameter];
      sum = with_added<T>(sum, entry.value, weights[k]);
    }
  Gradients whole;
  auto id = static_cast<std::uint32_t>(sums.size());
  for (auto& [parameter, sum] : sums) add(whole, --id, std::move(sum), parameter);
  finish(whole);
  return whole;
}

template <Real T>
Gradients detail::weighted_sum(std::span<const Gradients> list, std::span<const double> weights) {
  return GradientsAccess::weighted_sum<T>(list, weights);
}
template Gradients detail::weighted_sum<float>(std::span<const Gradients>, std::span<const double>);
template Gradients detail::weighted_sum<double>(std::span<const Gradients>, std::span<const double>);

void GradientsAccess::finish(Gradients& g) {
  for (std::uint32_t i = 0; i < g.entries_.size(); ++i)
    if (g.entries_[i].parameter != 0) g.by_parameter_.push_back(i);
  std::sort(g.by_parameter_.begin(), g.by_parameter_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return g.entries_[a].parameter < g.entries_[b].parameter; });
}

void GradientsAccess::add_unreached(Gradients& g, std::span<const std::uint32_t> asked) {
  const std::size_t reached = g.entries_.size();
  for (const std::uint32_t id : asked) {
    const auto end = g.entries_.begin() + static_cast<std::ptrdiff_t>(reached);
    const bool known = std::binary_search(g.entries_.begin(), end, Gradients::Entry{Handle(), 0, id}, [](const auto& a, const auto& b) { return a.id > b.id; });
    if (known || (g.entries_.size() > reached && g.entries_.back().id == id)) continue;
    g.entries_.push_back({Handle(), 0, id});
    ++g.unreached_;
  }
  if (g.unreached_ > 0) std::sort(g.entries_.begin(), g.entries_.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
}

}  // namespace wengert
