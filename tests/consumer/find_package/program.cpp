// A user's program with a card of its own, an xtensor expression beside a Var, and an exception caught by its type.
#include <wengert/wengert.hpp>

#include <cmath>
#include <cstdio>
#include <string_view>

#include <xtensor/xarray.hpp>

namespace wg = wengert;

/// y = x^3.   dx = g 3 x^2.
struct Cube : wg::Elementwise<Cube> {
  static constexpr std::string_view name = "cube";
  static constexpr wg::Keeps keeps = wg::Keeps::inputs;
  template <class X>
  static X apply(X x) {
    return x * x * x;
  }
  template <class X>
  static X slope(X x, X) {
    return X(3) * x * x;
  }
};

static int wrong(const char* what) {
  std::printf("not so: %s\n", what);
  return 1;
}

int main() {
  wg::Tape tape;
  const xt::xarray<double> values = {1.0, 2.0, 3.0};
  auto x = tape.variable(wg::Array<double>(values));
  auto y = wg::sum(wg::record(Cube{}, x + values));  // (2 x)^3 at x = values
  auto slope = tape.gradient(y, x);
  auto curvature = tape.gradient(wg::sum(slope), x);
  if (y.item() != 8 + 64 + 216) return wrong("the value of the card");
  if (slope.value()(2) != 3 * 36) return wrong("the gradient through the card");
  if (curvature.value()(1) != 6 * 4) return wrong("the second derivative through the card");

  try {
    (void)wg::matmul(x, tape.constant(wg::zeros<double>({2, 2})));
    return wrong("inner sizes that differ are refused");
  } catch (const wg::ShapeError& error) {
    std::printf("%s\n", error.what());
  }
  return 0;
}
