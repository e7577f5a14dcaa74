// How many units of the last place each elementwise function is off at worst. docs/operations.md has the table; this test holds it to
// some points of each range, and measures it anew when asked to: WENGERT_MEASURE=accuracy prints its lines, from every float of a range, and ten
// million doubles. scripts/accuracy.sh does that.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>

#include "array/numbers.hpp"
#include "array/simd.hpp"

namespace wengert::test {

namespace {

// ---- the functions ----

struct Range {
  double low, high;
};

struct Measured {
  std::string name;
  Range of_float, of_double;
  Array<float> (*floats)(const Array<float>&);
  Array<double> (*doubles)(const Array<double>&);
  double (*reference)(double);                 // for floats
  long double (*long_reference)(long double);  // for doubles
  bool crosses_zero = false;                   // beside its zeros the error is small beside 1, not beside the value: 4 epsilon
};

std::ostream& operator<<(std::ostream& out, const Measured& function) { return out << function.name; }

template <class F, class R>
Measured measured(std::string name, Range of_float, Range of_double, F, R) {
  return {std::move(name),
          of_float,
          of_double,
          [](const Array<float>& x) -> Array<float> { return F{}(x); },
          [](const Array<double>& x) -> Array<double> { return F{}(x); },
          [](double x) -> double { return R{}(x); },
          [](long double x) -> long double { return R{}(x); }};
}
template <class F, class R>
Measured measured(std::string name, Range range, F f, R r) {
  return measured(std::move(name), range, range, f, r);
}

constexpr double all = std::numeric_limits<double>::max();
constexpr Range anywhere{-all, all}, positive{0, all};

std::vector<Measured> functions() {
  std::vector<Measured> list{
      measured("exp", {-104, 89}, {-746, 710}, [](auto x) { return exp(x); }, [](auto x) { return std::exp(x); }),
      measured("expm1", {-104, 89}, {-746, 710}, [](auto x) { return expm1(x); }, [](auto x) { return std::expm1(x); }),
      measured("exp2", {-150, 128}, {-1075, 1024}, [](auto x) { return exp2(x); }, [](auto x) { return std::exp2(x); }),
      measured("log", positive, [](auto x) { return log(x); }, [](auto x) { return std::log(x); }),
      measured("log1p", {-1, all}, [](auto x) { return log1p(x); }, [](auto x) { return std::log1p(x); }),
      measured("log2", positive, [](auto x) { return log2(x); }, [](auto x) { return std::log2(x); }),
      measured("log10", positive, [](auto x) { return log10(x); }, [](auto x) { return std::log10(x); }),
      measured("sqrt", positive, [](auto x) { return sqrt(x); }, [](auto x) { return std::sqrt(x); }),
      measured("rsqrt", positive, [](auto x) { return rsqrt(x); }, [](auto x) { return 1 / std::sqrt(x); }),
      measured("cbrt", anywhere, [](auto x) { return cbrt(x); }, [](auto x) { return std::cbrt(x); }),
      measured("sin", {-1e6, 1e6}, {-1e15, 1e15}, [](auto x) { return sin(x); }, [](auto x) { return std::sin(x); }),
      measured("cos", {-1e6, 1e6}, {-1e15, 1e15}, [](auto x) { return cos(x); }, [](auto x) { return std::cos(x); }),
      measured("tan", {-1e6, 1e6}, {-1e15, 1e15}, [](auto x) { return tan(x); }, [](auto x) { return std::tan(x); }),
      measured("asin", {-1, 1}, [](auto x) { return asin(x); }, [](auto x) { return std::asin(x); }),
      measured("acos", {-1, 1}, [](auto x) { return acos(x); }, [](auto x) { return std::acos(x); }),
      measured("atan", anywhere, [](auto x) { return atan(x); }, [](auto x) { return std::atan(x); }),
      measured("sinh", {-89.5, 89.5}, {-710, 710}, [](auto x) { return sinh(x); }, [](auto x) { return std::sinh(x); }),
      measured("cosh", {-89.5, 89.5}, {-710, 710}, [](auto x) { return cosh(x); }, [](auto x) { return std::cosh(x); }),
      measured("tanh", anywhere, [](auto x) { return tanh(x); }, [](auto x) { return std::tanh(x); }),
      measured("asinh", anywhere, [](auto x) { return asinh(x); }, [](auto x) { return std::asinh(x); }),
      measured("acosh", {1, all}, [](auto x) { return acosh(x); }, [](auto x) { return std::acosh(x); }),
      measured("atanh", {-1, 1}, [](auto x) { return atanh(x); }, [](auto x) { return std::atanh(x); }),
      measured("erf", anywhere, [](auto x) { return erf(x); }, [](auto x) { return std::erf(x); }),
      measured("erfc", {-all, 10.1}, {-all, 27.3}, [](auto x) { return erfc(x); }, [](auto x) { return std::erfc(x); }),
      measured("lgamma", positive, [](auto x) { return lgamma(x); }, [](auto x) { int sign; return static_cast<decltype(x)>(lgammal_r(x, &sign)); }),
      measured("digamma", positive, [](auto x) { return digamma(x); }, [](auto x) { return detail::numbers::digamma(x); }),
      measured("polygamma 1", positive, [](auto x) { return polygamma(1, x); }, [](auto x) { return detail::numbers::polygamma(1, x); }),
      measured("sigmoid", {-103.9, all}, {-745, all}, [](auto x) { return sigmoid(x); }, [](auto x) { return 1 / (1 + std::exp(-x)); }),
      measured("log_sigmoid", {-all, 103.9}, {-all, 745}, [](auto x) { return log_sigmoid(x); }, [](auto x) { return x > 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x)); }),
      measured("softplus", {-103.9, all}, {-745, all}, [](auto x) { return softplus(x); }, [](auto x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }),
      measured("softsign", anywhere, [](auto x) { return softsign(x); }, [](auto x) { return x / (1 + std::abs(x)); }),
      measured("silu", {-108, all}, {-751, all}, [](auto x) { return silu(x); }, [](auto x) { return x / (1 + std::exp(-x)); }),
      measured("mish", {-108, all}, {-751, all}, [](auto x) { return mish(x); }, [](auto x) { return x > 100 ? x : x * std::tanh(std::log1p(std::exp(x))); }),
      measured("gelu", {-14.2, all}, {-38.5, all}, [](auto x) { return gelu(x); },
               [](auto x) { return x * (std::erfc(-x * (std::numbers::sqrt2_v<decltype(x)> / 2)) / 2); }),
      measured("gelu, by tanh", {-10.6, all}, {-21.6, all}, [](auto x) { return gelu(x, GeluForm::tanh); },
               [](auto x) {
                 using T = decltype(x);
                 return x / (1 + std::exp(-2 * std::numbers::sqrt2_v<T> * std::numbers::inv_sqrtpi_v<T> * x * (1 + T(0.044715L) * x * x)));
               }),
      measured("elu", anywhere, [](auto x) { return elu(x); }, [](auto x) { return x > 0 ? x : std::expm1(x); }),
      measured("selu", anywhere, [](auto x) { return selu(x); },
               [](auto x) { return decltype(x)(1.0507009873554804934193349852946) * (x > 0 ? x : decltype(x)(1.6732632423543772848170429916717) * std::expm1(x)); }),
  };
  for (auto& function : list) function.crosses_zero = function.name == "lgamma" || function.name == "digamma";
  return list;
}

