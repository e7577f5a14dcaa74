// What the tests of the optimizers share: gradients that are chosen, and parameters to give them to.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert::test {

template <Real T>
Array<T> row(std::initializer_list<T> values) {
  return from_values<T>(values, {values.size()});
}

/// The Gradients of sum over parameters of sum(parameter * gradient): any gradients that one likes.
template <Real T>
Gradients gradients(const std::vector<std::pair<Parameter<T>, Array<T>>>& chosen) {
  Tape tape;
  Var<T> total = tape.constant(T(0));
  for (const auto& [parameter, gradient] : chosen) total = total + sum(tape.use(parameter) * gradient);
  return tape.backward(total);
}

}  // namespace wengert::test
