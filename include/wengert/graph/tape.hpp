// The tape: records primitives in order of execution and walks back over them by the chain rule.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/node.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

struct TapeOptions {
  Recording recording = Recording::on;  ///< off: evaluates, records nothing
  Retain retain = Retain::needed;       ///< everything: keeps every value and every gradient
  Check check = Check::nothing;         ///< finite: ValueError at the first NaN or infinity, which names where it arose
};

/// A cotangent to start from: an Array (or a number, or an xtensor expression), or a Var, through which a recorded gradient
/// can be differentiated too.
template <Real T>
class Cotangent {
 public:
  Cotangent() = default;
  Cotangent(Array<T> array) : array_(std::move(array)) {}          // NOLINT: implicit by design
  Cotangent(T number) : array_(number) {}                         // NOLINT
  Cotangent(Var<T> var) : var_(std::move(var)) {}                 // NOLINT
  template <XtensorExpression E>
  Cotangent(const E& expression) : array_(expression) {}          // NOLINT

  bool is_given() const noexcept { return !array_.is_nothing() || !var_.is_nothing(); }
  const Var<T>& var() const noexcept { return var_; }
  Array<T> value() const { return var_.is_nothing() ? array_ : var_.value(); }

 private:
  Array<T> array_;
  Var<T> var_;
};

template <Real T>
struct BackwardOptions {
  std::vector<Var<T>> also = {};   ///< intermediates whose gradients are wanted as well
  Cotangent<T> cotangent = {};     ///< of the output's shape, or a number for all of it; needed when the output is not one number
  bool keep_tape = false;          ///< keep the saved values, so that another backward pass can follow
};

template <Real T>
struct GradientOptions {
  Cotangent<T> cotangent = {};  ///< of the output's shape, or a number for all of it; needed when the output is not one number
};

/// A Wengert list. Used by one thread at a time (see adopt()); any number of tapes at once.
class WENGERT_API Tape {
 public:
  explicit Tape(TapeOptions options = {});
  Tape(Tape&& other) noexcept;
  Tape& operator=(Tape&& other) noexcept;
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape();

  // ---- leaves ----

  /// A leaf that gradients are asked for.
  template <Real T>
  Var<T> variable(Array<T> value) {
    return leaf(std::move(value), detail::NodeKind::variable);
  }
  template <Real T>
  Var<T> variable(T number) {
    return leaf(Array<T>(number), detail::NodeKind::variable);
  }
  template <XtensorExpression E>
  auto variable(const E& expression) {
    return variable(Array<typename E::value_type>(expression));
  }
  /// A leaf that takes part and is never differentiated.
  template <Real T>
  Var<T> constant(Array<T> value) {
    return leaf(std::move(value), detail::NodeKind::constant);
  }
  template <Real T>
  Var<T> constant(T number) {
    return leaf(Array<T>(number), detail::NodeKind::constant);
  }
  template <XtensorExpression E>
  auto constant(const E& expression) {
    return constant(Array<typename E::value_type>(expression));
  }
  /// The parameter's leaf on this tape: the same one at each use until clear(), with the value of the first use. After a consuming
  /// backward, when nothing reads that value any more, the next use has today's; on a tape that records nothing, each use has.
  template <Real T>
  Var<T> use(const Parameter<T>& parameter);

  // ---- derivatives ----

  /// d output / d (every variable and unfrozen parameter that it depends on). Lets go of the saved values on its way, unless
  /// keep_tape is set or the tape retains everything. GraphError: an output that is not one number without a cotangent, of
  /// another tape, stale, or already consumed.
  template <Real T>
  Gradients backward(const Var<T>& output, const BackwardOptions<std::type_identity_t<T>>& options = {}) {
    return backward_from(output, options.cotangent.is_given() ? options.cotangent.value().handle() : detail::Handle(),
                         std::vector<detail::AnyVar>(options.also.begin(), options.also.end()), options.keep_tape);
  }

