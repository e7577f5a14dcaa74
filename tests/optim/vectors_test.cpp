// The reference trajectories: every case of the optimizers that are there, step by step; of the others the number is shown.
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/ops/activation.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/optim/adam.hpp>
#include <wengert/optim/gradient_descent.hpp>

#include "optim/optim_tests.hpp"
#include "support/vectors.hpp"

namespace wengert::test {
namespace {

using Maker = std::unique_ptr<optim::Optimizer<double>>;

/// Optimizers of the vectors that are not in the library yet.
const std::set<std::string> not_yet{"optim.RMSprop", "optim.LBFGS", "optim.Adagrad", "optim.Adadelta", "optim.AdamW", "optim.NAdam", "optim.RAdam"};

Maker optimizer_of(const adref::Case& c, const Parameters<double>& parameters) {
  const auto number = [&](const char* name) { return adref::number(c.kwargs.at(name)); };
  if (c.op == "optim.Adam") {
    return std::make_unique<optim::Adam<double>>(
        parameters, optim::AdamOptions{.learning_rate = number("lr"),
                                       .beta1 = adref::number(c.kwargs.at("betas").at(0)),
                                       .beta2 = adref::number(c.kwargs.at("betas").at(1)),
                                       .epsilon = number("eps"),
                                       .variant = c.kwargs.at("amsgrad").get<bool>() ? optim::AdamVariant::amsgrad : optim::AdamVariant::plain});
  }
  if (number("momentum") == 0) return std::make_unique<optim::GradientDescent<double>>(parameters, optim::GradientDescentOptions{.learning_rate = number("lr")});
  if (c.kwargs.at("nesterov").get<bool>())
    return std::make_unique<optim::Nesterov<double>>(parameters, optim::NesterovOptions{.learning_rate = number("lr"), .momentum = number("momentum"), .form = optim::MomentumForm::buffer});
  return std::make_unique<optim::Momentum<double>>(
      parameters, optim::MomentumOptions{.learning_rate = number("lr"), .momentum = number("momentum"), .dampening = number("dampening"), .form = optim::MomentumForm::buffer});
}

Array<double> array_of(const adref::Array& a) {
  Shape shape;
  for (const auto extent : a.shape) shape.push_back(static_cast<std::size_t>(extent));
  return from_values<double>(std::span<const double>(a.f64), shape);
}

Var<double> loss_of(const adref::Case& c, Tape& tape, const Parameters<double>& p) {
  const auto given = [&](const char* name) { return array_of(c.arrays.at(name)); };
  if (c.variant == "quadratic") {  // 0.5 x'Ax - b'x
    const auto x = tape.use(p[0]);
    return 0.5 * matmul(x, matmul(given("const.A"), x)) - matmul(given("const.b"), x);
  }
  if (c.variant == "rosenbrock") {  // (1 - x0)^2 + 100 (x1 - x0^2)^2
    const auto x = tape.use(p[0]);
    const auto x0 = slice(x, 0, 0, 1), x1 = slice(x, 0, 1, 2);
    return sum(square(1.0 - x0) + 100.0 * square(x1 - square(x0)));
  }
  const auto hidden = tanh(matmul(tape.constant(given("const.X")), transpose(tape.use(p[0]))) + p[1]);
  return mean(square(matmul(hidden, transpose(tape.use(p[2]))) + p[3] - given("const.Y")));
}

/// Weight decay as these references have it, until the library has its own: added to the gradient.
Gradients gradients_of(const adref::Case& c, const Parameters<double>& parameters) {
  const double decay = adref::number(c.kwargs.at("weight_decay"));
  Tape tape;
  Var<double> loss = loss_of(c, tape, parameters);
  if (decay != 0)
    for (const auto& parameter : parameters) loss = loss + 0.5 * decay * sum(square(tape.use(parameter)));
  return tape.backward(loss);
}

/// The largest step up to which the trajectory is that of the vectors; all of them are expected.
void expect_trajectory(const adref::Case& c) {
  const auto& rows = c.arrays.at("params").f64;
  const auto& sens = c.arrays.at("sens").f64;
  const auto steps = c.values.at("comparable_steps").get<std::size_t>();
  const std::size_t numbers = rows.size() / (c.values.at("steps").get<std::size_t>() + 1);

  Parameters<double> parameters;
  std::size_t start = 0;
  for (const auto& extents : c.values.at("param_shapes")) {
    Shape shape;
    for (const auto& extent : extents) shape.push_back(extent.get<std::size_t>());
    parameters.emplace_back("p" + std::to_string(parameters.size()), from_values<double>(std::span<const double>(rows).subspan(start, shape.elements()), shape));
    start += shape.elements();
  }
  ASSERT_EQ(start, numbers);

  const Maker optimizer = optimizer_of(c, parameters);
  for (std::size_t step = 1; step <= steps; ++step) {
    optimizer->step(gradients_of(c, parameters));
    std::size_t i = step * numbers;
    for (const auto& parameter : parameters)
      for (const double x : parameter.value()) {
        ASSERT_NEAR(x, rows[i], 1e-9 + 100 * sens[step]) << "step " << step << ", number " << i - step * numbers;
        ++i;
      }
  }
}

TEST(ReferenceTrajectories, AreFollowedByEveryOptimizer) {
  const std::filesystem::path folder = std::filesystem::path(WENGERT_SHARED_DIR) / "vectors";
  if (!std::filesystem::exists(folder / "optim.json")) GTEST_SKIP() << "there are no reference vectors in " << folder;
  std::map<std::string, std::size_t> followed, missing;
  for (const auto& c : adref::load_group(folder.string(), "optim.json").cases) {
    SCOPED_TRACE(c.id);
    if (not_yet.count(c.op) != 0) {
      ++missing[c.op];
      continue;
    }
    expect_trajectory(c);
    ++followed[c.op];
  }
  for (const auto& [name, count] : followed) std::cout << "  " << name << ": " << count << " followed\n";
  std::cout << "not there yet:";
  for (const auto& [name, count] : missing) std::cout << " " << name << " (" << count << ")";
  std::cout << "\n";
  EXPECT_GT(followed["optim.SGD"], 0u);
  EXPECT_GT(followed["optim.Adam"], 0u);
}

}  // namespace
}  // namespace wengert::test
