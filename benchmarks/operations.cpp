// Operations beside the loop that a user would write by hand with the standard library's functions, at -O2: each pair in turns in one
// process, on one thread, forward on plain arrays. Prints name, both medians in milliseconds, and their ratio.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <wengert/core.hpp>

namespace wg = wengert;

namespace {

volatile double seen;  // what is computed must be computed

double seconds(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void compare(const std::string& name, const std::function<void()>& ours, const std::function<void()>& by_hand) {
  constexpr int turns = 11;
  std::vector<double> our_times, other_times;
  ours();
  by_hand();
  for (int turn = 0; turn < turns; ++turn) {
    our_times.push_back(seconds(ours));
    other_times.push_back(seconds(by_hand));
  }
  std::printf("%-22s %9.3f ms %9.3f ms %6.2f x\n", name.c_str(), median(our_times) * 1e3, median(other_times) * 1e3, median(our_times) / median(other_times));
  std::fflush(stdout);
}

template <class T>
wg::Array<T> spread_over(const wg::Shape& shape, double low, double high) {
  return wg::Array<T>::build(shape, [&](std::span<T> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(low + (high - low) * static_cast<double>(i * 7919 % 100'003) / 100'003);
  });
}

template <class T, class F, class G>
void function_of(const std::string& name, F f, G g, double low, double high) {
  const auto x = spread_over<T>({std::size_t{1} << 19U}, low, high);
  std::vector<T> y(x.size());
  compare(
      name + (sizeof(T) == sizeof(float) ? ", float" : ", double"), [&] { seen = static_cast<double>(f(x).data()[1]); },
      [&] {
        for (std::size_t i = 0; i < y.size(); ++i) y[i] = g(x.data()[i]);
        seen = static_cast<double>(y[1]);
      });
}

template <class F, class G>
void function(const std::string& name, F f, G g, double low, double high) {
  function_of<float>(name, f, g, low, high);
  function_of<double>(name, f, g, low, high);
}

void functions() {
  function("exp", [](const auto& x) { return wg::exp(x); }, [](auto x) { return std::exp(x); }, -5, 5);
  function("expm1", [](const auto& x) { return wg::expm1(x); }, [](auto x) { return std::expm1(x); }, -5, 5);
  function("exp2", [](const auto& x) { return wg::exp2(x); }, [](auto x) { return std::exp2(x); }, -5, 5);
  function("log", [](const auto& x) { return wg::log(x); }, [](auto x) { return std::log(x); }, 0.1, 9);
  function("log1p", [](const auto& x) { return wg::log1p(x); }, [](auto x) { return std::log1p(x); }, -0.5, 9);
  function("log2", [](const auto& x) { return wg::log2(x); }, [](auto x) { return std::log2(x); }, 0.1, 9);
  function("log10", [](const auto& x) { return wg::log10(x); }, [](auto x) { return std::log10(x); }, 0.1, 9);
  function("cbrt", [](const auto& x) { return wg::cbrt(x); }, [](auto x) { return std::cbrt(x); }, -5, 5);
  function("sin", [](const auto& x) { return wg::sin(x); }, [](auto x) { return std::sin(x); }, -9, 9);
  function("cos", [](const auto& x) { return wg::cos(x); }, [](auto x) { return std::cos(x); }, -9, 9);
  function("tan", [](const auto& x) { return wg::tan(x); }, [](auto x) { return std::tan(x); }, -9, 9);
  function("asin", [](const auto& x) { return wg::asin(x); }, [](auto x) { return std::asin(x); }, -1, 1);
  function("acos", [](const auto& x) { return wg::acos(x); }, [](auto x) { return std::acos(x); }, -1, 1);
  function("atan", [](const auto& x) { return wg::atan(x); }, [](auto x) { return std::atan(x); }, -9, 9);
  function("sinh", [](const auto& x) { return wg::sinh(x); }, [](auto x) { return std::sinh(x); }, -5, 5);
  function("cosh", [](const auto& x) { return wg::cosh(x); }, [](auto x) { return std::cosh(x); }, -5, 5);
  function("tanh", [](const auto& x) { return wg::tanh(x); }, [](auto x) { return std::tanh(x); }, -5, 5);
  function("asinh", [](const auto& x) { return wg::asinh(x); }, [](auto x) { return std::asinh(x); }, -5, 5);
  function("acosh", [](const auto& x) { return wg::acosh(x); }, [](auto x) { return std::acosh(x); }, 1, 9);
  function("atanh", [](const auto& x) { return wg::atanh(x); }, [](auto x) { return std::atanh(x); }, -0.99, 0.99);
  function("erf", [](const auto& x) { return wg::erf(x); }, [](auto x) { return std::erf(x); }, -4, 4);
  function("erfc", [](const auto& x) { return wg::erfc(x); }, [](auto x) { return std::erfc(x); }, -4, 4);
  function("lgamma", [](const auto& x) { return wg::lgamma(x); }, [](auto x) { return std::lgamma(x); }, 0.1, 20);
}

/// A loop by hand over the rows and columns of a 1024 x 1024 matrix; y is written, all of it or its first column's worth.
template <class F>
void of_a_matrix(const std::string& name, F ours, const std::function<void(const float*, float*)>& by_hand) {
  static const auto x = spread_over<float>({1024, 1024}, 0.99, 1.01);
  static std::vector<float> y(x.size());
  compare(name, [&] { seen = static_cast<double>(ours(x).data()[1]); },
          [&] {
            by_hand(x.data(), y.data());
            seen = static_cast<double>(y[1]);
          });
}

constexpr std::size_t side = 1024;

void folds_and_scans() {
  of_a_matrix("prod, rows", [](const auto& x) { return wg::prod(x, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) {
      y[i] = 1;
      for (std::size_t j = 0; j < side; ++j) y[i] *= x[i * side + j];
    }
  });
  of_a_matrix("norm, rows", [](const auto& x) { return wg::norm(x, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) {
      float squares = 0;
      for (std::size_t j = 0; j < side; ++j) squares += x[i * side + j] * x[i * side + j];
      y[i] = std::sqrt(squares);
    }
  });
  of_a_matrix("cumsum, rows", [](const auto& x) { return wg::cumsum(x, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) {
      float sum = 0;
      for (std::size_t j = 0; j < side; ++j) y[i * side + j] = sum += x[i * side + j];
    }
  });
  of_a_matrix("cumsum, columns", [](const auto& x) { return wg::cumsum(x, 0); }, [](const float* x, float* y) {
    std::copy_n(x, side, y);
    for (std::size_t k = side; k < side * side; ++k) y[k] = y[k - side] + x[k];
  });
  of_a_matrix("cumprod, rows", [](const auto& x) { return wg::cumprod(x, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) {
      float product = 1;
      for (std::size_t j = 0; j < side; ++j) y[i * side + j] = product *= x[i * side + j];
    }
  });
  of_a_matrix("argmax, rows", [](const auto& x) { return wg::argmax(x, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) y[i] = static_cast<float>(std::max_element(x + i * side, x + (i + 1) * side) - (x + i * side));
  });
  of_a_matrix("sort, rows", [](const auto& x) { return wg::sort(x).values; }, [](const float* x, float* y) {
    std::copy_n(x, side * side, y);
    for (std::size_t i = 0; i < side; ++i) std::sort(y + i * side, y + (i + 1) * side);
  });
  of_a_matrix("topk of 8, rows", [](const auto& x) { return wg::topk(x, 8).values; }, [](const float* x, float* y) {
    std::copy_n(x, side * side, y);
    for (std::size_t i = 0; i < side; ++i) std::partial_sort(y + i * side, y + i * side + 8, y + (i + 1) * side, std::greater<>());
  });
}

void movements() {
  of_a_matrix("flip, rows", [](const auto& x) { return wg::flip(x, {1}); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) std::reverse_copy(x + i * side, x + (i + 1) * side, y + i * side);
  });
  of_a_matrix("roll, rows", [](const auto& x) { return wg::roll(x, 3, 1); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i) std::rotate_copy(x + i * side, x + (i + 1) * side - 3, x + (i + 1) * side, y + i * side);
  });
  of_a_matrix("tril", [](const auto& x) { return wg::tril(x); }, [](const float* x, float* y) {
    for (std::size_t i = 0; i < side; ++i)
      for (std::size_t j = 0; j < side; ++j) y[i * side + j] = j <= i ? x[i * side + j] : 0;
  });
  of_a_matrix("cast there and back", [](const auto& x) { return wg::cast<float>(wg::cast<double>(x)); }, [](const float* x, float* y) {
    static std::vector<double> between(side * side);
    for (std::size_t k = 0; k < side * side; ++k) between[k] = static_cast<double>(x[k]);
    for (std::size_t k = 0; k < side * side; ++k) y[k] = static_cast<float>(between[k]);
  });
}

void windows() {
  const auto images = spread_over<float>({32, 32, 28, 28}, 0, 1);
  std::vector<float> y(images.size());
  const float* const x = images.data();
  compare(
      "max_pool2d, 2 x 2", [&] { seen = static_cast<double>(wg::max_pool2d(images).data()[1]); },
      [&] {
        for (std::size_t c = 0, k = 0; c < 1024; ++c)
          for (std::size_t i = 0; i < 14; ++i)
            for (std::size_t j = 0; j < 14; ++j, ++k) {
              const float* const corner = x + c * 784 + i * 56 + j * 2;
              y[k] = std::max(std::max(corner[0], corner[1]), std::max(corner[28], corner[29]));
            }
        seen = static_cast<double>(y[1]);
      });
}

}  // namespace

int main() {
  wg::set_threads(1);
  std::printf("%-22s %12s %12s %8s\n", "operation", "ours", "by hand", "ratio");
  functions();
  folds_and_scans();
  movements();
  windows();
}
