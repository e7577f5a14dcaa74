// The tables of the elementwise cards: their functions on numbers are compiled here, their loops in kernels/.
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>

#include <wengert/base/errors.hpp>

#include "ops/library_rules.hpp"

namespace wengert::detail {

void check_clip(double lower, double upper) {
  if (!(lower <= upper))
    throw ValueError(std::string(cards::Clip::name) + ": the bounds are not in order: " + std::to_string(lower) + " and " + std::to_string(upper) + "; lower <= upper is needed");
}

const TypedRules<float>& family_rules(cards::Arithmetic family, std::size_t place, float) noexcept { return family_table<float>(family, place); }
const TypedRules<double>& family_rules(cards::Arithmetic family, std::size_t place, double) noexcept { return family_table<double>(family, place); }
const TypedRules<float>& family_rules(cards::Exponential family, std::size_t place, float) noexcept { return family_table<float>(family, place); }
const TypedRules<double>& family_rules(cards::Exponential family, std::size_t place, double) noexcept { return family_table<double>(family, place); }
const TypedRules<float>& family_rules(cards::Trigonometric family, std::size_t place, float) noexcept { return family_table<float>(family, place); }
const TypedRules<double>& family_rules(cards::Trigonometric family, std::size_t place, double) noexcept { return family_table<double>(family, place); }
const TypedRules<float>& family_rules(cards::Activation family, std::size_t place, float) noexcept { return family_table<float>(family, place); }
const TypedRules<double>& family_rules(cards::Activation family, std::size_t place, double) noexcept { return family_table<double>(family, place); }

}  // namespace wengert::detail
