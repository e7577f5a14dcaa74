// Looking for NaN and infinity, and telling where the first one arose.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

#include "base/source_line.hpp"
#include "base/text_table.hpp"
#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {

/// x - x is 0, or NaN where x is not finite, and NaN stays in a sum: as many sums as compilers take at once.
template <Real T>
bool all_finite(const T* values, std::size_t n) noexcept {
  constexpr std::size_t group = 32;
  T sums[group] = {};
  std::size_t i = 0;
  for (; i + group <= n; i += group)
    for (std::size_t k = 0; k < group; ++k) sums[k] += values[i + k] - values[i + k];
  for (; i < n; ++i) sums[0] += values[i] - values[i];
  for (std::size_t k = 1; k < group; ++k) sums[0] += sums[k];
  return sums[0] == T(0);
}

template <Real T>
bool is_finite(const Handle& values) {
  constexpr std::size_t grain = std::size_t{1} << 16U;
  const T* const first = static_cast<const T*>(values.address());
  const std::size_t n = values.elements();
  if (n <= grain) return all_finite(first, n);
  std::atomic<bool> finite = true;
  parallel((n + grain - 1) / grain, [&](std::size_t block) {
    if (!all_finite(first + block * grain, std::min(grain, n - block * grain))) finite.store(false, std::memory_order_relaxed);
  });
  return finite.load();
}

// ---- what the message says ----

struct Counts {
  std::size_t nans = 0, infinities = 0, all = 0;
  double least = 0, largest = 0, mean = 0;  // of the finite ones
};

template <Real T>
Counts counted(const Handle& values) {
  Counts counts;
  const T* const first = static_cast<const T*>(values.address());
  counts.all = values.elements();
  std::size_t finite = 0;
  for (std::size_t i = 0; i < counts.all; ++i) {
    const auto x = static_cast<double>(first[i]);
    if (std::isnan(x)) {
      ++counts.nans;
    } else if (std::isinf(x)) {
      ++counts.infinities;
    } else {
      counts.least = finite == 0 ? x : std::min(counts.least, x);
      counts.largest = finite == 0 ? x : std::max(counts.largest, x);
      ++finite;
      counts.mean += (x - counts.mean) / static_cast<double>(finite);  // whose sum could overflow
    }
  }
  return counts;
}

Counts counted(const Handle& values, NumberType type) { return type == NumberType::float32 ? counted<float>(values) : counted<double>(values); }

std::string number(double x) { return general(x, 6); }

/// "1 NaN and 2 infinities among 6 elements".
std::string found(const Counts& counts) {
  const auto several = [](std::size_t n, const char* one, const char* more) { return std::to_string(n) + " " + (n == 1 ? one : more); };
  return std::to_string(counts.nans) + " NaN and " + several(counts.infinities, "infinity", "infinities") + " among " + several(counts.all, "element", "elements");
}

std::string statistics(const Handle& values, NumberType type, const Shape& shape) {
  std::string text = "shape " + to_string(shape);
  if (!values) return text + ", value no longer there";
  const Counts counts = counted(values, type);
  if (counts.nans + counts.infinities < counts.all)
    text += ", min " + number(counts.least) + ", max " + number(counts.largest) + ", mean " + number(counts.mean) + (counts.nans + counts.infinities > 0 ? " of the finite ones" : "");
  return text + ", " + found(counts);
}

std::string quoted(std::string_view name) { return name.empty() ? std::string() : " \"" + std::string(name) + "\""; }

/// The operation of a node and what the user called it: log "income".
std::string label(const TapeState& tape, std::uint32_t id) {
  const Node& node = tape.node(id);
  return std::string(tape.name_of(node)) + quoted(tape.given_name(id));
}

std::string input_line(const TapeState& tape, std::size_t i, const GraphInput& input) {
  const std::string start = "\n  input " + std::to_string(i) + ": ";
  if (input.number) return start + "the number " + number(*input.number);
  const auto id = static_cast<std::uint32_t>(input.node);
  const Node& node = tape.node(id);
  return start + label(tape, id) + ", " + statistics(node.value, node.type, *node.shape);
}

std::string place(const CallStack& stack) {
  const std::string line = source_line(stack);
  return line.empty() ? line : "\n  recorded at " + line;
}

/// Where the node was recorded; nothing where the tape did not note it.
std::string place_of(const TapeState& tape, std::uint32_t id) { return id < tape.stacks.size() ? place(tape.stacks[id]) : std::string(); }

constexpr const char* rule = "; on this tape (Check::finite) all must be finite";

}  // namespace

bool is_finite(const Handle& values, NumberType type) { return type == NumberType::float32 ? is_finite<float>(values) : is_finite<double>(values); }

void check_value(const TapeState& tape, std::string_view operation, std::span<const GraphInput> inputs, const Handle& value, NumberType type) {
  if (is_finite(value, type)) return;
  std::string message = std::string(operation) + ": the value is not finite: " + found(counted(value, type)) + ", shape " + to_string(value.shape()) + rule + place(call_stack());
  for (std::size_t i = 0; i < inputs.size(); ++i) message += input_line(tape, i, inputs[i]);
  throw ValueError(message);
}

void check_leaf(NodeKind kind, std::string_view name, const Handle& value, NumberType type) {
  if (is_finite(value, type)) return;
  const std::string_view what = kind == NodeKind::variable ? "variable" : kind == NodeKind::parameter ? "parameter" : "constant";
  throw ValueError(std::string(what) + quoted(name) + ": the value is not finite: " + statistics(value, type, value.shape()) + rule + place(call_stack()));
}

void check_contribution(const TapeState& tape, std::uint32_t id, std::uint32_t i, const Handle& contribution, const Handle& g) {
  const Node& node = tape.node(id);
  const std::uint32_t input = node.inputs()[i];
  const NumberType type = tape.node(input).type;
  if (is_finite(contribution, type)) return;
  std::string message = label(tape, id) + ": the cotangent of input " + std::to_string(i) + quoted(tape.given_name(input)) + " is not finite: " + found(counted(contribution, type)) + rule +
                        place_of(tape, id) + "\n  cotangent of input " + std::to_string(i) + ": " + statistics(contribution, type, *tape.node(input).shape) + "\n  cotangent of the output" +
                        (g ? ": " + statistics(g, node.type, *node.shape) : " was handed on");
  for (std::uint32_t j = 0; j < node.arity; ++j)
    message += input_line(tape, j, {.node = is_number(node, j) ? 0 : node.inputs()[j], .number = is_number(node, j) ? std::optional(number_operand(node)) : std::nullopt});
  throw ValueError(message);
}

void check_cotangent(const TapeState& tape, std::string_view who, std::string_view what, std::uint32_t id, const Handle& cotangent) {
  const Node& node = tape.node(id);
  if (is_finite(cotangent, node.type)) return;
  throw ValueError(std::string(who) + ": " + std::string(what) + " of " + label(tape, id) + " is not finite: " + statistics(cotangent, node.type, *node.shape) + rule + place_of(tape, id));
}

}  // namespace wengert::detail
