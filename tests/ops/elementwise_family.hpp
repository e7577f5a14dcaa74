// What the test of an elementwise family is made of: its rows (see table.hpp), and its cards for the comparison of their kernels,
// instantiated by
//   template std::vector<KernelCase<float>> kernel_cases<cards::Family, float>();   and the same of double.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/reads.hpp>
#include <wengert/ops/families.hpp>

#include "ops/kernel_case.hpp"
#include "ops/loops.hpp"
#include "ops/table.hpp"

namespace wengert::test {

/// To be specialised where a card has attributes, and where the comparison must know more.
template <class Card>
const Card card_example{};
template <class Card>
constexpr KernelNotes kernel_notes{};

template <class Card, class W>
W value_of(const W* x) {
  return [x]<std::size_t... J>(std::index_sequence<J...>) { return card_example<Card>.apply(x[J]...); }(std::make_index_sequence<detail::elementwise_arity<Card>()>{});
}
template <class Card, std::size_t I, class T>
T slope_at(const T* x, T y) {
  return [x, y]<std::size_t... J>(std::index_sequence<J...>) { return detail::slope_of<I>(card_example<Card>, x[J]..., y); }(std::make_index_sequence<detail::elementwise_arity<Card>()>{});
}

template <class Card, class T>
KernelCase<T> kernel_case() {
  constexpr std::size_t arity = detail::elementwise_arity<Card>();
  KernelCase<T> made{Card::name, arity, detail::slope_reads_input<Card>, detail::slope_reads_output<Card>, kernel_notes<Card>,
                     &detail::library_loops<Card, T>(), &card_example<Card>, value_of<Card, Wide<T>>, {}};
  [&]<std::size_t... I>(std::index_sequence<I...>) { ((made.slope[I] = slope_at<Card, I, T>), ...); }(std::make_index_sequence<arity>{});
  return made;
}

template <class T, class... Cards>
std::vector<KernelCase<T>> kernel_cases_of(detail::CardList<Cards...>) {
  return {kernel_case<Cards, T>()...};
}
template <class Family, class T>
std::vector<KernelCase<T>> kernel_cases() {
  return kernel_cases_of<T>(Family{});
}

}  // namespace wengert::test
