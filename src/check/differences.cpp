// Central differences at three step sizes, extrapolated to step 0; the steps shrink and grow until rounding and truncation balance.
#include "check/differences.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace wengert::detail {

namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

// ---- step sizes ----

constexpr double first_step = 0.0137;  // rounding then costs about 1e-14, truncation about 1e-10 of a function that varies over 1
constexpr double ratio = 0.47;         // of neighbouring steps; no power of two: a function periodic in a binary fraction would look flat
constexpr int coarsest = -8, finest = 40;

/// Step number k, rounded so that x + h and x - h are exact for the largest coordinate.
double step_size(int k, double largest) {
  const double start = std::max(first_step, largest * 0x1p-30);
  const double h = static_cast<double>(static_cast<float>(start * std::pow(ratio, k)));  // 24 bits leave room for x beside them
  const double quantum = std::ldexp(1.0, std::ilogb(std::max(largest + h, std::numeric_limits<double>::min())) - 52);
  return std::max(1.0, std::floor(h / quantum + 0.5)) * quantum;
}

bool is_too_small(double h, double largest) { return h < 32 * std::numeric_limits<double>::epsilon() * largest; }

// ---- values along the line, combined output by output before they are summed: what does not change cancels exactly ----

template <class F>
double weighted_sum(const Arrays& weights, F&& term) {
  long double sum = 0;
  for (std::size_t a = 0; a < weights.size(); ++a)
    for (std::size_t j = 0; j < weights[a].size(); ++j) sum += static_cast<long double>(weights[a].data()[j]) * term(a, j);
  return static_cast<double>(sum);
}

bool same_shapes(const Arrays& a, const Arrays& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.shape() == y.shape(); });
}

class Probe {
 public:
  Probe(const Line& line, const Arrays& at_zero, const Arrays& weights, double largest) : line_(line), zero_(at_zero), weights_(weights), largest_(largest) {}

  /// odd: (f(h) - f(-h)) / 2h, the slope but for even powers of h. even: (f(h) - 2 f(0) + f(-h)) / h, 0 but for odd powers,
  /// unless the slope jumps at 0.
  struct Level {
    double h = 0, odd = 0, even = 0;
    double rounding = 0;  // what the last digits of the values that change can do to `odd`
    bool finite = false;
  };

  const Level& level(int k) {
    const auto [found, is_new] = levels_.try_emplace(k);
    Level& level = found->second;
    if (!is_new) return level;
    level.h = step_size(k, largest_);
    const Arrays right = line_(level.h), left = line_(-level.h);
    if (!same_shapes(right, zero_) || !same_shapes(left, zero_)) {
      shape_changes_ = true;
      return level;
    }
    const auto at = [](const Arrays& values, std::size_t a, std::size_t j) { return values[a].data()[j]; };
    level.odd = weighted_sum(weights_, [&](std::size_t a, std::size_t j) { return at(right, a, j) - at(left, a, j); }) / (2 * level.h);
    for (std::size_t a = 0; a < weights_.size(); ++a)
      for (std::size_t j = 0; j < weights_[a].size(); ++j)
        if (at(right, a, j) != at(left, a, j)) level.rounding += std::abs(weights_[a].data()[j] * at(right, a, j));
    level.rounding *= 0.5 * std::numeric_limits<double>::epsilon() / level.h;
    level.even = weighted_sum(weights_, [&](std::size_t a, std::size_t j) { return (at(right, a, j) - at(zero_, a, j)) + (at(left, a, j) - at(zero_, a, j)); }) / level.h;
    level.finite = is_finite(level.odd) && is_finite(level.even);
    return level;
  }

  struct Scatter {
    double deviation = unknown;  // standard deviation of the values around a smooth curve
    double range = 0;            // of the values
  };

