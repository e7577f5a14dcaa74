// The README's example: a small network learns the exclusive or.
#include <cstdio>
#include <wengert/wengert.hpp>

namespace wg = wengert;

int main() {
  wg::RandomEngine engine(7);
  wg::nn::Sequential<float> net{wg::nn::Linear<float>(2, 16, engine), wg::nn::Tanh<float>{}, wg::nn::Linear<float>(16, 2, engine)};
  wg::optim::Adam<float> adam(net.parameters(), {.learning_rate = 0.05});
  auto x = wg::from_values<float>({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  auto y = wg::from_values<std::int64_t>({0, 1, 1, 0}, {4});
  wg::Tape tape;
  for (int step = 0; step < 300; ++step) {
    auto loss = wg::cross_entropy(net(tape.constant(x), wg::Mode::train), y);
    if (step % 100 == 99) std::printf("step %d: loss %.4f\n", step + 1, loss.item());
    adam.step(tape.backward(loss));
    tape.clear();
  }
  std::printf("accuracy %.2f\n", wg::nn::accuracy(net.predict(x), y));
}
