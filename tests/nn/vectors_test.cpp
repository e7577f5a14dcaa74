// The reference cases of layers, network functions and initialisers: values, gradients, second derivatives, running averages, spreads of
// distributions.
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/nn/normalization.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/convolution.hpp>
#include <wengert/ops/embedding.hpp>
#include <wengert/ops/pooling.hpp>
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

// ---- functions ----

/// A case's arguments as ours. Its inputs of numbers are leaves.
class Call {
 public:
  Call(const adref::Case& c, Tape& tape) : case_(c), tape_(tape) {
    for (std::size_t i = 0; i < c.inputs.size(); ++i)
      if (c.inputs[i].is_float()) leaves_.emplace_back(i, tape.variable(array_of(c.inputs[i])));
  }

  const std::vector<std::pair<std::size_t, Var<double>>>& leaves() const { return leaves_; }
  const adref::json& argument(std::size_t i, const char* name) const { return adref::argument(case_, i, name); }
  bool has(std::size_t i, const char* name) const { return !argument(i, name).is_null(); }
  const Var<double>& var(std::size_t i, const char* name = "") const {
    const std::size_t input = adref::input_index(argument(i, name)).value();
    for (const auto& [place, leaf] : leaves_)
      if (place == input) return leaf;
    throw std::out_of_range("an input of integers");
  }
  /// A vector with a number for each channel of x, or this number where none is given.
  Var<double> weights(std::size_t i, const char* name, double otherwise) const { return has(i, name) ? var(i, name) : tape_.constant(full<double>({var(0).shape()[1]}, otherwise)); }
  double epsilon(std::size_t i) const { return has(i, "eps") ? adref::number(argument(i, "eps")) : 1e-5; }
  bool flag(std::size_t i, const char* name, bool otherwise) const { return has(i, name) ? argument(i, name).get<bool>() : otherwise; }
  /// One number for all axes, or one for each: those of the height, if there is one, and of the width.
  HeightWidth sizes(std::size_t i, const char* name, HeightWidth otherwise) const {
    if (!has(i, name)) return otherwise;
    const auto& given = argument(i, name);
    if (!given.is_array()) return given.get<std::size_t>();
    return {given.front().get<std::size_t>(), given.back().get<std::size_t>()};
  }
  ImagePadding padding(std::size_t i) const {
    if (has(i, "padding") && argument(i, "padding").is_string()) return argument(i, "padding") == "same" ? Padding::same : Padding::valid;
    const auto [height, width] = sizes(i, "padding", 0);
    return {height, width};
  }
  std::size_t groups() const { return has(99, "groups") ? argument(99, "groups").get<std::size_t>() : 1; }
  Conv2dOptions convolution() const { return {.stride = sizes(99, "stride", 1), .padding = padding(99), .dilation = sizes(99, "dilation", 1), .groups = groups()}; }

 private:
  const adref::Case& case_;
  Tape& tape_;
  std::vector<std::pair<std::size_t, Var<double>>> leaves_;
};

/// f(x) for images, which may be one image without an axis of examples.
template <class F>
Var<double> of_batch(const Var<double>& x, std::size_t rank, F f) {
  return x.shape().rank() == rank ? f(x) : squeeze(f(expand_dims(x, 0)), 0);
}

Var<double> convolution(const Call& call, std::size_t rank) {
  return of_batch(call.var(0), rank, [&](const Var<double>& x) {
    const Conv2dOptions o = call.convolution();
    const Conv1dOptions sequence{.stride = o.stride.width, .padding = o.padding.width, .dilation = o.dilation.width, .groups = o.groups};
    const bool has_bias = call.has(2, "bias");
    if (rank == 3) return has_bias ? conv1d(x, call.var(1), call.var(2), sequence) : conv1d(x, call.var(1), sequence);
    return has_bias ? conv2d(x, call.var(1), call.var(2), o) : conv2d(x, call.var(1), o);
  });
}

Var<double> maximum_pooling(const Call& call) {
  const HeightWidth kernel = call.sizes(99, "kernel_size", 2);
  const MaxPool2dOptions o{.kernel = kernel, .stride = call.sizes(99, "stride", kernel), .padding = call.padding(99), .dilation = call.sizes(99, "dilation", 1),
                          .ceil_mode = call.flag(99, "ceil_mode", false)};
  return of_batch(call.var(0), 4, [&](const Var<double>& x) { return max_pool2d(x, o); });
}

