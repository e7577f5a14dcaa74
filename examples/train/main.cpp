// The demo: trains a classifier on real images, in the loop that every program of this kind has.
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <numbers>

#include <wengert/core.hpp>

#include "images.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "report.hpp"

namespace {

namespace wg = wengert;
using demo::Options;
using demo::Result;

volatile std::sig_atomic_t interrupted = 0;

/// The first Ctrl-C ends the training after its batch, with all reports; the second one ends the program.
void stop_on_interrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

wg::nn::Sequential<float> make_network(std::size_t inputs, const std::vector<std::size_t>& hidden, std::size_t classes, wg::RandomEngine& engine) {
  wg::nn::Sequential<float> net;
  for (const std::size_t size : hidden) {
    net.add(wg::nn::Linear<float>(inputs, size, engine)).add(wg::nn::ReLU<float>{});
    inputs = size;
  }
  return net.add(wg::nn::Linear<float>(wg::init::glorot_normal<float>({inputs, classes}, engine)));
}

std::unique_ptr<wg::optim::Optimizer<float>> make_optimizer(const Options& options, const wg::Parameters<float>& parameters) {
  using demo::OptimizerChoice;
  namespace optim = wg::optim;
  switch (options.optimizer) {
    case OptimizerChoice::momentum:
      return std::make_unique<optim::Momentum<float>>(parameters, optim::MomentumOptions{.learning_rate = options.learning_rate.value_or(0.05)});
    case OptimizerChoice::nesterov:
      return std::make_unique<optim::Nesterov<float>>(parameters, optim::NesterovOptions{.learning_rate = options.learning_rate.value_or(0.05)});
    case OptimizerChoice::gradient_descent:
      return std::make_unique<optim::GradientDescent<float>>(parameters, optim::GradientDescentOptions{.learning_rate = options.learning_rate.value_or(0.2)});
    case OptimizerChoice::adam: break;
  }
  return std::make_unique<optim::Adam<float>>(parameters, optim::AdamOptions{.learning_rate = options.learning_rate.value_or(1e-3)});
}

/// The network's answers in evaluation mode, in pieces that stay in the cache.
wg::Array<float> scores_of(const wg::nn::Sequential<float>& net, const wg::data::Dataset<float>& data) {
  std::vector<wg::Array<float>> pieces;
  for (const auto& batch : wg::data::batches(data, {.size = 1024})) pieces.push_back(net.predict(batch.x));
  return wg::concatenate(pieces, 0);
}

Result evaluated(const wg::nn::Sequential<float>& net, const wg::data::Dataset<float>& data) {
  const auto scores = scores_of(net, data);
  return {.loss = static_cast<double>(wg::cross_entropy(scores, data.y).item()), .accuracy = wg::nn::accuracy(scores, data.y)};
}

int run(const Options& options) {
  const demo::Images images = demo::load_images(options.data);
  std::printf("data: %s\n", images.description.c_str());

  wg::RandomEngine engine(options.seed);
  const auto [train, validation] = wg::data::split(images.train, {.first = 0.9}, engine);
  const std::size_t inputs = images.height * images.width;
  const auto net = make_network(inputs, options.layers, images.classes.size(), engine);
  const auto optimizer = make_optimizer(options, net.parameters());
  std::printf("images: %zu for training, %zu for validation, %zu for the test\nnetwork: %zu", train.size(), validation.size(), images.test.size(), inputs);
  for (const std::size_t size : options.layers) std::printf("-%zu", size);
  std::size_t numbers = 0;
  for (const auto& parameter : net.parameters()) numbers += parameter.size();
  std::printf("-%zu, %zu numbers to learn, %zu thread%s\n\n", images.classes.size(), numbers, wg::threads(), wg::threads() == 1 ? "" : "s");
  std::fflush(stdout);

  stop_on_interrupt();
  const std::size_t epochs = options.epochs.value_or(images.usual_epochs);
  const auto batches = wg::data::batches(train, {.size = options.batch, .shuffle = true}, engine);
  const double first_rate = optimizer->learning_rate();
  const auto steps = static_cast<double>(epochs * batches.size());
  double step = 0;
  demo::History history;
  wg::Tape tape;
  for (std::size_t epoch = 1; epoch <= epochs && interrupted == 0; ++epoch) {
    char label[64];
    std::snprintf(label, sizeof label, "epoch %*zu/%zu", static_cast<int>(std::to_string(epochs).size()), epoch, epochs);
    const auto start = std::chrono::steady_clock::now();
    {
      demo::Progress progress(label, train.size());
      for (const auto& batch : batches) {
        optimizer->set_learning_rate(first_rate * 0.5 * (1 + std::cos(std::numbers::pi * step++ / steps)));
        const auto loss = wg::cross_entropy(net(tape.constant(batch.x), {wg::Mode::train, engine}), batch.y);
        optimizer->step(tape.backward(loss));
        tape.clear();
        progress.advance(batch.size());
        if (interrupted != 0) break;
      }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    history.train.push_back(evaluated(net, train));
    history.validation.push_back(evaluated(net, validation));
    const Result& t = history.train.back();
    const Result& v = history.validation.back();
    std::printf("%s   training loss %.4f accuracy %.4f   validation loss %.4f accuracy %.4f   %.1f s\n", label, t.loss, t.accuracy, v.loss, v.accuracy, seconds);
    std::fflush(stdout);
    if (!std::isfinite(t.loss)) {
      std::printf("the loss is no longer finite: a smaller --learning-rate may help\n");
      break;
    }
  }
  if (interrupted != 0) std::printf("interrupted: the reports are of what was learned so far\n");

  const auto scores = scores_of(net, images.test);
  const auto answers = wg::argmax(scores, 1);
  demo::print_confusion(wg::nn::confusion(answers, images.test.y, images.classes.size()), images.classes);
  demo::draw_pictures(options.output, history, images, scores);
  std::printf("test accuracy %.4f\n", wg::nn::accuracy(scores, images.test.y));
  constexpr int ended_by_interrupt = 130;  // as shells report it
  return interrupted != 0 ? ended_by_interrupt : 0;
}

}  // namespace

int main(int count, char** words) {
  const auto [options, exit_code] = demo::parse_options(count, words);
  if (exit_code) return *exit_code;
  try {
    return run(options);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "train: memory is too short for this network and data; smaller --layers or a smaller --batch need less\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