  /// How far nine values at start, start + spacing, ... scatter: from the variance of their sixth differences (Moré and Wild,
  /// "Estimating Computational Noise", 2011).
  Scatter scatter(double start, double spacing) {
    std::array<double, 9> table;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Arrays values = line_(start + spacing * static_cast<double>(i));
      if (!same_shapes(values, zero_)) return {};
      table[i] = weighted_sum(weights_, [&](std::size_t a, std::size_t j) { return values[a].data()[j] - zero_[a].data()[j]; });
    }
    const auto [low, high] = std::minmax_element(table.begin(), table.end());
    Scatter out{.deviation = unknown, .range = *high - *low};
    constexpr std::size_t order = 6;
    constexpr double factor = 720.0 * 720.0 / 479001600.0;  // (k!)^2 / (2k)!: turns the variance of a k-th difference into that of a value
    for (std::size_t k = 1; k <= order; ++k)
      for (std::size_t i = 0; i + k < table.size(); ++i) table[i] = table[i + 1] - table[i];
    double squares = 0;
    for (std::size_t i = 0; i + order < table.size(); ++i) squares += table[i] * table[i];
    const double deviation = std::sqrt(factor * squares / static_cast<double>(table.size() - order));
    if (is_finite(deviation)) out.deviation = deviation;
    return out;
  }

  /// The noise of values near 0: what scatters on both sides. A kink beside the point is on one.
  double noise(double spacing) {
    const double right = scatter(spacing, spacing).deviation;
    return right == 0 ? 0 : std::min(right, scatter(-spacing, -spacing).deviation);
  }

  bool shape_changes() const noexcept { return shape_changes_; }
  double largest() const noexcept { return largest_; }
  const Line& line() const noexcept { return line_; }
  const Arrays& zero() const noexcept { return zero_; }
  const Arrays& weights() const noexcept { return weights_; }

 private:
  const Line& line_;
  const Arrays& zero_;
  const Arrays& weights_;
  double largest_;
  std::map<int, Level> levels_;
  bool shape_changes_ = false;
};

// ---- extrapolation to step 0 ----

/// The value at 0 of the line through (a, at_a) and (b, at_b).
double to_zero(double a, double at_a, double b, double at_b) { return at_b + (at_b - at_a) * b / (a - b); }

/// Slopes from steps k, k + 1, k + 2.
struct Central {
  double value = 0, estimate = unknown;            // the slope
  double jump = 0, jump_estimate = unknown;        // right slope less left slope
  double step = 0, rounding = 0;
  bool finite = false;
};

Central central(Probe& probe, int k) {
  const auto &a = probe.level(k), &b = probe.level(k + 1), &c = probe.level(k + 2);
  Central out;
  out.step = c.h;
  out.rounding = c.rounding;
  if (!a.finite || !b.finite || !c.finite || !(a.h > b.h && b.h > c.h)) return out;
  const double a2 = a.h * a.h, b2 = b.h * b.h, c2 = c.h * c.h;
  // odd = slope + O(h^2) + O(h^4): the estimate is that of a fourth-order value at larger steps, so it errs on the safe side.
  const double coarse = to_zero(a2, a.odd, b2, b.odd), fine = to_zero(b2, b.odd, c2, c.odd);
  out.value = to_zero(a2, coarse, c2, fine);
  out.estimate = 2 * std::abs(fine - coarse);
  // even = jump + O(h) + O(h^3): the linear term goes first, as line through neighbours; what is left behaves as a b (a + b).
  const double jump_coarse = to_zero(a.h, a.even, b.h, b.even), jump_fine = to_zero(b.h, b.even, c.h, c.even);
  out.jump = to_zero(a.h * b.h * (a.h + b.h), jump_coarse, b.h * c.h * (b.h + c.h), jump_fine);
  out.jump_estimate = 2 * std::abs(jump_fine - out.jump);
  out.finite = is_finite(out.value) && is_finite(out.jump);
  return out;
}

/// Whether the slope may jump at 0: it seems to, or the steps are too large to tell.
bool may_jump(double jump, double estimate, double scale) {
  constexpr double resolution = 1e-4;
  return !(std::abs(jump) <= Tolerances::agreement * scale + estimate) || !(estimate <= resolution * scale);
}

/// One-sided slopes from three steps. Each output has an interval of slopes of its own, whose sum is what a gradient may be.
struct Sides {
  double low = 0, high = 0, estimate = unknown, step = 0;
};

Sides one_sided(Probe& probe, int k) {
  std::array<double, 3> h;
  std::array<Arrays, 3> right, left;
  for (std::size_t i = 0; i < 3; ++i) {
    h[i] = step_size(k + static_cast<int>(i), probe.largest());
    right[i] = probe.line()(h[i]);
    left[i] = probe.line()(-h[i]);
    if (!same_shapes(right[i], probe.zero()) || !same_shapes(left[i], probe.zero())) return {};
  }
  if (!(h[0] > h[1] && h[1] > h[2])) return {};
  Sides out{.low = 0, .high = 0, .estimate = 0, .step = h[2]};
  const Arrays& weights = probe.weights();
  for (std::size_t a = 0; a < weights.size(); ++a) {
    for (std::size_t j = 0; j < weights[a].size(); ++j) {
      const double zero = probe.zero()[a].data()[j], weight = weights[a].data()[j];
      const auto extrapolated = [&](const std::array<Arrays, 3>& side, double sign) {
        std::array<double, 3> slope;
        for (std::size_t i = 0; i < 3; ++i) slope[i] = (side[i][a].data()[j] - zero) / (sign * h[i]);
        const double coarse = to_zero(h[0], slope[0], h[1], slope[1]), fine = to_zero(h[1], slope[1], h[2], slope[2]);
        const double best = to_zero(h[0], coarse, h[2], fine);
        out.estimate += 2 * std::abs(weight * (best - fine));
        return weight * best;
      };
      const double from_right = extrapolated(right, 1), from_left = extrapolated(left, -1);
      out.low += std::min(from_right, from_left);
      out.high += std::max(from_right, from_left);
    }
  }
  if (!is_finite(out.low) || !is_finite(out.high) || !is_finite(out.estimate)) out.estimate = unknown;
  return out;
}

