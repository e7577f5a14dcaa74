// The table of confusions, and the pictures.
#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include <wengert/base/errors.hpp>
#include <wengert/core.hpp>

namespace demo {

namespace {

namespace wg = wengert;

template <class Draw>
void draw_one(const std::filesystem::path& file, Draw&& draw) {
  try {
    draw(file);
    std::printf("wrote %s\n", file.c_str());
  } catch (const wg::FileError& error) {
    std::printf("left out %s: %s\n", file.c_str(), error.what());
  }
}

wg::viz::Plot plot_of(const History& history, const std::string& title, double Result::* what) {
  const auto curve = [&](const std::string& name, const std::vector<Result>& results) {
    wg::viz::Curve line{.name = name, .y = {}};
    for (const Result& result : results) line.y.push_back(result.*what);
    return line;
  };
  return {.curves = {curve("training", history.train), curve("validation", history.validation)}, .title = title, .x_label = "epoch"};
}

/// The images whose label has the least of the scores: the mistakes that the network is surest of.
void draw_misclassified(const std::filesystem::path& file, const Images& images, const wg::Array<float>& scores) {
  const auto answers = wg::argmax(scores, 1);
  const auto probabilities = wg::softmax(scores, 1);
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < images.test.size(); ++i)
    if (answers(i) != images.test.y(i)) wrong.push_back(i);
  if (wrong.empty()) {
    std::printf("left out %s: no image was misclassified\n", file.c_str());
    return;
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) { return probabilities(a, answers(a)) > probabilities(b, answers(b)); });
  const std::size_t all = wrong.size();
  constexpr std::size_t columns = 8, most = 5 * columns;
  wrong.resize(std::min(all, most));

  const auto name = [&](std::int64_t k) { return images.classes[static_cast<std::size_t>(k)]; };
  std::vector<std::string> captions;
  captions.reserve(wrong.size());
  for (const std::size_t i : wrong) captions.push_back(name(images.test.y(i)) + "\ntaken for " + name(answers(i)));
  const auto pixels = images.test.subset(wrong).x.reshaped({wrong.size(), images.height, images.width});
  const std::string title = "The " + std::to_string(wrong.size()) + " surest of " + std::to_string(all) + " mistakes on " + std::to_string(images.test.size()) + " test images";
  draw_one(file, [&](const auto& path) { wg::viz::image_sheet(path, pixels, captions, {.columns = columns, .title = title}); });
}

/// One step of a network small enough to be drawn: the loss of two samples, and what the chain rule makes of it.
void draw_step(const std::filesystem::path& folder) {
  wg::RandomEngine engine(1);
  const wg::nn::Sequential<float> net{wg::nn::Linear<float>(2, 3, engine), wg::nn::Tanh<float>{}, wg::nn::Linear<float>(3, 2, engine)};
  wg::Tape tape{{.retain = wg::Retain::everything}};
  const auto x = tape.constant(wg::from_values<float>({0.5F, -1, 1, 0.25F}, {2, 2})).named("two samples");
  const auto scores = net(x, wg::Mode::train).named("scores");
  const auto loss = wg::cross_entropy(scores, wg::from_values<std::int64_t>({0, 1}, {2})).named("loss");
  const auto gradients = tape.backward(loss);
  for (const char* const name : {"step.svg", "step.dot"}) draw_one(folder / name, [&](const auto& path) { wg::viz::write_graph(path, loss, gradients); });
}

}  // namespace

void print_confusion(const wg::Array<std::int64_t>& confusion, const std::vector<std::string>& classes) {
  std::size_t longest = 0;
  for (const std::string& name : classes) longest = std::max(longest, name.size());
  const int width = static_cast<int>(longest);
  std::printf("\nrows: what the test images show; columns: what they were taken for\n%*s", width + 4, "");
  for (std::size_t j = 0; j < classes.size(); ++j) std::printf(" %5zu", j);
  std::printf("  right\n");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    std::printf("%2zu  %-*s", i, width, classes[i].c_str());
    std::int64_t total = 0;
    for (std::size_t j = 0; j < classes.size(); ++j) {
      total += confusion(i, j);
      std::printf(" %5lld", static_cast<long long>(confusion(i, j)));
    }
    std::printf("  %4.1f %%\n", total == 0 ? 0.0 : 100.0 * static_cast<double>(confusion(i, i)) / static_cast<double>(total));
  }
  std::printf("\n");
}

void draw_pictures(const std::filesystem::path& folder, const History& history, const Images& images, const wg::Array<float>& test_scores) {
  if (!history.train.empty()) {
    draw_one(folder / "curves.png",
             [&](const auto& path) { wg::viz::plot_curves(path, {plot_of(history, "Loss", &Result::loss), plot_of(history, "Accuracy", &Result::accuracy)}); });
  }
  draw_misclassified(folder / "misclassified.png", images, test_scores);
  draw_step(folder);
}

}  // namespace demo
