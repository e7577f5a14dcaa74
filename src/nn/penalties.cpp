// Penalties of large parameters.
#include <wengert/nn/penalties.hpp>

#include <cmath>
#include <sstream>
#include <string_view>

#include <wengert/base/errors.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

namespace wengert {

namespace {

/// factor times the sum of term(w) over the parameters.
template <Real T, class F>
Var<T> penalty(std::string_view who, Tape& tape, const Parameters<T>& parameters, double factor, F term) {
  if (parameters.empty()) throw ValueError(std::string(who) + ": no parameters: 0 are given; at least 1 is needed");
  if (!(std::isfinite(factor) && factor >= 0)) {
    std::ostringstream message;
    message << who << ": the factor is out of its range: " << factor << "; it must be a finite number of at least 0";
    throw ValueError(message.str());
  }
  Var<T> total = sum(term(tape.use(parameters[0])));
  for (std::size_t k = 1; k < parameters.size(); ++k) total = total + sum(term(tape.use(parameters[k])));
  return total * factor;
}

}  // namespace

template <Real T>
Var<T> l1_penalty(Tape& tape, const Parameters<T>& parameters, double factor) {
  return penalty("l1_penalty", tape, parameters, factor, [](const Var<T>& w) { return abs(w); });
}

template <Real T>
Var<T> l2_penalty(Tape& tape, const Parameters<T>& parameters, double factor) {
  return penalty("l2_penalty", tape, parameters, factor, [](const Var<T>& w) { return square(w); });
}

template WENGERT_API Var<float> l1_penalty(Tape&, const Parameters<float>&, double);
template WENGERT_API Var<double> l1_penalty(Tape&, const Parameters<double>&, double);
template WENGERT_API Var<float> l2_penalty(Tape&, const Parameters<float>&, double);
template WENGERT_API Var<double> l2_penalty(Tape&, const Parameters<double>&, double);

}  // namespace wengert
