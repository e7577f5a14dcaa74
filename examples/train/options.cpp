// The command line, by CLI11.
#include "options.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <system_error>

#include <CLI/CLI.hpp>

#include <unistd.h>

namespace demo {

namespace {

const std::map<std::string, DataChoice> data_choices{{"auto", DataChoice::automatic}, {"fashion-mnist", DataChoice::fashion_mnist}, {"digits", DataChoice::digits}};
const std::map<std::string, OptimizerChoice> optimizer_choices{
    {"adam", OptimizerChoice::adam}, {"momentum", OptimizerChoice::momentum}, {"nesterov", OptimizerChoice::nesterov}, {"gradient-descent", OptimizerChoice::gradient_descent}};

template <class Choices>
std::string names_of(const Choices& choices) {
  std::string names;
  for (const auto& [name, choice] : choices) names += (names.empty() ? "" : ", ") + name;
  return names;
}

[[noreturn]] void refuse(const std::string& option, const std::string& given, const std::string& right) {
  throw CLI::ValidationError(option, "\"" + given + "\" is " + right);
}

/// A choice by its name alone; CLI11's own transformer would take the numbers behind the names as well.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& option, Choice& target, const std::map<std::string, Choice>& choices, const std::string& what) {
  return app.add_option_function<std::string>(
      option,
      [=, &target, &choices](const std::string& given) {
        const auto found = choices.find(given);
        if (found == choices.end()) refuse(option, given, "none of " + names_of(choices));
        target = found->second;
      },
      what + ": " + names_of(choices));
}

/// The number that all of the text is. By from_chars, since CLI11 takes -1 for the largest number of a type without a sign.
template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::size_t whole_number(const std::string& option, const std::string& given, std::size_t least, std::size_t most) {
  const auto number = number_in<std::size_t>(given);
  if (!number || *number < least || *number > most) refuse(option, given, "no whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return *number;
}

template <class Target>
CLI::Option* add_whole_number(CLI::App& app, const std::string& option, Target& target, std::size_t least, std::size_t most, const std::string& what) {
  return app.add_option_function<std::string>(option, [=, &target](const std::string& given) { target = whole_number(option, given, least, most); }, what)->type_name("N");
}

constexpr std::size_t widest_layer = 65'536, largest_batch = 1'000'000, most_epochs = 100'000;

std::vector<std::size_t> layers_in(const std::string& option, const std::string& given) {
  std::vector<std::size_t> sizes;
  for (std::size_t start = 0; start <= given.size();) {
    const std::size_t end = std::min(given.find(',', start), given.size());
    sizes.push_back(whole_number(option, given.substr(start, end - start), 1, widest_layer));
    start = end + 1;
  }
  return sizes;
}

/// Makes the folder where it is not there: what cannot be written should be known now, not after the training.
void prepare_folder(const std::string& option, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) refuse(option, folder.string(), "no folder that can be written: " + error.message());
}

}  // namespace

Parsed parse_options(int count, char** words) {
  Parsed parsed;
  Options& o = parsed.options;
  CLI::App app("Trains a classifier on images, prints how well it does, and draws pictures of the training.", "train");
  add_choice(app, "--data", o.data, data_choices, "Images to learn")->type_name("NAME")->default_str("auto");
  add_whole_number(app, "--epochs", o.epochs, 1, most_epochs, "Passes over the training images; 12 for Fashion-MNIST, 40 for the digits");
  app.add_option_function<std::string>("--layers", [&](const std::string& given) { o.layers = layers_in("--layers", given); }, "Sizes of the hidden layers")
      ->type_name("N,N,...")
      ->default_str("256,128");
  add_choice(app, "--optimizer", o.optimizer, optimizer_choices, "Update rule")->type_name("NAME")->default_str("adam");
  app.add_option_function<std::string>(
         "--learning-rate",
         [&](const std::string& given) {
           o.learning_rate = number_in<double>(given);
           if (!o.learning_rate || !std::isfinite(*o.learning_rate) || *o.learning_rate < 0) refuse("--learning-rate", given, "no finite number from 0 on");
         },
         "Step size at the start, from where it falls along a cosine; 0.001 for adam, 0.05 for momentum and nesterov, 0.2 for gradient-descent")
      ->type_name("RATE");
  add_whole_number(app, "--batch", o.batch, 1, largest_batch, "Images in a batch")->default_str(std::to_string(o.batch));
  add_whole_number(app, "--seed", o.seed, 0, std::numeric_limits<std::uint64_t>::max(), "Start of all random numbers")->default_str(std::to_string(o.seed));
  app.add_option("--output", o.output, "Folder for the pictures; made if it is not there")->type_name("FOLDER")->default_str(o.output.string());
  try {
    app.parse(count, words);
    prepare_folder("--output", o.output);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    parsed.exit_code = 0;
  } catch (const CLI::ParseError& error) {
    std::cerr << "train: " << error.what() << "\nRun with --help for all options.\n";
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace demo