/// What a list of estimates, from coarse to fine, says of entry k beyond the entry's own estimate: how far the next coarser one is
/// away, as a single triple may agree by chance; and the noise that finer ones show, carried over to this one's larger step.
template <class Estimates, class Distance>
double doubt(const Estimates& list, std::size_t k, Distance distance) {
  double doubted = 0;
  if (k > 0 && is_finite(list[k - 1].estimate)) doubted = distance(list[k - 1], list[k]);
  double noise = 0;
  for (std::size_t m = k + 1; m < list.size(); ++m)
    if (is_finite(list[m].estimate)) noise = std::max(noise, distance(list[m], list[k]) * list[m].step);
  return doubted + 2 * noise / list[k].step;
}

/// The best one-sided slopes, from ever smaller steps down to number `last`.
Sides best_sides(Probe& probe, int last, double scale) {
  std::vector<Sides> list;
  for (int k = 0; k + 2 <= last; ++k) {
    list.push_back(one_sided(probe, k));
    // Two in a row that agree to more than is asked for: finer steps only add noise.
    if (k > 0 && list.back().estimate + list[list.size() - 2].estimate <= 0.1 * Tolerances::agreement * scale) break;
  }
  Sides best;
  for (std::size_t k = 0; k < list.size(); ++k) {
    Sides sides = list[k];
    if (!is_finite(sides.estimate)) continue;
    sides.estimate += doubt(list, k, [](const Sides& a, const Sides& b) { return std::abs(a.low - b.low) + std::abs(a.high - b.high); });
    if (sides.estimate >= best.estimate) continue;
    sides.estimate += 8 * probe.noise(sides.step) / sides.step;
    if (sides.estimate < best.estimate) best = sides;
  }
  return best;
}

/// The finest level of use. Below the steps at which values stop changing lies either a piece on which the function is constant,
/// or the last digit of a value that is computed with few digits; only the latter scatters on both sides above these steps.
int finest_useful(Probe& probe, int last) {
  const auto flat = [&](int k) { return probe.level(k).odd == 0; };
  int moving = 0;  // the level above the first three in a row at which nothing moves
  while (moving + 3 <= last && (flat(moving) || !(flat(moving + 1) && flat(moving + 2) && flat(moving + 3)))) ++moving;
  if (moving + 3 > last) return last;
  const double h = probe.level(moving).h;
  const auto scatters = [&](double spacing, double relative) {
    const auto side = [&](double s) {
      const auto found = probe.scatter(s, s);
      return found.deviation > relative * found.range;
    };
    return side(spacing) && side(-spacing);
  };
  // Nine values over some steps of a staircase scatter by a few hundredths of their range, over hundreds of steps by 1e-4; those of
  // a smooth curve by their rounding. An edge of the staircase may be very near to the point, and the spacing may be just a whole
  // number of its steps, hence several. Where the steps are not tiny there may be true kinks on both sides, but not at every spacing.
  const bool tiny = h < 1e-3 * step_size(0, probe.largest());
  const bool staircase = tiny ? scatters(23.7 * h, 1e-4) || scatters(61.3 * h, 1e-4) || scatters(509.9 * h, 1e-5) : scatters(4.7 * h, 1e-4) && scatters(31.3 * h, 1e-4);
  return staircase ? moving : last;
}

}  // namespace

