// The reference vectors: PyTorch's own test inputs, with its outputs and derivatives. Operations of ours, and small compositions of
// them, are compared with all of them; what differs on purpose is listed by its id. Here the comparison, and functions of elements.
#include "ops/vectors.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>

namespace wengert::test {

// ---- one case ----

namespace {

/// What differs, or nothing.
std::string compared(const std::string& what, const adref::MaybeArray& want, const Array<double>& got, double sens) {
  if (!want || !want->is_float()) return {};
  if (shape_of(*want) != got.shape()) return what + " has the shape " + to_string(got.shape()) + ", not " + to_string(shape_of(*want)) + "; ";
  const double difference = adref::max_diff(want->f64, got.data()), allowed = adref::tolerance(want->max_abs(), sens);
  return difference <= allowed ? "" : what + " differs by " + std::to_string(difference) + "; ";
}

std::string differences(const adref::Case& c, const Operations::mapped_type& operation) {
  Tape tape;
  const Call call(c, tape);
  const Vars outputs = operation(call);
  std::string found;

  Vars totals;  // sums of output * cotangent
  Vars cotangents;
  for (std::size_t k = 0; k < c.outputs.size(); ++k) {
    if (!c.outputs[k].is_float()) continue;  // places of extremes
    found += compared("output " + std::to_string(k), c.outputs[k], outputs.at(k).value(), c.sens_outputs);
    if (!found.empty()) return found;
    cotangents.push_back(c.cotangents[k] ? tape.variable(doubles(*c.cotangents[k])) : V());
    if (c.cotangents[k]) totals.push_back(sum(outputs[k] * cotangents.back()));
  }
  if (totals.empty()) return found;
  V total = totals[0];
  for (std::size_t k = 1; k < totals.size(); ++k) total = total + totals[k];

  Vars leaves;
  std::vector<std::size_t> inputs;  // of the leaves
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    if (call.leaves()[i].is_nothing()) continue;
    leaves.push_back(call.leaves()[i]);
    inputs.push_back(i);
  }
  // With one output as its users call it; with several through the sum, the slope of which is the cotangent.
  const bool single = totals.size() == 1;
  const auto plain = single ? tape.backward(outputs[0], {.cotangent = cotangents[0].value(), .keep_tape = true}) : tape.backward(total, {.keep_tape = true});
  const Vars recorded = single ? tape.gradient(outputs[0], leaves, {.cotangent = cotangents[0]}) : tape.gradient(total, leaves);
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    const std::string name = "the gradient of input " + std::to_string(inputs[k]);
    found += compared(name, c.grads[inputs[k]], plain[leaves[k]], c.sens_grads);
    found += compared(name + ", recorded,", c.grads[inputs[k]], recorded[k].value(), c.sens_grads);
  }
  if (!c.second || !found.empty()) return found;

  V directional;  // the sum of gradient * direction
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    if (!c.second->v[inputs[k]]) continue;
    const V part = sum(recorded[k] * doubles(*c.second->v[inputs[k]]));
    directional = directional.is_nothing() ? part : directional + part;
  }
  if (directional.is_nothing()) return found;
  const auto second = tape.backward(directional);
  for (std::size_t k = 0; k < leaves.size(); ++k) found += compared("the second derivative by input " + std::to_string(inputs[k]), c.second->grads[inputs[k]], second[leaves[k]], c.sens_second);
  for (std::size_t k = 0; k < cotangents.size(); ++k)
    if (!cotangents[k].is_nothing()) found += compared("the second derivative by cotangent " + std::to_string(k), c.second->cotangent_grads[k], second[cotangents[k]], c.sens_second);
  return found;
}

}  // namespace

// ---- a group ----

void compare_group(const std::string& group, const Operations& operations, const Listed& listed) {
  const std::filesystem::path folder = std::filesystem::path(WENGERT_SHARED_DIR) / "vectors";
  if (!std::filesystem::exists(folder / (group + ".json"))) GTEST_SKIP() << "there are no reference vectors in " << folder;
  struct Count {
    std::size_t passed = 0, listed = 0, second = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& c : adref::load_group(folder.string(), group + ".json").cases) {
    SCOPED_TRACE(c.id);
    const std::string name = c.variant.empty() ? c.op : c.op + ":" + c.variant;
    const auto operation = operations.find(name);
    if (operation == operations.end()) {
      ADD_FAILURE() << name << " is not compared";
      continue;
    }
    std::string found;
    try {
      found = differences(c, operation->second);
    } catch (const Error& error) {
      found = std::string("throws ") + error.what();
    }
    const bool is_listed = listed.count(c.id) != 0;
    EXPECT_EQ(!found.empty(), is_listed) << (is_listed ? "is listed, but does not differ" : found) << " arguments " << c.args << " " << c.kwargs;
    ++(is_listed ? counts[name].listed : counts[name].passed);
    counts[name].second += !is_listed && c.second ? 1 : 0;
  }
  std::size_t passed = 0, kept_apart = 0;
  for (const auto& [name, count] : counts) {
    std::cout << "  " << name << ": " << count.passed << " passed (" << count.second << " of them to order 2), " << count.listed << " listed\n";
    passed += count.passed;
    kept_apart += count.listed;
  }
  std::cout << group << ": " << passed << " passed, " << kept_apart << " listed\n";
  EXPECT_GT(passed, 0u);
}

