// The images that the demo learns from, wherever they are found.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/data/dataset.hpp>

namespace demo {

enum class DataChoice { automatic, fashion_mnist, digits };

struct Images {
  std::string description;  // for the first line of the output
  wengert::data::Dataset<float> train, test;  // rows of pixels from 0 to 1
  std::vector<std::string> classes;
  std::size_t height = 0, width = 0;
  std::size_t usual_epochs = 0;
};

/// Fashion-MNIST where it is installed, else the UCI digits that come with the source; or the one that is asked for. Throws FileError.
Images load_images(DataChoice choice);

}  // namespace demo
