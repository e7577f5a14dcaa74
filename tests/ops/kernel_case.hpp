// A card's SIMD loops beside the card itself, without its type: what kernels_test.cpp compares. Each family's test makes its own
// (see elementwise_family.hpp), so that a change of a card compiles one of them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

#include <wengert/array/tiles.hpp>

namespace wengert::test {

// Double against long double, float against double: cards are generic enough to be their own reference.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// What the comparison must know of a card.
struct KernelNotes {
  bool neighbours_change = false;  // sin and cos reduce a batch's angles together: last bits may change with the neighbours
  bool slope_cancels = false;      // a slope that crosses zero as a difference of numbers of about 1/4, whose last bits are what is left there
  double bound = 3;                // of the value's error in ulp
};

template <class T>
struct KernelCase {
  std::string_view name;
  std::size_t arity;
  bool (*reads_input)(std::size_t i, std::size_t j);
  bool reads_output;
  KernelNotes notes;
  const detail::ElementwiseLoops<T>* loops;
  const void* card;
  Wide<T> (*value)(const Wide<T>* x);
  std::array<T (*)(const T* x, T y), detail::max_elementwise_inputs> slope;
};

/// The cards of a family, with the loops of the current level. Defined where the family's rows are.
template <class Family, class T>
std::vector<KernelCase<T>> kernel_cases();

}  // namespace wengert::test
