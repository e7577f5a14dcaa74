// Reductions at each level: against sums in long double, in all shapes, at the edges of the format.
#include "array/reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/threads.hpp>

#include "support/simd_levels.hpp"

namespace wengert {
namespace {

using namespace detail;

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan = std::numeric_limits<T>::quiet_NaN();
template <class T>
constexpr T epsilon = std::numeric_limits<T>::epsilon();

template <class T>
std::vector<T> random_values(std::size_t n, unsigned seed, T low = T(-1), T high = T(1)) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<T> any(low, high);
  std::vector<T> values(n);
  for (T& value : values) value = any(engine);
  return values;
}

struct Extents {
  std::size_t outer, n, inner;
};
// One row, rows of every length, columns narrow and wide, more than one block, piece and strip of each.
const Extents all_extents[] = {{1, 1, 1},    {1, 7, 1},      {3, 16, 1},   {5, 67, 1},     {2, 1025, 1},  {1, 200003, 1}, {70001, 3, 1}, {1, 1, 9},     {4, 3, 5},  {1, 1000, 1},
                               {2, 129, 70}, {1, 5000, 3},   {3, 41, 10},  {1, 1031, 64},  {1, 130, 5000}, {2, 8, 4097},   {1, 70000, 2}, {300, 300, 2}, {7, 1, 33}, {9, 257, 17}};

/// The fold of each of outer x inner by `f(values)`, from a copy of the values.
template <class T, class F>
std::vector<long double> folded(const std::vector<T>& x, const Extents& e, F&& f) {
  std::vector<long double> out;
  std::vector<T> values(e.n);
  for (std::size_t o = 0; o < e.outer; ++o) {
    for (std::size_t j = 0; j < e.inner; ++j) {
      for (std::size_t i = 0; i < e.n; ++i) values[i] = x[(o * e.n + i) * e.inner + j];
      out.push_back(f(values));
    }
  }
  return out;
}

class Reductions : public test::AtEachSimdLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Reductions, test::all_simd_levels, test::simd_level_name);

/// Calls f(T()) for both number types.
template <class F>
void for_both(F&& f) {
  f(float());
  f(double());
}

TEST_P(Reductions, SumEveryShape) {
  for_both([]<class T>(T) {
    for (const Extents& e : all_extents) {
      const auto x = random_values<T>(e.outer * e.n * e.inner, 1);
      std::vector<T> y(e.outer * e.inner + 1, T(77));
      sum_over(x.data(), e.outer, e.n, e.inner, y.data());
      EXPECT_EQ(y.back(), T(77)) << "written past the end";
      const auto exact = folded(x, e, [](const auto& values) { long double sum = 0; for (const T v : values) sum += v; return sum; });
      const auto sizes = folded(x, e, [](const auto& values) { long double sum = 0; for (const T v : values) sum += std::abs(v); return sum; });
      for (std::size_t i = 0; i < exact.size(); ++i)
        EXPECT_LE(std::abs(y[i] - exact[i]), 4 * epsilon<T> * sizes[i]) << e.outer << " x " << e.n << " x " << e.inner << ", " << i;
    }
  });
}

TEST_P(Reductions, SumAMillionTermsToAFewUlp) {
  for_both([]<class T>(T) {
    constexpr std::size_t n = 1'000'000;
    const auto x = random_values<T>(n, 2, T(0), T(1));
    long double exact = 0;
    for (const T v : x) exact += v;
    const auto limit = static_cast<double>(4 * epsilon<T> * exact);
    T sum = 0, down[4] = {};
    sum_over(x.data(), 1, n, 1, &sum);
    EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(exact), limit);
    sum_over(x.data(), 1, n / 4, 4, down);
    EXPECT_NEAR(static_cast<double>(down[0]) + static_cast<double>(down[1]) + static_cast<double>(down[2]) + static_cast<double>(down[3]), static_cast<double>(exact), limit);
  });
}

