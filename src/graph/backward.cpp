// The reverse loop. Knows nodes and the card's contract; knows no operation by name.
#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/graph/derivatives.hpp>

#include "array/loops.hpp"
#include "array/reduce.hpp"
#include "graph/gradients_access.hpp"
#include "graph/tape_state.hpp"

namespace wengert {

namespace detail {

namespace {

// ---- cotangents: a handle of the node's shape, or one number standing for a constant array ----

template <Real T>
T* elements_of(Handle& handle) noexcept {
  return const_cast<T*>(static_cast<const T*>(handle.address()));
}

/// A cotangent written out: an array of the node's shape.
template <Real T>
Array<T> spread_out(Handle cotangent, const Shape& shape) {
  if (cotangent.is_number() && !shape.empty()) return full<T>(shape, cotangent.as<T>());
  return Array<T>(std::move(cotangent));
}

/// into += more, elementwise; both of the same size, or `more` a number.
template <Real T>
void add_in_place(Handle& into, const Handle& more) {
  constexpr std::size_t grain = std::size_t{1} << 16U;
  T* const out = elements_of<T>(into);
  const T* const in = static_cast<const T*>(more.address());
  const std::size_t n = into.elements(), step = more.is_number() ? 0 : 1;
  parallel((n + grain - 1) / grain, [&](std::size_t block) {
    const std::size_t end = std::min(n, (block + 1) * grain);
    if (step == 0) {
      for (std::size_t i = block * grain; i < end; ++i) out[i] += *in;
    } else {
      for (std::size_t i = block * grain; i < end; ++i) out[i] += in[i];
    }
  });
}

/// The cotangent of the node that is being walked, counted as memory in use while it is.
class Held {
 public:
  Held(TapeState& tape, Handle g) noexcept : tape_(tape), g_(std::move(g)) { tape_.charge(g_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { tape_.discharge(g_); }
  const Handle& operator*() const noexcept { return g_; }
  const Handle* operator->() const noexcept { return &g_; }
  Handle release() noexcept {
    tape_.discharge(g_);
    return std::move(g_);
  }

 private:
  TapeState& tape_;
  Handle g_;
};

/// One backward pass over one tape.
class Sweep {
 public:
  Sweep(TapeState& tape, std::uint32_t output, bool consuming, PoolVector<std::uint32_t> also)
      : tape_(tape), output_(output), consuming_(consuming), also_(std::move(also)) {
    std::sort(also_.begin(), also_.end());
    if (tape_.cells.size() <= output) tape_.cells.resize(output + 1);
    GradientsAccess::begin(gradients_, tape_.serial, tape_.generation);
    watched_ = tape.watched || !tape.hooks.empty();
    plain_ = !watched_ && also_.empty() && tape_.options.retain == Retain::needed;
  }
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;
  ~Sweep() {
    for (std::uint32_t id = 0; unfinished_ && id <= output_; ++id) take(id);
  }

  /// Where the pass starts.
  void start(std::uint32_t id, Handle cotangent) {
    if (tape_.node(id).type == NumberType::float32) deposit<float>(id, std::move(cotangent)); else deposit<double>(id, std::move(cotangent));
  }

  Gradients run() {
    if (consuming_) tape_.any_consumed = true;
    for (std::uint32_t id = output_ + 1; id-- > 0;) {
      if (!tape_.cells[id]) continue;
      Node& node = tape_.node(id);
      if (node.is.numbers_alone && node.is.differentiable && plain_) {  // a scalar graph has little else
        node.rules->pull_numbers(tape_, node, tape_.cells.data(), id);
        if (consuming_) {  // numbers are not counted: there is nothing to let go of
          node.is.consumed = true;
          node.is.keeps_counted = false;
        }
      } else {
        visit_any(id, node);
      }
    }
    unfinished_ = false;
    GradientsAccess::add_unreached(gradients_, also_);
    GradientsAccess::finish(gradients_);
    return std::move(gradients_);
  }

 private:
  /// The cotangent of a node, leaving its cell empty.
  Handle take(std::uint32_t id) noexcept {
    Handle g = std::move(tape_.cells[id]);
    tape_.discharge(g);
    return g;
  }

  /// Any node, timed where a profile asks for it. Apart from the loop over numbers, to keep that small.
  [[gnu::noinline]] void visit_any(std::uint32_t id, Node& node) {
    const Stopwatch stopwatch(tape_);
    if (node.type == NumberType::float32) visit<float>(id, node); else visit<double>(id, node);
    if (watched_ && node.kind == NodeKind::operation) stopwatch.pulled(tape_, tape_.name_of(node));
  }

  /// The same after the callbacks that wait for it.
  Handle finished(std::uint32_t id) {
    Handle g = take(id);
    if (watched_) g = hooked(tape_, id, std::move(g));
    return g;
  }

  template <Real T>
  void visit(std::uint32_t id, Node& node) {
    if (node.kind != NodeKind::operation) {
      if (node.is.differentiable) report<T>(id, node, finished(id), node.kind == NodeKind::parameter ? static_cast<const AnyParameterState*>(node.card)->serial : 0);
      if (consuming_ && node.kind == NodeKind::parameter) let_go(node);
      return;
    }
    segments_.at(id);
    Held g(tape_, finished(id));
    const bool asked = tape_.options.retain == Retain::everything || std::binary_search(also_.begin(), also_.end(), id);
    if (asked) report<T>(id, node, *g, 0);
    if (!node.is.differentiable) return;
    const auto& rules = static_cast<const TypedRules<T>&>(*node.rules);
    if (rules.conversion_back != nullptr) {
      using From = std::conditional_t<std::is_same_v<T, float>, double, float>;
      contribute<From>(id, node, 0, converted<From>(Array<T>(*g)).handle(), *g);
    } else if (!rules.is_elementwise) {
      pull_general<T>(id, node, rules, *g);
    } else if (node.is.numbers_alone && tape_.guarded) {
      pull_numbers_checked<T>(id, node, rules, *g);
    } else if (node.is.numbers_alone) {
      tape_.cells[id].set_number(g->as<T>());
      rules.pull_numbers(tape_, node, tape_.cells.data(), id);
    } else {
      pull_elementwise<T>(id, node, rules, g);
    }
    if (consuming_) tape_.consume(node);
  }

  template <Real T>
  void report(std::uint32_t id, const Node& node, Handle g, std::uint64_t parameter) {
    GradientsAccess::add(gradients_, id, spread_out<T>(std::move(g), *node.shape).handle(), parameter);
  }

  /// A consuming pass ends the hold of a parameter's first use, so that an optimizer can update the array in place.
  void let_go(Node& leaf) noexcept {
    if (!leaf.is.keeps_counted) return;
    leaf.is.keeps_counted = false;
    --leaf.keeps;
    if (leaf.value.is_block() && tape_.can_go(leaf)) tape_.release_value(leaf);
  }

  bool wanted(const Node& node, std::uint32_t i) const noexcept { return !is_number(node, i) && tape_.node(node.inputs()[i]).is.differentiable; }

  /// Adds what one consumer contributes to an input's cotangent. With a single consumer it is moved, not added to zeros.
  template <Real T>
  void deposit(std::uint32_t id, Handle contribution) {
    Handle& cell = tape_.cells[id];
    if (!cell) {
      cell = std::move(contribution);
      tape_.charge(cell);
    } else if (cell.is_number() && contribution.is_number()) {
      cell = Handle::number(static_cast<T>(cell.as<T>() + contribution.as<T>()));
    } else if (cell.is_unique()) {
      add_in_place<T>(cell, contribution);
    } else if (contribution.is_unique()) {
      add_in_place<T>(contribution, cell);
      take(id);
      cell = std::move(contribution);
      tape_.charge(cell);
    } else {
      const Handle& array = cell.is_block() ? cell : contribution;
      Handle sum = Array<T>(array).copy().handle();
      add_in_place<T>(sum, cell.is_block() ? contribution : cell);
      take(id);
      cell = std::move(sum);
      tape_.charge(cell);
    }
  }

  /// deposit, after a look at it and at the sum where the tape is guarded.
  template <Real T>
  void contribute(std::uint32_t id, const Node& node, std::uint32_t i, Handle&& contribution, const Handle& g) {
    const std::uint32_t input = node.inputs()[i];
    if (!tape_.guarded) return deposit<T>(input, std::move(contribution));
    check_contribution(tape_, id, i, contribution, g);
    const bool is_sum = !tape_.cells[input].is_nothing();
    deposit<T>(input, std::move(contribution));
    if (is_sum) check_cotangent(tape_, tape_.name_of(node), "the sum of the cotangents", input, tape_.cells[input]);
  }

  /// Numbers on a guarded tape, input by input.
  template <Real T>
  void pull_numbers_checked(std::uint32_t id, const Node& node, const TypedRules<T>& rules, const Handle& g) {
    std::array<T, max_elementwise_inputs> in{};
    for (std::uint32_t j = 0; j < node.arity; ++j)
      in[j] = is_number(node, j) ? static_cast<T>(number_operand(node)) : tape_.node(node.inputs()[j]).value.template as<T>();
    for (std::uint32_t i = 0; i < node.arity; ++i)
      if (wanted(node, i)) contribute<T>(id, node, i, Handle::number(rules.pull[i](node.card_place(), g.as<T>(), in.data(), node.value.template as<T>())), g);
  }

  /// Elementwise on arrays: one pass for each input; a stretched operand's gradient is summed back here, for all cards.
  template <Real T>
  void pull_elementwise(std::uint32_t id, const Node& node, const TypedRules<T>& rules, Held& g) {
    const void* const card = node.card_place();
    const std::uint32_t* const ids = node.inputs();
    Handle number;  // a number operand as the loops see it
    std::array<const Handle*, max_elementwise_inputs> in{};
    std::uint32_t last = 0;  // the last input that is asked for: it may take over g's memory
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      if (is_number(node, i)) {
        number = Handle::number(static_cast<T>(number_operand(node)));
        in[i] = &number;
      } else {
        const Handle& value = tape_.node(ids[i]).value;
        in[i] = value ? &value : nullptr;
        if (wanted(node, i)) last = i;
      }
    }
    const std::span<const Handle* const> inputs(in.data(), node.arity);
    const Handle* const y = node.value ? &node.value : nullptr;
    for (std::uint32_t i = 0; i <= last; ++i) {
      if (!wanted(node, i)) continue;
      const Shape& to = *tape_.node(ids[i]).shape;
      const bool stretched = to != *node.shape;
      Handle contribution;
      if (Handle& cell = tape_.cells[ids[i]]; !stretched && cell.is_unique() && !tape_.guarded) {
        backward_elementwise<T>(rules.loops(), card, i, *g, inputs, y, *node.shape, elements_of<T>(cell), true);
        continue;
      }
      if (rules.unit_slopes[i] != 0) {
        contribution = i == last ? g.release() : *g;
        if (stretched) contribution = summed<T>(std::move(contribution), *node.shape, to);
        if (rules.unit_slopes[i] < 0) contribution = negated<T>(std::move(contribution));
      } else {
        Handle out;
        if (i == last && g->is_unique()) {
          out = g.release();
          backward_elementwise<T>(rules.loops(), card, i, out, inputs, y, *node.shape, elements_of<T>(out), false);
        } else {
          out = Handle::adopt(new_block(*node.shape, sizeof(T)));
          backward_elementwise<T>(rules.loops(), card, i, *g, inputs, y, *node.shape, elements_of<T>(out), false);
        }
        contribution = stretched ? summed<T>(std::move(out), *node.shape, to) : std::move(out);
      }
      contribute<T>(id, node, i, std::move(contribution), *g);
    }
  }

  template <Real T>
  static Handle summed(Handle g, const Shape& from, const Shape& to) {
    if (g.is_number() && to.elements() != 0) {
      const std::size_t each = from.elements() / to.elements();  // elements that become one
      return Handle::number(each == 0 ? T(0) : static_cast<T>(g.as<T>() * static_cast<T>(each)));
    }
    return sum_to<T>(spread_out<T>(std::move(g), from).handle(), to);
  }

  template <Real T>
  static Handle negated(Handle g) {
    if (g.is_number()) return Handle::number(static_cast<T>(-g.as<T>()));
    Handle out = g.is_unique() ? std::move(g) : Array<T>(g).copy().handle();
    T* const values = elements_of<T>(out);
    for (std::size_t i = 0; i < out.elements(); ++i) values[i] = -values[i];
    return out;
  }

  template <Real T>
  void pull_general(std::uint32_t id, const Node& node, const TypedRules<T>& rules, const Handle& g) {
    std::array<Array<T>, 4> few;
    PoolVector<Array<T>> many(node.arity > few.size() ? node.arity : 0);
    Array<T>* const out = many.empty() ? few.data() : many.data();
    const bool uniform = rules.takes_uniform && g.is_number();
    const StepSource source{tape_, node, id, nullptr};
    {
      const Step<Array<T>> step(uniform ? Array<T>(g) : spread_out<T>(g, *node.shape), source);
      rules.pullback(node.card_place(), step, out);
    }
    for (std::uint32_t i = 0; i < node.arity; ++i) {
      if (!wanted(node, i)) continue;
      const std::uint32_t input = node.inputs()[i];
      const Shape& shape = *tape_.node(input).shape;
      check_pulled(tape_.name_of(node), i, !out[i].is_nothing(), out[i].shape(), shape, rules.takes_uniform);
      contribute<T>(id, node, i, std::move(out[i]).handle(), g);
    }
  }

  TapeState& tape_;
  const Walking walking_{tape_};
  SegmentWalk segments_{tape_};
  std::uint32_t output_;
  bool consuming_;
  bool unfinished_ = true;
  bool watched_ = false;  // a guard, a profile or a callback looks on
  bool plain_ = false;  // nobody does, and no intermediate's gradient is asked for
  PoolVector<std::uint32_t> also_;
  Gradients gradients_;
};

}  // namespace
}  // namespace detail

Gradients Tape::backward_from(const detail::AnyVar& output, detail::Handle cotangent, std::vector<detail::AnyVar> also, bool keep_tape) {
  using namespace detail;
  if (state_ == nullptr) refuse_moved_from();
  TapeState& tape = TapeState::of(*state_);
  const Shape cotangent_shape = cotangent.shape();
  const Node& node = check_output("backward", tape, output, cotangent ? &cotangent_shape : nullptr);
  PoolVector<std::uint32_t> ids;
  for (const AnyVar& var : also) {
    TapeState::checked_node("backward", var);
    if (var.head() != &tape) throw GraphError("backward: a Var in .also is of another tape; name Vars of this tape");
    if (const Node& asked = tape.node(var.id()); !asked.is.differentiable)
      throw GraphError("backward: a Var in .also is a constant or depends on constants alone: \"" + std::string(tape.name_of(asked)) + "\" of shape " + to_string(*asked.shape) +
                       "; make it of a leaf from tape.variable or tape.use");
    ids.push_back(var.id());
  }
  if (!cotangent) cotangent = node.type == NumberType::float32 ? Handle::number(1.0F) : Handle::number(1.0);
  if (tape.guarded) check_cotangent(tape, "backward", "the cotangent given", output.id(), cotangent);
  Sweep sweep(tape, output.id(), !keep_tape && tape.options.retain == Retain::needed, std::move(ids));
  sweep.start(output.id(), std::move(cotangent));
  return sweep.run();
}

Gradients detail::pull_back(std::string_view who, std::span<const AnyVar> outputs, std::span<const Handle> cotangents, bool keep_tape) {
  TapeState& tape = TapeState::of(outputs.front());
  std::uint32_t top = 0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const Shape shape = cotangents[k].shape();
    check_output(who, tape, outputs[k], cotangents[k] ? &shape : nullptr);
    if (tape.guarded && cotangents[k]) check_cotangent(tape, who, "the cotangent given", outputs[k].id(), cotangents[k]);
    top = std::max(top, outputs[k].id());
  }
  Sweep sweep(tape, top, !keep_tape && tape.options.retain == Retain::needed, {});
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const bool is_float = tape.node(outputs[k].id()).type == NumberType::float32;
    sweep.start(outputs[k].id(), cotangents[k] ? cotangents[k] : is_float ? Handle::number(1.0F) : Handle::number(1.0));
  }
  return sweep.run();
}

}  // namespace wengert
