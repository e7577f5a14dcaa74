// Scripts for gnuplot: curves and sheets of images.
#include <wengert/viz/plot.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <wengert/base/errors.hpp>

#include "viz/program.hpp"
#include "viz/text.hpp"

namespace wengert::viz {

namespace {

constexpr detail::Program gnuplot{"gnuplot", "gnuplot", "gnuplot-nox"};

// Told apart also by those who see no difference between red and green (Okabe and Ito).
constexpr std::string_view colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};

constexpr double most_pixels = 16'000;  // beyond, cairo draws nothing

/// A number as gnuplot reads it, whatever the locale; NaN leaves a gap in a line.
std::string number(double x) {
  if (!std::isfinite(x)) return "NaN";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

/// A string of gnuplot's: in single quotes nothing is replaced, and a quote is written twice. A back-quote would run a command in other
/// places; here it is only made harmless.
std::string text_literal(std::string_view given) {
  std::string text = "'";
  for (const char c : detail::shown_name(given, 120)) {
    if (c == '\'') text += '\'';
    text += c == '`' ? '"' : c;
  }
  return text + "'";
}

/// The line that chooses the form of the picture and its size in pixels.
std::string terminal(std::string_view who, const std::filesystem::path& file, std::size_t width, std::size_t height, std::string_view font_size) {
  const std::string extension = file.extension().string();
  std::string line = "set terminal ";
  if (extension == ".png") {
    line += "pngcairo";
  } else if (extension == ".svg") {
    line += "svg";
  } else {
    throw ValueError(std::string(who) + ": no such form of picture: \"" + extension + "\" of " + file.string() + "; the extension must be .png or .svg");
  }
  return line.append(" noenhanced size ").append(std::to_string(width)).append(",").append(std::to_string(height)).append(" font 'Helvetica,").append(font_size).append(
             "' background rgb 'white'\n") +
         "set encoding utf8\n";
}

/// A caption's lines.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void take(double x) {
    if (!std::isfinite(x)) return;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  /// With a margin; something to draw also where there are no numbers, or one.
  Range widened(double margin) const {
    if (low > high) return {0, 1};
    const double span = high > low ? high - low : std::max(std::abs(high), 1.0);
    const Range wider{low - margin * span, high + margin * span};
    return std::isfinite(wider.low) && std::isfinite(wider.high) ? wider : *this;
  }
  std::string text() const { return std::string("[").append(number(low)).append(":").append(number(high)).append("]"); }
};

void check_plot(const Plot& plot) {
  if (plot.curves.empty()) throw ValueError("plot_curves: a plot has no curves: \"" + plot.title + "\"; at least one is needed");
  for (const Curve& curve : plot.curves) {
    if (!curve.x.empty() && curve.x.size() != curve.y.size())
      throw ValueError("plot_curves: x and y of \"" + curve.name + "\" differ in number: " + std::to_string(curve.x.size()) + " and " + std::to_string(curve.y.size()) +
                       "; give as many, or no x at all");
    if (!std::all_of(curve.x.begin(), curve.x.end(), [](double x) { return std::isfinite(x); }))
      throw ValueError("plot_curves: x of \"" + curve.name + "\" contains a number that is not finite; only y may");
  }
}

double x_of(const Curve& curve, std::size_t i) { return curve.x.empty() ? static_cast<double>(i + 1) : curve.x[i]; }

std::string script_of(const Plot& plot, std::size_t index) {
  Range x_range, y_range;
  std::string script;
  std::string lines;
  for (std::size_t k = 0; k < plot.curves.size(); ++k) {
    const Curve& curve = plot.curves[k];
    const std::string block = "$curve" + std::to_string(index) + "_" + std::to_string(k);
    script += block + " << END\n";
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
      x_range.take(x_of(curve, i));
      y_range.take(curve.y[i]);
      script += number(x_of(curve, i)) + " " + number(curve.y[i]) + "\n";
    }
    if (curve.y.empty()) script += "0 NaN\n";  // without any line gnuplot would leave it out of the legend
    script += "END\n";
    // Points show single epochs; on long curves they would hide the line.
    constexpr std::size_t few = 40;
    const std::string style = curve.y.size() <= few ? "linespoints pointtype 7 pointsize 0.6" : "lines";
    // A curve of no finite number draws nothing but keeps its place in the legend.
    lines += ", " + block + " using 1:2 with " + style + " linewidth 2 linecolor rgb '" + std::string(colours[k % std::size(colours)]) + "' title " + text_literal(curve.name);
  }
  script += "set title " + text_literal(plot.title) + "\nset xlabel " + text_literal(plot.x_label) + "\nset ylabel " + text_literal(plot.y_label) + "\n";
  const Range across = x_range.widened(x_range.low < x_range.high ? 0.02 : 0.5), upright = y_range.widened(0.06);
  script += "set xrange " + across.text() + "\nset yrange " + upright.text() + "\n";
  // The first, empty, function keeps a plot of gaps alone from being an error.
  return script + "plot NaN notitle" + lines + "\n";
}

}  // namespace

