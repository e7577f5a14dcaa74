// The errors of transforms.
#include <wengert/transform/argument.hpp>

#include <wengert/base/errors.hpp>
#include <wengert/transform/jacobian.hpp>

namespace wengert::detail {

void check_one_number(std::string_view who, const Shape& result) {
  if (result.elements() != 1)
    throw ShapeError(std::string(who) + ": the function's result is not one number: shape " + to_string(result) + "; sum it, or use vjp, jvp or jacobian, which take any shape");
}

void refuse_foreign_result(std::string_view who) {
  throw GraphError(std::string(who) + ": the function's result is a Var of another tape; return what was made of the arguments, or its value()");
}

void refuse_unlisted_parameter(std::string_view name) {
  throw GraphError("gradients: the parameter \"" + std::string(name) + "\" is not among those that the transform was given; name it there");
}

void check_same_shape(std::string_view who, std::string_view what, const Shape& got, const Shape& wanted) {
  if (got != wanted)
    throw ShapeError(std::string(who) + ": the " + std::string(what) + " is of shape " + to_string(got) + "; it must be " + to_string(wanted) + ", or one number for all of it");
}

void check_same_count(std::string_view who, std::string_view what, std::size_t got, std::size_t wanted) {
  if (got != wanted) throw ShapeError(std::string(who) + ": " + std::to_string(got) + " " + std::string(what) + " were given; one for each of the " + std::to_string(wanted) + " arguments is needed");
}

std::size_t rows_in(std::string_view who, const Shape& shape) {
  if (shape.empty()) throw ShapeError(std::string(who) + ": an argument has no axis of examples: a number; arrays whose first axis is the batch are needed");
  return shape[0];
}

void check_batch(std::string_view who, const Shape& shape, std::size_t count) {
  if (rows_in(who, shape) != count)
    throw ShapeError(std::string(who) + ": the arguments are batches of different sizes: an array of shape " + to_string(shape) + " beside one of " + std::to_string(count) + " examples");
}

Shape joined_shapes(std::string_view who, const Shape& y, const Shape& x) {
  if (y.rank() + x.rank() > Shape::max_rank)
    throw ShapeError(std::string(who) + ": the result " + to_string(y) + " and the argument " + to_string(x) + " have more than " + std::to_string(Shape::max_rank) + " axes together; flatten one of them");
  Shape joined = y;
  for (const std::size_t extent : x) joined.push_back(extent);
  return joined;
}

}  // namespace wengert::detail
