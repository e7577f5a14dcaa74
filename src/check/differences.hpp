// Derivatives from differences of values along a line, with an error estimate that can be relied upon.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <wengert/array/array.hpp>

namespace wengert::detail {

/// By bits: a caller's floating-point settings do not matter.
inline bool is_finite(double x) noexcept { return (std::bit_cast<std::uint64_t>(x) >> 52U & 0x7FFU) != 0x7FFU; }

using Arrays = std::vector<Array<double>>;

/// The values of a function at the point of interest plus t times a direction.
using Line = std::function<Arrays(double t)>;

/// What differences say of the slope of sum(weight * value) at t = 0.
struct Slope {
  enum class Kind { smooth, kink, unknown };
  Kind kind = Kind::unknown;
  double value = 0;            // for a kink: the mean of left and right
  double estimate = 0;         // of the error of `value`, for a kink of left and right
  double step = 0;             // the smallest step used
  double left = 0, right = 0;  // for a kink; with several outputs the ends of the interval of what each output's slopes allow
  std::string_view reason = {};  // for an unknown slope: why
};

struct Tolerances {
  static constexpr double agreement = 1e-9;    // times scale: a difference that rounding alone explains
  static constexpr double convergence = 1e-6;  // times scale: an estimate beyond this says nothing
};

/// The slope at t = 0. `at_zero` is line(0); `largest` the largest |coordinate| that the line moves, which limits how small a step
/// can be. The search for better steps ends as soon as the slope is known to agree with `ours` to rounding.
/// An entry of the gradient counts for its scale, a derivative along a direction does not.
Slope slope_along(const Line& line, const Arrays& at_zero, const Arrays& weights, double largest, double scale, double ours, bool is_entry);

}  // namespace wengert::detail
