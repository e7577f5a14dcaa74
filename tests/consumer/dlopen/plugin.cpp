// A plugin: a user's library that brings libwengert.so along. Large enough to set the library's threads to work, which must be
// gone before its code is.
#include <wengert/core.hpp>

namespace wg = wengert;

extern "C" double plugin_run() {
  wg::set_threads(2);
  wg::Tape tape;
  auto x = tape.variable(wg::full<float>({512, 1024}, 0.5f));
  auto w = tape.variable(wg::full<float>({1024, 64}, 0.001f));
  auto loss = wg::sum(wg::tanh(wg::matmul(wg::tanh(x), w)));
  return static_cast<double>(tape.backward(loss)[w](3, 5));
}
