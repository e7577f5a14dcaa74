// What the demo can be told on its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "images.hpp"

namespace demo {

enum class OptimizerChoice { adam, momentum, nesterov, gradient_descent };

struct Options {
  DataChoice data = DataChoice::automatic;
  std::optional<std::size_t> epochs;  // else what is usual for the data
  std::vector<std::size_t> layers = {256, 128};
  OptimizerChoice optimizer = OptimizerChoice::adam;
  std::optional<double> learning_rate;  // else what is usual for the optimizer
  std::size_t batch = 128;
  std::uint64_t seed = 42;
  std::filesystem::path output = "demo-output";
};

/// The options, their output folder made, or the exit code when there is nothing more to do: 0 after --help, 2 after a wrong option and its message.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_options(int count, char** words);

}  // namespace demo