// ---- errors ----

/// 1 over the unit of the last place of a finite x.
double per_unit(float x) {
  const std::uint64_t exponent = std::max<std::uint32_t>(1, std::bit_cast<std::uint32_t>(x) >> 23U & 0xFFU);
  return std::bit_cast<double>((1023 + 127 + 23 - exponent) << 52U);
}
long double per_unit(double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0L, std::numeric_limits<double>::digits - std::max(exponent, std::numeric_limits<double>::min_exponent));
}

/// |got - want| in units of the last place of `want` rounded to T. What has overflowed counts as the power of two beyond the largest number.
template <class T, class W>
double ulps(T got, W want, bool crosses_zero) {
  const T rounded = static_cast<T>(want);
  if (got == rounded && std::isinf(got)) return 0;
  if (std::isnan(got) || std::isnan(rounded)) return std::isnan(got) && std::isnan(rounded) ? 0 : std::numeric_limits<double>::infinity();
  if (std::isinf(want)) return std::numeric_limits<double>::infinity();
  const W found = std::isinf(got) ? std::copysign(std::ldexp(W(1), std::numeric_limits<T>::max_exponent), static_cast<W>(got)) : static_cast<W>(got);
  const T held = std::isinf(rounded) ? std::numeric_limits<T>::max() : rounded, size = crosses_zero ? std::max(std::abs(held), T(1)) : held;
  return static_cast<double>(std::abs(found - want) * per_unit(size));
}

