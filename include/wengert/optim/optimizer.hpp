// What all optimizers share: the parameters, the state kept for each of them, one update at a time. Knows arrays and the graph
// room; knows no operation and no layer.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::optim {

/// An array that an optimizer keeps beside a parameter, as it stands now.
template <Real T>
struct StateArray {
  std::string name;  ///< the parameter's name and what it is: "0.weight.velocity"
  Array<T> value;    ///< of the parameter's shape
};

/// The base of every optimizer. A parameter that is absent from the gradients, or frozen, is left alone, its state too. An
/// update is one pass over the parameter, its gradient and its state, in place where nobody else holds the parameter's array.
/// An optimizer can be moved, not copied: two that keep the state of one training would both be wrong.
template <Real T>
class WENGERT_API Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer();

  /// One update by these gradients. If memory runs out nothing has changed.
  void step(const Gradients& gradients);

  /// One iteration on the loss that `loss_on(tape)` records: records it, walks back, updates. Returns the loss that it started from.
  template <class F>
    requires std::is_invocable_v<F&, Tape&>
  T minimize(F&& loss_on) {
    static_assert(std::is_same_v<std::remove_cvref_t<std::invoke_result_t<F&, Tape&>>, Var<T>>,
                  "minimize: the function takes a Tape& and returns the loss as a Var of the optimizer's number type");
    Tape tape = take_tape();
    const T start = [&] {
      const Var<T> loss = loss_on(tape);
      step(tape.backward(loss));
      return loss.item();
    }();
    keep_tape(std::move(tape));
    return start;
  }

  double learning_rate() const noexcept { return learning_rate_; }
  /// Throws ValueError for a rate that is negative or not finite; 0 is allowed: schedules reach it.
  void set_learning_rate(double rate);

  /// The class's name: "Adam".
  std::string_view name() const noexcept { return name_; }
  Parameters<T> parameters() const;
  /// How many times the i-th parameter has been updated.
  std::uint64_t updates(std::size_t i) const;
  /// All state arrays, for looking at and for saving. A parameter that was never updated has none yet.
  std::vector<StateArray<T>> state() const;

 protected:
  static constexpr std::size_t max_state = 3;

  /// One parameter as an update sees it. `state` holds as many arrays as the optimizer has names for; zeros at first.
  struct Update {
    T* value;
    const T* gradient;
    std::array<T*, max_state> state;
    std::uint64_t count;  // this update's number, from 1
    std::size_t elements;
  };

  /// `state_names` lasts as long as the program. ValueError for an empty list of parameters, one that is named twice, or a bad rate.
  Optimizer(std::string_view name, Parameters<T> parameters, double learning_rate, std::span<const std::string_view> state_names);
  Optimizer(Optimizer&&) noexcept;
  Optimizer& operator=(Optimizer&&) noexcept;

 private:
  struct Slot {
    Parameter<T> parameter;
    std::array<Array<T>, max_state> state;
    std::uint64_t updates = 0;
    T* value = nullptr;  // during a step: where to write, null for a parameter that takes no part
    Array<T> gradient;   // likewise
  };

  virtual void update(const Update& update) const = 0;

  void prepare(Slot& slot, const Gradients& gradients) const;
  Tape take_tape();
  void keep_tape(Tape&& tape);

  std::string_view name_;
  double learning_rate_;
  std::span<const std::string_view> state_names_;
  std::vector<Slot> slots_;
  std::optional<Tape> tape_;  // of minimize(): its memory serves the next iteration
};

extern template class WENGERT_API Optimizer<float>;
extern template class WENGERT_API Optimizer<double>;

}  // namespace wengert::optim
