// The smooth elementwise cards of neural networks.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

#include "array/numbers.hpp"

namespace wengert::cards {

/// y = tanh x.   dx = g (1 - y^2).
struct Tanh : Elementwise<Tanh> {
  static constexpr std::string_view name = "tanh";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) {
    using std::tanh;
    return tanh(x);
  }
  template <class X> static X slope(X, X y) { return X(1) - y * y; }
};

/// e^-|x|, which cannot overflow. Each side's formula holds on both sides, so that at 0 too all derivatives of the slope are right;
/// abs(x) would have none there. Batches have their own.
template <class X>
X exp_minus_abs(X x) {
  using std::exp;
  return exp(where(x > X(0), -x, x));
}

/// y e^-|x|, where e^-|x| itself may be too small to have all its digits. Batches have their own.
template <class X>
X times_exp_minus_abs(X y, X x) {
  const X root = exp_minus_abs(X(0.5) * x);
  return y * root * root;
}

/// The standard normal distribution. Batches and numbers have their own.
template <class X>
X normal_distribution(X x) {
  return X(0.5) * erfc(X(-0.5 * std::numbers::sqrt2) * x);
}
inline float normal_distribution(float x) { return detail::numbers::normal_distribution(x); }
inline double normal_distribution(double x) { return detail::numbers::normal_distribution(x); }
inline long double normal_distribution(long double x) { return detail::numbers::normal_distribution(x); }

/// y = 1 / (1 + e^-x).   dx = g e^-|x| / (1 + e^-|x|)^2.   Not g y (1 - y), which is 0 from x = 37 on.
struct Sigmoid : Elementwise<Sigmoid> {
  static constexpr std::string_view name = "sigmoid";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    const X e = exp_minus_abs(x);
    return where(x > X(0), X(1), e) / (X(1) + e);
  }
  template <class X> static X slope(X x, X) {
    const X e = exp_minus_abs(x);
    const X d = X(1) + e;
    return e / (d * d);
  }
};

/// y = x s, s = 1 / (1 + e^-x).   dx = g (s + x s (1 - s)).   At inf: inf, slope 1. At -inf: 0, slope 0.
struct Silu : Elementwise<Silu> {
  static constexpr std::string_view name = "silu";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    const X near = where(x < X(-far), X(0), x);
    return where(x > X(0), near, times_exp_minus_abs(near, x)) / (X(1) + exp_minus_abs(x));
  }
  template <class X> static X slope(X x, X) {
    const X e = exp_minus_abs(x);
    const X d = X(1) + e;
    const X near = where(x > X(far), X(0), where(x < X(-far), X(0), x));
    return (where(x > X(0), X(1), e) + near * e / d) / d;
  }

 private:
  static constexpr double far = 800;  // e^-|x| is 0 from 746 on: at infinity it must not meet the x beside it
};

/// y = -log(1 + e^-x).   dx = g / (1 + e^x).   At inf: 0, slope 0. At -inf: -inf, slope 1.
struct LogSigmoid : Elementwise<LogSigmoid> {
  static constexpr std::string_view name = "log_sigmoid";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::log1p;
    return where(x > X(0), X(0), x) - log1p(exp_minus_abs(x));
  }
  template <class X> static X slope(X x, X) {
    const X e = exp_minus_abs(x);
    return where(x > X(0), e, X(1)) / (X(1) + e);
  }
};

/// y = log(1 + e^(b x)) / b, x where b x > threshold.   dx = g / (1 + e^(-b x)), g there.   At inf: inf, slope 1. At -inf: 0, slope 0.
struct Softplus : Elementwise<Softplus> {
  static constexpr std::string_view name = "softplus";
  static constexpr Keeps keeps = Keeps::inputs;
  double beta = 1;
  double threshold = std::numeric_limits<double>::infinity();
  template <class X> X apply(X x) const {
    using std::log1p;
    const X z = X(beta) * x;
    return where(z > X(threshold), x, (where(z > X(0), z, X(0)) + log1p(exp_minus_abs(z))) / X(beta));
  }
  template <class X> X slope(X x, X) const {
    const X z = X(beta) * x, e = exp_minus_abs(z);
    return where(z > X(threshold), X(1), where(z > X(0), X(1), e) / (X(1) + e));
  }
};

