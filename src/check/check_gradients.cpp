// The check itself: what a function's pullbacks say at a point, order by order, against differences of the order below.
#include <wengert/check/check_gradients.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>
#include <set>

#include <wengert/base/errors.hpp>

#include "check/derivatives.hpp"
#include "check/differences.hpp"

namespace wengert::detail {

namespace {

// ---- random numbers: few, the same on every machine ----

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  /// Of random sign, its size in [0.5, 1.5]: no entry of a cotangent is small enough to hide an error.
  double sized() noexcept {
    const std::uint64_t bits = next();
    const double size = 0.5 + static_cast<double>(bits >> 11U) * 0x1p-53;
    return (bits & 1U) != 0 ? size : -size;
  }
  double sign() noexcept { return (next() & 1U) != 0 ? 1 : -1; }

 private:
  std::uint64_t next() noexcept {  // SplitMix64
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

Array<double> random_array(const Shape& shape, Random& random) {
  return Array<double>::build(shape, [&](std::span<double> out) { std::generate(out.begin(), out.end(), [&] { return random.sized(); }); });
}

// ---- words ----

std::string text(double x) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::general, 12);
  return {buffer.data(), end};
}
std::string short_text(double x) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::general, 2);
  return {buffer.data(), end};
}

std::string counted(std::size_t n, const char* one, const char* many) { return std::to_string(n) + " " + (n == 1 ? one : many); }

std::vector<std::size_t> index_of(std::size_t entry, const Shape& shape) {
  std::vector<std::size_t> index(shape.rank());
  for (std::size_t axis = shape.rank(); axis-- > 0; entry /= shape[axis]) index[axis] = entry % shape[axis];
  return index;
}

// ---- arrays ----

std::optional<std::size_t> first_not_finite(const Array<double>& array) {
  const auto found = std::find_if_not(array.begin(), array.end(), is_finite);
  if (found == array.end()) return std::nullopt;
  return static_cast<std::size_t>(found - array.begin());
}

std::optional<std::size_t> first_other_bits(const Array<double>& a, const Array<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint64_t>(a.data()[i]) != std::bit_cast<std::uint64_t>(b.data()[i])) return i;
  return std::nullopt;
}

double largest_entry(const Array<double>& array) {
  double largest = 0;
  for (const double x : array) largest = std::max(largest, std::abs(x));
  return largest;
}

/// x + t * direction; `entry` alone moves, by t, where there is no direction.
Array<double> moved(const Array<double>& x, const Array<double>& direction, std::size_t entry, double t) {
  return Array<double>::build(x.shape(), [&](std::span<double> out) {
    std::copy(x.begin(), x.end(), out.begin());
    if (direction.is_nothing()) {
      out[entry] += t;
    } else {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += t * direction.data()[i];
    }
  });
}

// ---- the check ----

class Check {
 public:
  Check(CheckedFunction function, std::span<const Array<double>> at, const GradientCheckOptions& options)
      : derivatives_(function), inputs_(at.begin(), at.end()), options_(options), random_(options.seed) {}

  GradientReport run() {
    try {
      if (point_is_good() && function_is_good())
        for (order_ = 1; order_ <= options_.order; ++order_)
          if (!check_order()) break;
    } catch (const BrokenPullback& broken) {
      add({.kind = GradientFinding::Kind::contract, .order = order_}, broken.what);
    }
    conclude();
    return std::move(report_);
  }

 private:
  using Kind = GradientFinding::Kind;

  // ---- what must hold before anything is compared ----

  bool point_is_good() {
    for (std::size_t k = 0; k < inputs_.size(); ++k) {
      if (inputs_[k].is_nothing()) throw ValueError("check_gradients: " + name(k) + " holds nothing: it was default-constructed or moved from; an array is needed");
      if (const auto entry = first_not_finite(inputs_[k])) {
        contract(k, *entry, inputs_[k], "the point is not finite: " + text(inputs_[k].data()[*entry]) + " in " + place(k, *entry) + "; check at finite values");
        return false;
      }
    }
    return true;
  }

