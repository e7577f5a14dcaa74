// A parameter beside a tensor: for code that is generic over recorded variables and plain arrays, such as layers.
#pragma once

#include <type_traits>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// The parameter's leaf on the tape of x, as tape.use(parameter) gives it. GraphError when x is on no tape.
template <Real T>
WENGERT_API Var<T> use(const Parameter<T>& parameter, const std::type_identity_t<Var<T>>& x);

/// Beside a plain array: the parameter's value.
template <Real T>
Array<T> use(const Parameter<T>& parameter, const std::type_identity_t<Array<T>>&) {
  return parameter.value();
}

}  // namespace wengert
