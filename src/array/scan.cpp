// Running sums and products: along an axis one element after the other, side by side over all that lies behind it.
#include "array/scan.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include <wengert/array/memory.hpp>

#include "array/movement.hpp"
#include "array/ranges.hpp"

namespace wengert::detail {
namespace {

/// Columns that are taken side by side: few enough for their running values to stay near.
constexpr std::size_t columns_at_once = 512;

/// Calls scan(first, step, columns, count) for stretches of columns that lie side by side: element k of them, of `count`, stands at
/// first + k * step.
template <class F>
void along(const Shape& shape, std::size_t axis, bool reverse, F&& scan) {
  const AxisView view(shape, axis);
  if (view.extent == 0) return;
  const std::size_t strips = (view.inner + columns_at_once - 1) / columns_at_once;
  in_ranges(view.outer * strips, view.extent * std::min(view.inner, columns_at_once), [&](std::size_t begin, std::size_t end) {
    for (std::size_t item = begin; item < end; ++item) {
      const std::size_t column = item % strips * columns_at_once;
      const auto front = static_cast<std::ptrdiff_t>(item / strips * view.extent * view.inner + column), step = static_cast<std::ptrdiff_t>(view.inner);
      const auto last = static_cast<std::ptrdiff_t>(view.extent - 1);
      scan(reverse ? front + last * step : front, reverse ? -step : step, std::min(columns_at_once, view.inner - column), view.extent);
    }
  });
}

/// A running sum that keeps its digits: of floats in double; of doubles beside what rounding takes from it.
template <Real T>
class RunningSum {
 public:
  T add(T term) {
    const double x = static_cast<double>(term), sum = sum_ + x;
    if constexpr (std::is_same_v<T, float>) {
      sum_ = sum;
      return static_cast<T>(sum);
    } else {
      const double added = sum - sum_;
      lost_ += (sum_ - (sum - added)) + (x - added);
      sum_ = sum;
      return sum - sum == 0 ? sum + lost_ : sum;  // beyond infinity nothing is lost
    }
  }

 private:
  double sum_ = 0, lost_ = 0;
};

}  // namespace

template <Real T>
Array<T> running_sum(const Array<T>& x, std::size_t axis, bool reverse) {
  return Array<T>::build(x.shape(), [&](std::span<T> out) {
    along(x.shape(), axis, reverse, [&](std::ptrdiff_t first, std::ptrdiff_t step, std::size_t columns, std::size_t count) {
      if (columns == 1) {
        RunningSum<T> sum;
        for (std::size_t k = 0; k < count; ++k, first += step) out.data()[first] = sum.add(x.data()[first]);
        return;
      }
      std::array<RunningSum<T>, columns_at_once> sums;
      for (std::size_t k = 0; k < count; ++k, first += step) {
        const T* const from = x.data() + first;
        T* const to = out.data() + first;
        for (std::size_t j = 0; j < columns; ++j) to[j] = sums[j].add(from[j]);
      }
    });
  });
}

template <Real T>
Array<T> running_product(const Array<T>& x, std::size_t axis) {
  return Array<T>::build(x.shape(), [&](std::span<T> out) {
    along(x.shape(), axis, false, [&](std::ptrdiff_t first, std::ptrdiff_t step, std::size_t columns, std::size_t count) {
      if (columns == 1) {
        T product = 1;
        for (std::size_t k = 0; k < count; ++k, first += step) out.data()[first] = product *= x.data()[first];
        return;
      }
      std::copy_n(x.data() + first, columns, out.data() + first);
      for (std::size_t k = 1; k < count; ++k) {
        const T* const before = out.data() + first;
        first += step;
        const T* const from = x.data() + first;
        T* const to = out.data() + first;
        for (std::size_t j = 0; j < columns; ++j) to[j] = before[j] * from[j];
      }
    });
  });
}

template <Real T>
Array<T> recurrence(const Array<T>& a, const Array<T>& b, std::size_t axis, bool reverse) {
  return Array<T>::build(b.shape(), [&](std::span<T> out) {
    along(b.shape(), axis, reverse, [&](std::ptrdiff_t first, std::ptrdiff_t step, std::size_t columns, std::size_t count) {
      std::copy_n(b.data() + first, columns, out.data() + first);
      for (std::size_t k = 1; k < count; ++k) {
        const T* const before = out.data() + first;
        const T* const factor = a.data() + (reverse ? first : first + step);
        first += step;
        const T* const term = b.data() + first;
        T* const to = out.data() + first;
        for (std::size_t j = 0; j < columns; ++j) to[j] = term[j] + factor[j] * before[j];
      }
    });
  });
}

template <Real T>
void product_rows_backward(const T* x, const T* g, std::size_t rows, std::size_t n, T* dx) {
  using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;  // a product of some may be out of range where that of all but one is not
  in_ranges(rows, n, [&](std::size_t first, std::size_t last) {
    std::vector<Wide, PoolAllocator<Wide>> before(n);
    for (std::size_t row = first; row < last; ++row) {
      const T* const from = x + row * n;
      T* const to = dx + row * n;
      if (g[row] == T(0)) {
        std::fill_n(to, n, T(0));
        continue;
      }
      Wide product = 1;
      for (std::size_t k = 0; k < n; ++k) {
        before[k] = product;
        product *= static_cast<Wide>(from[k]);
      }
      Wide behind = static_cast<Wide>(g[row]);
      for (std::size_t k = n; k-- > 0;) {
        to[k] = static_cast<T>(before[k] * behind);
        behind *= static_cast<Wide>(from[k]);
      }
    }
  });
}

template Array<float> running_sum(const Array<float>&, std::size_t, bool);
template Array<double> running_sum(const Array<double>&, std::size_t, bool);
template Array<float> running_product(const Array<float>&, std::size_t);
template Array<double> running_product(const Array<double>&, std::size_t);
template Array<float> recurrence(const Array<float>&, const Array<float>&, std::size_t, bool);
template Array<double> recurrence(const Array<double>&, const Array<double>&, std::size_t, bool);
template void product_rows_backward(const float*, const float*, std::size_t, std::size_t, float*);
template void product_rows_backward(const double*, const double*, std::size_t, std::size_t, double*);

}  // namespace wengert::detail
