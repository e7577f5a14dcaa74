// The command line, by CLI11.
#include "options.hpp"

#include <cmath>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

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

/// A choice by its name alone; CLI11's own transformer would take the numbers behind the names as well.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& option, Choice& target, const std::map<std::string, Choice>& choices, const std::string& what) {
  return app.add_option_function<std::string>(
      option,
      [&target, &choices](const std::string& given) {
        const auto found = choices.find(given);
        if (found == choices.end()) throw CLI::ValidationError("\"" + given + "\" is none of " + names_of(choices));
        target = found->second;
      },
      what + ": " + names_of(choices));
}

constexpr std::size_t widest_layer = 65'536, largest_batch = 1'000'000, most_epochs = 100'000;

}  // namespace

Parsed parse_options(int count, char** words) {
  Parsed parsed;
  Options& o = parsed.options;
  CLI::App app("Trains a classifier on images, prints how well it does, and draws pictures of the training.", "train");
  add_choice(app, "--data", o.data, data_choices, "Images to learn")->type_name("NAME")->default_str("auto");
  app.add_option("--epochs", o.epochs, "Passes over the training images; 12 for Fashion-MNIST, 40 for the digits")->type_name("N")->check(CLI::Range(std::size_t{1}, most_epochs));
  app.add_option("--layers", o.layers, "Sizes of the hidden layers")->type_name("N,N,...")->delimiter(',')->capture_default_str()->check(CLI::Range(std::size_t{1}, widest_layer));
  add_choice(app, "--optimizer", o.optimizer, optimizer_choices, "Update rule")->type_name("NAME")->default_str("adam");
  app.add_option("--learning-rate", o.learning_rate, "Step size at the start, from where it falls along a cosine; 0.001 for adam, 0.05 for momentum and nesterov, 0.2 for gradient-descent")
      ->type_name("RATE")
      ->check([](const std::string& given) {
        double rate = 0;
        const bool good = CLI::detail::lexical_cast(given, rate) && std::isfinite(rate) && rate >= 0;
        return good ? std::string() : "\"" + given + "\" is no finite number from 0 on";
      });
  app.add_option("--batch", o.batch, "Images in a batch")->type_name("N")->capture_default_str()->check(CLI::Range(std::size_t{1}, largest_batch));
  app.add_option("--seed", o.seed, "Start of all random numbers")->type_name("N")->capture_default_str();
  app.add_option("--output", o.output, "Folder for the pictures; made if it is not there")->type_name("FOLDER")->default_str(o.output.string());
  try {
    app.parse(count, words);
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