struct Worst {
  double error = 0, at = 0;
  void take(double found, double x) {
    if (found > error) {
      error = found;
      at = x;
    }
  }
};
using Levels = std::map<detail::SimdLevel, Worst>;

std::vector<detail::SimdLevel> available_levels() {
  std::vector<detail::SimdLevel> levels;
  for (const auto level : detail::simd_levels)
    if (detail::is_available(level)) levels.push_back(level);
  return levels;
}

/// The level as it was, at the end of a measurement.
class KeptLevel {
 public:
  KeptLevel() : before_(detail::simd_level()) {}
  KeptLevel(const KeptLevel&) = delete;
  KeptLevel& operator=(const KeptLevel&) = delete;
  ~KeptLevel() { detail::force_simd_level(before_); }

 private:
  detail::SimdLevel before_;
};

/// The worst error of each level at these points.
template <Real T, class W>
void take_block(const std::vector<T>& x, Array<T> (*function)(const Array<T>&), W (*reference)(W), bool crosses_zero, Levels& levels) {
  std::vector<W> want(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) want[i] = reference(static_cast<W>(x[i]));
  const auto points = from_values<T>(std::span<const T>(x), {x.size()});
  for (const auto level : available_levels()) {
    detail::force_simd_level(level);
    const Array<T> got = function(points);
    Worst& worst = levels[level];
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool is_nearest = got.data()[i] == static_cast<T>(want[i]);  // at most half a unit off: nothing new, most of the time
      if (!is_nearest || worst.error < 0.5) worst.take(ulps(got.data()[i], want[i], crosses_zero), static_cast<double>(x[i]));
    }
  }
}

constexpr std::size_t block = std::size_t{1} << 15U;

/// Every `step`-th float of the range, from 0 outwards in both directions.
Levels measure_floats(const Measured& f, std::uint32_t step) {
  const KeptLevel kept;
  Levels levels;
  std::vector<float> x;
  const auto bits_of = [](double bound) { return std::bit_cast<std::uint32_t>(static_cast<float>(std::min(std::abs(bound), static_cast<double>(std::numeric_limits<float>::max())))); };
  const auto scan = [&](std::uint32_t from, std::uint32_t to, std::uint32_t sign) {
    for (std::uint64_t bits = from; bits <= to; bits += step) {
      x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits) | sign));
      if (x.size() < block) continue;
      take_block(x, f.floats, f.reference, f.crosses_zero, levels);
      x.clear();
    }
  };
  scan(f.of_float.low > 0 ? bits_of(f.of_float.low) : 0, bits_of(f.of_float.high), 0);
  if (f.of_float.low < 0) scan(0, bits_of(f.of_float.low), 0x80000000U);
  take_block(x, f.floats, f.reference, f.crosses_zero, levels);
  return levels;
}

/// So many doubles of the range: evenly spread ones, ones of every size, and ones near 1.
Levels measure_doubles(const Measured& f, std::size_t count) {
  const KeptLevel kept;
  Levels levels;
  std::mt19937_64 engine(20261121);
  const auto uniform = [&] { return static_cast<double>(engine() >> 11U) * 0x1p-53; };
  const double low = f.of_double.low, high = f.of_double.high;
  std::vector<double> x;
  for (std::size_t k = 0; k < count; ++k) {
    double value = 0;
    do {
      switch (k % 3) {
        case 0: value = low / 2 + (high / 2 - low / 2) * uniform(); value *= 2; break;
        case 1: value = std::bit_cast<double>((engine() & 0x800FFFFFFFFFFFFFU) | (engine() % 2047 << 52U)); break;
        default: value = (uniform() - 0.5) * 16; break;
      }
    } while (!(value >= low && value <= high));
    x.push_back(value);
    if (x.size() < block && k + 1 < count) continue;
    take_block(x, f.doubles, f.long_reference, f.crosses_zero, levels);
    x.clear();
  }
  return levels;
}

