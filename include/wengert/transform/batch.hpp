// Gradients of a batch: of each of its examples, or of the whole, computed by several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/threads.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/transform/gradient.hpp>

namespace wengert {

namespace detail {

/// Rows [start, stop) of an array; ShapeError in `who`'s name unless it has `count` of them.
template <Element T>
Array<T> rows_of(std::string_view who, const Array<T>& x, std::size_t start, std::size_t stop, std::size_t count) {
  check_batch(who, x.shape(), count);
  Shape shape = x.shape();
  shape[0] = stop - start;
  const std::size_t each = count == 0 ? 0 : x.size() / count;
  return Array<T>::build(shape, [&](std::span<T> out) { std::copy_n(x.data() + start * each, out.size(), out.begin()); });
}

/// The number of rows of the first array among the arguments.
template <class First, class... More>
std::size_t batch_size(std::string_view who, const First& first, const More&... more) {
  if constexpr (is_array<First>) {
    return rows_in(who, first.shape());
  } else {
    static_assert(sizeof...(More) > 0, "a batch needs an Array among the arguments");
    return batch_size(who, more...);
  }
}

/// An argument of a part of a batch: of arrays their rows, anything else as it is.
template <class X>
decltype(auto) part_of(std::string_view who, const X& x, std::size_t start, std::size_t stop, std::size_t count) {
  if constexpr (is_array<X>) {
    return rows_of(who, x, start, stop, count);
  } else {
    return (x);
  }
}

}  // namespace detail

/// The gradients by parameters for each example of a batch, apart: per_example_gradients(fn, net.parameters())(x, labels) calls fn with
/// batches of one, x's and labels' rows, and returns for each parameter an array of its shape behind a first axis of examples. fn returns
/// one number. The examples are worked on by several threads at once, so that fn must not change anything (dropout's engine, BatchNorm's
/// averages): set_threads(1) otherwise.
template <class F, Real T>
auto per_example_gradients(F fn, Parameters<T> parameters) {
  return [fn = std::move(fn), parameters = std::move(parameters)]<class... X>(const X&... x) {
    constexpr std::string_view who = "per_example_gradients";
    const std::size_t count = detail::batch_size(who, x...);
    (static_cast<void>(detail::part_of(who, x, 0, 0, count)), ...);  // each fits, before anything is computed
    std::vector<Array<T>> stacked;
    std::vector<T*> places;
    for (const auto& parameter : parameters) {
      Shape shape = parameter.shape();
      shape.insert(0, count);
      stacked.push_back(Array<T>::uninitialized(shape));  // each of them is written below
      places.push_back(stacked.back().writable().data());
    }
    constexpr std::size_t block = 8;  // examples that a thread takes at a time
    detail::parallel((count + block - 1) / block, [&](std::size_t k) {
      for (std::size_t example = k * block; example < std::min(count, (k + 1) * block); ++example) {
        const auto gradients = detail::value_and_grad_by(who, fn, parameters, detail::part_of(who, x, example, example + 1, count)...).second;
        for (std::size_t p = 0; p < parameters.size(); ++p) {
          const Array<T> one = gradients[parameters[p]];
          std::copy(one.begin(), one.end(), places[p] + example * one.size());
        }
      }
    });
    return stacked;
  };
}
template <class F, Real T>
auto per_example_gradients(F fn, std::initializer_list<Parameter<T>> parameters) {
  return per_example_gradients(std::move(fn), Parameters<T>(parameters));
}

/// How the results of the parts of a batch make that of the whole.
enum class Combine : std::uint8_t {
  mean,  ///< fn is a mean over examples: each part counts as much as it has examples
  sum,   ///< fn is a sum over examples
};

struct ParallelOptions {
  std::size_t parts = 0;            ///< into how many parts the batch is split; 0: as many as threads()
  Combine combine = Combine::mean;
};

/// Value and gradients by parameters of one batch, split over threads: parallel_gradients(fn, net.parameters())(x, labels). fn is called
/// with equal parts of x's and labels' rows, each on a thread and a tape of its own, and returns one number; the parts are added in their
/// order, so that the bits depend on their number (and, as those of all large products, on threads()) and never on timing. fn must not
/// change anything that the parts share (dropout's engine, BatchNorm's averages), and each part of a batch normalisation would be a batch
/// of its own.
template <class F, Real T>
auto parallel_gradients(F fn, Parameters<T> parameters, const ParallelOptions& options = {}) {
  return [fn = std::move(fn), parameters = std::move(parameters), options]<class... X>(const X&... x) {
    constexpr std::string_view who = "parallel_gradients";
    const std::size_t count = detail::batch_size(who, x...);
    (static_cast<void>(detail::part_of(who, x, 0, 0, count)), ...);
    const std::size_t parts = std::max<std::size_t>(1, std::min(count, options.parts == 0 ? threads() : options.parts));
    using Part = decltype(detail::value_and_grad_by(who, fn, parameters, detail::part_of(who, x, 0, 0, count)...));
    std::vector<std::optional<Part>> done(parts);
    std::vector<double> weights(parts, 1.0);
    detail::parallel(parts, [&](std::size_t k) {
      const std::size_t start = count * k / parts, stop = count * (k + 1) / parts;
      if (options.combine == Combine::mean && count > 0) weights[k] = static_cast<double>(stop - start) / static_cast<double>(count);
      done[k] = detail::value_and_grad_by(who, fn, parameters, detail::part_of(who, x, start, stop, count)...);
    });
    using N = typename decltype(done.front()->first)::value_type;
    N value = 0;
    std::vector<Gradients> gradients;
    for (std::size_t k = 0; k < parts; ++k) {
      value += static_cast<N>(weights[k]) * done[k]->first.item();
      gradients.push_back(std::move(done[k]->second));
    }
    return std::pair(Array<N>(value), detail::weighted_sum<T>(gradients, weights));
  };
}
template <class F, Real T>
auto parallel_gradients(F fn, std::initializer_list<Parameter<T>> parameters, const ParallelOptions& options = {}) {
  return parallel_gradients(std::move(fn), Parameters<T>(parameters), options);
}

}  // namespace wengert
