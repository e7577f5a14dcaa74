// How good a classifier's answers are.
#include <wengert/nn/metrics.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <wengert/base/errors.hpp>
#include <wengert/graph/use.hpp>

namespace wengert::nn {

namespace {

constexpr std::int64_t no_answer = -1;

void check_class(std::string_view who, std::string_view what, std::int64_t given, std::size_t row, std::size_t classes) {
  if (given < 0 || static_cast<std::size_t>(given) >= classes)
    throw ValueError(std::string(who) + ": the " + std::string(what) + " of row " + std::to_string(row) + " is no class: " + std::to_string(given) + "; it must be from 0 to " +
                     std::to_string(classes) + " - 1");
}

/// The answer of each row, after checking that scores and labels fit.
template <Real T>
std::vector<std::int64_t> answers_of(std::string_view who, const Array<T>& scores, const Array<std::int64_t>& labels) {
  wengert::detail::check_not_nothing(who, scores);
  wengert::detail::check_not_nothing(who, labels);
  const Shape& shape = scores.shape();
  if (shape.rank() != 2 || labels.shape() != Shape{shape[0]})
    throw ShapeError(std::string(who) + ": scores and labels do not fit: " + to_string(shape) + " with " + to_string(labels.shape()) + "; they must be (N, classes) and (N,)");
  const std::size_t rows = shape[0], classes = shape[1];
  std::vector<std::int64_t> answers(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    check_class(who, "label", labels.data()[row], row, classes);
    const T* const first = scores.data() + row * classes;
    const bool has_nan = std::any_of(first, first + classes, [](T score) { return std::isnan(score); });
    answers[row] = has_nan ? no_answer : std::max_element(first, first + classes) - first;
  }
  return answers;
}

}  // namespace

template <Real T>
double accuracy(const Array<T>& scores, const Array<std::int64_t>& labels) {
  const auto answers = answers_of("accuracy", scores, labels);
  if (answers.empty()) throw ValueError("accuracy: there are no rows: " + to_string(scores.shape()) + "; at least one is needed");
  std::size_t right = 0;
  for (std::size_t row = 0; row < answers.size(); ++row) right += answers[row] == labels.data()[row] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(answers.size());
}

template <Real T>
Array<std::int64_t> confusion(const Array<T>& scores, const Array<std::int64_t>& labels) {
  const auto answers = answers_of("confusion", scores, labels);
  if (const auto found = std::find(answers.begin(), answers.end(), no_answer); found != answers.end())
    throw ValueError("confusion: a row has no largest score: row " + std::to_string(found - answers.begin()) + " contains NaN; scores must be numbers");
  return confusion(from_values<std::int64_t>(answers, {answers.size()}), labels, scores.shape()[1]);
}

Array<std::int64_t> confusion(const Array<std::int64_t>& answers, const Array<std::int64_t>& labels, std::size_t classes) {
  if (answers.rank() != 1 || answers.shape() != labels.shape())
    throw ShapeError("confusion: answers and labels do not fit: " + to_string(answers.shape()) + " with " + to_string(labels.shape()) + "; both must be (N,)");
  for (std::size_t row = 0; row < answers.size(); ++row) {
    check_class("confusion", "answer", answers.data()[row], row, classes);
    check_class("confusion", "label", labels.data()[row], row, classes);
  }
  return Array<std::int64_t>::build({classes, classes}, [&](std::span<std::int64_t> out) {
    std::fill(out.begin(), out.end(), 0);
    for (std::size_t row = 0; row < answers.size(); ++row)
      ++out[static_cast<std::size_t>(labels.data()[row]) * classes + static_cast<std::size_t>(answers.data()[row])];
  });
}

template double accuracy(const Array<float>&, const Array<std::int64_t>&);
template double accuracy(const Array<double>&, const Array<std::int64_t>&);
template Array<std::int64_t> confusion(const Array<float>&, const Array<std::int64_t>&);
template Array<std::int64_t> confusion(const Array<double>&, const Array<std::int64_t>&);

}  // namespace wengert::nn