// ---- the table ----

std::string rounded_up(double error) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", std::ceil(error * 100) / 100);
  return text;
}

std::string text_of(const Range& range, double largest) {
  const auto bound = [&](double x) {
    std::ostringstream text;
    if (std::abs(x) >= largest) text << (x < 0 ? "-max" : "max"); else text << x;
    return text.str();
  };
  return bound(range.low) + " ... " + bound(range.high);
}

/// The worst errors that docs/operations.md states: float, double; of all levels.
std::map<std::string, std::array<double, 2>> stated() {
  std::ifstream page(std::string(WENGERT_SOURCE_DIR) + "/docs/operations.md");
  std::map<std::string, std::array<double, 2>> table;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("<!-- accuracy", 0) == 0) inside = true;
    if (line.rfind("<!-- end", 0) == 0) inside = false;
    if (!inside || line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(cell);
    // name, range and errors of float by level, range and errors of double by level
    const auto worst = [&](std::size_t first) {
      double most = 0;
      for (std::size_t k = first; k < first + 2; ++k) most = std::max(most, std::strtod(cells.at(k).c_str(), nullptr));
      return most;
    };
    const std::size_t open = cells.at(1).find('`');
    table[cells[1].substr(open + 1, cells[1].rfind('`') - open - 1)] = {worst(3), worst(6)};
  }
  return table;
}

class Accuracy : public testing::TestWithParam<Measured> {};

std::string name_of_function(const testing::TestParamInfo<Measured>& info) {
  std::string name = info.param.name;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == ','; }, '_');
  return name;
}

bool is_asked_to_measure() {
  const char* const what = std::getenv("WENGERT_MEASURE");
  return what != nullptr && std::string(what) == "accuracy";
}

/// Prints the table's line.
void measure(const Measured& f) {
  const char* const step = std::getenv("WENGERT_MEASURE_STEP");
  const auto floats = measure_floats(f, step == nullptr ? 1 : static_cast<std::uint32_t>(std::strtoul(step, nullptr, 10)));
  const auto doubles = measure_doubles(f, step == nullptr ? 10'000'000 : 100'000);
  std::printf("| `%s` | %s |", f.name.c_str(), text_of(f.of_float, static_cast<double>(std::numeric_limits<float>::max())).c_str());
  const auto cells = [](const Levels& levels) {
    for (const auto level : {detail::SimdLevel::baseline, detail::SimdLevel::avx2}) {
      const auto found = levels.find(level);
      std::printf(" %s |", found == levels.end() ? "" : rounded_up(found->second.error).c_str());
    }
  };
  cells(floats);
  std::printf(" %s |", text_of(f.of_double, all).c_str());
  cells(doubles);
  std::printf("\n");
  for (const auto* levels : {&floats, &doubles})
    for (const auto& [level, worst] : *levels) std::fprintf(stderr, "  %s %s: %.3f at %.17g\n", f.name.c_str(), std::string(detail::to_string(level)).c_str(), worst.error, worst.at);
}

}  // namespace

TEST_P(Accuracy, IsWhatThePageStates) {
  const Measured& f = GetParam();
  if (is_asked_to_measure()) return measure(f);
  const auto table = stated();
  const auto row = table.find(f.name);
  ASSERT_NE(row, table.end()) << f.name << " is not in the table of docs/operations.md; scripts/accuracy.sh measures it";
  constexpr double rounding = 1e-9;
  for (const auto& [level, worst] : measure_floats(f, 40'961))
    EXPECT_LE(worst.error, row->second[0] + rounding) << detail::to_string(level) << ", float " << worst.at;
  for (const auto& [level, worst] : measure_doubles(f, 3'000))
    EXPECT_LE(worst.error, row->second[1] + rounding) << detail::to_string(level) << ", double " << worst.at;
  EXPECT_LE(std::max(row->second[0], row->second[1]), 4);
}

INSTANTIATE_TEST_SUITE_P(Functions, Accuracy, testing::ValuesIn(functions()), name_of_function);

}  // namespace wengert::test
