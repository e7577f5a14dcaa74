// A case of the reference vectors as a call, and the comparison of a group of cases; support/vectors.hpp reads the files.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/shape.hpp>

#include "support/vectors.hpp"

namespace wengert::test {

using adref::json;
using V = Var<double>;
using Vars = std::vector<V>;
using Integers = Array<std::int64_t>;

inline Shape shape_of(const adref::Array& a) { return Shape(a.shape.begin(), a.shape.end()); }
inline Array<double> doubles(const adref::Array& a) {
  if (a.is_float()) return from_values<double>(std::span<const double>(a.f64), shape_of(a));
  const std::vector<double> values(a.i64.begin(), a.i64.end());
  return from_values<double>(std::span<const double>(values), shape_of(a));
}

class Call {
 public:
  Call(const adref::Case& c, Tape& tape) : case_(c), tape_(tape) {
    for (const auto& input : c.inputs) leaves_.push_back(input.is_float() ? tape.variable(doubles(input)) : V());
  }

  const Vars& leaves() const { return leaves_; }

  const json& argument(std::size_t i, const char* name) const { return adref::argument(case_, i, name); }
  bool has(std::size_t i, const char* name) const { return !argument(i, name).is_null(); }
  V var(const json& a) const {
    const auto k = adref::input_index(a);
    if (!k) return tape_.constant(adref::number(a));
    return case_.inputs[*k].is_float() ? leaves_[*k] : tape_.constant(doubles(case_.inputs[*k]));
  }
  V var(std::size_t i) const { return var(argument(i, "")); }
  Vars list(std::size_t i) const {
    Vars all;
    for (const auto& a : argument(i, "")) all.push_back(var(a));
    return all;
  }
  /// The input that argument i names, as it was given.
  const adref::Array& given(const json& a) const { return case_.inputs.at(adref::input_index(a).value()); }
  const adref::Array& given(std::size_t i) const { return given(argument(i, "")); }
  Integers integers(std::size_t i) const { return from_values<std::int64_t>(std::span<const std::int64_t>(given(i).i64), shape_of(given(i))); }
  std::int64_t integer(std::size_t i, const char* name, std::int64_t otherwise = 0) const { return has(i, name) ? argument(i, name).get<std::int64_t>() : otherwise; }
  double number(std::size_t i, const char* name, double otherwise) const { return has(i, name) ? adref::number(argument(i, name)) : otherwise; }
  bool flag(std::size_t i, const char* name) const { return has(i, name) && argument(i, name).get<bool>(); }
  std::string word(const char* name, const char* otherwise) const { return has(99, name) ? argument(99, name).get<std::string>() : otherwise; }
  /// A number or a list of them.
  std::vector<std::int64_t> numbers(std::size_t i, const char* name) const {
    const json& a = argument(i, name);
    if (a.is_null()) return {};
    return a.is_array() ? a.get<std::vector<std::int64_t>>() : std::vector<std::int64_t>{a.get<std::int64_t>()};
  }
  /// The axes of a reduction of argument 0. PyTorch allows axis 0 of a number.
  Axes axes() const {
    Axes axes;
    if (given(0).shape.empty()) return axes;
    for (const auto axis : numbers(1, "dim")) axes.push_back(axis);
    return axes;
  }
  ReduceOptions reduction() const { return {.axes = axes(), .keep_dims = flag(2, "keepdim")}; }

 private:
  const adref::Case& case_;
  Tape& tape_;
  Vars leaves_;
};

/// along(x, axis), which PyTorch has along axis 0 of a number too.
template <class F>
Vars running(const Call& call, F along) {
  const V x = call.var(0);
  return {x.shape().empty() ? reshape(along(reshape(x, {1}), 0), {}) : along(x, call.integer(1, "dim"))};
}

template <class F>
auto unary(F f) {
  return [f](const Call& call) { return Vars{f(call.var(0))}; };
}
template <class F>
auto binary(F f) {
  return [f](const Call& call) { return Vars{f(call.var(0), call.var(1))}; };
}

/// Operations of the vectors by name, in terms of ours.
using Operations = std::map<std::string, std::function<Vars(const Call&)>>;
/// Cases by id in which we differ on purpose, or which need an option that is not there yet, and why. Each must really differ.
using Listed = std::map<std::string, std::string>;

/// Compares all cases of a group, values and first and second derivatives.
void compare_group(const std::string& group, const Operations& operations, const Listed& listed);

}  // namespace wengert::test