// ---- functions of elements ----

namespace {

Operations operations() {
  return {
      {"neg", unary([](const V& x) { return -x; })},
      {"reciprocal", unary([](const V& x) { return reciprocal(x); })},
      {"exp", unary([](const V& x) { return exp(x); })},
      {"expm1", unary([](const V& x) { return expm1(x); })},
      {"log", unary([](const V& x) { return log(x); })},
      {"log1p", unary([](const V& x) { return log1p(x); })},
      {"sqrt", unary([](const V& x) { return sqrt(x); })},
      {"rsqrt", unary([](const V& x) { return rsqrt(x); })},
      {"abs", unary([](const V& x) { return abs(x); })},
      {"sign", unary([](const V& x) { return sign(x); })},
      {"sin", unary([](const V& x) { return sin(x); })},
      {"cos", unary([](const V& x) { return cos(x); })},
      {"tan", unary([](const V& x) { return tan(x); })},
      {"asin", unary([](const V& x) { return asin(x); })},
      {"acos", unary([](const V& x) { return acos(x); })},
      {"atan", unary([](const V& x) { return atan(x); })},
      {"sinh", unary([](const V& x) { return sinh(x); })},
      {"cosh", unary([](const V& x) { return cosh(x); })},
      {"log2", unary([](const V& x) { return log2(x); })},
      {"erf", unary([](const V& x) { return erf(x); })},
      {"erfc", unary([](const V& x) { return erfc(x); })},
      {"lgamma", unary([](const V& x) { return lgamma(x); })},
      {"tanh", unary([](const V& x) { return tanh(x); })},
      {"sigmoid", unary([](const V& x) { return sigmoid(x); })},

      {"add", [](const Call& call) { return Vars{call.var(0) + call.number(99, "alpha", 1) * call.var(1)}; }},
      {"sub", [](const Call& call) { return Vars{call.var(0) - call.number(99, "alpha", 1) * call.var(1)}; }},
      {"mul", binary([](const V& a, const V& b) { return a * b; })},
      {"div:no_rounding_mode", binary([](const V& a, const V& b) { return a / b; })},
      {"pow", binary([](const V& a, const V& b) { return pow(a, b); })},
      {"maximum", binary([](const V& a, const V& b) { return maximum(a, b); })},
      {"minimum", binary([](const V& a, const V& b) { return minimum(a, b); })},
      {"max:binary", binary([](const V& a, const V& b) { return maximum(a, b); })},
      {"min:binary", binary([](const V& a, const V& b) { return minimum(a, b); })},
      {"clamp", [](const Call& call) {
         V x = call.var(0);
         if (call.has(1, "min")) x = maximum(x, call.var(call.argument(1, "min")));
         if (call.has(2, "max")) x = minimum(x, call.var(call.argument(2, "max")));
         return Vars{x};
       }},
      {"where", [](const Call& call) {
         const auto& condition = call.given(1);
         const auto mask = Array<bool>::build(shape_of(condition), [&](std::span<bool> out) { std::transform(condition.i64.begin(), condition.i64.end(), out.begin(), [](std::int64_t holds) { return holds != 0; }); });
         return Vars{where(mask, call.var(0), call.var(2))};
       }},
  };
}

Listed listed() {
  return {
      {"log/reference/11", "below 0 the slope is NaN like the value, at -0 it is that at 0"},
      {"log/reference/18", "below 0 the slope is NaN like the value"},
      {"log2/reference/11", "below 0 the slope is NaN like the value, at -0 it is that at 0"},
      {"log2/reference/16", "below 0 the slope is NaN like the value"},
      {"log2/reference/18", "below 0 the slope is NaN like the value"},
      {"log2/reference/19", "below 0 the slope is NaN like the value"},
      {"abs/reference/10", "the slope at NaN is NaN"},
      {"sign/reference/4", "the sign of NaN is NaN"},
      {"minimum/reference/25", "the gradient at NaN is NaN, as for amin"},
      {"max:binary/reference/14", "the gradient at NaN is NaN, as for amax"},
      {"max:binary/reference/26", "the gradient at NaN is NaN, as for amax"},
      {"min:binary/reference/10", "the gradient at NaN is NaN, as for amin"},
  };
}

}  // namespace

TEST(ReferenceVectors, AgreeOnFunctionsOfOneElement) { compare_group("unary", operations(), listed()); }
TEST(ReferenceVectors, AgreeOnArithmetic) { compare_group("binary", operations(), listed()); }

}  // namespace wengert::test
