// Comparisons, element by element.
#include <wengert/ops/compare.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "array/walk.hpp"

namespace wengert::detail {

std::string_view name_of(Relation relation) noexcept {
  switch (relation) {
    case Relation::greater: return "greater";
    case Relation::less: return "less";
    case Relation::equal: return "equal";
    case Relation::greater_equal: return "greater_equal";
    case Relation::less_equal: return "less_equal";
    case Relation::not_equal: break;
  }
  return "not_equal";
}

namespace {

template <class T, class Holds>
Array<bool> compared_by(std::string_view name, const Array<T>& a, const Array<T>& b, Holds holds) {
  if (a.handle().is_number() && b.handle().is_number()) return Array<bool>(holds(*a.data(), *b.data()));
  const Shape to = broadcast_shape(name, a.shape(), b.shape());
  return Array<bool>::build(to, [&](std::span<bool> out) {
    const Walk<2> walk(to, {stretched_strides(a.shape(), to), stretched_strides(b.shape(), to)});
    const auto steps = walk.column_steps();
    walk.in_runs([&](std::size_t position, const auto& at, std::size_t count) {
      bool* const y = out.data() + position;
      const T* const p = a.data() + at[0];
      const T* const q = b.data() + at[1];
      // Written out for the two cases that are hot: so the compiler vectorises them.
      if (steps[0] == 1 && steps[1] == 1) {
        for (std::size_t i = 0; i < count; ++i) y[i] = holds(p[i], q[i]);
      } else if (steps[0] == 1 && steps[1] == 0) {
        const T fixed = *q;
        for (std::size_t i = 0; i < count; ++i) y[i] = holds(p[i], fixed);
      } else {
        for (std::size_t i = 0; i < count; ++i) y[i] = holds(p[i * steps[0]], q[i * steps[1]]);
      }
    });
  });
}

}  // namespace

template <class T>
Array<bool> compared(Relation relation, const Array<T>& a, const Array<T>& b) {
  const std::string_view name = name_of(relation);
  switch (relation) {
    case Relation::greater: return compared_by(name, a, b, std::greater<T>());
    case Relation::less: return compared_by(name, a, b, std::less<T>());
    case Relation::equal: return compared_by(name, a, b, std::equal_to<T>());
    case Relation::greater_equal: return compared_by(name, a, b, std::greater_equal<T>());
    case Relation::less_equal: return compared_by(name, a, b, std::less_equal<T>());
    case Relation::not_equal: break;
  }
  return compared_by(name, a, b, std::not_equal_to<T>());
}

template Array<bool> compared(Relation, const Array<float>&, const Array<float>&);
template Array<bool> compared(Relation, const Array<double>&, const Array<double>&);
template Array<bool> compared(Relation, const Array<std::int64_t>&, const Array<std::int64_t>&);

}  // namespace wengert::detail
