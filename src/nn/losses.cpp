// What the losses check.
#include <wengert/nn/losses.hpp>
#include <wengert/nn/margin_losses.hpp>
#include <wengert/nn/regression_losses.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

void check_same_shape(std::string_view who, const Shape& a, const Shape& b) {
  if (a != b) throw ShapeError(std::string(who) + ": the shapes differ: " + to_string(a) + " and " + to_string(b) + "; they must be equal, nothing is stretched here");
}

std::int64_t class_axis(std::string_view who, const Shape& logits) {
  if (logits.empty()) throw ShapeError(std::string(who) + ": no axis of classes: " + to_string(logits) + "; (examples, classes) is needed");
  return logits.rank() == 1 ? 0 : 1;
}

bool is_plain(const LabelLossOptions& options, const Array<std::int64_t>& labels) {
  if (!options.class_weights.empty() || options.label_smoothing != 0) return false;
  for (const std::int64_t label : labels)
    if (label == options.ignored_label) return false;
  return true;
}

template <Real T>
Array<T> class_weights(std::string_view who, const Shape& logits, std::int64_t axis, const LabelLossOptions& options) {
  const std::size_t at = normal_axis(who, axis, logits), classes = logits[at];
  if (!options.class_weights.empty() && options.class_weights.size() != classes)
    throw ValueError(std::string(who) + ": the number of class weights differs from that of classes: " + std::to_string(options.class_weights.size()) + " and " + std::to_string(classes));
  for (const double weight : options.class_weights)
    if (!std::isfinite(weight)) throw ValueError(std::string(who) + ": a class weight of " + std::to_string(weight) + "; a finite number is needed");
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw ValueError(std::string(who) + ": label_smoothing is " + std::to_string(options.label_smoothing) + "; a number from 0 to 1 is needed");
  Shape stretched;
  for (std::size_t k = at; k < logits.rank(); ++k) stretched.push_back(k == at ? classes : 1);
  return Array<T>::build(stretched, [&](std::span<T> out) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = options.class_weights.empty() ? T(1) : static_cast<T>(options.class_weights[k]);
  });
}

template <Real T>
WeighedLabels<T> weighed_labels(std::string_view who, const Shape& logits, std::int64_t axis, const Array<std::int64_t>& labels, const LabelLossOptions& options) {
  const std::size_t at = normal_axis(who, axis, logits), classes = logits[at];
  WeighedLabels<T> made;
  made.class_weights = class_weights<T>(who, logits, axis, options);
  Shape without;
  for (std::size_t k = 0; k < logits.rank(); ++k)
    if (k != at) without.push_back(logits[k]);
  if (labels.shape() != without)
    throw ShapeError(std::string(who) + ": the labels do not fit: " + to_string(labels.shape()) + " beside " + to_string(logits) + "; " + to_string(without) + " is needed, the shape without the classes");

  const auto weight_of = [&](std::size_t k) { return options.class_weights.empty() ? 1.0 : options.class_weights[k]; };
  const auto each = [&](auto value) {
    return Array<T>::build(labels.shape(), [&](std::span<T> out) {
      for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int64_t label = labels.data()[i];
        out[i] = label == options.ignored_label ? T(0) : static_cast<T>(value(label));
      }
    });
  };
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int64_t label = labels.data()[i];
    if (label == options.ignored_label) continue;
    if (label < 0 || static_cast<std::uint64_t>(label) >= classes)
      throw ValueError(std::string(who) + ": label " + std::to_string(label) + " is no class: place " + std::to_string(i) + "; classes go from 0 to " + std::to_string(classes) + " exclusive");
    made.total += weight_of(static_cast<std::size_t>(label));
  }
  if (options.reduction == Reduction::mean && made.total == 0)
    throw ValueError(std::string(who) + ": a mean of no examples: all are ignored, weigh nothing, or there are none; use Reduction::sum, or give some");
  made.labels = Array<std::int64_t>::build(labels.shape(), [&](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = labels.data()[i] == options.ignored_label ? 0 : labels.data()[i];
  });
  Shape with = logits;
  with[at] = 1;
  made.places = made.labels.reshaped(with);
  made.weights = each([&](std::int64_t label) { return weight_of(static_cast<std::size_t>(label)); });
  made.counted = each([](std::int64_t) { return 1.0; });
  return made;
}

template Array<float> class_weights(std::string_view, const Shape&, std::int64_t, const LabelLossOptions&);
template Array<double> class_weights(std::string_view, const Shape&, std::int64_t, const LabelLossOptions&);
template WeighedLabels<float> weighed_labels(std::string_view, const Shape&, std::int64_t, const Array<std::int64_t>&, const LabelLossOptions&);
template WeighedLabels<double> weighed_labels(std::string_view, const Shape&, std::int64_t, const Array<std::int64_t>&, const LabelLossOptions&);

void check_scale(std::string_view who, std::string_view what, double value, bool zero_is_allowed) {
  if (!(zero_is_allowed ? value >= 0 : value > 0))
    throw ValueError(std::string(who) + ": " + std::string(what) + " is " + std::to_string(value) + "; a number " + (zero_is_allowed ? "of at least 0" : "above 0") + " is needed");
}

void check_hinge_power(int power) {
  if (power != 1 && power != 2) throw ValueError("multiclass_hinge_loss: power is " + std::to_string(power) + "; 1 or 2 is needed");
}

}  // namespace wengert::detail
