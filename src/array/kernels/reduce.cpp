// Folds and the softmax family, once per instruction set.
#include <cstddef>
#include <cstdint>
#include <limits>

#include "array/kernels/batch_math.hpp"
#include "array/reduce_kernels.hpp"

namespace wengert::detail {
namespace {

// Numbers by themselves; not <cmath>'s overloads for float, which are weak functions where they are not inlined.
float exp_number(float x) { return __builtin_expf(x); }
double exp_number(double x) { return __builtin_exp(x); }
float expm1_number(float x) { return __builtin_expm1f(x); }
double expm1_number(double x) { return __builtin_expm1(x); }
float log_number(float x) { return __builtin_logf(x); }
double log_number(double x) { return __builtin_log(x); }
float log1p_number(float x) { return __builtin_log1pf(x); }
double log1p_number(double x) { return __builtin_log1p(x); }

template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

// The loops are flattened: a function called for each batch would pass it through memory, and ask what the loop knows, that it is whole.

/// f(place, count) for each batch of n elements; the count of the last may be smaller.
template <class T, class F>
[[gnu::flatten]] void each_batch(std::size_t n, F f) {
  std::size_t j = 0;
  for (; j + Batch<T>::size <= n; j += Batch<T>::size) f(j, Batch<T>::size);
  if (j < n) f(j, n - j);
}

template <class T>
Batch<T> load(const T* from, std::size_t count, T rest) {
  return count == Batch<T>::size ? Batch<T>::load(from) : Batch<T>::load_part(from, count, rest);
}
template <class T>
void store(Batch<T> x, T* to, std::size_t count) {
  if (count == Batch<T>::size) x.store(to); else x.store_part(to, count);
}

/// The sum of f(place, count) over all batches of n elements, in four independent chains.
template <class T, class F>
[[gnu::flatten]] T sum_batches(std::size_t n, F f) {
  using B = Batch<T>;
  constexpr std::size_t chains = 4;
  B sums[chains] = {B(0), B(0), B(0), B(0)};
  std::size_t j = 0;
  for (; j + chains * B::size <= n; j += chains * B::size)
    for (std::size_t k = 0; k < chains; ++k) sums[k] = sums[k] + f(j + k * B::size, B::size);
  each_batch<T>(n - j, [&](std::size_t place, std::size_t count) { sums[0] = sums[0] + f(j + place, count); });
  return fold_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]), [](T a, T b) { return a + b; });
}

/// A running sum that keeps what rounding takes from it.
template <class T>
class CarefulSum {
 public:
  void add(T term) {
    const T sum = sum_ + term, added = sum - sum_;
    lost_ += (sum_ - (sum - added)) + (term - added);
    sum_ = sum;
  }
  void scale(T factor) {
    sum_ *= factor;
    lost_ *= factor;
  }
  T value() const { return sum_ + lost_; }

 private:
  T sum_ = 0, lost_ = 0;
};

/// The same over any number of elements, in blocks.
template <class T, class F>
T sum_blocks(std::size_t n, F f) {
  if (n <= fold_block) return sum_batches<T>(n, f);
  CarefulSum<T> sum;
  for (std::size_t first = 0; first < n; first += fold_block) {
    const std::size_t left = n - first;
    sum.add(sum_batches<T>(left < fold_block ? left : fold_block, [&](std::size_t place, std::size_t count) { return f(first + place, count); }));
  }
  return sum.value();
}

// ---- sums ----

template <class T>
T sum_block(const T* x, std::size_t n) {
  return sum_batches<T>(n, [&](std::size_t j, std::size_t count) { return load(x + j, count, T(0)); });
}

/// out[j] = sum of f(batch of row i, place, count) over rows: eight rows at a time as a tree, so that `out` is read and written once for eight.
template <class T, class F>
void column_sums_of(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, T* out, F f) {
  std::size_t row = 0;
  for (; row + 8 <= rows; row += 8) {
    const T* const from = x + row * stride;
    each_batch<T>(columns, [&](std::size_t j, std::size_t count) {
      const auto at = [&](std::size_t i) { return f(load(from + i * stride + j, count, T(0)), j, count); };
      Batch<T> sum = ((at(0) + at(1)) + (at(2) + at(3))) + ((at(4) + at(5)) + (at(6) + at(7)));
      if (row > 0) sum = load(out + j, count, T(0)) + sum;
      store(sum, out + j, count);
    });
  }
  for (; row < rows; ++row) {
    const T* const from = x + row * stride;
    each_batch<T>(columns, [&](std::size_t j, std::size_t count) {
      Batch<T> sum = f(load(from + j, count, T(0)), j, count);
      if (row > 0) sum = load(out + j, count, T(0)) + sum;
      store(sum, out + j, count);
    });
  }
}

