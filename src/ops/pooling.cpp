// Where pooling's windows lie, and how many places they have.
#include <wengert/ops/pooling.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

namespace {

Windows pooling_windows(std::string_view who, std::string_view axis, std::size_t length, std::size_t kernel, std::size_t stride, std::size_t dilation, const AxisPadding& padding, bool ceil_mode) {
  if (length == 0) throw ShapeError(std::string(who) + ": no places: 0 along the " + std::string(axis) + "; at least 1 is needed");
  const Windows made = windows_along(who, axis, length, kernel, stride, dilation, padding, ceil_mode ? LastWindow::partial : LastWindow::whole);
  const std::size_t widest = std::max(made.before, made.behind);
  if (widest >= made.reach())
    throw ValueError(std::string(who) + ": the padding is too wide: " + std::to_string(widest) + " along the " + std::string(axis) + ", beside windows that reach over " + std::to_string(made.reach()) +
                     " places; less is needed");
  return made;
}

void check_pooled(std::string_view who, const Shape& x, std::size_t places) {
  if (x.rank() == places + 2) return;
  throw ShapeError(std::string(who) + ": the input has another number of axes: " + to_string(x) + "; " + (places == 2 ? "(n, channels, height, width)" : "(n, channels, length)") + " is needed");
}

/// The places of window o, with the padding or without; what lies beyond both is none.
std::size_t places_of(const Windows& along, std::size_t o, bool with_padding) {
  const std::size_t start = o * along.stride, stop = start + along.kernel;  // counted from the first of the padding
  const std::size_t first = with_padding ? 0 : along.before, last = along.before + along.length + (with_padding ? along.behind : 0);
  return std::min(stop, last) - std::max(start, first);
}

}  // namespace

PoolingPlan pooling_plan(std::string_view who, const Shape& x, const MaxPool2dOptions& options) {
  check_pooled(who, x, 2);
  PoolingPlan plan;
  plan.height = pooling_windows(who, "height", x[2], options.kernel.height, options.stride.height, options.dilation.height, options.padding.height, options.ceil_mode);
  plan.width = pooling_windows(who, "width", x[3], options.kernel.width, options.stride.width, options.dilation.width, options.padding.width, options.ceil_mode);
  plan.image = {1, checked_product(who, x[0], x[1]), x[2], x[3]};
  plan.out = {x[0], x[1], plan.height.count, plan.width.count};
  return plan;
}

PoolingPlan pooling_plan(std::string_view who, const Shape& x, const MaxPool1dOptions& options) {
  check_pooled(who, x, 1);
  PoolingPlan plan;
  plan.width = pooling_windows(who, "length", x[2], options.kernel, options.stride, options.dilation, options.padding, options.ceil_mode);
  plan.image = {1, checked_product(who, x[0], x[1]), 1, x[2]};
  plan.out = {x[0], x[1], plan.width.count};
  return plan;
}

template <Real T>
Array<T> pooling_divisors(std::string_view who, const PoolingPlan& plan, bool with_padding, const std::optional<double>& instead) {
  if (instead) {
    if (static_cast<T>(*instead) == 0 || !std::isfinite(static_cast<T>(*instead)))
      throw ValueError(std::string(who) + ": divisor_override is " + std::to_string(*instead) + "; a finite number other than 0 is needed");
    return Array<T>(static_cast<T>(*instead));
  }
  return Array<T>::build({plan.height.count, plan.width.count}, [&](std::span<T> out) {
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = static_cast<T>(places_of(plan.height, k / plan.width.count, with_padding) * places_of(plan.width, k % plan.width.count, with_padding));
  });
}

template Array<float> pooling_divisors(std::string_view, const PoolingPlan&, bool, const std::optional<double>&);
template Array<double> pooling_divisors(std::string_view, const PoolingPlan&, bool, const std::optional<double>&);

}  // namespace wengert::detail
