// The reference vectors: reductions and shapes.
#include "ops/vectors.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/ops/cumulative.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/norm.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>

namespace wengert::test {

namespace {

Axes axes_from(const std::vector<std::int64_t>& numbers) {
  Axes axes;
  for (const auto number : numbers) axes.push_back(number);
  return axes;
}

Vars variance(const Call& call, bool root) {
  // The second argument is `dim`, or in another overload `unbiased`; both may be names.
  const json& second = call.argument(1, "dim");
  VarianceOptions options;
  if (second.is_boolean()) {
    options.correction = second.get<bool>() ? 1 : 0;
  } else {
    options.axes = call.axes();
    options.keep_dims = call.flag(3, "keepdim");
    if (call.has(2, "unbiased")) options.correction = call.flag(2, "unbiased") ? 1 : 0;
  }
  options.correction = call.integer(99, "correction", options.correction);
  const V x = call.var(0);
  return {root ? stddev(x, options) : var(x, options)};
}

Vars norms(const Call& call) {
  const json& order = call.argument(1, call.has(99, "ord") ? "ord" : "p");
  NormOptions options{.keep_dims = call.flag(3, "keepdim")};
  if (!order.is_null() && !order.is_string()) options.order = adref::number(order);
  if (!call.given(0).shape.empty()) options.axes = axes_from(call.numbers(2, "dim"));  // PyTorch allows axis 0 of a number
  return {norm(call.var(0), options)};
}

/// The extreme along an axis and its place: here the gradient goes to one element even at a tie.
Vars extreme(const Call& call, bool largest) {
  const V x = call.var(0);
  if (x.shape().empty()) return {x};
  const std::int64_t axis = call.integer(1, "dim");
  const Integers places = largest ? argmax(x, axis) : argmax(-x, axis);
  Shape kept = x.shape();
  kept[normal_axis("extreme", axis, kept)] = 1;
  const V picked = gather(x, places.reshaped(kept), axis);
  return {call.flag(2, "keepdim") ? picked : squeeze(picked, axis)};
}

Vars pieces(const V& x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  Vars all;
  std::int64_t start = 0;
  for (const auto size : sizes) {
    all.push_back(slice(x, axis, start, start + size));
    start += size;
  }
  return all;
}

std::vector<std::int64_t> equal_sizes(std::int64_t extent, std::int64_t size) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t left = extent; left > 0; left -= size) sizes.push_back(std::min(size, left));
  return sizes;
}

std::int64_t extent(const V& x, std::int64_t axis) { return static_cast<std::int64_t>(x.shape()[normal_axis("extent", axis, x.shape())]); }

/// x along an axis in the order f(0), f(1), ..., f(count - 1).
template <class F>
V picked(const V& x, std::int64_t axis, std::int64_t count, F f) {
  return take(x, Integers::build({count}, [&](std::span<std::int64_t> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(static_cast<std::int64_t>(i)); }), axis);
}

Vars sliced(const Call& call) {
  const V x = call.var(0);
  const std::int64_t axis = call.integer(1, "dim"), whole = extent(x, axis), step = call.integer(4, "step", 1);
  const auto bound = [&](std::size_t i, const char* name, std::int64_t otherwise) {
    const std::int64_t given = call.integer(i, name, otherwise);
    return std::clamp<std::int64_t>(given < 0 ? given + whole : given, 0, whole);
  };
  const std::int64_t start = bound(2, "start", 0), stop = std::max(start, bound(3, "end", whole));
  if (step == 1) return {slice(x, axis, start, stop)};
  return {picked(x, axis, (stop - start + step - 1) / step, [&](std::int64_t i) { return start + i * step; })};
}

Vars tiled(const Call& call) {
  const auto times = call.numbers(1, "");
  return {tile(call.var(0), std::vector<std::size_t>(times.begin(), times.end()))};
}