Var<double> average_pooling(const Call& call) {
  const HeightWidth kernel = call.sizes(1, "kernel_size", 2);
  AvgPool2dOptions o{.kernel = kernel, .stride = call.sizes(2, "stride", kernel), .padding = call.padding(3), .ceil_mode = call.flag(4, "ceil_mode", false),
                     .count_include_pad = call.flag(5, "count_include_pad", true)};
  if (call.has(6, "divisor_override")) o.divisor_override = adref::number(call.argument(6, "divisor_override"));
  return of_batch(call.var(0), 4, [&](const Var<double>& x) { return avg_pool2d(x, o); });
}

Var<double> layer_normal(const Call& call) {
  const auto shape = call.argument(1, "normalized_shape").get<std::vector<std::size_t>>();
  return layer_norm(call.var(0), Shape(shape.begin(), shape.end()), call.var(2), call.var(3), {.epsilon = call.epsilon(4)});
}

Var<double> group_normal(const Call& call) {
  const auto groups = call.argument(1, "num_groups").get<std::size_t>();
  if (!call.has(2, "weight")) return group_norm(call.var(0), groups, {.epsilon = call.epsilon(4)});
  return group_norm(call.var(0), groups, call.var(2, "weight"), call.var(3, "bias"), {.epsilon = call.epsilon(4)});
}

/// Always by the input's own mean and variance; running averages beside it are no part of the function.
Var<double> instance_normal(const Call& call) {
  return instance_norm(call.var(0), call.weights(3, "weight", 1), call.weights(4, "bias", 0), {.epsilon = call.epsilon(7)});
}

const std::map<std::string, std::function<Var<double>(const adref::Case&, const Call&)>> functions{
    {"F.conv1d", [](const adref::Case&, const Call& call) { return convolution(call, 3); }},
    {"F.conv2d", [](const adref::Case&, const Call& call) { return convolution(call, 4); }},
    {"F.max_pool2d", [](const adref::Case&, const Call& call) { return maximum_pooling(call); }},
    {"F.avg_pool2d", [](const adref::Case&, const Call& call) { return average_pooling(call); }},
    {"F.layer_norm", [](const adref::Case&, const Call& call) { return layer_normal(call); }},
    {"F.group_norm", [](const adref::Case&, const Call& call) { return group_normal(call); }},
    {"F.instance_norm", [](const adref::Case&, const Call& call) { return instance_normal(call); }},
    {"F.embedding", [](const adref::Case& c, const Call& call) {
       const auto& indices = c.inputs.at(1);
       EmbeddingOptions options{.scale_gradient_by_frequency = call.flag(5, "scale_grad_by_freq", false)};
       if (call.has(2, "padding_idx")) options.padding_index = call.argument(2, "padding_idx").get<std::int64_t>();
       return embedding(from_values<std::int64_t>(std::span<const std::int64_t>(indices.i64), shape_of(indices)), call.var(0), options);
     }},
};

void expect_function(const adref::Case& c) {
  Tape tape;
  const Call call(c, tape);
  expect_derivatives(c, tape, {.y = functions.at(c.op)(c, call), .leaves = call.leaves()});
}

TEST(ReferenceLayers, Agree) {
  if (!std::filesystem::exists(folder / "nn.json")) GTEST_SKIP() << "there are no reference vectors in " << folder;
  std::map<std::string, std::size_t> passed, of_order_two;
  for (const auto& c : adref::load_group(folder.string(), "nn.json").cases) {
    SCOPED_TRACE(c.id);
    if (listed.count(c.id) != 0) {
      EXPECT_THROW(expect_batch_norm(c), Error);
      std::cout << "  listed: " << c.id << ": " << listed.at(c.id) << "\n";
      continue;
    }
    if (c.op == "F.batch_norm") {
      expect_batch_norm(c);
    } else if (c.op == "F.dropout") {
      expect_dropout(c);
    } else {
      ASSERT_EQ(functions.count(c.op), 1u) << c.op << " is not compared";
      expect_function(c);
    }
    ++passed[c.op];
    of_order_two[c.op] += c.second ? 1 : 0;
  }
  for (const auto& [name, count] : passed) std::cout << "  " << name << ": " << count << " passed (" << of_order_two[name] << " of them to order 2)\n";
  EXPECT_EQ(passed.size(), functions.size() + 2);
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
