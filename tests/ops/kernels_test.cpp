// The SIMD loops of the elementwise cards, each at each level, against the same cards on single numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iomanip>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <wengert/ops/families.hpp>

#include "ops/kernel_case.hpp"
#include "ops/loops.hpp"
#include "support/simd_levels.hpp"

namespace wengert {
namespace {

using namespace detail;
using test::KernelCase;
using test::Wide;

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan = std::numeric_limits<T>::quiet_NaN();

/// How many steps of T's grid lie between; 0 for two NaNs, very many for a NaN and a number.
template <class T, class W>
double ulps(T got, W expected) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got) ? 0 : 1e30;
  const T rounded = static_cast<T>(expected);
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e30;
  int exponent = 0;
  static_cast<void>(std::frexp(std::max(std::abs(expected), W(std::numeric_limits<T>::min())), &exponent));
  return static_cast<double>(std::abs(static_cast<W>(got) - expected) / std::ldexp(W(1), exponent - std::numeric_limits<T>::digits));
}

constexpr double few = 3;
constexpr double few_more = 6;  // pow's slope is a function and three roundings

template <class T>
bool same_bits(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0 || (std::isnan(a) && std::isnan(b));
}

template <class T>
std::vector<T> special_values() {
  using L = std::numeric_limits<T>;
  std::vector<T> values{0,     1,      T(0.5),  2,       3,      T(37.5), 40,     T(88.7), T(88.8), T(87.4), T(95.5), 103,     104, T(709.7),
                        T(710), T(740), T(745.5), T(1e-20), T(1e10), T(1e5),  T(0.25), T(1.5),  L::min(), L::min() / 2, L::max(), L::denorm_min(), L::epsilon(), infinity<T>};
  for (std::size_t i = 0, n = values.size(); i < n; ++i) values.push_back(-values[i]);
  values.push_back(nan<T>);
  return values;
}

/// Ordinary numbers, numbers of every size, and the special ones.
template <class T>
std::vector<T> unary_inputs() {
  std::mt19937_64 engine(7);
  std::uniform_real_distribution<T> ordinary(T(-8), T(8)), exponent{T(std::numeric_limits<T>::min_exponent), T(std::numeric_limits<T>::max_exponent)};
  std::vector<T> x = special_values<T>();
  for (int i = 0; i < 4000; ++i) x.push_back(ordinary(engine));
  for (int i = 0; i < 4000; ++i) x.push_back(std::exp2(exponent(engine)) * (i % 2 == 0 ? T(1) : T(-1)));
  return x;
}

template <class T>
std::array<std::vector<T>, max_elementwise_inputs> several_inputs() {
  std::array<std::vector<T>, max_elementwise_inputs> x;
  for (const T a : special_values<T>()) {
    for (const T b : special_values<T>()) {
      x[0].push_back(a);
      x[1].push_back(b);
    }
  }
  std::mt19937_64 engine(8);
  std::uniform_real_distribution<T> ordinary(T(-8), T(8));
  for (int i = 0; i < 4000; ++i) {
    x[0].push_back(i % 2 == 0 ? std::abs(ordinary(engine)) : ordinary(engine));
    x[1].push_back(i % 8 == 0 ? std::round(ordinary(engine)) : ordinary(engine));
  }
  for (std::size_t i = 0; i < x[0].size(); ++i) x[2].push_back(i % 3 == 0 ? special_values<T>()[i % special_values<T>().size()] : ordinary(engine));
  return x;
}

