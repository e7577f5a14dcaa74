// value_and_grad and grad: the gradient of a function of one number, with respect to its arguments or to parameters that it captures.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <wengert/graph/gradients.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/transform/function.hpp>

namespace wengert {

/// Recorded gradients with respect to parameters: what value_and_grad(fn, parameters) gives on a tape.
template <Real T>
class RecordedGradients {
 public:
  RecordedGradients(Parameters<T> parameters, std::vector<Var<T>> gradients) : parameters_(std::move(parameters)), gradients_(std::move(gradients)) {}

  /// The gradient of one of the parameters; GraphError for any other.
  const Var<T>& operator[](const Parameter<T>& parameter) const {
    for (std::size_t k = 0; k < parameters_.size(); ++k)
      if (parameters_[k] == parameter) return gradients_[k];
    detail::refuse_unlisted_parameter(parameter.name());
  }
  bool contains(const Parameter<T>& parameter) const noexcept {
    for (const auto& listed : parameters_)
      if (listed == parameter) return true;
    return false;
  }
  std::size_t size() const noexcept { return gradients_.size(); }

 private:
  Parameters<T> parameters_;
  std::vector<Var<T>> gradients_;
};

namespace detail {

template <class Recorded>
void pull_from_number(Recorded& r) {
  check_one_number(r.who, r.y.shape());
  using T = typename decltype(r.y)::value_type;
  const AnyVar outputs[] = {r.y};
  const auto one = r.place.template cotangent<T>("cotangent", T(1), r.y.shape());
  r.place.pull(outputs, std::span(&one, 1), r.xs);
}

template <class F, class... X>
auto value_and_grad_at(std::string_view who, F& fn, const X&... x) {
  static_assert((Argument<X> || ...), "a gradient needs an argument to differentiate by: an Array or a Var of float or double, a number, an xtensor expression");
  return evaluate_at(who, fn, std::tie(x...), std::tuple(), [](auto& r) {
    pull_from_number(r);
    return std::pair(r.place.result(r.y), unpacked<(argument_count<std::tuple<X...>> > 1)>(r.results()));
  });
}

template <Real P, class F, class... X>
auto value_and_grad_by(std::string_view who, F& fn, const Parameters<P>& parameters, const X&... x) {
  const std::optional by(std::span<const Parameter<P>>{parameters});
  if constexpr (has_var<std::tuple<X...>>) {
    auto [value, gradients] = evaluate_at<P>(
        who, fn, std::tie(x...), std::tuple(),
        [&](auto& r) {
          pull_from_number(r);
          return std::pair(r.place.result(r.y), r.template list_of_results<P>());
        },
        by);
    return std::pair(std::move(value), RecordedGradients<P>(parameters, std::move(gradients)));
  } else {
    return evaluate_at<P>(
        who, fn, std::tie(x...), std::tuple(),
        [](auto& r) {
          pull_from_number(r);
          return std::pair(r.place.result(r.y), std::move(r.place).gradients());
        },
        by);
  }
}

}  // namespace detail

/// The value and the gradient of a function whose result is one number, as a function of the same arguments:
///   auto [value, gradient] = value_and_grad(fn)(x0);
/// fn is any callable of Vars; generic lambdas do. Arrays in, Arrays out, on a tape of its own; where an argument is a Var everything is
/// recorded on its tape and Vars come out, which can be differentiated again. Several arguments: a tuple of gradients; what is no
/// Argument (labels, masks) is handed on. What fn captures is held fixed. By reverse mode: one pass back, whatever the number of arguments.
/// ShapeError when the result is not one number; after an exception of fn the tape is as before.
template <class F>
auto value_and_grad(F fn) {
  return [fn = std::move(fn)]<class... X>(const X&... x) { return detail::value_and_grad_at("value_and_grad", fn, x...); };
}

/// The same with respect to parameters that fn captures, the arguments being held fixed:
///   auto [loss, gradients] = value_and_grad(fn, net.parameters())(x, labels);
/// With Arrays the second is a Gradients, to be given to an optimizer; with a Var among the arguments it is a RecordedGradients of Vars.
/// A frozen parameter's gradient is zeros.
template <class F, Real T>
auto value_and_grad(F fn, std::vector<Parameter<T>> parameters) {
  return [fn = std::move(fn), parameters = std::move(parameters)]<class... X>(const X&... x) { return detail::value_and_grad_by("value_and_grad", fn, parameters, x...); };
}
template <class F, Real T>
auto value_and_grad(F fn, std::initializer_list<Parameter<T>> parameters) {
  return value_and_grad(std::move(fn), Parameters<T>(parameters));
}

/// The gradient alone, as a function: grad(fn)(x0), and grad(grad(fn)) for a function of one number.
template <class F>
auto grad(F fn) {
  return [fn = std::move(fn)]<class... X>(const X&... x) { return detail::value_and_grad_at("grad", fn, x...).second; };
}
template <class F, Real T>
auto grad(F fn, std::vector<Parameter<T>> parameters) {
  return [fn = std::move(fn), parameters = std::move(parameters)]<class... X>(const X&... x) { return detail::value_and_grad_by("grad", fn, parameters, x...).second; };
}
template <class F, Real T>
auto grad(F fn, std::initializer_list<Parameter<T>> parameters) {
  return grad(std::move(fn), Parameters<T>(parameters));
}

}  // namespace wengert
