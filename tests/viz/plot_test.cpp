// Curves and sheets of images: drawn by gnuplot where it is there, gaps for what is not finite, clear errors otherwise.
#include <wengert/viz/plot.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "support/refusal.hpp"
#include "viz/viz_tests.hpp"

namespace wengert::test {
namespace {

using viz::Curve;
using viz::image_sheet;
using viz::Plot;
using viz::plot_curves;

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

class Plots : public InAFolder {
 protected:
  void SetUp() override {
    InAFolder::SetUp();
    if (!has_program("gnuplot")) GTEST_SKIP() << "gnuplot is not installed";
  }
  std::string drawn(const Plot& plot) {
    plot_curves(path("plot.svg"), plot);
    return content("plot.svg");
  }
};

TEST_F(Plots, ShowCurvesWithTheirNames) {
  const std::string svg = drawn({.curves = {{.name = "training", .y = {3, 2, 1.5}}, {.name = "validation", .y = {3, 2.5, 2.25}}}, .title = "Loss", .x_label = "epoch", .y_label = "nats"});
  EXPECT_TRUE(mentions(svg, {"<svg", "training", "validation", "Loss", "epoch", "nats", "</svg>"}));
}

TEST_F(Plots, AreWrittenAsPng) {
  plot_curves(path("plot.png"), {{.curves = {{.name = "a", .y = {1, 2}}}}, {.curves = {{.name = "b", .y = {2, 1}}}}});
  EXPECT_TRUE(content("plot.png").starts_with("\x89PNG"));
}

TEST_F(Plots, LeaveGapsForWhatIsNotFinite) {
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "gaps", .y = {1, nan, 2, inf, -inf, 3}}}}), {"gaps"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "nothing but gaps", .y = {nan, nan}}}}), {"nothing but gaps"}));
}

TEST_F(Plots, ShowEmptyCurvesSinglePointsAndConstants) {
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "empty", .y = {}}, {.name = "one", .y = {5}}}}), {"empty", "one"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "empty", .y = {}}}}), {"empty"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "flat", .y = {0, 0, 0}}}}), {"flat"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "same place", .y = {1, 2}, .x = {3, 3}}}}), {"same place"}));
}

TEST_F(Plots, ShowTheLargestAndTheSmallestNumbers) {
  constexpr double most = std::numeric_limits<double>::max(), least = std::numeric_limits<double>::denorm_min();
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "wide", .y = {-1e300, 1e300}}}}), {"wide"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "tiny", .y = {least, 0}}}}), {"tiny"}));
  EXPECT_TRUE(mentions(drawn({.curves = {{.name = "widest", .y = {-most, most}}}}), {"widest"}));
}

