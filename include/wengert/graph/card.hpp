// The card's contract: what one primitive tells the tape, for cards of the library and of its users alike.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/number_loops.hpp>
#include <wengert/graph/number_nodes.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/reads.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// Whether a general card's function is linear: in all of its inputs together, or in each while the others are held. Its forward pass on
/// tangents is its derivative then; see jvp.
enum class Linear : std::uint8_t { no, jointly, in_each };

/// A card's inputs in its forward pass.
template <Real T>
using Inputs = std::span<const Array<T>>;

namespace detail {
/// Where a Step finds its values.
struct StepSource {
  TapeHead& tape;
  const Node& node;
  std::uint32_t id;
  const std::uint8_t* reach;  // by id: leads to what is asked for; null: whatever is differentiable
};
}  // namespace detail

/// One step of the backward pass as a pullback sees it. V is Array<T> (values only) or Var<T> (recorded, differentiable again).
template <Tensor V>
class Step {
 public:
  using T = typename V::value_type;

  /// The cotangent of the output, of the output's shape.
  V g;

  /// Input i. GraphError naming the card when the card does not keep its inputs.
  V x(std::size_t i) const;
  /// The output. GraphError naming the card when the card does not keep it.
  V y() const;
  /// The shape of input i; always there.
  const Shape& shape(std::size_t i) const;
  /// Whether anybody asks for the gradient of input i.
  bool wanted(std::size_t i) const noexcept;
  std::size_t arity() const noexcept { return source_->node.arity; }

  Step(V cotangent, const detail::StepSource& source) : g(std::move(cotangent)), source_(&source) {}

 private:
  const detail::StepSource* source_;
};

extern template class WENGERT_API Step<Array<float>>;
extern template class WENGERT_API Step<Array<double>>;
extern template class WENGERT_API Step<Var<float>>;
extern template class WENGERT_API Step<Var<double>>;

/// One step of a forward pass of tangents as a pushforward sees it. V is Array<T> (values only) or Var<T> (recorded).
template <Tensor V>
class ForwardStep {
 public:
  using T = typename V::value_type;

  /// Whether input i moves: has a tangent.
  bool moves(std::size_t i) const noexcept { return i < tangents_.size() && !tangents_[i].is_nothing(); }
  /// The tangent of input i, of its shape; zeros where it does not move.
  V t(std::size_t i) const;
  /// Input i. GraphError naming the card when the card does not keep its inputs.
  V x(std::size_t i) const;
  /// The output. GraphError naming the card when the card does not keep it.
  V y() const;
  /// The shape of input i; always there.
  const Shape& shape(std::size_t i) const;
  std::size_t arity() const noexcept { return source_->node.arity; }

  ForwardStep(std::span<const V> tangents, const detail::StepSource& source) : tangents_(tangents), source_(&source) {}

 private:
  std::span<const V> tangents_;
  const detail::StepSource* source_;
};

extern template class WENGERT_API ForwardStep<Array<float>>;
extern template class WENGERT_API ForwardStep<Array<double>>;
extern template class WENGERT_API ForwardStep<Var<float>>;
extern template class WENGERT_API ForwardStep<Var<double>>;

/// A card that is more than a function of one element: shape rule, forward pass, pullback. See docs/add_a_primitive.md.
template <class Card, class T>
concept GeneralCard = !ElementwiseCard<Card> && std::copy_constructible<Card> && requires(const Card& card, Inputs<T> in, const Step<Array<T>>& s) {
  card.name;
  { Card::keeps } -> std::convertible_to<Keeps>;
  { card.template forward<T>(in) } -> std::convertible_to<Array<T>>;
};