TEST_P(Reductions, FindTheExtremesOfEveryShape) {
  for_both([]<class T>(T) {
    for (const Extents& e : all_extents) {
      const auto x = random_values<T>(e.outer * e.n * e.inner, 3);
      std::vector<T> most(e.outer * e.inner), least(e.outer * e.inner);
      largest_over(x.data(), e.outer, e.n, e.inner, most.data());
      smallest_over(x.data(), e.outer, e.n, e.inner, least.data());
      const auto expected_most = folded(x, e, [](const auto& values) { return *std::max_element(values.begin(), values.end()); });
      const auto expected_least = folded(x, e, [](const auto& values) { return *std::min_element(values.begin(), values.end()); });
      for (std::size_t i = 0; i < most.size(); ++i) {
        EXPECT_EQ(most[i], expected_most[i]);
        EXPECT_EQ(least[i], expected_least[i]);
      }
    }
  });
}

TEST_P(Reductions, ShowANaNWhereverItIs) {
  for_both([]<class T>(T) {
    for (const Extents& e : {Extents{1, 37, 1}, Extents{1, 2100, 1}, Extents{1, 37, 3}, Extents{1, 300, 9}}) {
      for (std::size_t at = 0; at < e.n; at += e.n > 100 ? 97 : 1) {
        auto x = random_values<T>(e.n * e.inner, 4);
        x[at * e.inner] = nan<T>;
        std::vector<T> most(e.inner), least(e.inner), sum(e.inner);
        largest_over(x.data(), 1, e.n, e.inner, most.data());
        smallest_over(x.data(), 1, e.n, e.inner, least.data());
        sum_over(x.data(), 1, e.n, e.inner, sum.data());
        for (std::size_t j = 0; j < e.inner; ++j)
          EXPECT_TRUE(std::isnan(most[j]) == (j == 0) && std::isnan(least[j]) == (j == 0) && std::isnan(sum[j]) == (j == 0)) << at << " of " << e.n << ", " << j;
      }
    }
    const T endless[] = {-infinity<T>, -infinity<T>}, wide[] = {infinity<T>, T(1), -infinity<T>};
    T most = 0, least = 0;
    largest_over(endless, 1, 2, 1, &most);
    EXPECT_EQ(most, -infinity<T>);
    largest_over(wide, 1, 3, 1, &most);
    smallest_over(wide, 1, 3, 1, &least);
    EXPECT_EQ(most, infinity<T>);
    EXPECT_EQ(least, -infinity<T>);
  });
}

TEST_P(Reductions, SumSquaredDistances) {
  for_both([]<class T>(T) {
    for (const Extents& e : all_extents) {
      const auto x = random_values<T>(e.outer * e.n * e.inner, 5), centre = random_values<T>(e.outer * e.inner, 6);
      std::vector<T> y(e.outer * e.inner);
      squares_over(x.data(), centre.data(), e.outer, e.n, e.inner, y.data());
      std::size_t place = 0;
      const auto exact = folded(x, e, [&](const auto& values) {
        long double sum = 0;
        for (const T v : values) sum += static_cast<long double>(v - centre[place]) * (v - centre[place]);
        ++place;
        return sum;
      });
      for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_LE(std::abs(y[i] - exact[i]), 6 * epsilon<T> * exact[i]) << e.outer << " x " << e.n << " x " << e.inner << ", " << i;
    }
  });
}

