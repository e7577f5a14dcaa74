// What normalisation checks, and the axes that it goes over.
#include <wengert/nn/normalization.hpp>

#include <cmath>
#include <sstream>
#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

void check_epsilon(std::string_view who, double epsilon) {
  if (std::isfinite(epsilon) && epsilon > 0) return;
  std::ostringstream message;
  message << who << ": epsilon is out of its range: " << epsilon << "; it must be a finite number greater than 0";
  throw ValueError(message.str());
}

void check_features_of(std::string_view who, const Shape& x, std::size_t least_rank, std::string_view form) {
  if (x.rank() < least_rank) throw ShapeError(std::string(who) + ": too few axes: " + to_string(x) + "; " + std::string(form) + " is needed");
}

void check_weights_of(std::string_view who, std::string_view what, const Shape& given, const Shape& needed) {
  if (given != needed) throw ShapeError(std::string(who) + ": the " + std::string(what) + " does not fit: " + to_string(given) + "; " + to_string(needed) + " is needed");
}

std::size_t averaged_elements(std::string_view who, const Shape& x) {
  std::size_t count = x[0];
  for (std::size_t axis = 2; axis < x.rank(); ++axis) count *= x[axis];
  if (count < 2)
    throw ValueError(std::string(who) + ": too few elements for a variance: " + std::to_string(count) + " for each feature of " + to_string(x) +
                     "; at least 2 are needed, as in a larger batch");
  return count;
}

Axes averaged_axes(const Shape& x) {
  Axes axes;
  for (std::size_t axis = 0; axis < x.rank(); ++axis)
    if (axis != 1) axes.push_back(static_cast<std::int64_t>(axis));
  return axes;
}

Shape along_features(const Shape& x) {
  Shape form{x[1]};
  for (std::size_t axis = 2; axis < x.rank(); ++axis) form.push_back(1);
  return form;
}

Axes last_axes(const Shape& x, const Shape& normalized) {
  const std::size_t count = normalized.rank();
  if (count == 0 || count > x.rank() || Shape(x.end() - count, x.end()) != normalized)
    throw ShapeError("layer_norm: the last axes are not those to normalise: " + to_string(x) + " for " + to_string(normalized) + "; x must end with them, and there must be one at least");
  if (normalized.elements() == 0) throw ValueError("layer_norm: no elements to normalise: " + to_string(normalized) + "; there must be at least one");
  Axes axes;
  for (std::size_t k = x.rank() - count; k < x.rank(); ++k) axes.push_back(static_cast<std::int64_t>(k));
  return axes;
}

Shape in_groups(const Shape& x, std::size_t groups, double epsilon) {
  check_features_of("group_norm", x, 2, "(n, channels) or (n, channels, places...)");
  check_epsilon("group_norm", epsilon);
  if (groups == 0) throw ValueError("group_norm: no groups: 0 of the channels of " + to_string(x) + "; at least 1 is needed");
  if (x[1] % groups != 0)
    throw ShapeError("group_norm: the channels make no equal groups: " + std::to_string(x[1]) + " of " + to_string(x) + " in " + std::to_string(groups) + " groups; a divisor of their number is needed");
  std::size_t each = x[1] / groups;
  for (std::size_t axis = 2; axis < x.rank(); ++axis) each *= x[axis];
  if (each == 0) throw ValueError("group_norm: no elements to normalise: groups of 0 in " + to_string(x) + "; there must be at least one in each");
  return {x[0], groups, each};
}

Shape in_instances(const Shape& x, double epsilon) {
  check_features_of("instance_norm", x, 3, "(n, channels, places...)");
  check_epsilon("instance_norm", epsilon);
  if (x[1] == 0) throw ValueError("instance_norm: no channels: " + to_string(x) + "; there must be at least one");
  std::size_t places = 1;
  for (std::size_t axis = 2; axis < x.rank(); ++axis) places *= x[axis];
  if (places == 0) throw ValueError("instance_norm: no places to normalise over: " + to_string(x) + "; there must be at least one");
  return {x[0], x[1], places};
}

}  // namespace wengert::detail