  /// d output / d x, recorded: it can be differentiated again. x may be any Var on this tape that leads to a variable or parameter.
  template <Real T>
  Var<T> gradient(const Var<T>& output, const std::type_identity_t<Var<T>>& x, const GradientOptions<std::type_identity_t<T>>& options = {}) {
    return std::move(gradients_of(output, std::span<const Var<T>>(&x, 1), options)[0]);
  }
  template <Real T>
  std::vector<Var<T>> gradient(const Var<T>& output, const std::vector<Var<T>>& xs, const GradientOptions<std::type_identity_t<T>>& options = {}) {
    return gradients_of(output, std::span<const Var<T>>(xs), options);
  }
  template <Real T, std::size_t N>
    requires(N > 1)  // a single Var in braces is a single Var
  std::vector<Var<T>> gradient(const Var<T>& output, const Var<T> (&xs)[N], const GradientOptions<std::type_identity_t<T>>& options = {}) {
    return gradients_of(output, std::span<const Var<T>>(xs, N), options);
  }

  /// The local derivatives of an elementwise value by each of its inputs, as the chain rule will use them.
  template <Real T>
  std::vector<Array<T>> local_derivatives(const Var<T>& output);

  /// Calls the callback in each backward pass with the finished cotangent of x, an Array<T> of x's shape, once all that x went into
  /// has contributed. It may return void, to look on, or another Array<T> of this shape, which takes the cotangent's place: for x
  /// itself, in the Gradients, and for what lies before it. Several are called in the order in which they were named. x is a leaf or an
  /// intermediate that leads to one; until clear(). A recorded gradient, tape.gradient(...), does without them: what it computes are
  /// Vars. GraphError: x is stale, of another tape, or leads to no leaf.
  template <Real T, class F>
    requires std::invocable<F&, Array<T>>
  void on_gradient(const Var<T>& x, F callback) {
    static_assert(std::is_void_v<std::invoke_result_t<F&, Array<T>>> || std::convertible_to<std::invoke_result_t<F&, Array<T>>, Array<T>>,
                  "a callback of on_gradient returns nothing, or an Array of the cotangent's number type");
    hook(x, [callback = std::move(callback)](const detail::Handle& g) mutable -> detail::Handle {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, Array<T>>>) {
        callback(Array<T>(g));
        return {};
      } else {
        return checked_answer(Array<T>(callback(Array<T>(g))).handle());
      }
    });
  }

  // ---- the tape itself ----

  /// Forgets all nodes, keeps their memory for the next step. Vars from before become stale.
  void clear();
  /// Makes the calling thread the one that uses this tape and its Vars from now on.
  void adopt() noexcept;
  /// The number of recorded nodes, leaves included.
  std::size_t size() const;
  /// The bytes of values that later pullbacks will read.
  std::size_t saved_bytes() const;
  /// The most that recorded values and cotangents took together since the tape was made or this was reset by clear_peak().
  std::size_t peak_bytes() const;
  void clear_peak();
  const TapeOptions& options() const;
  /// A table of the recorded nodes, one a line, as to_string(tape) has it.
  void print(std::ostream& out) const;

  detail::TapeHead& head() const noexcept;
  bool is_moved_from() const noexcept { return state_ == nullptr; }

 private:
  template <Real T>
  Var<T> leaf(Array<T> value, detail::NodeKind kind);
  void hook(const detail::AnyVar& x, std::function<detail::Handle(const detail::Handle&)> callback);
  /// What a callback returned, unless it holds nothing: GraphError.
  static detail::Handle checked_answer(detail::Handle answer);
  Gradients backward_from(const detail::AnyVar& output, detail::Handle cotangent, std::vector<detail::AnyVar> also, bool keep_tape);
  template <Real T>
  std::vector<Var<T>> gradients_of(const Var<T>& output, std::span<const Var<T>> xs, const GradientOptions<T>& options);

  detail::TapeHead* state_;
};

}  // namespace wengert