template <class T>
void column_sums(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, T* out) {
  column_sums_of(x, rows, columns, stride, out, [](Batch<T> value, std::size_t, std::size_t) { return value; });
}

template <class T>
void add_scaled(T a, const T* x, T* y, std::size_t n) {
  each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(load(y + j, count, T(0)) + Batch<T>(a) * load(x + j, count, T(0)), y + j, count); });
}

template <class T>
void add(T* into, const T* from, std::size_t n) {
  each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(load(into + j, count, T(0)) + load(from + j, count, T(0)), into + j, count); });
}

template <class T>
T squares_about(const T* x, std::size_t n, T centre) {
  return sum_batches<T>(n, [&](std::size_t j, std::size_t count) {
    const Batch<T> difference = load(x + j, count, centre) - Batch<T>(centre);
    return difference * difference;
  });
}

template <class T>
void column_squares_about(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, const T* centre, T* out) {
  column_sums_of(x, rows, columns, stride, out, [&](Batch<T> value, std::size_t j, std::size_t count) {
    const Batch<T> difference = value - load(centre + j, count, T(0));
    return difference * difference;
  });
}

// ---- folds by a function of two: of batches, and of numbers ----

/// The larger, or NaN where either is.
struct Larger {
  template <class T>
  static constexpr T start = -infinity<T>;
  template <class T>
  Batch<T> operator()(Batch<T> a, Batch<T> b) const {
    return where(a == a, larger(a, b), a);  // of a number and NaN the instruction gives the second
  }
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a > b ? a : b;
  }
};
struct Smaller {
  template <class T>
  static constexpr T start = infinity<T>;
  template <class T>
  Batch<T> operator()(Batch<T> a, Batch<T> b) const {
    return where(a == a, smaller(a, b), a);
  }
  template <class T>
  T operator()(T a, T b) const {
    return a != a || a < b ? a : b;
  }
};
struct Product {
  template <class T>
  static constexpr T start = 1;
  template <class X>
  X operator()(X a, X b) const {
    return a * b;
  }
};

template <class Op, class T>
T block_by(const T* x, std::size_t n) {
  using B = Batch<T>;
  constexpr T start = Op::template start<T>;
  constexpr std::size_t chains = 4;
  const Op op;
  B folds[chains] = {B(start), B(start), B(start), B(start)};
  std::size_t j = 0;
  for (; j + chains * B::size <= n; j += chains * B::size)
    for (std::size_t k = 0; k < chains; ++k) folds[k] = op(folds[k], B::load(x + j + k * B::size));
  each_batch<T>(n - j, [&](std::size_t place, std::size_t count) { folds[0] = op(folds[0], load(x + j + place, count, start)); });
  return fold_lanes(op(op(folds[0], folds[1]), op(folds[2], folds[3])), op);
}

template <class Op, class T>
void join_by(T* into, const T* from, std::size_t n) {
  each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(Op{}(load(into + j, count, T(0)), load(from + j, count, T(0))), into + j, count); });
}

template <class Op, class T>
void columns_by(const T* x, std::size_t rows, std::size_t columns, std::size_t stride, T* out) {
  each_batch<T>(columns, [&](std::size_t j, std::size_t count) { store(load(x + j, count, T(0)), out + j, count); });
  for (std::size_t row = 1; row < rows; ++row) join_by<Op>(out, x + row * stride, columns);
}

// ---- the softmax family ----

template <class T>
T largest(const T* x, std::size_t n) {
  return block_by<Larger>(x, n);
}