/// y = x / (1 + |x|).   dx = g / (1 + |x|)^2.   At +-inf: +-1, slope 0.
struct Softsign : Elementwise<Softsign> {
  static constexpr std::string_view name = "softsign";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::abs;
    const X size = abs(x), far = X(1) / (X(1) + X(1) / size);
    return where(size > X(1), where(x > X(0), far, -far), x / (X(1) + size));
  }
  template <class X> static X slope(X x, X) {
    using std::abs;
    const X d = X(1) + abs(x);
    return X(1) / (d * d);
  }
};

/// x where |x| <= far, 0 beyond: what may stand beside an e^-|x| that is 0 there.
template <class X>
X held_near(X x, double far) {
  return where(x > X(far), X(0), where(x < X(-far), X(0), x));
}

/// y = x tanh(log(1 + e^x)).   dx = g (t + x (1 - t^2) s), t = y / x, s = 1 / (1 + e^-x).   At inf: inf, slope 1. At -inf: 0, slope 0.
/// (Misra: Mish, 2019.)
struct Mish : Elementwise<Mish> {
  static constexpr std::string_view name = "mish";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    const X e = exp_minus_abs(x), near = where(x < X(-800), X(0), x);
    // The same e above and below the line, whose errors then go against each other, as long as it has all its digits.
    return where(x > X(-80), near * above(x, e), times_exp_minus_abs(near * (e + X(2)), x)) / below(x, e);
  }
  template <class X> static X slope(X x, X) {
    const X e = exp_minus_abs(x), t = above(x, e) / below(x, e);
    return t + held_near(x, 800) * (X(1) - t * t) * (where(x > X(0), X(1), e) / (X(1) + e));
  }

 private:
  /// tanh(log(1 + e^x)) as a quotient, from e = e^-|x|.
  template <class X> static X above(X x, X e) { return X(2) * e + where(x > X(0), X(1), e * e); }
  template <class X> static X below(X x, X e) { return above(x, e) + where(x > X(0), X(2) * e * e, X(2)); }
};

/// y = x P(x), P being the standard normal distribution.   dx = g (P(x) + x p(x)), p its density.   At inf: inf, slope 1. At -inf: 0, slope 0.
/// (Hendrycks, Gimpel: Gaussian error linear units, 2016.)
struct Gelu : Elementwise<Gelu> {
  static constexpr std::string_view name = "gelu";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using detail::numbers::times_normal_distribution;
    return times_normal_distribution(x);
  }
  template <class X> static X slope(X x, X) {
    using std::exp;
    const X near = held_near(x, 800);
    return normal_distribution(x) + near * (X(0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi) * exp(X(-0.5) * near * near));
  }
};

/// y = x s(2 u), s = 1 / (1 + e^-x), u = (2 / pi)^(1/2) (x + 0.044715 x^3): gelu by a tanh.   dx = g (s + x s (1 - s) 2 u').
struct GeluByTanh : Elementwise<GeluByTanh> {
  static constexpr std::string_view name = "gelu_by_tanh";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using detail::numbers::gelu_by_tanh;
    return gelu_by_tanh(x);
  }
  template <class X> static X slope(X x, X) {
    const X e = exp_minus_abs(twice_u(x)), d = X(1) + e, near = held_near(x, 800);
    return where(x > X(0), X(1), e) / d + near * (e / (d * d)) * X(rate) * (X(1) + X(3 * cubic) * near * near);
  }

 private:
  static constexpr double rate = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi, cubic = 0.044715;
  template <class X> static X twice_u(X x) { return X(rate) * x * (X(1) + X(cubic) * x * x); }
};

}  // namespace wengert::cards