  bool function_is_good() {
    const Array<double> value = derivatives_.value(inputs_), again = derivatives_.value(inputs_);
    if (value.shape() != again.shape() || first_other_bits(value, again)) {
      add({.kind = Kind::contract}, "the function gives another value when called again with the same arguments; fix what is random in it");
      return false;
    }
    if (const auto entry = first_not_finite(value)) {
      const auto index = index_of(*entry, value.shape());
      add({.kind = Kind::contract, .index = index}, "the function's value is not finite: " + text(value.data()[*entry]) + at_index(index) + "; check where it is");
      return false;
    }
    weights_.cotangent = random_array(value.shape(), random_);
    return true;
  }

  // ---- one order ----

  bool check_order() {
    if (order_ == 2) inputs_.push_back(weights_.cotangent);
    const Arrays ours = derivatives_.gradient(order_, inputs_, weights_);
    if (!promises_kept(ours)) return false;
    const Arrays below = order_ == 1 ? Arrays{derivatives_.value(inputs_)} : derivatives_.gradient(order_ - 1, lower_inputs(inputs_), weights_);
    const Arrays below_weights = order_ == 1 ? Arrays{weights_.cotangent} : weights_.orders[order_ - 2];
    for (std::size_t k = 0; k < inputs_.size(); ++k) compare(k, ours[k], below, below_weights);
    if (order_ < options_.order) {
      weights_.orders.emplace_back();
      for (const auto& gradient : ours) weights_.orders.back().push_back(random_array(gradient.shape(), random_));
      return recorded_agrees(ours);
    }
    return true;
  }

  /// The inputs of order n - 1: the cotangent of order 1 is a weight.
  std::span<const Array<double>> lower_inputs(const Arrays& inputs) const {
    return order_ == 2 ? std::span<const Array<double>>(inputs).first(inputs.size() - 1) : std::span<const Array<double>>(inputs);
  }

  bool promises_kept(const Arrays& ours) {
    for (std::size_t k = 0; k < ours.size(); ++k) {
      if (const auto entry = first_not_finite(ours[k])) {
        contract(k, *entry, ours[k], "the gradient is not finite: " + text(ours[k].data()[*entry]) + " by " + place(k, *entry) + "; check where it is");
        return false;
      }
    }
    // Once more, and once with the tape kept: gradients that are moved, and that must not be, are the same.
    for (const bool consuming : {true, false}) {
      const Arrays again = derivatives_.gradient(order_, inputs_, weights_, consuming);
      for (std::size_t k = 0; k < ours.size(); ++k) {
        if (const auto entry = first_other_bits(ours[k], again[k])) {
          contract(k, *entry, ours[k], "the pullback gives another gradient when run again: " + text(ours[k].data()[*entry]) + ", then " + text(again[k].data()[*entry]) + " by " +
                                           place(k, *entry) + "; it must depend on its arguments alone");
          return false;
        }
      }
    }
    return true;
  }

  /// The recorded gradient, which the next order differentiates, has the value of the plain one.
  bool recorded_agrees(const Arrays& ours) {
    Arrays inputs = inputs_;
    if (order_ == 1) inputs.push_back(weights_.cotangent);
    const Arrays recorded = derivatives_.recorded(order_, inputs, weights_);
    for (std::size_t k = 0; k < ours.size(); ++k) {
      const double tolerance = Tolerances::agreement * std::max(1.0, largest_entry(ours[k]));
      for (std::size_t i = 0; i < ours[k].size(); ++i) {
        const double a = ours[k].data()[i], b = recorded[k].data()[i];
        if (std::abs(a - b) <= tolerance) continue;
        contract(k, i, ours[k], "the recorded gradient differs from the plain one: " + text(b) + " and " + text(a) + " by " + place(k, i) +
                                    "; the pullback must be the same for Array and Var");
        return false;
      }
    }
    return true;
  }

  // ---- one input ----

