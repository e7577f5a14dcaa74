// Pictures of numbers: curves over the course of a training, and sheets of images. Drawn by gnuplot, into .png or .svg files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>

namespace wengert::viz {

/// One line of a plot.
struct Curve {
  std::string name;            ///< as the legend shows it
  std::vector<double> y;       ///< what is not finite leaves a gap
  std::vector<double> x = {};  ///< as many as y, finite; 1, 2, 3, ... where none is given
};

/// One pair of axes with its curves.
struct Plot {
  std::vector<Curve> curves;
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
};

/// Draws the plots side by side. The file's extension, .png or .svg, chooses the form. FileError where it cannot be written or
/// gnuplot is not installed; ValueError for another extension, no plot, a plot without curves, or x that does not fit.
WENGERT_API void plot_curves(const std::string& file, const std::vector<Plot>& plots);
WENGERT_API void plot_curves(const std::string& file, const Plot& plot);

struct ImageSheetOptions {
  std::size_t columns = 8;     ///< images in a row, > 0
  std::string title = {};
  double low = 0, high = 1;    ///< what is drawn black and what white, low < high; beyond them and NaN: as at the nearer end, NaN as low
};

/// Draws images (N, height, width) in rows, each with its caption, of one or more lines, below; errors as for plot_curves, and ShapeError for images of
/// another form, ValueError for no images, another number of captions, or options out of range.
WENGERT_API void image_sheet(const std::string& file, const Array<float>& images, const std::vector<std::string>& captions, const ImageSheetOptions& options = {});

}  // namespace wengert::viz
