// The rules of cast: two tables, each of which brings the other's cotangents back.
#include <wengert/ops/cast.hpp>

namespace wengert::detail {

namespace {

template <Real T>
constexpr TypedRules<T> conversion(const Rules* back) {
  TypedRules<T> table{Bind<cards::Cast, T>::common(), nullptr, {}, nullptr, {}, nullptr, nullptr, nullptr, nullptr};
  table.arity = 1;
  table.conversion_back = back;
  return table;
}

extern const TypedRules<double> to_double;
constinit const TypedRules<float> to_float = conversion<float>(&to_double);
constinit const TypedRules<double> to_double = conversion<double>(&to_float);

}  // namespace

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Conversion, float>(std::size_t) noexcept { return to_float; }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Conversion, double>(std::size_t) noexcept { return to_double; }

}  // namespace wengert::detail
