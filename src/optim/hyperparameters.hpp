// Checking what an optimizer is told before its first step.
#pragma once

#include <string_view>

namespace wengert::detail {

/// ValueError in `who`'s name unless value is finite and >= 0.
void check_not_negative(std::string_view who, std::string_view name, double value);
/// The same for 0 <= value < 1.
void check_below_one(std::string_view who, std::string_view name, double value);
/// The same for 0 <= value <= 1.
void check_fraction(std::string_view who, std::string_view name, double value);

}  // namespace wengert::detail
