// What the losses check.
#include <wengert/nn/losses.hpp>

#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

void check_same_shape(std::string_view who, const Shape& a, const Shape& b) {
  if (a != b) throw ShapeError(std::string(who) + ": the shapes differ: " + to_string(a) + " and " + to_string(b) + "; they must be equal, nothing is stretched here");
}

std::int64_t class_axis(const Shape& logits) {
  if (logits.empty()) throw ShapeError("cross_entropy: no axis of classes: logits " + to_string(logits) + "; logits of shape (examples, classes) are needed");
  return logits.rank() == 1 ? 0 : 1;
}

}  // namespace wengert::detail