TEST_P(Reductions, UndoABroadcast) {
  struct Pair {
    Shape from, to;
  };
  const Pair pairs[] = {{{3, 4}, {4}},           {{3, 4}, {3, 1}},          {{3, 4}, {1, 4}},       {{3, 4}, {}},
                        {{2, 3, 4, 5}, {3, 1, 5}}, {{2, 3, 4, 5}, {2, 1, 4, 1}}, {{2, 3, 4, 5}, {1, 3, 1, 5}}, {{2, 1, 3}, {1, 1}},
                        {{1, 1, 3}, {3}},        {{2, 3}, {2, 3}},          {{0, 3}, {3}},          {{3, 0}, {3, 1}}};
  for (const auto& [from, to] : pairs) {
    const Array<double> g = Array<double>::build(from, [](std::span<double> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(i * i % 17); });
    const Array<double> sum(sum_to<double>(g.handle(), to));
    ASSERT_EQ(sum.shape(), to) << to_string(from) << " to " << to_string(to);
    std::vector<double> expected(to.elements());
    for (std::size_t i = 0; i < g.size(); ++i) {
      std::size_t rest = i, at = 0, step = 1;
      for (std::size_t axis = from.rank(); axis-- > 0; rest /= from[axis]) {
        if (axis + to.rank() < from.rank()) continue;
        const std::size_t extent = to[axis + to.rank() - from.rank()];
        if (extent != 1) at += rest % from[axis] * step;
        step *= extent;
      }
      expected[at] += g.data()[i];
    }
    EXPECT_EQ(std::vector<double>(sum.begin(), sum.end()), expected) << to_string(from) << " to " << to_string(to);
  }
  const Array<float> same = ones<float>({2, 3});
  EXPECT_EQ(sum_to<float>(same.handle(), {2, 3}).block(), same.handle().block()) << "an array that was not stretched is handed on";
}

TEST_P(Reductions, AddScaledArrays) {
  for_both([]<class T>(T) {
    for (const std::size_t n : {0U, 1U, 19U, 70001U}) {
      const auto x = random_values<T>(n, 7);
      auto y = random_values<T>(n, 8);
      const auto before = y;
      add_scaled(T(0.5), x.data(), y.data(), n);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(y[i], before[i] + T(0.5) * x[i]);
    }
  });
}

// ---- the softmax family ----

/// log of the sum of e^x, in long double.
template <class T>
long double exact_logsumexp(const T* x, std::size_t n) {
  const long double top = *std::max_element(x, x + n);
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::exp(x[i] - top);
  return top + std::log(sum);
}

constexpr std::size_t row_lengths[] = {1, 2, 3, 10, 16, 33, 1000, 5000};

TEST_P(Reductions, SoftmaxEveryLength) {
  for_both([]<class T>(T) {
    for (const std::size_t n : row_lengths) {
      const std::size_t rows = n == 1000 ? 150 : 5;
      const auto x = random_values<T>(rows * n, 9, T(-30), T(30)), g = random_values<T>(rows * n, 10);
      std::vector<T> y(rows * n), log_y(rows * n), dx(rows * n), log_dx(rows * n), lse(rows), lse_dx(rows * n);
      softmax_rows(x.data(), rows, n, y.data());
      log_softmax_rows(x.data(), rows, n, log_y.data());
      logsumexp_rows(x.data(), rows, n, lse.data());
      softmax_rows_backward(y.data(), g.data(), rows, n, dx.data());
      log_softmax_rows_backward(log_y.data(), g.data(), rows, n, log_dx.data());
      logsumexp_rows_backward(x.data(), lse.data(), g.data(), false, rows, n, lse_dx.data());
      for (std::size_t row = 0; row < rows; ++row) {
        const T *const xr = x.data() + row * n, *const gr = g.data() + row * n;
        const long double expected = exact_logsumexp(xr, n), limit = 6 * epsilon<T> * std::max(1.0L, std::abs(expected));
        EXPECT_NEAR(static_cast<double>(lse[row]), static_cast<double>(expected), static_cast<double>(limit));
        long double mean = 0, total = 0;
        for (std::size_t j = 0; j < n; ++j) {
          mean += gr[j] * std::exp(xr[j] - expected);
          total += gr[j];
        }
        for (std::size_t j = 0; j < n; ++j) {
          const std::size_t at = row * n + j;
          const long double p = std::exp(xr[j] - expected);
          EXPECT_LE(std::abs(y[at] - p), 40 * epsilon<T> * p + std::numeric_limits<T>::min()) << "softmax " << n;  // x - max is rounded: |x| / 2 ulp
          EXPECT_LE(std::abs(log_y[at] - (xr[j] - expected)), 6 * epsilon<T> * std::max(1.0L, std::abs(xr[j] - expected))) << "log_softmax " << n;
          EXPECT_LE(std::abs(dx[at] - p * (gr[j] - mean)), 60 * epsilon<T> * p) << "softmax backward " << n;
          EXPECT_LE(std::abs(log_dx[at] - (gr[j] - p * total)), 60 * epsilon<T> * (1 + std::abs(total))) << "log_softmax backward " << n;
          EXPECT_LE(std::abs(lse_dx[at] - g[row] * p), 60 * epsilon<T> * p + std::numeric_limits<T>::min()) << "logsumexp backward " << n;
        }
      }
    }
  });
}

