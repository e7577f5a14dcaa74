// Checking what an optimizer is told before its first step.
#include "optim/hyperparameters.hpp"

#include <cmath>
#include <sstream>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

namespace {
void require(bool holds, std::string_view who, std::string_view name, double value, std::string_view right) {
  if (holds) return;
  std::ostringstream message;
  message << who << ": " << name << " is out of its range: " << value << "; it must be " << right;
  throw ValueError(message.str());
}
}  // namespace

void check_not_negative(std::string_view who, std::string_view name, double value) {
  require(std::isfinite(value) && value >= 0, who, name, value, "a finite number, 0 or greater");
}

void check_below_one(std::string_view who, std::string_view name, double value) {
  require(value >= 0 && value < 1, who, name, value, "at least 0 and less than 1");
}

void check_fraction(std::string_view who, std::string_view name, double value) { require(value >= 0 && value <= 1, who, name, value, "from 0 to 1"); }

}  // namespace wengert::detail