namespace detail {

/// A card's functions without its type: one constant table for each card and number type.
struct Rules {
  NumberType type;
  Keeps keeps;
  Orders orders;
  Join join;
  bool is_elementwise;
  bool overwrites;     // its forward pass may write over an input: elementwise, and throws nothing half-way
  Linear linear;       // its forward pass on tangents is its derivative
  bool takes_uniform;  // its pullback accepts one number standing for a constant cotangent, and may return one
  std::uint8_t arity;  // 0: any number of inputs
  std::array<std::int8_t, max_elementwise_inputs> unit_slopes;
  std::uint32_t card_size;  // 0 for a card without attributes
  std::uint32_t card_alignment;
  std::string_view (*name)(const void* card);
  void (*copy_card)(void* to, const void* from);  // null: its bytes are its value
  void (*destroy_card)(void* card) noexcept;      // null: nothing to destroy
  bool (*reads)(std::size_t i, std::size_t j);    // whether pullback i reads input j; null: whatever is kept
  void (*pull_numbers)(const TapeHead& tape, const Node& node, Handle* cells, std::uint32_t id);  // see NumberNodes; null: not elementwise
  const Rules* conversion_back;  // not null: its one input is of the other number type, and these rules bring the cotangent back there
};

/// How an elementwise card of one or two operands is recorded on numbers, for each way of naming them: see NumberNodes.
template <Real T>
struct NumberRecorders {
  Var<T> (*var)(const TypedRules<T>& rules, const void* card, unsigned taken, const Var<T>& x);
  Var<T> (*vars)(const TypedRules<T>& rules, const void* card, unsigned taken, const Var<T>& a, const Var<T>& b);
  Var<T> (*var_number)(const TypedRules<T>& rules, const void* card, unsigned taken, const Var<T>& a, const T& b);
  Var<T> (*number_var)(const TypedRules<T>& rules, const void* card, unsigned taken, const T& a, const Var<T>& b);
};

template <Real T>
struct TypedRules : Rules {
  // Elementwise cards: on one number, and on arrays.
  T (*apply)(const void* card, const T* in);
  std::array<T (*)(const void* card, T g, const T* in, T y), max_elementwise_inputs> pull;
  const ElementwiseLoops<T>& (*loops)();
  NumberRecorders<T> record_numbers;
  // All others.
  Shape (*shape)(const void* card, std::span<const Shape> in);  // null: the shape is that of what forward returns
  Array<T> (*forward)(const void* card, Inputs<T> in);
  void (*pullback)(const void* card, const Step<Array<T>>& s, Array<T>* out);
  // Both kinds.
  void (*recorded_pullback)(const void* card, const Step<Var<T>>& s, Var<T>* out);  // null: Orders::first
  // Of a general card that has one.
  Array<T> (*pushforward)(const void* card, const ForwardStep<Array<T>>& s) = nullptr;
  Var<T> (*recorded_pushforward)(const void* card, const ForwardStep<Var<T>>& s) = nullptr;
};

// ---- the chain rule on recorded values: declared here, where it is needed; made of operations in ops/chain_rule.cpp ----

/// g joined with a slope: g * slope with a strong zero.
template <Real T>
WENGERT_API Var<T> joined(Join join, const Var<T>& g, const Var<T>& slope);
/// a + b, for cotangents that meet.
template <Real T>
WENGERT_API Var<T> added(const Var<T>& a, const Var<T>& b);
/// g summed over the axes along which an array of shape `to` was stretched.
template <Real T>
WENGERT_API Var<T> summed_to(const Var<T>& g, const Shape& to);

/// g stretched to an array of shape `to`, which g's shape broadcasts to.
template <Real T>
WENGERT_API Var<T> spread_to(const Var<T>& g, const Shape& to);

/// pullbacks(s) gave cotangents for another number of inputs than there are.
[[noreturn]] WENGERT_API void refuse_pullback_count(std::string_view who, std::size_t given, std::size_t arity);

// ---- from a card's type to its table ----

template <class Card>
constexpr Orders orders_of() {
  if constexpr (requires { Card::orders; }) {
    return Card::orders;
  } else {
    return Orders::any;
  }
}

template <class Card>
constexpr bool takes_uniform() {
  if constexpr (requires { Card::takes_uniform; }) {
    return Card::takes_uniform;
  } else {
    return false;
  }
}

template <class Card>
constexpr Linear linear_of() {
  if constexpr (requires { Card::linear; }) {
    return Card::linear;
  } else {
    return Linear::no;
  }
}

/// How many operands a general card says it takes; 0: any number.
template <class Card>
constexpr std::uint8_t operand_count() {
  if constexpr (requires { Card::arity; }) {
    return static_cast<std::uint8_t>(Card::arity);
  } else {
    return 0;
  }
}

template <class Card, Real T>
struct Bind {
  static const Card& as(const void* card) { return *static_cast<const Card*>(card); }

