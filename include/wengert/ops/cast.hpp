// The bridge between number types.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/ops/families.hpp>

namespace wengert {

namespace cards {

/// y = x as the other number type.   dx = g as x's own.   One input of another type than its output: see detail::record_conversion.
struct WENGERT_API Cast {
  static constexpr std::string_view name = "cast";
  static constexpr Keeps keeps = Keeps::nothing;
};

using Conversion = detail::CardList<Cast>;
template <class Card>
  requires(Conversion::contains<Card>)
Conversion family_of(const Card&);

}  // namespace cards

namespace detail {
template <> WENGERT_API const TypedRules<float>& family_rules<cards::Conversion, float>(std::size_t place) noexcept;
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Conversion, double>(std::size_t place) noexcept;
}  // namespace detail

/// y = x as numbers of another type: cast<double>(x).   dx = g as x's own type.   Rounded to nearest; a double beyond the floats becomes infinite. A Var stays
/// on its tape, which may hold both types; of the type that it is asked for, it is the same Var.
template <Real To, Real From>
Var<To> cast(const Var<From>& x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    return detail::record_conversion<To>(detail::rules_of<cards::Cast, To>(), x);
  }
}
/// The same of a plain array, of labels (int64) and of a mask (0 and 1) too.
template <Real To, Element From>
Array<To> cast(const Array<From>& x) {
  return detail::converted<To>(x);
}

}  // namespace wengert