  void compare(std::size_t k, const Array<double>& ours, const Arrays& below, const Arrays& below_weights) {
    const double scale = std::max(1.0, largest_entry(ours)), largest = largest_entry(inputs_[k]);
    const auto slope = [&](const Array<double>& direction, std::size_t entry, double our_slope) {
      Arrays inputs = inputs_;
      Weights weights = weights_;  // order 2 and the cotangent: below, the cotangent is a weight
      const Line line = [&](double t) {
        inputs[k] = moved(inputs_[k], direction, entry, t);
        if (order_ == 1) return Arrays{derivatives_.value(inputs)};
        if (order_ == 2) weights.cotangent = inputs.back();
        return derivatives_.gradient(order_ - 1, lower_inputs(inputs), weights);
      };
      return slope_along(line, below, below_weights, direction.is_nothing() ? std::abs(inputs_[k].data()[entry]) : largest, scale, our_slope, direction.is_nothing());
    };
    if (ours.size() <= options_.entries) {
      for (std::size_t i = 0; i < ours.size(); ++i) {
        if (kinked_.count({k, i}) != 0) continue;  // the gradient jumps there
        judge(k, i, slope({}, i, ours.data()[i]), ours, ours.data()[i], scale);
      }
      return;
    }
    if (kinked_.count({k, every_entry}) != 0) return;
    for (std::size_t n = 0; n < options_.directions; ++n) {
      const auto direction = Array<double>::build(ours.shape(), [&](std::span<double> out) { std::generate(out.begin(), out.end(), [&] { return random_.sign(); }); });
      long double along = 0;
      for (std::size_t i = 0; i < ours.size(); ++i) along += static_cast<long double>(ours.data()[i]) * direction.data()[i];
      judge(k, every_entry, slope(direction, 0, static_cast<double>(along)), ours, static_cast<double>(along), scale);
    }
  }

  void judge(std::size_t k, std::size_t entry, const Slope& slope, const Array<double>& gradient, double ours, double scale) {
    ++report_.compared;
    if (entry != every_entry) scale = std::max({scale, std::abs(slope.value), std::abs(slope.left), std::abs(slope.right)});
    GradientFinding finding{.order = order_, .input = k, .ours = ours, .differences = slope.value, .left = slope.left, .right = slope.right, .estimate = slope.estimate, .step = slope.step};
    if (entry != every_entry) finding.index = index_of(entry, gradient.shape());
    const std::string where = entry != every_entry ? place(k, entry) : name(k) + " along a random direction";
    const double tolerance = Tolerances::agreement * scale + slope.estimate;
    switch (slope.kind) {
      case Slope::Kind::unknown:
        ++report_.inconclusive;
        finding.kind = Kind::inconclusive;
        add(std::move(finding), where + ": ours " + text(ours) + "; no answer from differences (about " + text(slope.value) + " +- " + short_text(slope.estimate) + " with step " +
                                    short_text(slope.step) + "): " + std::string(slope.reason));
        return;
      case Slope::Kind::kink:
        if (ours >= slope.left - tolerance && ours <= slope.right + tolerance) {
          ++report_.kinks;
          kinked_.insert({k, entry});
          finding.kind = Kind::kink;
          add(std::move(finding), where + ": ours " + text(ours) + ", between the slopes " + text(slope.left) + " and " + text(slope.right) + " on its sides (step " + short_text(slope.step) + ")");
        } else {
          ++report_.wrong;
          add(std::move(finding), where + ": ours " + text(ours) + ", but at this kink the slopes on its sides are " + text(slope.left) + " and " + text(slope.right) + " (+- " +
                                      short_text(slope.estimate) + ", step " + short_text(slope.step) + "); a value between them would be right");
        }
        return;
      case Slope::Kind::smooth: break;
    }
    const double difference = std::abs(ours - slope.value);
    if (difference <= tolerance) {
      report_.worst_difference = std::max(report_.worst_difference, difference / scale);
      report_.worst_estimate = std::max(report_.worst_estimate, slope.estimate / scale);
      return;
    }
    ++report_.wrong;
    add(std::move(finding), where + ": ours " + text(ours) + ", differences " + text(slope.value) + " (+- " + short_text(slope.estimate) + ", step " + short_text(slope.step) + ")" +
                                (slope.value != 0 ? "; ours / differences = " + text(ours / slope.value) : std::string()));
  }

