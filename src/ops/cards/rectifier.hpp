// The elementwise cards of neural networks that have a kink.
#pragma once

#include <cmath>
#include <string_view>

#include <wengert/graph/elementwise.hpp>
#include <wengert/ops/families.hpp>

namespace wengert::cards {

/// y = x where x > 0, else 0.   dx = g where x > 0, else 0: at 0 the left slope.
struct Relu : Elementwise<Relu> {
  static constexpr std::string_view name = "relu";
  static constexpr Keeps keeps = Keeps::output;
  template <class X> static X apply(X x) { return where(x <= X(0), X(0), x); }
  template <class X> static X slope(X, X y) { return where(y > X(0), X(1), y); }  // y is 0 or NaN in the other lanes
};

/// y = x where x > 0, else a x.   dx = g, or g a: at 0 the left slope.
struct LeakyRelu : Elementwise<LeakyRelu> {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr Keeps keeps = Keeps::inputs;
  double negative_slope = 0.01;
  template <class X> X apply(X x) const { return where(x > X(0), x, X(negative_slope) * x); }
  template <class X> X slope(X x, X) const { return where(x > X(0), X(1), where(x == x, X(negative_slope), x)); }
};

/// x below 0, else 0 whatever x is: a slope that is made of it is constant from 0 on.
template <class X>
X below_zero(X x) {
  return where(x >= X(0), X(0), x);
}

/// y = x where x > 0, else a (e^x - 1).   dx = g, or g a e^x: at 0 the left slope, and the right second one.   (Clevert, Unterthiner, Hochreiter, 2015.)
struct Elu : Elementwise<Elu> {
  static constexpr std::string_view name = "elu";
  static constexpr Keeps keeps = Keeps::inputs;
  double alpha = 1;
  template <class X> X apply(X x) const {
    using std::expm1;
    return where(x > X(0), x, X(alpha) * expm1(x));
  }
  template <class X> X slope(X x, X) const {
    using std::exp;
    return where(x > X(0), X(1), X(alpha) * exp(below_zero(x)));
  }
};

/// y = x where x > 0, else a (e^(x/a) - 1).   dx = g, or g e^(x/a): at 0 the right second slope.   (Barron, 2017.)
struct Celu : Elementwise<Celu> {
  static constexpr std::string_view name = "celu";
  static constexpr Keeps keeps = Keeps::inputs;
  double alpha = 1;
  template <class X> X apply(X x) const {
    using std::expm1;
    return where(x > X(0), x, X(alpha) * expm1(x / X(alpha)));
  }
  template <class X> X slope(X x, X) const {
    using std::exp;
    return exp(below_zero(x) / X(alpha));
  }
};

/// y = l x where x > 0, else l a (e^x - 1), with l = 1.0507..., a = 1.6732...: layers of it keep mean 0 and variance 1.
/// dx = g l, or g l a e^x: at 0 the left slope, and the right second one.   (Klambauer and others, 2017.)
struct Selu : Elementwise<Selu> {
  static constexpr std::string_view name = "selu";
  static constexpr Keeps keeps = Keeps::inputs;
  template <class X> static X apply(X x) {
    using std::expm1;
    return X(scale) * where(x > X(0), x, X(alpha) * expm1(x));
  }
  template <class X> static X slope(X x, X) {
    using std::exp;
    return X(scale) * where(x > X(0), X(1), X(alpha) * exp(below_zero(x)));
  }

 private:
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
};

/// y = x held between lower and upper.   dx = g where lower < x < upper, else 0: at the corners 0, unlike clip.
struct Hardtanh : Elementwise<Hardtanh> {
  static constexpr std::string_view name = "hardtanh";
  static constexpr Keeps keeps = Keeps::inputs;
  double lower = -1, upper = 1;
  template <class X> X apply(X x) const { return where(x < X(lower), X(lower), where(x > X(upper), X(upper), x)); }
  template <class X> X slope(X x, X) const { return where(x <= X(lower), X(0), where(x >= X(upper), X(0), where(x == x, X(1), x))); }
};

/// y = x where x > threshold, else value.   dx = g there, else 0.   NaN in, NaN out.
struct Threshold : Elementwise<Threshold> {
  static constexpr std::string_view name = "threshold";
  static constexpr Keeps keeps = Keeps::inputs;
  double threshold = 0, value = 0;
  template <class X> X apply(X x) const { return where(x > X(threshold), x, where(x == x, X(value), x)); }
  template <class X> X slope(X x, X) const { return where(x > X(threshold), X(1), where(x == x, X(0), x)); }
};

}  // namespace wengert::cards
