// What the checks of the table share: comparing arrays, and computing a row at a point.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/tape.hpp>

#include "ops/table.hpp"

namespace wengert::test {

// ---- comparing ----

template <Real T>
inline constexpr double epsilon = std::numeric_limits<T>::epsilon();

/// Differences between compilers' and kernels' roundings of a slope: a few operations on numbers around 1.
inline constexpr double slope_ulps = 24;

/// The largest size of an element; NaN where one of them is.
template <Real T>
double largest(const Array<T>& x) {
  double found = 0;
  for (const T value : x.values()) found = std::isnan(value) ? static_cast<double>(value) : std::max(found, static_cast<double>(std::abs(value)));
  return found;
}

/// |got - want| <= tolerance everywhere, in the same shape; NaN only where NaN is wanted.
template <Real G, Real W>
testing::AssertionResult is_near(const Array<G>& got, const Array<W>& want, double tolerance) {
  if (got.shape() != want.shape()) return testing::AssertionFailure() << "the shape is " << got.shape() << ", not " << want.shape();
  for (std::size_t k = 0; k < got.size(); ++k) {
    const double a = static_cast<double>(got.data()[k]), b = static_cast<double>(want.data()[k]);
    if (!(std::abs(a - b) <= tolerance)) return testing::AssertionFailure() << "element " << k << " of " << got.shape() << " is " << a << ", not " << b << " +- " << tolerance;
  }
  return testing::AssertionSuccess();
}

template <Real T>
testing::AssertionResult has_same_bits(const Array<T>& got, const Array<T>& want) {
  if (got.shape() != want.shape()) return testing::AssertionFailure() << "the shape is " << got.shape() << ", not " << want.shape();
  for (std::size_t k = 0; k < got.size(); ++k) {
    if (std::memcmp(got.data() + k, want.data() + k, sizeof(T)) != 0)
      return testing::AssertionFailure() << "element " << k << " of " << got.shape() << " is " << got.data()[k] << ", not " << want.data()[k];
  }
  return testing::AssertionSuccess();
}

template <class X>
std::string shapes_of(const std::vector<X>& inputs) {
  std::string text;
  for (const auto& input : inputs) {
    if constexpr (std::is_same_v<X, Shape>) text += " " + to_string(input); else text += " " + to_string(input.shape);
  }
  return "inputs" + text;
}

// ---- what a row computes ----

/// Where the k-th element of shape `to` comes from in an array of shape `from` that is stretched to it.
inline std::size_t place_in(const Shape& from, const Shape& to, std::size_t k) {
  std::size_t offset = 0, stride = 1;
  for (std::size_t back = 0; back < from.rank(); ++back) {
    const std::size_t extent = from[from.rank() - 1 - back], whole = to[to.rank() - 1 - back];
    if (extent != 1) offset += k % whole * stride;
    k /= whole;
    stride *= extent;
  }
  return offset;
}

/// f(numbers) for each element of arrays that are stretched to one shape; `numbers` are theirs, in extended precision.
template <class F>
Array<double> elementwise(const std::vector<Array<double>>& x, F f) {
  Shape to;
  for (const auto& input : x) to = broadcast_shape("reference", to, input.shape());
  return Array<double>::build(to, [&](std::span<double> out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      std::vector<long double> numbers;
      for (const auto& input : x) numbers.push_back(static_cast<long double>(input.data()[place_in(input.shape(), to, k)]));
      out[k] = static_cast<double>(f(numbers.data()));
    }
  });
}

/// The row's reference: its formula element by element in extended precision, or its loops.
inline Array<double> reference_of(const Row& row, const std::vector<Array<double>>& x) { return row.is_elementwise() ? elementwise(x, row.formula) : row.reference(x); }

/// Value and gradients of a row at a point, for a fixed cotangent.
template <Real T>
struct Outcome {
  Array<T> value;
  std::vector<Array<T>> gradients;
};

template <Real T>
std::vector<Var<T>> variables(Tape& tape, const std::vector<Array<T>>& x) {
  std::vector<Var<T>> leaves;
  for (const auto& input : x) leaves.push_back(tape.variable(input));
  return leaves;
}

template <Real T>
Array<T> cotangent_for(const Shape& shape) {
  return draw<T>({{shape, Domain::nonzero}}, 7)[0];
}

template <Real T>
Outcome<T> outcome_of(const Row& row, const std::vector<Array<T>>& x) {
  Tape tape;
  const auto leaves = variables(tape, x);
  const Var<T> y = row.function(std::span<const Var<T>>(leaves));
  Outcome<T> found{y.value(), {}};
  const Gradients g = tape.backward(y, {.cotangent = cotangent_for<T>(y.shape())});
  for (const auto& leaf : leaves) found.gradients.push_back(g[leaf]);
  return found;
}

// ---- the rest ----

inline std::vector<Input> with_shapes(const std::vector<Input>& inputs, const std::vector<Shape>& shapes) {
  auto changed = inputs;
  for (std::size_t i = 0; i < changed.size(); ++i) changed[i].shape = shapes[i];
  return changed;
}

inline testing::AssertionResult gradients_hold(const GradientReport& report) {
  if (!report.ok) return testing::AssertionFailure() << report.message;
  if (report.kinks > 0) return testing::AssertionFailure() << "a row's domain keeps clear of kinks: " << report.message;
  return testing::AssertionSuccess();
}

}  // namespace wengert::test
