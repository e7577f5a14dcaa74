// The functions on numbers of the cards in ops/cards/rectifier.hpp, and what their attributes must be.
#include "ops/cards/rectifier.hpp"

#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/ops/activation.hpp>

#include "ops/elementwise_rules.hpp"

namespace wengert::detail {

void check_hardtanh(double lower, double upper) {
  if (!(lower <= upper))
    throw ValueError(std::string(cards::Hardtanh::name) + ": the bounds are not in order: " + std::to_string(lower) + " and " + std::to_string(upper) + "; lower <= upper is needed");
}

void check_celu(double alpha) {
  if (!(alpha != 0)) throw ValueError(std::string(cards::Celu::name) + ": alpha is " + std::to_string(alpha) + "; x is divided by it: a number other than 0 is needed");
}

template <> WENGERT_API const TypedRules<float>& family_rules<cards::Rectifier, float>(std::size_t place) noexcept { return family_table<cards::Rectifier, float>(place); }
template <> WENGERT_API const TypedRules<double>& family_rules<cards::Rectifier, double>(std::size_t place) noexcept { return family_table<cards::Rectifier, double>(place); }

}  // namespace wengert::detail
