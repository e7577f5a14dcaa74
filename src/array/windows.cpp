// Where windows lie along an axis.
#include <wengert/array/windows.hpp>

#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

Windows windows_along(std::string_view who, std::string_view axis, std::size_t length, std::size_t kernel, std::size_t stride, std::size_t dilation, const AxisPadding& padding, LastWindow last) {
  constexpr std::size_t most = std::size_t{1} << 31U;  // products and sums of two of them fit into a size
  const auto check = [&](std::string_view what, std::size_t value, std::size_t least) {
    if (value < least || value > most)
      throw ValueError(std::string(who) + ": the " + std::string(what) + " is out of its range: " + std::to_string(value) + " along the " + std::string(axis) + "; it must be from " +
                       std::to_string(least) + " to " + std::to_string(most));
  };
  check("kernel", kernel, 1);
  check("stride", stride, 1);
  check("dilation", dilation, 1);
  check("padding", padding.before, 0);
  check("padding", padding.behind, 0);
  Windows made{.length = length, .kernel = kernel, .stride = stride, .dilation = dilation, .before = padding.before, .behind = padding.behind};
  const std::size_t reach = made.reach();
  if (padding.is_same) {
    const std::size_t covered = length == 0 ? 0 : (length - 1) / stride * stride + reach;
    const std::size_t missing = covered > length ? covered - length : 0;
    made.before = missing / 2;
    made.behind = missing - made.before;
  }
  const std::size_t whole = length + made.before + made.behind, room = whole + (last == LastWindow::partial ? stride - 1 : 0);
  if (room < reach)
    throw ShapeError(std::string(who) + ": the window is larger than the input: it reaches over " + std::to_string(reach) + " places of the " + std::to_string(whole) + " along the " +
                     std::string(axis) + (made.before + made.behind > 0 ? ", with the padding" : "") + "; at least as many are needed");
  made.count = (room - reach) / stride + 1;
  // A partial window holds at least one place that is there or comes before them.
  if (last == LastWindow::partial && (made.count - 1) * stride >= length + made.before) --made.count;
  return made;
}

}  // namespace wengert::detail
