// What a layer is, and how to write one. A layer is any type that can be called; no base class, no registration:
//
//   template <wg::Real T>
//   struct Scale {
//     wg::Parameter<T> factor{"factor", wg::ones<T>({1})};
//
//     template <wg::nn::TensorOf<T> X>
//     X operator()(const X& x, const wg::nn::Context&) const { return x * wg::use(factor, x); }
//     void members(wg::nn::Members<T>& all) { all("factor", factor); }
//   };
//
// Sequential<T> holds it by value: Sequential<float>{Linear<float>(4, 8, engine), Scale<float>{}}. `members` names the layer's
// parameters, buffers and inner layers; a layer without any does without it. operator() is generic, so that predict() runs on
// plain arrays; one that takes a Var<T> only is fine too, predict() then gives it a tape that records nothing.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/operand.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/graph/var.hpp>
#include <wengert/nn/buffer.hpp>
#include <wengert/nn/context.hpp>

namespace wengert::nn {

/// A recorded variable or a plain array of numbers of type T: what a layer is called on.
template <class X, class T>
concept TensorOf = Tensor<X> && std::same_as<typename X::value_type, T>;

/// A walk over a layer's members, into its inner layers: what the layer's members() hands them to, each with its name.
template <Real T>
class WENGERT_API Members {
 public:
  Members() = default;
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  virtual ~Members();

  void operator()(std::string_view name, Parameter<T>& parameter) { visit(path_ + std::string(name), parameter); }
  void operator()(std::string_view name, Buffer<T>& buffer) { visit(path_ + std::string(name), buffer); }
  /// An inner layer: the names of its members begin with its own.
  template <class L>
    requires requires(L& layer, Members& members) { layer.members(members); }
  void operator()(std::string_view name, L& layer) {
    const std::size_t outside = path_.size();
    path_.append(name).append(".");
    layer.members(*this);
    path_.resize(outside);
  }

 private:
  virtual void visit(const std::string& path, Parameter<T>& parameter) = 0;
  virtual void visit(const std::string& path, Buffer<T>& buffer) = 0;

  std::string path_;
};

/// A layer for numbers of type T: copyable, and callable on a recorded variable.
template <class L, class T>
concept Layer = Real<T> && std::copy_constructible<L> && requires(const L& layer, const Var<T>& x, const Context& context) {
  { layer(x, context) } -> std::same_as<Var<T>>;
};

namespace detail {

template <Real T>
struct ErasedLayer {
  ErasedLayer() = default;
  ErasedLayer& operator=(const ErasedLayer&) = delete;
  virtual ~ErasedLayer() = default;
  virtual Var<T> operator()(Var<T> x, const Context& context) const = 0;
  virtual Array<T> operator()(Array<T> x, const Context& context) const = 0;
  virtual void members(Members<T>& all) = 0;
  virtual std::unique_ptr<ErasedLayer> copy() const = 0;

 protected:
  ErasedLayer(const ErasedLayer&) = default;
};

template <class L, Real T>
struct ErasedLayerOf final : ErasedLayer<T> {
  // Of an L and of nothing that converts to one: a Sequential, made of any layer, would have to ask whether this here is a layer.
  template <std::same_as<L> Held>
  explicit ErasedLayerOf(Held held) : layer(std::move(held)) {}

  Var<T> operator()(Var<T> x, const Context& context) const override { return layer(std::move(x), context); }
  Array<T> operator()(Array<T> x, const Context& context) const override {
    if constexpr (requires { { layer(std::move(x), context) } -> std::same_as<Array<T>>; }) {
      return layer(std::move(x), context);
    } else {
      Tape quiet{{.recording = Recording::off}};
      return layer(quiet.constant(x), context).value();
    }
  }
  void members(Members<T>& all) override {
    if constexpr (requires { layer.members(all); }) layer.members(all);
  }
  std::unique_ptr<ErasedLayer<T>> copy() const override { return std::make_unique<ErasedLayerOf>(*this); }

  L layer;
};

/// Throws ShapeError in `who`'s name unless the shape's axis `axis` has this extent.
WENGERT_API void check_features(std::string_view who, const Shape& given, std::int64_t axis, std::size_t features, std::string_view form);

}  // namespace detail

extern template class WENGERT_API Members<float>;
extern template class WENGERT_API Members<double>;

}  // namespace wengert::nn
