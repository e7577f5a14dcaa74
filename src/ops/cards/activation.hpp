// The elementwise cards of neural networks.
#pragma once

#include <cmath>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

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
    const X root = exp_minus_abs(X(0.5) * x);  // of e^-|x|, which has few digits below the smallest normal number
    const X near = where(x < X(-far), X(0), x);
    return where(x > X(0), near, near * root * root) / (X(1) + root * root);
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

/// y = x where x > 0, else 0.   dx = g where x > 0, else 0: at 0 the left slope.
struct Relu : Elementwise<Relu> {
  static constexpr std::string_view name = "relu";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) { return where(x <= X(0), X(0), x); }
  template <class X> static X slope(X, X y) { return where(y > X(0), X(1), y); }  // y is 0 or NaN in the other lanes
};

}  // namespace wengert::cards
