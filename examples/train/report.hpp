// What the demo leaves behind: a table of confusions and its pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <wengert/array/array.hpp>

#include "images.hpp"

namespace demo {

struct Result {
  double loss = 0, accuracy = 0;
};

/// Both after each epoch.
struct History {
  std::vector<Result> train, validation;
};

/// Rows are what the images show, columns what they were taken for.
void print_confusion(const wengert::Array<std::int64_t>& confusion, const std::vector<std::string>& classes);

/// Writes curves.png, misclassified.png, step.svg and step.dot into the folder. Where the program that draws one is not installed, it says so and goes on.
void draw_pictures(const std::filesystem::path& folder, const History& history, const Images& images, const wengert::Array<float>& test_scores);

}  // namespace demo