TEST_F(Plots, ShowLongCurves) {
  Curve noise{.name = "long", .y = std::vector<double>(20'000)};
  for (std::size_t i = 0; i < noise.y.size(); ++i) noise.y[i] = std::sin(static_cast<double>(i) * 0.01);
  EXPECT_TRUE(mentions(drawn({.curves = {noise}}), {"long"}));
}

TEST_F(Plots, TakeTextForTextWhateverItSays) {
  const std::string hostile = "it's `touch " + path("made").string() + "` \\ \"x\" @ % {a_b}\nsystem('touch " + path("made").string() + "') <&>";
  const std::string svg = drawn({.curves = {{.name = hostile, .y = {1, 2}}}, .title = hostile, .x_label = "\xCE\xB1 \xFF", .y_label = "END\n"});
  EXPECT_TRUE(mentions(svg, {"it's", "{a_b}", "&lt;&amp;", "\xCE\xB1"}));
  EXPECT_FALSE(std::filesystem::exists(path("made")));
}

TEST_F(Plots, SaySoWhereAFileCannotBeWritten) {
  const Plot plot{.curves = {{.name = "a", .y = {1, 2}}}};
  EXPECT_TRUE(mentions(refusal<FileError>([&] { plot_curves(path("no/such/plot.png"), plot); }), {"plot_curves", "no/such/plot.png"}));
}

TEST_F(Plots, SayWhatToInstallWhereGnuplotIsMissing) {
  const Plot plot{.curves = {{.name = "a", .y = {1, 2}}}};
  const WithoutPrograms nothing_in_path(folder());
  EXPECT_TRUE(mentions(refusal<FileError>([&] { plot_curves(path("plot.png"), plot); }), {"plot_curves", "gnuplot", "apt install gnuplot-nox"}));
  EXPECT_TRUE(mentions(refusal<FileError>([&] { image_sheet(path("sheet.png"), ones<float>({1, 2, 2}), {"x"}); }), {"image_sheet", "gnuplot"}));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

class PlotsRefuse : public InAFolder {};

TEST_F(PlotsRefuse, OtherExtensions) {
  const Plot plot{.curves = {{.name = "a", .y = {1, 2}}}};
  for (const char* const name : {"plot.jpg", "plot", "plot.dot"})
    EXPECT_TRUE(mentions(refusal<ValueError>([&] { plot_curves(path(name), plot); }), {"plot_curves", name, ".png or .svg"}));
}

TEST_F(PlotsRefuse, WhatCannotBePlotted) {
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { plot_curves(path("p.png"), std::vector<Plot>{}); }), {"plot_curves", "no plots"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { plot_curves(path("p.png"), Plot{.curves = {}, .title = "bare"}); }), {"plot_curves", "bare"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { plot_curves(path("p.png"), Plot{.curves = {{.name = "c", .y = {1, 2}, .x = {1}}}}); }), {"plot_curves", "\"c\"", "1 and 2"}));
  EXPECT_TRUE(mentions(refusal<ValueError>([&] { plot_curves(path("p.png"), Plot{.curves = {{.name = "c", .y = {1, 2}, .x = {1, nan}}}}); }), {"plot_curves", "finite"}));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(PlotsRefuse, SheetsThatCannotBeDrawn) {
  const auto images = ones<float>({2, 3, 4});
  const auto sheet = [&](const Array<float>& a, const std::vector<std::string>& captions, const viz::ImageSheetOptions& options = {}) {
    return [&, captions, options] { image_sheet(path("sheet.png"), a, captions, options); };
  };
  const auto flat = ones<float>({2, 3}), none = zeros<float>({0, 3, 4}), vast = zeros<float>({1, 2, 20'000});
  EXPECT_TRUE(mentions(refusal<ShapeError>(sheet(flat, {"a", "b"})), {"image_sheet", "(2, 3)", "(N, height, width)"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(none, {})), {"image_sheet", "(0, 3, 4)"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(images, {"a"})), {"image_sheet", "2 and 1"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(images, {"a", "b"}, {.columns = 0})), {"image_sheet", "columns"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(images, {"a", "b"}, {.low = 1, .high = 1})), {"image_sheet", "low"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(images, {"a", "b"}, {.low = nan})), {"image_sheet", "low"}));
  EXPECT_TRUE(mentions(refusal<ValueError>(sheet(vast, {"a"})), {"image_sheet", "too large"}));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(Plots, ShowImagesWithTheirCaptions) {
  const auto images = from_values<float>({0, 0.5F, 1, static_cast<float>(nan), 2, -1, static_cast<float>(inf), 0.25F}, {2, 2, 2});
  image_sheet(path("sheet.svg"), images, {"first\nof two lines", "it's `second`"}, {.columns = 1, .title = "A sheet"});
  EXPECT_TRUE(mentions(content("sheet.svg"), {"<svg", "first", "of two lines", "it's", "A sheet"}));
  image_sheet(path("sheet.png"), images, {"a", "b"});
  EXPECT_TRUE(content("sheet.png").starts_with("\x89PNG"));
}

}  // namespace
}  // namespace wengert::test