TEST_P(Reductions, CrossEntropyKeepsItsDigits) {
  for_both([]<class T>(T) {
    for (const std::size_t n : row_lengths) {
      const std::size_t rows = n == 1000 ? 150 : 7;
      auto x = random_values<T>(rows * n, 11, T(-5), T(5));
      std::vector<std::int64_t> labels;
      for (std::size_t row = 0; row < rows; ++row) labels.push_back(static_cast<std::int64_t>(row * 7919 % n));
      for (std::size_t row = 0; row < rows; row += 2) x[row * n + static_cast<std::size_t>(labels[row])] += T(25);  // right and sure: a loss near e^-25
      const auto g = random_values<T>(rows, 12);
      std::vector<T> loss(rows), dx(rows * n), dx_one(rows * n);
      cross_entropy_rows(x.data(), labels.data(), rows, n, loss.data());
      cross_entropy_rows_backward(x.data(), labels.data(), loss.data(), g.data(), false, rows, n, dx.data());
      const T one = T(0.25);
      cross_entropy_rows_backward(x.data(), labels.data(), loss.data(), &one, true, rows, n, dx_one.data());
      for (std::size_t row = 0; row < rows; ++row) {
        const T* const xr = x.data() + row * n;
        const auto label = static_cast<std::size_t>(labels[row]);
        long double others = 0;  // e^x over the wrong answers, relative to the right one
        for (std::size_t j = 0; j < n; ++j)
          if (j != label) others += std::exp(static_cast<long double>(xr[j]) - xr[label]);
        const long double expected = std::log1p(others);
        EXPECT_LE(std::abs(loss[row] - expected), 40 * epsilon<T> * expected) << n;
        for (std::size_t j = 0; j < n; ++j) {
          const long double slope = j == label ? -others / (1 + others) : std::exp(static_cast<long double>(xr[j]) - xr[label] - expected);
          EXPECT_LE(std::abs(dx[row * n + j] - g[row] * slope), 60 * epsilon<T> * std::abs(g[row] * slope)) << n << ", " << j << " of label " << label;
          EXPECT_LE(std::abs(dx_one[row * n + j] - one * slope), 60 * epsilon<T> * std::abs(one * slope)) << n << ", " << j << " of label " << label;
        }
      }
    }
  });
}