  static std::string_view name(const void* card) { return as(card).name; }
  static void copy(void* to, const void* from) { new (to) Card(as(from)); }
  static void destroy(void* card) noexcept { static_cast<Card*>(card)->~Card(); }
  static bool reads(std::size_t i, std::size_t j) { return slope_reads_input<Card>(i, j); }
  static constexpr bool has_reads = requires(std::size_t i) { Card::reads(i, i); };

  static constexpr Rules common() {
    return {.type = number_type<T>,
            .keeps = Card::keeps,
            .orders = orders_of<Card>(),
            .join = Join::product,
            .is_elementwise = false,
            .overwrites = false,
            .linear = linear_of<Card>(),
            .takes_uniform = detail::takes_uniform<Card>(),
            .arity = operand_count<Card>(),
            .unit_slopes = {},
            .card_size = std::is_empty_v<Card> ? 0 : sizeof(Card),
            .card_alignment = alignof(Card),
            .name = name,
            .copy_card = std::is_trivially_copyable_v<Card> ? nullptr : copy,
            .destroy_card = std::is_trivially_destructible_v<Card> ? nullptr : destroy,
            .reads = has_reads ? reads : nullptr,
            .pull_numbers = nullptr,
            .conversion_back = nullptr};
  }
};

// ---- elementwise cards ----

template <class Card, Real T>
struct BindElementwise : Bind<Card, T> {
  using Bind<Card, T>::as;
  using Numbers = NumberNodes<Card, T>;
  static constexpr std::size_t arity = Numbers::arity;
  static constexpr auto indices = Numbers::indices;

  /// What slope I may read, as a Var; NaN where the card does not keep it, so that a card that reads it is found out.
  template <std::size_t I>
  static Var<T> input(const Step<Var<T>>& s, std::size_t j) {
    return slope_reads_input<Card>(I, j) ? s.x(j) : Var<T>(std::numeric_limits<T>::quiet_NaN());
  }

  template <std::size_t I>
  static void recorded_slope(const void* card, const Step<Var<T>>& s, Var<T>* out) {
    if (!s.wanted(I)) return;
    if constexpr (unit_slope<Card, I>() != 0) {
      out[I] = joined(Join::product, s.g, Var<T>(unit_slope<Card, I>()));
    } else {
      const Var<T> y = slope_reads_output<Card> ? s.y() : Var<T>(std::numeric_limits<T>::quiet_NaN());
      [&]<std::size_t... J>(std::index_sequence<J...>) {
        out[I] = joined(join_of<Card>(), s.g, Var<T>(slope_of<I>(as(card), input<I>(s, J)..., y)));
      }(indices);
    }
  }