void plot_curves(const std::string& file, const std::vector<Plot>& plots) {
  if (plots.empty()) throw ValueError("plot_curves: there is nothing to plot: no plots; at least one is needed");
  for (const Plot& plot : plots) check_plot(plot);
  constexpr std::size_t width = 640, height = 420;
  std::string script = terminal("plot_curves", file, width * plots.size(), height, "12");
  script +=
      "set border 3 linecolor rgb '#5f6b7a'\nset tics nomirror textcolor rgb '#33383f'\nset format '%g'\n"
      "set grid linecolor rgb '#d9dee4' linewidth 1 linetype 1\nset key outside bottom center horizontal samplen 2 width 1\nset xlabel offset 0,0.4\nset bmargin 4.4\n";
  if (plots.size() > 1) script += "set multiplot layout 1," + std::to_string(plots.size()) + "\n";
  for (std::size_t i = 0; i < plots.size(); ++i) script += script_of(plots[i], i);
  if (plots.size() > 1) script += "unset multiplot\n";
  detail::write_file("plot_curves", file, detail::output_of("plot_curves", gnuplot, {"-d", "-"}, script));
}

void plot_curves(const std::string& file, const Plot& plot) { plot_curves(file, std::vector<Plot>{plot}); }

void image_sheet(const std::string& file, const Array<float>& images, const std::vector<std::string>& captions, const ImageSheetOptions& options) {
  constexpr std::string_view who = "image_sheet";
  const auto refuse = [&](const std::string& what) { throw ValueError(std::string(who) + ": " + what); };
  const Shape& shape = images.shape();
  if (shape.rank() != 3) throw ShapeError(std::string(who) + ": not a list of images: " + to_string(shape) + "; the array must be (N, height, width)");
  if (images.size() == 0) refuse("there is nothing to draw: " + to_string(shape) + "; at least one image of at least one pixel is needed");
  if (captions.size() != shape[0]) refuse("images and captions differ in number: " + std::to_string(shape[0]) + " and " + std::to_string(captions.size()) + "; each image needs one");
  if (options.columns == 0) refuse("columns is out of its range: 0; at least 1 is needed");
  if (!(options.low < options.high && std::isfinite(options.high - options.low))) refuse("low and high are no range: " + number(options.low) + " and " + number(options.high) + "; low must be below high");

  const std::size_t count = shape[0], height = shape[1], width = shape[2];
  const std::size_t columns = std::min(options.columns, count), rows = (count + columns - 1) / columns;
  std::size_t lines = 0;
  for (const std::string& caption : captions) lines = std::max(lines, lines_of(caption).size());
  // All lengths are pixels of the picture. An image's pixels are drawn as squares of them: gnuplot would smooth what it has to enlarge.
  constexpr std::size_t usual_size = 112;
  constexpr double gap = 16, line_height = 14;
  const std::size_t square = std::max<std::size_t>(1, usual_size / std::max(height, width));
  const auto image_width = static_cast<double>(square * width), image_height = static_cast<double>(square * height);
  const double cell_width = image_width + gap, cell_height = image_height + gap + line_height * static_cast<double>(lines);
  const double title_height = options.title.empty() ? 0 : 36;
  const double drawn_width = cell_width * static_cast<double>(columns), drawn_height = cell_height * static_cast<double>(rows) + title_height;
  if (std::max(drawn_width, drawn_height) > most_pixels)
    refuse("the sheet is too large: " + number(drawn_width) + " x " + number(drawn_height) + " pixels; at most " + number(most_pixels) + " each way can be drawn");

  std::string script = terminal(who, file, static_cast<std::size_t>(drawn_width) + 1, static_cast<std::size_t>(drawn_height) + 1, "9");
  script +=
      "unset border\nunset tics\nunset key\nunset colorbox\nset palette gray\nset cbrange [0:1]\n"
      "set lmargin 0\nset rmargin 0\nset bmargin 0\nset tmargin 0\n";
  script += "set xrange [0:" + number(drawn_width) + "]\nset yrange [" + number(drawn_height) + ":0]\n";
  const auto label = [&](const std::string& text, double x, double y, std::string_view font) {
    script += "set label " + text_literal(text) + " at " + number(x) + "," + number(y) + " center font '" + std::string(font) + "'\n";
  };
  if (!options.title.empty()) label(options.title, drawn_width / 2, title_height / 2, ",13");
  std::string list;
  for (std::size_t n = 0; n < count; ++n) {
    const double left = cell_width * static_cast<double>(n % columns) + gap / 2, top = title_height + cell_height * static_cast<double>(n / columns) + gap / 4;
    const std::string block = "$image" + std::to_string(n);
    script += block + " << END\n";
    for (std::size_t y = 0; y < height; ++y) {
      std::string line;
      for (std::size_t x = 0; x < width; ++x) {
        const double grey = (static_cast<double>(images(n, y, x)) - options.low) / (options.high - options.low);
        constexpr double steps = 1000;  // finer than a screen shows, and short in the script
        const std::string dot = number(grey > 0 ? std::round(std::min(grey, 1.0) * steps) / steps : 0.0) + " ";
        for (std::size_t repeat = 0; repeat < square; ++repeat) line += dot;
      }
      for (std::size_t repeat = 0; repeat < square; ++repeat) script += line + "\n";
    }
    script += "END\n";
    const auto text = lines_of(captions[n]);
    for (std::size_t i = 0; i < text.size(); ++i) label(text[i], left + image_width / 2, top + image_height + line_height * (static_cast<double>(i) + 0.7), ",9");
    list += (n == 0 ? "plot " : ", ") + block + " matrix using ($1+" + number(left + 0.5) + "):($2+" + number(top + 0.5) + "):3 with image";
  }
  script += list + "\n";
  detail::write_file(who, file, detail::output_of(who, gnuplot, {"-d", "-"}, script));
}

}  // namespace wengert::viz
