// The out-of-line parts of what every layer shares.
#include <wengert/nn/layer.hpp>

#include <wengert/base/errors.hpp>

namespace wengert::nn {

template <Real T>
Members<T>::~Members() = default;

template class Members<float>;
template class Members<double>;

namespace detail {

void check_features(std::string_view who, const Shape& given, std::int64_t axis, std::size_t features, std::string_view form) {
  const auto rank = static_cast<std::int64_t>(given.rank());
  const std::int64_t place = axis < 0 ? axis + rank : axis;
  if (place >= 0 && place < rank && given[static_cast<std::size_t>(place)] == features) return;
  throw ShapeError(std::string(who) + ": the input does not fit: " + to_string(given) + "; it must be " + std::string(form) + " with " + std::to_string(features) +
                   " features");
}

}  // namespace detail
}  // namespace wengert::nn