/// The sum of e^(x - shift); what lies beyond the end is -infinity, which adds nothing. What comes after x is fetched meanwhile: it is
/// the next to be searched for its largest, while the exponentials leave the memory idle.
template <class T>
T exp_sum(const T* x, std::size_t n, T shift) {
  const Batch<T> down(shift);
  return sum_blocks<T>(n, [&](std::size_t j, std::size_t count) {
    __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(x) + (n + j) * sizeof(T)));  // beyond the last row: no pointer, no harm
    return exp(load(x + j, count, -infinity<T>) - down);
  });
}

/// log of the sum of e^x as largest + log(scaled), x read once: a block's terms are added while it is in the cache.
template <class T>
struct LogSumExp {
  T largest = -infinity<T>, scaled = 0;

  LogSumExp(const T* x, std::size_t n) {
    CarefulSum<T> sum;
    for (std::size_t first = 0; first < n; first += fold_block) {
      const std::size_t left = n - first, count = left < fold_block ? left : fold_block;
      const T top = detail::largest(x + first, count);
      if (top == -infinity<T>) continue;
      if (!(top <= largest)) {  // larger, or NaN
        sum.scale(exp_number(largest - top));
        largest = top;
      }
      sum.add(exp_sum(x + first, count, largest));
    }
    scaled = sum.value();
  }
  T value() const { return largest == infinity<T> ? largest : largest + log_number(scaled); }
};

template <class T>
void logsumexp(const T* x, std::size_t rows, std::size_t n, T* y) {
  for (std::size_t row = 0; row < rows; ++row) y[row] = LogSumExp<T>(x + row * n, n).value();
}

template <class T>
void logsumexp_backward(const T* x, const T* y, const T* g, std::size_t g_step, std::size_t rows, std::size_t n, T* dx) {
  using B = Batch<T>;
  for (std::size_t row = 0; row < rows; ++row, x += n, dx += n) {
    T scale = g[row * g_step];
    if (scale == T(0) || y[row] == -infinity<T>) {
      for (std::size_t j = 0; j < n; ++j) dx[j] = 0;
    } else if (y[row] == infinity<T>) {  // the infinite ones share the gradient equally
      const B top(infinity<T>);
      scale /= sum_blocks<T>(n, [&](std::size_t j, std::size_t count) { return where(load(x + j, count, T(0)) == top, B(1), B(0)); });
      each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(where(load(x + j, count, T(0)) == top, B(scale), B(0)), dx + j, count); });
    } else {
      // y is rounded, and so all of e^(x - y) are off by one factor, by 1e-4 at 1000 in float: it goes with their sum.
      const B down(y[row]);
      scale /= sum_blocks<T>(n, [&](std::size_t j, std::size_t count) {
        const B power = exp(load(x + j, count, -infinity<T>) - down);
        store(power, dx + j, count);
        return power;
      });
      each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(B(scale) * load(dx + j, count, T(0)), dx + j, count); });
    }
  }
}

/// y = e^(x - the largest) / their sum.
template <class T>
void softmax_row(const T* x, std::size_t n, T* y) {
  using B = Batch<T>;
  const B down(largest(x, n));
  const T sum = sum_blocks<T>(n, [&](std::size_t j, std::size_t count) {
    const B power = exp(load(x + j, count, -infinity<T>) - down);
    store(power, y + j, count);
    return power;
  });
  each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(load(y + j, count, T(0)) / B(sum), y + j, count); });
}

template <class T>
void softmax(const T* x, std::size_t rows, std::size_t n, T* y) {
  for (std::size_t row = 0; row < rows; ++row) softmax_row(x + row * n, n, y + row * n);
}

template <class T>
void softmax_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx) {
  for (std::size_t row = 0; row < rows; ++row, y += n, g += n, dx += n) {
    const Batch<T> mean(sum_blocks<T>(n, [&](std::size_t j, std::size_t count) { return load(y + j, count, T(0)) * load(g + j, count, T(0)); }));
    each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(load(y + j, count, T(0)) * (load(g + j, count, T(0)) - mean), dx + j, count); });
  }
}