TEST_P(Reductions, HandleEndlessRows) {
  for_both([]<class T>(T) {
    constexpr T inf = infinity<T>;
    const auto softmax = [](std::vector<T> x) { softmax_rows(x.data(), 1, x.size(), x.data()); return x; };
    const auto all_nan = [](const std::vector<T>& x) { return std::all_of(x.begin(), x.end(), [](T v) { return std::isnan(v); }); };
    EXPECT_EQ(softmax({-inf, 0}), (std::vector<T>{0, 1}));
    EXPECT_TRUE(all_nan(softmax({inf, 0})));
    EXPECT_TRUE(all_nan(softmax({-inf, -inf})));
    EXPECT_TRUE(all_nan(softmax({0, nan<T>, 1})));
    EXPECT_EQ(softmax({T(1e30), T(1e30)}), (std::vector<T>{T(0.5), T(0.5)}));

    const auto logsumexp = [](const std::vector<T>& x) { T y = 0; logsumexp_rows(x.data(), 1, x.size(), &y); return y; };
    const auto slope = [&](const std::vector<T>& x) {
      const T y = logsumexp(x), g = 2;
      std::vector<T> dx(x.size());
      logsumexp_rows_backward(x.data(), &y, &g, true, 1, x.size(), dx.data());
      return dx;
    };
    EXPECT_EQ(logsumexp({inf, 0}), inf);
    EXPECT_EQ(slope({inf, 0}), (std::vector<T>{2, 0}));
    EXPECT_EQ(slope({inf, inf}), (std::vector<T>{1, 1}));
    EXPECT_EQ(logsumexp({-inf, -inf}), -inf);
    EXPECT_EQ(slope({-inf, -inf}), (std::vector<T>{0, 0}));
    EXPECT_TRUE(std::isnan(logsumexp({0, nan<T>})));
    EXPECT_TRUE(all_nan(slope({0, nan<T>})));
    EXPECT_NEAR(static_cast<double>(logsumexp({T(710), T(710)})), 710 + std::log(2.0), 1e-4);
    // -infinity fills the first block: nothing is known of the row until the second
    std::vector<T> late(2000, -inf);
    late[1999] = 3;
    EXPECT_EQ(logsumexp(late), T(3));

    const auto loss = [](const std::vector<T>& x, std::int64_t label) { T y = 0; cross_entropy_rows(x.data(), &label, 1, x.size(), &y); return y; };
    const auto pulled = [&](const std::vector<T>& x, std::int64_t label, T g) {
      const T y = loss(x, label);
      std::vector<T> dx(x.size());
      cross_entropy_rows_backward(x.data(), &label, &y, &g, true, 1, x.size(), dx.data());
      return dx;
    };
    EXPECT_EQ(loss({-inf, 0}, 0), inf);
    EXPECT_EQ(pulled({-inf, 0}, 0, T(2)), (std::vector<T>{-2, 2}));
    EXPECT_EQ(loss({-inf, 0}, 1), T(0));
    EXPECT_EQ(pulled({-inf, 0}, 1, T(2)), (std::vector<T>{0, 0}));
    EXPECT_TRUE(std::isnan(loss({inf, 0}, 0)));
    EXPECT_TRUE(std::isnan(loss({0, nan<T>}, 0)));
    EXPECT_TRUE(all_nan(pulled({0, nan<T>}, 0, T(1))));
    EXPECT_EQ(pulled({0, nan<T>}, 0, T(0)), (std::vector<T>{0, 0})) << "a cotangent of 0 gives nothing";
    EXPECT_EQ(loss({T(0), T(-2000), T(2000)}, 1), T(4000));
  });
}

TEST_P(Reductions, ThreadsChangeNoBit) {
  for_both([]<class T>(T) {
    const std::size_t before = threads();
    for (const Extents& e : {Extents{1, 700001, 1}, Extents{3, 200000, 1}, Extents{1, 70000, 5}, Extents{1, 3000, 130}, Extents{70000, 7, 1}}) {
      const auto x = random_values<T>(e.outer * e.n * e.inner, 13);
      std::vector<T> one(e.outer * e.inner), four(e.outer * e.inner), softmax_one(x.size()), softmax_four(x.size());
      set_threads(1);
      sum_over(x.data(), e.outer, e.n, e.inner, one.data());
      softmax_rows(x.data(), e.outer, e.n * e.inner, softmax_one.data());
      set_threads(4);
      sum_over(x.data(), e.outer, e.n, e.inner, four.data());
      softmax_rows(x.data(), e.outer, e.n * e.inner, softmax_four.data());
      EXPECT_EQ(one, four);
      EXPECT_EQ(softmax_one, softmax_four);
    }
    set_threads(before);
  });
}

}  // namespace
}  // namespace wengert
