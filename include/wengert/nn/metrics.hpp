// How good a classifier's answers are.
#pragma once

#include <cstddef>
#include <cstdint>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>

namespace wengert::nn {

/// The share of rows of scores (N, classes) whose largest entry, the first of equals, is at the label. A row with a NaN has no
/// answer and counts as wrong. ShapeError unless labels are (N,); ValueError for a label that is no class, or for no rows.
template <Real T>
WENGERT_API double accuracy(const Array<T>& scores, const Array<std::int64_t>& labels);

/// entry (i, j): how many rows of class i were taken for class j; (classes, classes). Errors as for accuracy; ValueError also for a
/// row with a NaN.
template <Real T>
WENGERT_API Array<std::int64_t> confusion(const Array<T>& scores, const Array<std::int64_t>& labels);
/// The same from answers that are classes already.
WENGERT_API Array<std::int64_t> confusion(const Array<std::int64_t>& answers, const Array<std::int64_t>& labels, std::size_t classes);

}  // namespace wengert::nn