  // ---- the report ----

  static constexpr std::size_t every_entry = static_cast<std::size_t>(-1);

  std::string name(std::size_t k) const {
    if (order_ > 1 && k + 1 == inputs_.size()) return "the cotangent";
    return "input " + std::to_string(k);
  }
  static std::string at_index(const std::vector<std::size_t>& index) {
    std::string out;
    for (const std::size_t i : index) out += (out.empty() ? " at (" : ", ") + std::to_string(i);
    return index.empty() ? out : out + ")";
  }
  std::string place(std::size_t k, std::size_t entry) const { return name(k) + at_index(index_of(entry, inputs_[k].shape())); }

  void contract(std::size_t k, std::size_t entry, const Array<double>& array, std::string what) {
    add({.kind = Kind::contract, .order = order_, .input = k, .index = index_of(entry, array.shape())}, std::move(what));
  }

  void add(GradientFinding finding, std::string what) {
    static constexpr std::array kinds{"wrong gradient", "inconclusive", "kink", "check_gradients"};
    finding.text = std::string(kinds[static_cast<std::size_t>(finding.kind)]) + (finding.order > 1 ? " of order " + std::to_string(finding.order) : std::string()) + ": " + std::move(what);
    report_.findings.push_back(std::move(finding));
  }

  void conclude() {
    const auto count = [this](Kind kind) { return static_cast<std::size_t>(std::count_if(report_.findings.begin(), report_.findings.end(), [kind](const auto& f) { return f.kind == kind; })); };
    report_.ok = count(Kind::contract) == 0 && report_.wrong == 0 && report_.inconclusive == 0;
    if (report_.ok) {
      report_.message = counted(report_.compared, "derivative", "derivatives") + " of order " + (options_.order > 1 ? "1 to " + std::to_string(options_.order) : std::string("1")) + " agree with differences to " +
                        short_text(report_.worst_difference) + " (errors of the differences up to " + short_text(report_.worst_estimate) + ")";
      if (report_.kinks > 0) report_.message += "; " + counted(report_.kinks, "is", "are") + " at a kink";
    } else {
      report_.message = "the gradients are not as they should be: " + std::to_string(report_.compared) + " compared, " + std::to_string(report_.wrong) + " wrong, " + std::to_string(report_.inconclusive) +
                        " inconclusive, " + counted(report_.kinks, "kink", "kinks");
    }
    constexpr std::size_t shown = 5;
    for (const Kind kind : {Kind::contract, Kind::wrong, Kind::inconclusive, Kind::kink}) {
      std::size_t seen = 0;
      for (const auto& finding : report_.findings)
        if (finding.kind == kind && ++seen <= shown) report_.message += "\n  " + finding.text;
      if (seen > shown) report_.message += "\n  and " + std::to_string(seen - shown) + " more like these";
    }
  }

  Derivatives derivatives_;
  Arrays inputs_;  // from order 2 on with the cotangent as the last
  GradientCheckOptions options_;
  Random random_;
  Weights weights_;
  std::size_t order_ = 1;
  std::set<std::pair<std::size_t, std::size_t>> kinked_;  // input and entry
  GradientReport report_;
};

}  // namespace

GradientReport check_gradients_of(CheckedFunction function, std::span<const Array<double>> at, const GradientCheckOptions& options) {
  if (options.order == 0) throw ValueError("check_gradients: the order is 0; 1 is the gradient, 2 its gradient, ...");
  if (options.directions == 0) throw ValueError("check_gradients: no directions: 0; a large input needs at least one");
  if (at.empty()) throw ValueError("check_gradients: no inputs; give at least one array to differentiate by");
  return Check(function, at, options).run();
}

}  // namespace wengert::detail