template <class T>
void log_softmax(const T* x, std::size_t rows, std::size_t n, T* y) {
  using B = Batch<T>;
  for (std::size_t row = 0; row < rows; ++row, x += n, y += n) {
    const LogSumExp<T> sum(x, n);
    const B down(sum.largest), log_sum(log_number(sum.scaled));  // one after the other: their sum would round small differences away
    each_batch<T>(n, [&](std::size_t j, std::size_t count) { store((load(x + j, count, T(0)) - down) - log_sum, y + j, count); });
  }
}

template <class T>
void log_softmax_backward(const T* y, const T* g, std::size_t rows, std::size_t n, T* dx) {
  for (std::size_t row = 0; row < rows; ++row, y += n, g += n, dx += n) {
    const Batch<T> total(sum_blocks<T>(n, [&](std::size_t j, std::size_t count) { return load(g + j, count, T(0)); }));
    each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(load(g + j, count, T(0)) - exp(load(y + j, count, T(0))) * total, dx + j, count); });
  }
}

template <class T>
T cross_entropy_row(const T* x, std::size_t label, std::size_t n) {
  const T top = largest(x, n), own = x[label];
  if (!(top < infinity<T>) || top == -infinity<T>) return not_a_number<T>;
  // The label's own term apart: where it is the largest, log(1 + others) keeps the digits that log(sum) has lost.
  const T others = exp_sum(x, label, top) + exp_sum(x + label + 1, n - label - 1, top);
  if (own == top) return log1p_number(others);
  return log_number(others + exp_number(own - top)) + (top - own);
}

template <class T>
void cross_entropy(const T* x, const std::int64_t* labels, std::size_t rows, std::size_t n, T* loss) {
  for (std::size_t row = 0; row < rows; ++row) loss[row] = cross_entropy_row(x + row * n, static_cast<std::size_t>(labels[row]), n);
}

/// Up to here softmax is e^(x - x[label] - loss) within a few units of the last place, for one exponential an element.
template <class T>
constexpr T most_exact_loss = 8;

template <class T>
void cross_entropy_backward(const T* x, const std::int64_t* labels, const T* loss, const T* g, std::size_t g_step, std::size_t rows, std::size_t n, T* dx) {
  using B = Batch<T>;
  for (std::size_t row = 0; row < rows; ++row, x += n, dx += n) {
    const std::size_t label = static_cast<std::size_t>(labels[row]);
    const T scale = g[row * g_step], own = x[label];
    if (scale == 0) {
      for (std::size_t j = 0; j < n; ++j) dx[j] = 0;
    } else if (loss[row] <= most_exact_loss<T>) {
      const B down(own), further(loss[row]);
      each_batch<T>(n, [&](std::size_t j, std::size_t count) { store(B(scale) * exp((load(x + j, count, own) - down) - further), dx + j, count); });
      dx[label] = scale * expm1_number(-loss[row]);
    } else {  // the loss is rounded too coarsely for an exponent, or infinite
      softmax_row(x, n, dx);
      dx[label] = expm1_number(-loss[row]);
      for (std::size_t j = 0; j < n; ++j) dx[j] *= scale;
    }
  }
}

template <class T>
constexpr ReduceKernels<T> table() {
  return {.sum = {sum_block<T>, column_sums<T>, add<T>},
          .largest = {block_by<Larger, T>, columns_by<Larger, T>, join_by<Larger, T>},
          .smallest = {block_by<Smaller, T>, columns_by<Smaller, T>, join_by<Smaller, T>},
          .product = {block_by<Product, T>, columns_by<Product, T>, join_by<Product, T>},
          .squares_about = squares_about<T>,
          .column_squares_about = column_squares_about<T>,
          .add_scaled = add_scaled<T>,
          .softmax = softmax<T>,
          .softmax_backward = softmax_backward<T>,
          .log_softmax = log_softmax<T>,
          .log_softmax_backward = log_softmax_backward<T>,
          .logsumexp = logsumexp<T>,
          .logsumexp_backward = logsumexp_backward<T>,
          .cross_entropy = cross_entropy<T>,
          .cross_entropy_backward = cross_entropy_backward<T>};
}

}  // namespace

namespace WENGERT_LEVEL {
constinit const ReduceKernels<float> reduce_float = table<float>();
constinit const ReduceKernels<double> reduce_double = table<double>();
}  // namespace WENGERT_LEVEL

}  // namespace wengert::detail