  static void recorded_pullback(const void* card, const Step<Var<T>>& s, Var<T>* out) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (recorded_slope<I>(card, s, out), ...); }(indices);
  }

  static constexpr NumberRecorders<T> recorders() {
    NumberRecorders<T> made{};
    if constexpr (fits_node<Card> && arity == 1) made.var = Numbers::template record<Var<T>>;
    if constexpr (fits_node<Card> && arity == 2) made.vars = Numbers::template record<Var<T>, Var<T>>;
    if constexpr (std::is_empty_v<Card> && arity == 2) {  // the number lies where the card's attributes would
      made.var_number = Numbers::template record<Var<T>, T>;
      made.number_var = Numbers::template record<T, Var<T>>;
    }
    return made;
  }

  static constexpr TypedRules<T> rules(const ElementwiseLoops<T>& (*loops)()) {
    TypedRules<T> table{Bind<Card, T>::common(), Numbers::apply, {}, loops, recorders(), nullptr, nullptr, nullptr, nullptr};
    table.pull_numbers = Numbers::pull_back;
    table.is_elementwise = true;
    table.overwrites = LibraryCard<Card>;
    table.arity = static_cast<std::uint8_t>(arity);
    table.join = join_of<Card>();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((table.pull[I] = Numbers::template pull<I>), ...);
      ((table.unit_slopes[I] = static_cast<std::int8_t>(unit_slope<Card, I>())), ...);
    }(indices);
    if constexpr (orders_of<Card>() == Orders::any) table.recorded_pullback = recorded_pullback;
    return table;
  }
};

// ---- general cards ----

template <class Card, Real T>
struct BindGeneral : Bind<Card, T> {
  using Bind<Card, T>::as;

  static Shape shape(const void* card, std::span<const Shape> in) { return as(card).shape(in); }
  static Array<T> forward(const void* card, Inputs<T> in) { return as(card).template forward<T>(in); }

  template <class V>
  static void pullback(const void* card, const Step<V>& s, V* out) {
    if constexpr (requires { as(card).pullbacks(s); }) {
      auto all = as(card).pullbacks(s);
      if (all.size() != s.arity()) refuse_pullback_count(as(card).name, all.size(), s.arity());
      for (std::size_t i = 0; i < s.arity(); ++i)
        if (s.wanted(i)) out[i] = std::move(all[i]);
    } else {
      for (std::size_t i = 0; i < s.arity(); ++i)
        if (s.wanted(i)) out[i] = as(card).pullback(i, s);
    }
  }

  template <class V>
  static V pushforward(const void* card, const ForwardStep<V>& s) {
    return as(card).pushforward(s);
  }

  static constexpr TypedRules<T> rules() {
    TypedRules<T> table{Bind<Card, T>::common(), nullptr, {}, nullptr, {}, nullptr, forward, pullback<Array<T>>, nullptr};
    if constexpr (requires(const Card& c, const ForwardStep<Array<T>>& s) { c.pushforward(s); }) table.pushforward = pushforward<Array<T>>;
    if constexpr (orders_of<Card>() == Orders::any && requires(const Card& c, const ForwardStep<Var<T>>& s) { c.pushforward(s); }) table.recorded_pushforward = pushforward<Var<T>>;
    if constexpr (requires(const Card& c, std::span<const Shape> in) { c.shape(in); }) table.shape = shape;
    if constexpr (orders_of<Card>() == Orders::any) table.recorded_pullback = pullback<Var<T>>;
    return table;
  }
};

/// The table of the card at this place of a family of the library: made in the family's own source file.
template <class Family, Real T>
WENGERT_API const TypedRules<T>& family_rules(std::size_t place) noexcept;

template <class Card, Real T>
const TypedRules<T>& rules_of() noexcept {
  if constexpr (LibraryCard<Card>) {
    using Family = decltype(family_of(std::declval<const Card&>()));
    static const TypedRules<T>& table = family_rules<Family, T>(Family::template place<Card>());
    return table;
  } else if constexpr (ElementwiseCard<Card>) {
    static constexpr TypedRules<T> table = BindElementwise<Card, T>::rules(number_loops<Card, T>);
    return table;
  } else {
    static_assert(GeneralCard<Card, T>, "a card has a name, keeps, forward<T>(inputs), and pullback(i, step) or pullbacks(step)");
    static constexpr TypedRules<T> table = BindGeneral<Card, T>::rules();
    return table;
  }
}

}  // namespace detail

}  // namespace wengert
