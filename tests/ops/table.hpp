// The table that drives every card. A row says how an operation is called, where its inputs may lie and what it computes; the
// tests in table_*test.cpp check for each row all that a card owes. A new primitive needs a row and nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/array.hpp>
#include <wengert/graph/card.hpp>
#include <wengert/graph/reads.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::test {

/// Where the numbers of an input are drawn from. All keep clear of the kinks of the functions that they are meant for.
enum class Domain : std::uint8_t {
  any,              ///< [-2, 2], at least 0.1 away from 0 and from +-1
  positive,         ///< [0.3, 3]
  nonzero,          ///< [-2, 2], at least 0.4 away from 0
  above_minus_one,  ///< [-0.6, 2]
  distinct,         ///< multiples of 0.25, each number once among all inputs of the row
  weights,          ///< positive, adding to 1 along the last axis
};

struct Input {
  Shape shape;
  Domain domain = Domain::any;
};

/// A function in its four forms, without its type.
struct Function {
  Var<double> (*of_vars)(std::span<const Var<double>>) = nullptr;
  Var<float> (*of_float_vars)(std::span<const Var<float>>) = nullptr;
  Array<double> (*of_arrays)(std::span<const Array<double>>) = nullptr;
  Array<float> (*of_float_arrays)(std::span<const Array<float>>) = nullptr;

  Var<double> operator()(std::span<const Var<double>> x) const { return of_vars(x); }
  Var<float> operator()(std::span<const Var<float>> x) const { return of_float_vars(x); }
  Array<double> operator()(std::span<const Array<double>> x) const { return of_arrays(x); }
  Array<float> operator()(std::span<const Array<float>> x) const { return of_float_arrays(x); }
};

/// From a generic lambda over a list of Vars or of Arrays: function([](auto x) { return tanh(x[0]); }).
template <class F>
Function function(F) {
  return {[](std::span<const Var<double>> x) -> Var<double> { return F{}(x); }, [](std::span<const Var<float>> x) -> Var<float> { return F{}(x); },
          [](std::span<const Array<double>> x) -> Array<double> { return F{}(x); }, [](std::span<const Array<float>> x) -> Array<float> { return F{}(x); }};
}

/// What an elementwise card does to single numbers, without its type: to find what its slopes read.
struct Probe {
  std::size_t arity = 0;
  double (*slope)(std::size_t i, const double* x, double y) = nullptr;
  bool (*reads)(std::size_t i, std::size_t j) = nullptr;
  bool reads_output = false;
  std::array<int, detail::max_elementwise_inputs> unit_slopes = {};
};

template <class Card>
Probe probe() {
  static constexpr std::size_t arity = detail::elementwise_arity<Card>();
  Probe made;
  made.arity = arity;
  made.slope = [](std::size_t i, const double* x, double y) {
    double found = std::numeric_limits<double>::quiet_NaN();
    const Card card{};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto slope_by = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) { return detail::slope_of<K>(card, x[I]..., y); };
      ((i == I ? static_cast<void>(found = slope_by(std::integral_constant<std::size_t, I>{})) : void()), ...);
    }(std::make_index_sequence<arity>{});
    return found;
  };
  made.reads = [](std::size_t i, std::size_t j) { return detail::slope_reads_input<Card>(i, j); };
  made.reads_output = detail::slope_reads_output<Card>;
  [&]<std::size_t... I>(std::index_sequence<I...>) { ((made.unit_slopes[I] = detail::unit_slope<Card, I>()), ...); }(std::make_index_sequence<arity>{});
  return made;
}

/// An elementwise function in extended precision, written down independently of its card.
using Formula = long double (*)(const long double* x);
/// Any other function as plain loops, in naive.hpp's terms.
using Reference = Array<double> (*)(std::span<const Array<double>> x);

struct Row {
  std::string name;             ///< of the row, a word
  std::string card = name;      ///< who the errors speak for
  std::vector<Input> inputs;
  Function function;
  Formula formula = nullptr;      ///< of elementwise functions, which are then tried on shapes of all kinds
  Reference reference = nullptr;  ///< of all others
  Probe probe = {};               ///< of elementwise functions with a card
  std::size_t order = 3;          ///< to which derivatives are compared with differences
  double ulps = 4;                ///< how far a value may be from its reference, in units of the last place of the largest element
  std::vector<std::vector<Shape>> refused = {};  ///< shapes of inputs that are a ShapeError; for elementwise functions they are known
  Linear linear = Linear::no;     ///< up to a constant; for all but elementwise functions: their directional derivatives are then known exactly

  bool is_elementwise() const { return formula != nullptr; }
};

inline std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

/// The same rows, declared linear.
inline std::vector<Row> declared(Linear linear, std::vector<Row> rows) {
  for (Row& row : rows) row.linear = linear;
  return rows;
}

/// Numbers of a domain, the same at each call with the same seed.
template <Real T>
std::vector<Array<T>> draw(const std::vector<Input>& inputs, unsigned seed = 1);
extern template std::vector<Array<float>> draw(const std::vector<Input>&, unsigned);
extern template std::vector<Array<double>> draw(const std::vector<Input>&, unsigned);

/// All rows, and those of elementwise functions.
class Table : public testing::TestWithParam<Row> {};
class ElementwiseTable : public testing::TestWithParam<Row> {};

inline std::string name_of_row(const testing::TestParamInfo<Row>& info) { return info.param.name; }

}  // namespace wengert::test

/// Runs every check on these rows, which are a std::vector<Row>. For elementwise families WENGERT_ELEMENTWISE_ROWS as well.
#define WENGERT_ROWS(family, rows) INSTANTIATE_TEST_SUITE_P(family, Table, testing::ValuesIn(rows), name_of_row)
#define WENGERT_ELEMENTWISE_ROWS(family, rows)                                  \
  INSTANTIATE_TEST_SUITE_P(family, Table, testing::ValuesIn(rows), name_of_row); \
  INSTANTIATE_TEST_SUITE_P(family, ElementwiseTable, testing::ValuesIn(rows), name_of_row)