Slope slope_along(const Line& line, const Arrays& at_zero, const Arrays& weights, double largest, double given_scale, double ours, bool is_entry) {
  Probe probe(line, at_zero, weights, largest);
  const auto scale = [=](double slope) { return is_entry ? std::max(given_scale, std::abs(slope)) : given_scale; };
  const auto rounding = [&](double slope) { return Tolerances::agreement * scale(slope); };
  const auto limit = [&](double slope) { return Tolerances::convergence * scale(slope); };
  const auto smooth = [](const Central& c) { return Slope{.kind = Slope::Kind::smooth, .value = c.value, .estimate = c.estimate, .step = c.step}; };
  const auto steepest = [](const Sides& s) { return std::max(std::abs(s.low), std::abs(s.high)); };
  const auto is_kink = [&](const Sides& s) { return s.estimate <= limit(steepest(s)) && s.high - s.low > rounding(steepest(s)) + 2 * s.estimate; };
  const auto kink = [](const Sides& s) {
    return Slope{.kind = Slope::Kind::kink, .value = (s.low + s.high) / 2, .estimate = s.estimate, .step = s.step, .left = s.low, .right = s.high};
  };

  // The usual case: the first triple, or one a little finer, agrees with ours to rounding.
  int last = 2;
  {
    double before = unknown;
    bool improves = true, sides_seen = false;
    for (int k = 0; k + 2 <= finest && !is_too_small(step_size(k + 2, largest), largest); ++k) {
      const Central c = central(probe, k);
      if (probe.shape_changes()) return {.reason = "the shape of the function's value changes beside the point"};
      last = k + 2;
      if (!c.finite) continue;
      improves = improves && c.estimate < before;
      before = c.estimate;
      if (c.estimate > rounding(c.value)) continue;
      if (!may_jump(c.jump, c.jump_estimate, scale(c.value))) {
        if (improves && std::abs(c.value - ours) <= rounding(c.value) + c.estimate) return smooth(c);
      } else if (!std::exchange(sides_seen, true)) {
        if (const Sides sides = best_sides(probe, k + 6, given_scale); sides.estimate <= rounding(steepest(sides)) && is_kink(sides)) return kink(sides);
      }
    }
  }

  // Not so easily: a wrong slope, a kink, noise, or a function that has no slope. Steps of all sizes have their say.
  last = finest_useful(probe, last);
  std::vector<Central> list;
  for (int k = coarsest; k + 2 <= last; ++k) list.push_back(central(probe, k));
  Central chosen;
  double jump = 0, jump_estimate = unknown;
  // A finer triple that contradicts a coarser one is right: the coarse one has stepped over what is there.
  const auto better = [&](double value, double estimate, double old_value, double old_estimate) {
    return estimate < old_estimate || (estimate <= limit(value) && std::abs(value - old_value) > estimate + old_estimate);
  };
  for (std::size_t k = 0; k < list.size(); ++k) {
    Central c = list[k];
    if (!c.finite) continue;
    c.estimate = 0.5 * c.estimate + doubt(list, k, [](const Central& a, const Central& b) { return std::abs(a.value - b.value); });
    c.jump_estimate = 0.5 * c.jump_estimate + doubt(list, k, [](const Central& a, const Central& b) { return std::abs(a.jump - b.jump); });
    const bool better_value = better(c.value, c.estimate, chosen.value, chosen.estimate), better_jump = better(c.jump, c.jump_estimate, jump, jump_estimate);
    if (!better_value && !better_jump) continue;
    // Three steps, and those beside them, may agree by chance where noise rules. In what follows from them noise counts about once.
    const double noise = probe.noise(c.step) / c.step;
    c.estimate = std::max({c.estimate, 0.5 * c.estimate + 4 * noise, 1.5 * c.rounding});
    c.jump_estimate = std::max(c.jump_estimate, 0.5 * c.jump_estimate + 8 * noise);
    if (better_value && better(c.value, c.estimate, chosen.value, chosen.estimate)) chosen = c;
    if (better_jump && better(c.jump, c.jump_estimate, jump, jump_estimate)) {
      jump = c.jump;
      jump_estimate = c.jump_estimate;
    }
  }
  const bool converged = chosen.estimate <= limit(chosen.value);
  if (converged && !may_jump(jump, jump_estimate, scale(chosen.value))) return smooth(chosen);

  const Sides sides = best_sides(probe, last, given_scale);
  if (is_kink(sides)) return kink(sides);
  if (sides.estimate <= limit(steepest(sides))) return {.kind = Slope::Kind::smooth, .value = (sides.low + sides.high) / 2, .estimate = sides.estimate, .step = sides.step};
  Slope out{.value = chosen.value, .estimate = chosen.estimate, .step = chosen.step};
  if (!chosen.finite) {
    out.reason = "the function is not finite beside the point";
  } else if (converged) {
    out.reason = "the slopes from left and right do not converge";
  } else {
    out.reason = "the differences do not converge: the function jumps, has no slope, or is computed with too few digits";
  }
  return out;
}

}  // namespace wengert::detail