/// PyTorch pads from the last axis on, and cuts where a width is negative.
Vars padded(const Call& call) {
  V x = call.var(0);
  const auto pairs = call.numbers(1, "pad");
  const std::string mode = call.argument(2, "mode").get<std::string>();
  std::vector<PadWidth> widths(x.shape().rank());
  for (std::size_t k = 0; 2 * k < pairs.size(); ++k) {
    const auto axis = static_cast<std::int64_t>(widths.size() - 1 - k);
    const std::int64_t before = pairs[2 * k], behind = pairs[2 * k + 1], whole = extent(x, axis);
    x = slice(x, axis, std::max<std::int64_t>(0, -before), whole + std::min<std::int64_t>(0, behind));
    widths[static_cast<std::size_t>(axis)] = {static_cast<std::size_t>(std::max<std::int64_t>(0, before)), static_cast<std::size_t>(std::max<std::int64_t>(0, behind))};
  }
  return {pad(x, widths, {.mode = mode == "reflect" ? PadMode::reflect : mode == "replicate" ? PadMode::replicate : mode == "circular" ? PadMode::circular : PadMode::constant,
                          .value = call.number(3, "value", 0)})};
}

Vars flipped(const Call& call) {
  const auto axes = call.numbers(1, "dims");
  return {axes.empty() ? reshape(call.var(0), call.var(0).shape()) : flip(call.var(0), axes_from(axes))};
}

Vars rolled(const Call& call) {
  V x = call.var(0);
  const Shape shape = x.shape();
  const auto shifts = call.numbers(1, "shifts");
  auto axes = call.numbers(2, "dims");
  const bool all = axes.empty();
  if (all) {
    x = flatten(x);
    axes = {0};
  }
  for (std::size_t k = 0; k < axes.size(); ++k) x = roll(x, shifts[k], axes[k]);
  return {all ? reshape(x, shape) : x};
}

