// Penalties of large parameters, to add to a loss.
#pragma once

#include <wengert/base/export.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>

namespace wengert {

/// y = factor times the sum of |w| over all elements of the parameters.   dw = g factor sign(w), 0 at w = 0.   Lasso: it drives to 0 what the loss
/// does not need. ValueError for no parameters, and for a factor that is negative or not finite.
template <Real T>
WENGERT_API Var<T> l1_penalty(Tape& tape, const Parameters<T>& parameters, double factor);

/// y = factor times the sum of w^2 over all elements of the parameters.   dw = g 2 factor w, as weight decay by 2 factor has it.   Ridge: it keeps
/// parameters small. ValueError for no parameters, and for a factor that is negative or not finite.
template <Real T>
WENGERT_API Var<T> l2_penalty(Tape& tape, const Parameters<T>& parameters, double factor);

}  // namespace wengert