/// Every card that has SIMD loops, those of the current level.
template <class T>
std::vector<KernelCase<T>> all_cards() {
  std::vector<KernelCase<T>> all = test::kernel_cases<cards::Arithmetic, T>();
  for (const auto& more : {test::kernel_cases<cards::Hyperbolic, T>(), test::kernel_cases<cards::Special, T>(), test::kernel_cases<cards::Piecewise, T>(), test::kernel_cases<cards::StrongZero, T>(), test::kernel_cases<cards::Exponential, T>(),
                           test::kernel_cases<cards::Trigonometric, T>(), test::kernel_cases<cards::Activation, T>(), test::kernel_cases<cards::Rectifier, T>()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A card and one set of inputs, with outputs and cotangents.
template <class T>
struct Case : KernelCase<T> {
  using KernelCase<T>::arity;
  std::array<std::vector<T>, max_elementwise_inputs> x;
  std::size_t n;
  std::vector<T> y, g;

  explicit Case(const KernelCase<T>& of) : KernelCase<T>(of) {
    if (arity == 1) x[0] = unary_inputs<T>(); else x = several_inputs<T>();
    n = x[0].size();
    y.resize(n);
    forward(n, 0, y.data());
    std::mt19937_64 engine(9);
    std::uniform_real_distribution<T> any(T(-2), T(2));
    for (std::size_t i = 0; i < n; ++i) g.push_back(any(engine));
  }

  void forward(std::size_t count, std::size_t offset, T* out) const {
    ForwardTile<T> tile{1, count, {}, out, 0};
    for (std::size_t j = 0; j < arity; ++j) tile.in[j] = {x[j].data() + offset, 1, 0};
    this->loops->forward(this->card, tile);
  }
  void backward(std::size_t i, const BackwardTile<T>& tile) const { this->loops->backward[i](this->card, tile); }

  /// What the card does not name is null: it must not be read.
  BackwardTile<T> backward_tile(std::size_t i, std::size_t count, std::size_t offset, const T* cotangent, T* out) const {
    BackwardTile<T> tile{1, count, {cotangent, 1, 0}, {}, {}, out, 0, false};
    if (this->reads_output) tile.y = {y.data() + offset, 1, 0};
    for (std::size_t j = 0; j < arity; ++j)
      if (this->reads_input(i, j)) tile.in[j] = {x[j].data() + offset, 1, 0};
    return tile;
  }
  /// All of g, pulled back.
  std::vector<T> pulled(std::size_t i) const {
    std::vector<T> out(n);
    backward(i, backward_tile(i, n, 0, g.data(), out.data()));
    return out;
  }

  std::string place(std::size_t i) const {
    std::ostringstream text;
    text << this->name << (sizeof(T) == 4 ? " of float(" : " of double(") << std::setprecision(17) << x[0][i];
    for (std::size_t j = 1; j < arity; ++j) text << ", " << x[j][i];
    text << "), element " << i;
    return text.str();
  }

  void expect_same(std::size_t i, T got, T expected) const {
    if (this->notes.neighbours_change) {
      EXPECT_LE(ulps(got, expected), few) << place(i) << ": " << got << " and " << expected;
    } else {
      EXPECT_TRUE(same_bits(got, expected)) << place(i) << ": " << got << " and " << expected;
    }
  }
};

/// Calls f(case) for every card and number type.
template <class F>
void for_all_cases(F&& f) {
  for (const auto& card : all_cards<float>()) f(Case<float>(card));
  for (const auto& card : all_cards<double>()) f(Case<double>(card));
}
/// Calls f(case, i) for every slope of every card.
template <class F>
void for_all_slopes(F&& f) {
  for_all_cases([&](const auto& c) {
    for (std::size_t i = 0; i < c.arity; ++i) f(c, i);
  });
}
/// A case's number type.
template <class C>
using NumberOf = typename std::remove_cvref_t<decltype(std::declval<C>().y)>::value_type;

class ElementwiseKernels : public test::AtEachSimdLevel {};
INSTANTIATE_TEST_SUITE_P(Level, ElementwiseKernels, test::all_simd_levels, test::simd_level_name);

TEST_P(ElementwiseKernels, ComputeWithinAFewUlp) {
  for_all_cases([](const auto& c) {
    using T = NumberOf<decltype(c)>;
    for (std::size_t i = 0; i < c.n; ++i) {
      Wide<T> x[max_elementwise_inputs];
      for (std::size_t j = 0; j < c.arity; ++j) x[j] = c.x[j][i];
      const Wide<T> expected = c.value(x);
      EXPECT_LE(ulps(c.y[i], expected), c.notes.bound) << c.place(i) << ": " << c.y[i] << " and not " << expected;
      if (expected == 0) {
        EXPECT_EQ(std::signbit(c.y[i]), std::signbit(expected)) << c.place(i) << ": the sign of 0";
      }
    }
  });
}

TEST_P(ElementwiseKernels, PullBackLikeTheirNumbers) {
  for_all_slopes([](const auto& c, std::size_t i) {
    using T = NumberOf<decltype(c)>;
    const std::vector<T> ones(c.n, T(1)), pulled = c.pulled(i);
    std::vector<T> slopes(c.n);
    c.backward(i, c.backward_tile(i, c.n, 0, ones.data(), slopes.data()));
    for (std::size_t k = 0; k < c.n; ++k) {
      T x[max_elementwise_inputs];
      for (std::size_t j = 0; j < c.arity; ++j) x[j] = c.x[j][k];
      const T slope = c.slope[i](x, c.y[k]);
      const bool cancelled = c.notes.slope_cancels && std::abs(slopes[k] - slope) <= few_more * std::numeric_limits<T>::epsilon() / 4;
      EXPECT_TRUE(cancelled || ulps(slopes[k], slope) <= few_more) << c.place(k) << ": slope " << i << " is " << slopes[k] << " and not " << slope;
      const T product = c.g[k] * slopes[k];
      EXPECT_TRUE(pulled[k] == product || same_bits(pulled[k], product)) << c.place(k) << ": cotangent " << c.g[k] << ", slope " << slopes[k];
    }
  });
}

TEST_P(ElementwiseKernels, TakeAnyLengthAndAlignment) {
  for_all_slopes([](const auto& c, std::size_t i) {
    using T = NumberOf<decltype(c)>;
    const auto whole = c.pulled(i);
    for (std::size_t count = 0; count <= 67; ++count) {
      const std::size_t offset = 1 + count % 3, margin = 3;
      std::vector<T> y(count + 2 * margin, T(77)), dx(count + 2 * margin, T(77));
      c.forward(count, offset, y.data() + margin);
      c.backward(i, c.backward_tile(i, count, offset, c.g.data() + offset, dx.data() + margin));
      for (std::size_t k = 0; k < y.size(); ++k) {
        if (k < margin || k >= count + margin) {
          EXPECT_TRUE(y[k] == T(77) && dx[k] == T(77)) << c.name << " writes past the end, length " << count;
        } else {
          c.expect_same(offset + k - margin, y[k], c.y[offset + k - margin]);
          c.expect_same(offset + k - margin, dx[k], whole[offset + k - margin]);
        }
      }
    }
  });
}

TEST_P(ElementwiseKernels, StretchOperandsInsideTiles) {
  // Every operand in turn: element for element, one row for all, one element per row, one element for all.
  constexpr std::size_t rows = 3, start = 500, gap = 2;  // between the rows of the output
  struct Way {
    std::size_t step, row;
  };
  for (const std::size_t columns : {1U, 5U, 16U, 37U}) {
    const Way ways[] = {{1, columns}, {1, 0}, {0, 1}, {0, 0}};
    for_all_slopes([&](const auto& c, std::size_t i) {
      using T = NumberOf<decltype(c)>;
      const std::size_t operands = c.arity + 2, out_row = columns + gap;
      const std::size_t combinations = c.arity == 1 ? 64 : c.arity == 2 ? 256 : 1024;
      for (std::size_t combination = 0; combination < combinations; combination += c.arity == 1 ? 1 : c.arity == 2 ? 3 : 13) {
        std::array<TileOperand<T>, max_elementwise_inputs + 2> given;
        std::array<std::vector<T>, max_elementwise_inputs + 2> written;  // the same, element for element
        std::size_t rest = combination;
        for (std::size_t k = 0; k < operands; ++k, rest /= std::size(ways)) {
          const Way way = ways[rest % std::size(ways)];
          const std::vector<T>& from = k == 0 ? c.g : k == 1 ? c.y : c.x[k - 2];
          given[k] = {from.data() + start, way.step, way.row};
          for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t column = 0; column < columns; ++column) written[k].push_back(from[start + row * way.row + column * way.step]);
        }
        std::vector<T> y(rows * out_row, T(77)), dx(rows * out_row, T(77)), plain_y(rows * columns), plain_dx(rows * columns);
        ForwardTile<T> forward{rows, columns, {}, y.data(), out_row}, plain_forward{1, rows * columns, {}, plain_y.data(), 0};
        BackwardTile<T> backward{rows, columns, given[0], given[1], {}, dx.data(), out_row, false};
        BackwardTile<T> plain_backward{1, rows * columns, {written[0].data(), 1, 0}, {written[1].data(), 1, 0}, {}, plain_dx.data(), 0, false};
        for (std::size_t j = 0; j < c.arity; ++j) {
          forward.in[j] = backward.in[j] = given[j + 2];
          plain_forward.in[j] = plain_backward.in[j] = {written[j + 2].data(), 1, 0};
        }
        c.loops->forward(c.card, forward);
        c.loops->forward(c.card, plain_forward);
        c.backward(i, backward);
        c.backward(i, plain_backward);
        for (std::size_t row = 0; row < rows; ++row) {
          for (std::size_t column = 0; column < out_row; ++column) {
            const std::size_t at = row * out_row + column;
            if (column >= columns) {
              EXPECT_TRUE(y[at] == T(77) && dx[at] == T(77)) << c.name << " writes between rows";
            } else {
              c.expect_same(start, y[at], plain_y[row * columns + column]);
              c.expect_same(start, dx[at], plain_dx[row * columns + column]);
            }
          }
        }
      }
    });
  }
}

TEST_P(ElementwiseKernels, AddToWhatIsThere) {
  for_all_slopes([](const auto& c, std::size_t i) {
    using T = NumberOf<decltype(c)>;
    const auto fresh = c.pulled(i);
    std::vector<T> sum(c.n), expected(c.n);
    for (std::size_t k = 0; k < c.n; ++k) {
      sum[k] = static_cast<T>(k % 7) - T(3);
      expected[k] = sum[k] + fresh[k];
    }
    auto tile = c.backward_tile(i, c.n, 0, c.g.data(), sum.data());
    tile.accumulate = true;
    c.backward(i, tile);
    for (std::size_t k = 0; k < c.n; ++k) c.expect_same(k, sum[k], expected[k]);
    // the same with one cotangent for all
    const T two = 2;
    std::vector<T> once(c.n), more(c.n, T(1));
    tile = c.backward_tile(i, c.n, 0, &two, once.data());
    tile.g = {&two, 0, 0};
    c.backward(i, tile);
    tile.out = more.data();
    tile.accumulate = true;
    c.backward(i, tile);
    for (std::size_t k = 0; k < c.n; ++k) c.expect_same(k, more[k], T(1) + once[k]);
  });
}

TEST_P(ElementwiseKernels, MayWriteOverTheCotangent) {
  for_all_slopes([](const auto& c, std::size_t i) {
    const auto apart = c.pulled(i);
    auto both = c.g;
    c.backward(i, c.backward_tile(i, c.n, 0, both.data(), both.data()));
    for (std::size_t k = 0; k < c.n; ++k) c.expect_same(k, both[k], apart[k]);
  });
}

TEST_P(ElementwiseKernels, GiveNothingForAZeroCotangent) {
  for_all_slopes([](const auto& c, std::size_t i) {
    using T = NumberOf<decltype(c)>;
    for (const T zero : {T(0), T(-0.0)}) {
      const std::vector<T> zeros(c.n, zero);
      std::vector<T> out(c.n, T(77));
      c.backward(i, c.backward_tile(i, c.n, 0, zeros.data(), out.data()));
      for (std::size_t k = 0; k < c.n; ++k) EXPECT_EQ(out[k], T(0)) << c.place(k);
    }
  });
}

TEST_P(ElementwiseKernels, CloseTheStrongZero) {
  const double g[] = {0, 0, 2, infinity<double>, nan<double>, 0}, s[] = {infinity<double>, nan<double>, 0, 0, 0, 5};
  const double c[] = {3, 3, infinity<double>, 3, 3, 3};
  const auto pull = [&](const ElementwiseLoops<double>& loops, std::size_t i) {
    std::vector<double> out(6);
    loops.backward[i](nullptr, {1, 6, {c, 1, 0}, {}, {{g, 1, 0}, {s, 1, 0}, {}}, out.data(), 0, false});
    return out;
  };
  // both(c, guarded(s, g)) and both(c, guarded(g, s))
  for (const auto* loops : {&library_loops<cards::StrongProduct, double>(), &library_loops<cards::Both, double>()}) {
    EXPECT_EQ(pull(*loops, 0), (std::vector<double>{0, 0, 0, 0, 0, 15}));
    EXPECT_EQ(pull(*loops, 1), (std::vector<double>{0, 0, infinity<double>, 0, 0, 0}));
  }
}

TEST(ElementwiseKernelTables, KnowEveryCardByItsPlace) {
  for (const auto& card : all_cards<double>()) {
    EXPECT_NE(card.loops->forward, nullptr) << card.name;
    for (std::size_t i = 0; i < max_elementwise_inputs; ++i) EXPECT_EQ(card.loops->backward[i] != nullptr, i < card.arity) << card.name;
  }
}

}  // namespace
}  // namespace wengert