Operations operations() {
  return {
      {"sum", [](const Call& call) { return Vars{sum(call.var(0), call.reduction())}; }},
      {"mean", [](const Call& call) { return Vars{mean(call.var(0), call.reduction())}; }},
      {"var", [](const Call& call) { return variance(call, false); }},
      {"std", [](const Call& call) { return variance(call, true); }},
      {"amax", [](const Call& call) { return Vars{amax(call.var(0), call.reduction())}; }},
      {"amin", [](const Call& call) { return Vars{amin(call.var(0), call.reduction())}; }},
      {"max:reduction_no_dim", [](const Call& call) { return Vars{amax(call.var(0))}; }},
      {"min:reduction_no_dim", [](const Call& call) { return Vars{amin(call.var(0))}; }},
      {"max:reduction_with_dim", [](const Call& call) { return extreme(call, true); }},
      {"min:reduction_with_dim", [](const Call& call) { return extreme(call, false); }},
      {"logsumexp", [](const Call& call) { return Vars{logsumexp(call.var(0), call.reduction())}; }},
      {"prod", [](const Call& call) { return Vars{prod(call.var(0), call.reduction())}; }},
      {"norm", norms}, {"norm:inf", norms}, {"norm:fro", norms}, {"linalg.vector_norm", norms},
      {"cumsum", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return cumsum(x, axis); }); }},
      {"cumprod", [](const Call& call) { return running(call, [](const V& x, std::int64_t axis) { return cumprod(x, axis); }); }},

      {"transpose", [](const Call& call) {
         const V x = call.var(0);
         return Vars{x.shape().empty() ? reshape(x, {}) : swapaxes(x, call.integer(1, "dim0"), call.integer(2, "dim1"))};
       }},
      {"permute", [](const Call& call) { return Vars{transpose(call.var(0), axes_from(call.numbers(1, "dims")))}; }},
      {"reshape", [](const Call& call) { return Vars{reshape(call.var(0), axes_from(call.numbers(1, "shape")))}; }},
      {"squeeze", [](const Call& call) {
         const V x = call.var(0);
         if (!call.has(1, "dim")) return Vars{squeeze(x)};
         // PyTorch leaves an axis of another length alone, and so a number.
         return Vars{!x.shape().empty() && extent(x, call.integer(1, "dim")) == 1 ? squeeze(x, call.integer(1, "dim")) : reshape(x, x.shape())};
       }},
      {"unsqueeze", [](const Call& call) { return Vars{expand_dims(call.var(0), call.integer(1, "dim"))}; }},
      {"expand", [](const Call& call) {
         const V x = call.var(0);
         const auto sizes = call.numbers(1, "sizes");
         Shape to;
         for (std::size_t k = 0; k < sizes.size(); ++k) to.push_back(sizes[k] == -1 ? x.shape()[k - (sizes.size() - x.shape().rank())] : static_cast<std::size_t>(sizes[k]));
         return Vars{broadcast_to(x, to)};
       }},
      {"broadcast_to", [](const Call& call) {
         const auto sizes = call.numbers(1, "shape");
         return Vars{broadcast_to(call.var(0), Shape(sizes.begin(), sizes.end()))};
       }},
      {"cat", [](const Call& call) { return Vars{concatenate(call.list(0), call.integer(1, "dim"))}; }},
      {"stack", [](const Call& call) { return Vars{stack(call.list(0), call.integer(1, "dim"))}; }},
      {"tril", [](const Call& call) { return Vars{tril(call.var(0), call.integer(1, "diagonal"))}; }},
      {"triu", [](const Call& call) { return Vars{triu(call.var(0), call.integer(1, "diagonal"))}; }},
      {"diag", [](const Call& call) { return Vars{diag(call.var(0), call.integer(1, "diagonal"))}; }},
      {"trace", unary([](const V& x) { return trace(x); })},
      {"repeat", tiled}, {"tile", tiled},
      {"F.pad:constant", padded}, {"F.pad:reflect", padded}, {"F.pad:replicate", padded}, {"F.pad:circular", padded},
      {"split", [](const Call& call) {
         const V x = call.var(0);
         const std::int64_t axis = call.integer(2, "dim");
         return pieces(x, equal_sizes(extent(x, axis), call.integer(1, "split_size")), axis);
       }},
      {"split:list_args", [](const Call& call) { return pieces(call.var(0), call.numbers(1, "split_sizes"), call.integer(2, "dim")); }},
      {"chunk", [](const Call& call) {
         const V x = call.var(0);
         const std::int64_t axis = call.integer(2, "dim"), chunks = call.integer(1, "chunks"), whole = extent(x, axis);
         return pieces(x, equal_sizes(whole, (whole + chunks - 1) / chunks), axis);
       }},
      {"narrow", [](const Call& call) {
         const std::int64_t start = call.integer(2, "start");
         return Vars{slice(call.var(0), call.integer(1, "dim"), start, start + call.integer(3, "length"))};
       }},
      {"slice", sliced},
      {"flip", flipped},
      {"roll", rolled},
      {"index_select", [](const Call& call) {
         const V x = call.var(0);  // PyTorch selects from a number too
         return Vars{x.shape().empty() ? reshape(x, {}) : take(x, call.integers(2), call.integer(1, "dim"))};
       }},
      {"gather", [](const Call& call) {
         const V x = call.var(0);
         if (!x.shape().empty()) return Vars{gather(x, call.integers(2), call.integer(1, "dim"))};
         const Integers places = call.integers(2);  // PyTorch gathers from a number too
         return Vars{reshape(gather(reshape(x, {1}), places.reshaped({places.size()}), 0), places.shape())};
       }},
  };
}

Listed listed() {
  return {
      {"linalg.vector_norm/sample/10", "PyTorch's kernel rounds the order 0.9 to single precision"},
      {"linalg.vector_norm/sample/28", "PyTorch's kernel rounds the order 0.9 to single precision"},
      {"linalg.vector_norm/sample/59", "PyTorch's kernel rounds the order 0.9 to single precision"},
  };
}

}  // namespace

TEST(ReferenceVectors, AgreeOnReductions) { compare_group("reduce", operations(), listed()); }
TEST(ReferenceVectors, AgreeOnShapes) { compare_group("shape", operations(), listed()); }

}  // namespace wengert::test
