// A program that does without xtensor.
#include <wengert/core.hpp>

#include <cmath>
#include <cstdio>

namespace wg = wengert;

int main() {
  wg::Tape tape;
  auto x = tape.variable(0.5);
  auto y = wg::tanh(x) * 2.0;
  const double slope = tape.backward(y)[x].item();
  const double expected = 2 * (1 - std::tanh(0.5) * std::tanh(0.5));
  std::printf("%.17g, expected %.17g\n", slope, expected);
  return std::abs(slope - expected) < 1e-15 ? 0 : 1;
}
