// The second table, functions of two numbers.
#include "ops/special_values.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/graph/tape.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>

#include "ops/table.hpp"

namespace wengert::test {

namespace {

struct Pair {
  double a, b, value, da, db;
};

struct PairEdge {
  std::string name;
  Function function;
  std::vector<Pair> points;
};

class SpecialPairs : public testing::TestWithParam<PairEdge> {};

template <Real T>
void expect_pairs(const PairEdge& edge) {
  for (const auto& [a, b, value, da, db] : edge.points) {
    SCOPED_TRACE("at " + std::to_string(a) + ", " + std::to_string(b));
    for (const Shape& shape : {Shape{}, Shape{21}}) {
      Tape tape;
      const Var<T> leaves[] = {tape.variable(full<T>(shape, in_type<T>(a))), tape.variable(full<T>(shape, in_type<T>(b)))};
      const Var<T> y = edge.function(std::span<const Var<T>>(leaves));
      const auto g = tape.backward(y, {.cotangent = full<T>(shape, T(1)), .keep_tape = true});
      const auto nothing = tape.backward(y, {.cotangent = full<T>(shape, T(0)), .keep_tape = true});
      const auto recorded = tape.gradient(y, leaves, {.cotangent = full<T>(shape, T(1))});
      for (std::size_t k = 0; k < y.size(); k += 20) {
        EXPECT_TRUE(is_as(y.value().data()[k], value)) << "the value, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(g[leaves[0]].data()[k], da)) << "da, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(g[leaves[1]].data()[k], db)) << "db, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(recorded[0].value().data()[k], da)) << "da, recorded, element " << k << " of " << shape;
        EXPECT_TRUE(is_as(recorded[1].value().data()[k], db)) << "db, recorded, element " << k << " of " << shape;
        EXPECT_EQ(nothing[leaves[0]].data()[k], T(0)) << "da of nothing, element " << k << " of " << shape;
        EXPECT_EQ(nothing[leaves[1]].data()[k], T(0)) << "db of nothing, element " << k << " of " << shape;
      }
    }
  }
}

std::vector<PairEdge> pair_edges() {
  return {
      {"add", function([](auto x) { return x[0] + x[1]; }), {{huge, huge, inf, 1, 1}, {inf, -inf, nan, 1, 1}, {nan, 1, nan, 1, 1}}},
      {"multiply", function([](auto x) { return x[0] * x[1]; }), {{huge, 10, inf, 10, huge}, {0, inf, nan, inf, 0}, {nan, 2, nan, 2, nan}, {tiny, 0.25, 0, 0.25, tiny}}},
      {"divide", function([](auto x) { return x[0] / x[1]; }),
       {{1, 0, inf, inf, -inf}, {1, -0.0, -inf, -inf, -inf}, {0, 0, nan, inf, nan}, {1, inf, 0, 0, -0.0}, {inf, inf, nan, 0, nan}, {nan, 1, nan, 1, nan}, {1, nan, nan, nan, nan}}},
      // b^2 leaves the range of numbers, a / b^2 does not.
      {"divide_far_out", function([](auto x) { return x[0] / x[1]; }), {{1e30, 1e25, 1e5, 1e-25, -1e-20}, {1e-30, 1e-25, 1e-5, 1e25, -1e20}}},
      {"pow", function([](auto x) { return pow(x[0], x[1]); }),
       {{0, 0, 1, 0, 0}, {-1, 2, 1, -2, nan}, {inf, 0, 1, 0, inf}, {-1, 0.5, nan, nan, nan}, {1, nan, 1, nan, 0}, {nan, 0, 1, 0, nan}, {0, 2, 0, 0, 0}, {0, -1, inf, -inf, -inf}, {0, 1, 0, 1, 0}, {2, 3, 8, 12, 8 * std::log(2.0)}}},
      {"xlogy", function([](auto x) { return xlogy(x[0], x[1]); }),
       {{2, 3, 2 * std::log(3.0), std::log(3.0), 2 / 3.0}, {0, 0, 0, 0, 0}, {0, -1, 0, 0, 0}, {0, nan, 0, 0, 0}, {0, inf, 0, 0, 0}, {-0.0, 0, 0, 0, 0}, {0, 2, 0, std::log(2.0), 0}, {2, 0, -inf, -inf, inf}, {2, -1, nan, nan, nan}, {nan, 2, nan, std::log(2.0), nan}, {2, nan, nan, nan, nan}}},
      {"atan2", function([](auto x) { return atan2(x[0], x[1]); }),
       {{1, 1, pi / 4, 0.5, -0.5}, {0, 1, 0, 1, 0}, {0, -1, pi, -1, 0}, {-0.0, -1, -pi, -1, 0}, {1, 0, pi / 2, 0, -1}, {0, 0, 0, nan, nan}, {1, inf, 0, 0, 0}, {inf, 1, pi / 2, 0, 0}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan},
        {1e25, 1e25, pi / 4, 0.5e-25, -0.5e-25}, {1e-25, -1e-25, 3 * pi / 4, -0.5e25, -0.5e25}}},
      {"maximum", function([](auto x) { return maximum(x[0], x[1]); }),
       {{1, 1, 1, 0.5, 0.5}, {0, -0.0, 0, 0.5, 0.5}, {-0.0, 0, 0, 0.5, 0.5}, {inf, inf, inf, 0.5, 0.5}, {inf, 1, inf, 1, 0}, {-inf, 1, 1, 0, 1}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan}, {nan, 0, nan, nan, nan}, {nan, nan, nan, nan, nan}, {tiny, 0, tiny, 1, 0}}},
      {"minimum", function([](auto x) { return minimum(x[0], x[1]); }),
       {{1, 1, 1, 0.5, 0.5}, {0, -0.0, 0, 0.5, 0.5}, {-0.0, 0, 0, 0.5, 0.5}, {-inf, -inf, -inf, 0.5, 0.5}, {inf, 1, 1, 0, 1}, {-inf, 1, -inf, 1, 0}, {nan, 1, nan, nan, nan}, {1, nan, nan, nan, nan}, {nan, 0, nan, nan, nan}, {nan, nan, nan, nan, nan}, {-tiny, 0, -tiny, 1, 0}}},
      // The strong zero's own cards.
      {"strong_product", function([](auto x) { return detail::record_library<cards::StrongProduct>(x[0], x[1]); }),
       {{0, inf, 0, 0, 0}, {0, nan, 0, 0, 0}, {0, 3, 0, 3, 0}, {2, 0, 0, 0, 2}, {inf, 0, nan, 0, 0}, {2, inf, inf, inf, 2}, {nan, 2, nan, 2, nan}, {-0.0, inf, 0, 0, 0}}},
      {"both", function([](auto x) { return detail::record_library<cards::Both>(x[0], x[1]); }),
       {{0, inf, 0, 0, 0}, {inf, 0, 0, 0, 0}, {0, nan, 0, 0, 0}, {nan, 0, 0, 0, 0}, {0, 3, 0, 3, 0}, {2, 0, 0, 0, 2}, {2, inf, inf, inf, 2}, {nan, 2, nan, 2, nan}}},
      {"guarded", function([](auto x) { return detail::record_library<cards::Guarded>(x[0], x[1]); }),
       {{inf, 0, 0, 0, 0}, {nan, 0, 0, 0, 0}, {-inf, -0.0, 0, 0, 0}, {3, 0, 3, 1, 0}, {inf, 2, inf, 1, 0}, {nan, 2, nan, 1, 0}, {inf, nan, inf, 1, 0}}},
      // What `where` does not choose contributes nothing, whatever it is.
      {"where", function([](auto x) { return where(full<bool>({}, true), x[0], x[1]); }), {{1, nan, 1, 1, 0}, {1, inf, 1, 1, 0}, {nan, 1, nan, 1, 0}, {-0.0, 1, -0.0, 1, 0}}},
  };
}

}  // namespace

TEST_P(SpecialPairs, OfFloats) { expect_pairs<float>(GetParam()); }
TEST_P(SpecialPairs, OfDoubles) { expect_pairs<double>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Binary, SpecialPairs, testing::ValuesIn(pair_edges()), name_of<testing::TestParamInfo<PairEdge>>);

}  // namespace wengert::test
