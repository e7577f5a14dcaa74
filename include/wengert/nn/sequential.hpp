// Layers one after the other: the network of a course.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/nn/layer.hpp>

namespace wengert::nn {

/// A network of layers, each called on the output of the one before it; itself a layer. Layers are held by value; their
/// parameters are named by their place: "0.weight", "2.inner.bias". Copies share their parameters and buffers, as copies of a
/// Parameter do; clone() is another network of equal values.
template <Real T>
class WENGERT_API Sequential {
 public:
  Sequential() = default;
  Sequential(const Sequential& other);
  Sequential(Sequential&&) noexcept = default;
  Sequential& operator=(Sequential other) noexcept {
    layers_.swap(other.layers_);
    on_output_.swap(other.on_output_);
    return *this;
  }
  ~Sequential() = default;
  template <class... Layers>
    requires(sizeof...(Layers) > 0) && (!(sizeof...(Layers) == 1 && (std::is_same_v<std::remove_cvref_t<Layers>, Sequential> && ...))) &&
            (Layer<std::remove_cvref_t<Layers>, T> && ...)
  explicit(sizeof...(Layers) == 1) Sequential(Layers&&... layers) {
    layers_.reserve(sizeof...(Layers));
    (hold(std::forward<Layers>(layers)), ...);
    name_members();
  }

  /// Adds a layer behind the last one.
  template <Layer<T> L>
  Sequential& add(L layer) {
    hold(std::move(layer));
    name_members();
    return *this;
  }
  std::size_t size() const noexcept { return layers_.size(); }

  /// The output for x, recorded on its tape. Where the network has BatchNorm, training moves its running averages.
  Var<T> operator()(Var<T> x, const Context& context) const;
  /// The same on a plain array.
  Array<T> operator()(Array<T> x, const Context& context) const;
  /// The output in evaluation mode: no tape, equal bits on each call, from any number of threads at once while nobody trains.
  Array<T> predict(const Array<T>& x) const { return (*this)(x, Mode::evaluate); }

  /// Calls the callback in each forward pass with each layer's place, from 0, and its output: for statistics of activations. One that
  /// takes arrays too, [](std::size_t layer, const auto& output), is called by predict() and on plain arrays as well, from as many
  /// threads at once as call the network. What it throws, the forward pass throws. Takes the place of an earlier callback; copies
  /// share it. Set it while nobody else uses the network.
  template <class F>
    requires std::invocable<const F&, std::size_t, const Var<T>&>
  void on_output(F callback) {
    auto both = std::make_shared<Callbacks>();
    if constexpr (std::invocable<const F&, std::size_t, const Array<T>&>) both->array = callback;
    both->var = std::move(callback);
    on_output_ = std::move(both);
  }
  /// No callback any more.
  void on_output(std::nullptr_t) noexcept { on_output_ = nullptr; }

  /// All parameters, in order of the layers; one that several layers share is listed once.
  Parameters<T> parameters() const;
  /// All buffers, such as running averages, likewise.
  std::vector<Buffer<T>> buffers() const;
  /// Another network with parameters and buffers of its own, of equal values. What layers share here they share there.
  Sequential clone() const;

  void members(Members<T>& all);

 private:
  struct Callbacks {
    std::function<void(std::size_t, const Var<T>&)> var;
    std::function<void(std::size_t, const Array<T>&)> array;  // empty for a callback that takes Vars alone
  };

  template <class L>
  void hold(L&& layer) {
    using Held = std::remove_cvref_t<L>;
    layers_.push_back(std::make_unique<detail::ErasedLayerOf<Held, T>>(std::forward<L>(layer)));
  }
  void name_members();

  std::vector<std::unique_ptr<detail::ErasedLayer<T>>> layers_;
  std::shared_ptr<const Callbacks> on_output_;
};

extern template class WENGERT_API Sequential<float>;
extern template class WENGERT_API Sequential<double>;

}  // namespace wengert::nn
