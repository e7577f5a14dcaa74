// The reference cases of layers and initialisers: values, gradients, second derivatives, running averages, spreads of distributions.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/reduce.hpp>

#include "support/vectors.hpp"

namespace wengert::test {
namespace {

const std::filesystem::path folder = std::filesystem::path(WENGERT_SHARED_DIR) / "vectors";

Shape shape_of(const adref::Array& a) {
  Shape shape;
  for (const auto extent : a.shape) shape.push_back(static_cast<std::size_t>(extent));
  return shape;
}

Array<double> array_of(const adref::Array& a) { return from_values<double>(std::span<const double>(a.f64), shape_of(a)); }

void expect_near(const std::string& what, const adref::MaybeArray& want, const Array<double>& got, double sens) {
  if (!want) return;
  ASSERT_EQ(got.shape(), shape_of(*want)) << what;
  EXPECT_LE(adref::max_diff(want->f64, got.data()), adref::tolerance(want->max_abs(), sens)) << what;
}

/// Layers of the vectors that are not in the library yet.
const std::set<std::string> layers_not_yet{"F.max_pool2d", "F.avg_pool2d", "F.conv1d", "F.conv2d", "F.layer_norm", "F.group_norm", "F.instance_norm", "F.embedding"};

/// Cases in which we differ on purpose.
const std::map<std::string, std::string> listed{
    {"F.batch_norm/sample/3", "training on no elements: they have no variance, ours is a ShapeError"},
};

/// What one case's layer made of the input x, and the leaves beside x: {place in the case's inputs, leaf}.
struct Recorded {
  Var<double> y;
  std::vector<std::pair<std::size_t, Var<double>>> leaves;
};

/// Value, gradients in both ways, and second derivatives.
void expect_derivatives(const adref::Case& c, Tape& tape, const Recorded& r) {
  expect_near("value", c.outputs.at(0), r.y.value(), c.sens_outputs);
  const Var<double> cotangent = tape.variable(array_of(*c.cotangents.at(0)));
  std::vector<Var<double>> leaves;
  for (const auto& [place, leaf] : r.leaves) leaves.push_back(leaf);
  const auto plain = tape.backward(r.y, {.cotangent = cotangent.value(), .keep_tape = true});
  const auto recorded = tape.gradient(r.y, leaves, {.cotangent = cotangent});
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    expect_near("gradient", c.grads.at(r.leaves[k].first), plain[leaves[k]], c.sens_grads);
    expect_near("recorded gradient", c.grads.at(r.leaves[k].first), recorded[k].value(), c.sens_grads);
  }
  if (!c.second) return;
  Var<double> directional = tape.constant(0.0);
  for (std::size_t k = 0; k < leaves.size(); ++k)
    if (const auto& v = c.second->v.at(r.leaves[k].first)) directional = directional + sum(recorded[k] * array_of(*v));
  const auto second = tape.backward(directional);
  for (std::size_t k = 0; k < leaves.size(); ++k) expect_near("second derivative", c.second->grads.at(r.leaves[k].first), second[leaves[k]], c.sens_second);
  expect_near("second derivative by the cotangent", c.second->cotangent_grads.at(0), second[cotangent], c.sens_second);
}

void expect_batch_norm(const adref::Case& c) {
  const auto input = [&](std::size_t i) { return i < c.args.size() ? adref::input_index(c.args[i]) : std::nullopt; };  // x, running mean and variance, weight, bias
  const auto x = array_of(c.inputs.at(0));
  const bool training = c.kwargs.at("training").get<bool>();
  const double epsilon = c.kwargs.contains("eps") ? adref::number(c.kwargs["eps"]) : 1e-5;
  const double their_momentum = c.kwargs.contains("momentum") ? adref::number(c.kwargs["momentum"]) : 0.1, our_momentum = 0.25;
  const std::size_t features = x.rank() > 1 ? x.shape()[1] : 1;  // the listed case has no such axis
  nn::BatchNorm<double> layer(features, {.epsilon = epsilon, .momentum = our_momentum});

  struct Setter final : nn::Members<double> {
    std::map<std::string, Array<double>> values;
    void visit(const std::string& path, Parameter<double>& parameter) override {
      if (values.contains(path)) parameter.assign(values[path]);
    }
    void visit(const std::string& path, nn::Buffer<double>& buffer) override {
      if (values.contains(path)) buffer.assign(values[path]);
    }
  } setter;
  const char* const names[] = {"", "running_mean", "running_variance", "gamma", "beta"};
  for (std::size_t i = 1; i < 5; ++i)
    if (input(i)) setter.values[names[i]] = array_of(c.inputs.at(*input(i)));
  layer.members(setter);

  Tape tape;
  Recorded r{.y = {}, .leaves = {{0, tape.variable(x)}}};
  if (input(3)) r.leaves.emplace_back(*input(3), tape.use(layer.gamma()));
  if (input(4)) r.leaves.emplace_back(*input(4), tape.use(layer.beta()));
  r.y = layer(r.leaves[0].second, training ? Mode::train : Mode::evaluate);
  expect_derivatives(c, tape, r);

  // Their momentum may lie outside of [0, 1], where ours is refused: the batch's part is taken out of theirs and put into ours.
  for (std::size_t i = 1; i < 3; ++i) {
    if (!input(i) || c.updated.empty() || !c.updated.at(*input(i))) continue;
    const auto before = array_of(c.inputs.at(*input(i))), theirs = array_of(*c.updated.at(*input(i)));
    const auto ours = i == 1 ? layer.running_mean() : layer.running_variance();
    for (std::size_t f = 0; f < before.size(); ++f) {
      const double batch = (theirs(f) - (1 - their_momentum) * before(f)) / their_momentum;
      EXPECT_NEAR(ours(f), (1 - our_momentum) * before(f) + our_momentum * batch, 1e-9) << names[i];
    }
  }
}

void expect_dropout(const adref::Case& c) {
  const nn::Dropout<double> layer({.drop_probability = adref::number(c.kwargs.at("p"))});
  RandomEngine engine(1);  // for the probabilities 0 and 1 the mask is no matter of chance
  Tape tape;
  Recorded r{.y = {}, .leaves = {{0, tape.variable(array_of(c.inputs.at(0)))}}};
  r.y = layer(r.leaves[0].second, {c.kwargs.at("training").get<bool>() ? Mode::train : Mode::evaluate, engine});
  expect_derivatives(c, tape, r);
}

TEST(ReferenceLayers, Agree) {
  if (!std::filesystem::exists(folder / "nn.json")) GTEST_SKIP() << "there are no reference vectors in " << folder;
  std::map<std::string, std::size_t> passed, missing;
  for (const auto& c : adref::load_group(folder.string(), "nn.json").cases) {
    SCOPED_TRACE(c.id);
    if (layers_not_yet.count(c.op) != 0) {
      ++missing[c.op];
    } else if (listed.count(c.id) != 0) {
      EXPECT_THROW(expect_batch_norm(c), Error);
      std::cout << "  listed: " << c.id << ": " << listed.at(c.id) << "\n";
    } else {
      ASSERT_TRUE(c.op == "F.batch_norm" || c.op == "F.dropout") << c.op << " is neither compared nor listed as not there yet";
      c.op == "F.batch_norm" ? expect_batch_norm(c) : expect_dropout(c);
      ++passed[c.op];
    }
  }
  for (const auto& [name, count] : passed) std::cout << "  " << name << ": " << count << " passed\n";
  std::cout << "nn, not there yet:";
  for (const auto& [name, count] : missing) std::cout << " " << name << " (" << count << ")";
  std::cout << "\n";
  EXPECT_GT(passed["F.batch_norm"], 0u);
  EXPECT_GT(passed["F.dropout"], 0u);
}

// ---- initialisers ----

/// What the library draws for the case, and what it should be: the same draws with the case's own spread.
void expect_spread(const adref::Case& c) {
  const auto& extents = c.kwargs.at("shape");
  const Shape shape{extents.at(1).get<std::size_t>(), extents.at(0).get<std::size_t>()};  // theirs are {outputs, inputs}
  const bool is_he = c.op.find("kaiming") != std::string::npos, is_normal = c.op.find("normal") != std::string::npos;
  const double gain = is_he ? adref::number(c.values.at("gain")) : adref::number(c.kwargs.at("gain"));
  RandomEngine a(5), b(5);
  Array<double> ours;
  if (is_he) {
    const init::HeOptions options{.gain = gain / std::numbers::sqrt2, .fan = c.kwargs.at("mode") == "fan_in" ? init::Fan::in : init::Fan::out};
    ours = is_normal ? init::he_normal<double>(shape, a, options) : init::he_uniform<double>(shape, a, options);
  } else {
    ours = is_normal ? init::glorot_normal<double>(shape, a, {.gain = gain}) : init::glorot_uniform<double>(shape, a, {.gain = gain});
  }
  const auto expected = is_normal ? init::normal<double>(shape, b, {.mean = adref::number(c.values.at("mean")), .stddev = adref::number(c.values.at("std"))})
                                  : init::uniform<double>(shape, b, {.low = adref::number(c.values.at("low")), .high = adref::number(c.values.at("high"))});
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours.data()[i], expected.data()[i], 1e-12);
}

TEST(ReferenceInitialisers, Agree) {
  if (!std::filesystem::exists(folder / "init.json")) GTEST_SKIP() << "there are no reference vectors in " << folder;
  std::size_t passed = 0, of_other_rank = 0;
  for (const auto& c : adref::load_group(folder.string(), "init.json").cases) {
    SCOPED_TRACE(c.id);
    if (c.op == "init.calculate_gain") {
      const std::string name = c.kwargs.at("nonlinearity");
      if (name == "linear") {
        EXPECT_EQ(init::gain(Activation::identity), adref::number(c.values.at("gain")));
      }
      if (name == "tanh") std::cout << "  listed: " << c.id << ": our gain of tanh is 1, its slope at 0, not 5/3\n";
    } else if (c.kwargs.at("shape").size() != 2) {
      ++of_other_rank;  // weights of convolutions, which are not there yet
    } else {
      expect_spread(c);
      ++passed;
    }
  }
  std::cout << "init: " << passed << " passed; not there yet: " << of_other_rank << " for weights of convolutions\n";
  EXPECT_GT(passed, 0u);
}

}  // namespace
}  // namespace wengert::test
