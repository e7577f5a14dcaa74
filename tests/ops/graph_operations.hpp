// The list that random graphs are drawn from: every differentiable operation, as a function of arrays of shape (2, 3) whose numbers lie in
// [-1, 1], with a result of that shape whose numbers may lie anywhere. A new operation needs a line here: GraphOperations.HoldEveryCard
// misses it otherwise. Where the operation itself has another shape, or pieces without a slope, it is added to x[0].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <wengert/graph/var.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/normalization.hpp>
#include <wengert/nn/regression_losses.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/convolution.hpp>
#include <wengert/ops/cumulative.hpp>
#include <wengert/ops/decomposition.hpp>
#include <wengert/ops/einsum.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/embedding.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/norm.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/pooling.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/ops/solve.hpp>

namespace wengert::test {

struct GraphOperation {
  using Inputs = std::span<const Var<double>>;

  std::string_view name;
  std::size_t arity;
  Var<double> (*function)(Inputs x);
};

using In = GraphOperation::Inputs;

inline Array<std::int64_t> places(std::initializer_list<std::int64_t> values, const Shape& shape) { return from_values<std::int64_t>(values, shape); }
inline Array<bool> every_other() { return from_values<bool>({true, false, true, false, true, false}, {2, 3}); }

/// Square matrices that have inverses, roots, and singular values apart from each other.
inline Var<double> around(const Var<double>& a, const Var<double>& b) { return matmul(a, b, {.transpose_b = true}) / 3 + from_values<double>({3, 1, -1, 2}, {2, 2}); }
inline Var<double> gram(const Var<double>& a) { return matmul(a, a, {.transpose_b = true}) + from_values<double>({2, 0.5, 0.5, 1}, {2, 2}); }
inline Var<double> apart(const Var<double>& a) { return matmul(a, a, {.transpose_b = true}) / 3 + from_values<double>({5, 0.5, 0.5, 1}, {2, 2}); }

inline constexpr GraphOperation graph_operations[] = {
    // ---- elementwise ----
    {"add", 2, [](In x) { return x[0] + x[1]; }},
    {"subtract", 2, [](In x) { return x[0] - x[1]; }},
    {"multiply", 2, [](In x) { return x[0] * x[1]; }},
    {"divide", 2, [](In x) { return x[0] / (x[1] + 2); }},
    {"number_over", 1, [](In x) { return 2 / (x[0] - 3); }},
    {"negative", 1, [](In x) { return -x[0]; }},
    {"square", 1, [](In x) { return square(x[0]); }},
    {"reciprocal", 1, [](In x) { return reciprocal(x[0] + 2); }},
    {"fma", 3, [](In x) { return fma(x[0], x[1], x[2]); }},
    {"maximum", 2, [](In x) { return maximum(x[0], x[1]); }},
    {"minimum", 2, [](In x) { return minimum(x[0], x[1]); }},
    {"abs", 1, [](In x) { return abs(x[0]); }},
    {"sign", 2, [](In x) { return x[0] + sign(x[1]); }},
    {"clip", 1, [](In x) { return x[0] + clip(x[0], -0.5, 0.25); }},
    {"exp", 1, [](In x) { return exp(x[0]); }},
    {"expm1", 1, [](In x) { return expm1(x[0]); }},
    {"exp2", 1, [](In x) { return exp2(x[0]); }},
    {"log", 1, [](In x) { return log(x[0] + 2); }},
    {"log1p", 1, [](In x) { return log1p(x[0] / 2); }},
    {"log2", 1, [](In x) { return log2(x[0] + 2); }},
    {"log10", 1, [](In x) { return log10(x[0] + 2); }},
    {"xlogy", 2, [](In x) { return xlogy(x[0], x[1] + 2); }},
    {"pow", 2, [](In x) { return pow(x[0] + 2, x[1]); }},
    {"pow_of_number", 1, [](In x) { return pow(x[0] + 2, 1.5); }},
    {"sqrt", 1, [](In x) { return sqrt(x[0] + 2); }},
    {"rsqrt", 1, [](In x) { return rsqrt(x[0] + 2); }},
    {"cbrt", 1, [](In x) { return cbrt(x[0] + 2); }},
    {"sin", 1, [](In x) { return sin(2 * x[0]); }},
    {"cos", 1, [](In x) { return cos(2 * x[0]); }},
    {"tan", 1, [](In x) { return tan(x[0]); }},
    {"asin", 1, [](In x) { return asin(x[0] / 2); }},
    {"acos", 1, [](In x) { return acos(x[0] / 2); }},
    {"atan", 1, [](In x) { return atan(x[0]); }},
    {"atan2", 2, [](In x) { return atan2(x[0], x[1] + 2); }},
    {"sinh", 1, [](In x) { return sinh(x[0]); }},
    {"cosh", 1, [](In x) { return cosh(x[0]); }},
    {"asinh", 1, [](In x) { return asinh(x[0]); }},
    {"acosh", 1, [](In x) { return acosh(x[0] + 3); }},
    {"atanh", 1, [](In x) { return atanh(x[0] / 2); }},
    {"erf", 1, [](In x) { return erf(x[0]); }},
    {"erfc", 1, [](In x) { return erfc(x[0]); }},
    {"lgamma", 1, [](In x) { return lgamma(x[0] + 2); }},
    {"digamma", 1, [](In x) { return digamma(x[0] + 3); }},
    {"polygamma", 1, [](In x) { return polygamma(1, x[0] + 3); }},
    {"tanh", 1, [](In x) { return tanh(x[0]); }},
    {"sigmoid", 1, [](In x) { return sigmoid(x[0]); }},
    {"silu", 1, [](In x) { return silu(x[0]); }},
    {"log_sigmoid", 1, [](In x) { return log_sigmoid(x[0]); }},
    {"softplus", 1, [](In x) { return softplus(x[0], {.beta = 2}); }},
    {"softsign", 1, [](In x) { return softsign(x[0]); }},
    {"mish", 1, [](In x) { return mish(x[0]); }},
    {"gelu", 1, [](In x) { return gelu(x[0]); }},
    {"gelu_by_tanh", 1, [](In x) { return gelu(x[0], GeluForm::tanh); }},
    {"relu", 1, [](In x) { return relu(x[0]); }},
    {"leaky_relu", 1, [](In x) { return leaky_relu(x[0]); }},
    {"prelu", 2, [](In x) { return prelu(x[0], x[1]); }},
    {"elu", 1, [](In x) { return elu(x[0], 0.5); }},
    {"celu", 1, [](In x) { return celu(x[0], 0.5); }},
    {"selu", 1, [](In x) { return selu(x[0]); }},
    {"hardtanh", 1, [](In x) { return x[0] + hardtanh(x[0], -0.25, 0.5); }},
    {"relu6", 1, [](In x) { return relu6(x[0]); }},
    {"threshold", 1, [](In x) { return x[0] + threshold(x[0], 0.125, -1); }},
    {"heaviside", 2, [](In x) { return x[0] * heaviside(x[1]); }},
    {"where", 2, [](In x) { return where(every_other(), x[0], x[1]); }},
    {"where_compared", 2, [](In x) { return where(x[0] > x[1], x[0] * x[1], x[1]); }},
    {"masked_fill", 1, [](In x) { return masked_fill(x[0], every_other(), 0.5); }},
    // ---- reductions ----
    {"sum", 2, [](In x) { return x[0] + sum(x[1], 0); }},
    {"mean", 2, [](In x) { return x[0] - mean(x[1], {.axes = {1}, .keep_dims = true}); }},
    {"var", 2, [](In x) { return x[0] + var(x[1], 0); }},
    {"stddev", 2, [](In x) { return x[0] / (1 + stddev(x[1] + arange<double>(3), {.axes = {1}, .keep_dims = true})); }},
    {"amax", 2, [](In x) { return x[0] - amax(x[1], 0); }},
    {"amin", 2, [](In x) { return x[0] * amin(x[1]); }},
    {"logsumexp", 2, [](In x) { return x[0] - logsumexp(x[1], {.axes = {1}, .keep_dims = true}); }},
    {"prod", 2, [](In x) { return x[0] + prod(x[1], 0); }},
    {"norm", 2, [](In x) { return x[0] / norm(x[1] + 2, {.axes = {1}, .keep_dims = true}); }},
    {"norm_of_order_3", 2, [](In x) { return x[0] - norm(x[1], {.order = 3}); }},
    {"cumsum", 1, [](In x) { return cumsum(x[0], 1); }},
    {"cumprod", 1, [](In x) { return cumprod(x[0], -1); }},
    {"recurrence", 2, [](In x) { return record(cards::Recurrence{1}, x[0], x[1]); }},
    {"sort", 2, [](In x) { return sort(x[0], 0).values - topk(x[1], 1, 0).values; }},
    {"softmax", 1, [](In x) { return softmax(x[0], 1); }},
    {"softmin", 1, [](In x) { return softmin(x[0], 0); }},
    {"log_softmax", 1, [](In x) { return log_softmax(x[0], -1); }},
    // ---- products of matrices ----
    {"matmul", 3, [](In x) { return matmul(matmul(x[0], x[1], {.transpose_b = true}), x[2]); }},
    {"matmul_transposed", 3, [](In x) { return matmul(x[0], matmul(x[1], x[2], {.transpose_a = true})); }},
    {"matmul_of_vectors", 2, [](In x) { return x[0] + matmul(flatten(x[0]), flatten(x[1])); }},
    {"dot", 2, [](In x) { return x[0] * dot(flatten(x[0]), flatten(x[1])); }},
    {"outer", 2, [](In x) { return outer(diag(x[0]), sum(x[1], 0)); }},
    {"einsum", 3, [](In x) { return einsum("ij,kj,kl->il", x[0], x[1], x[2]); }},
    {"einsum_of_rows", 2, [](In x) { return x[0] + einsum("ij,ij->j", x[0], x[1]); }},
    {"solve", 3, [](In x) { return solve(around(x[0], x[1]), x[2]); }},
    {"inv", 3, [](In x) { return matmul(inv(around(x[0], x[1])), x[2]); }},
    {"cholesky", 2, [](In x) { return matmul(cholesky(gram(x[0])), x[1]); }},
    {"det", 2, [](In x) { return x[0] - det(around(x[0], x[1])); }},
    {"slogdet", 2, [](In x) { return x[1] + slogdet(around(x[0], x[1])).logabsdet; }},
    {"qr", 2, [](In x) { const auto [q, r] = qr(around(x[0], x[1])); return matmul(q, matmul(r, x[1])); }},
    {"svd", 2, [](In x) { return matmul(diag(svd(apart(x[0])).s), x[1]); }},
    {"eigh", 2, [](In x) { const auto [values, vectors] = eigh(apart(x[0])); return matmul(square(vectors), x[1]) + sum(values); }},
    {"linear", 3, [](In x) { return linear(x[0], matmul(x[1], x[2], {.transpose_a = true}), sum(x[2], 0)); }},
    // ---- windows ----
    {"conv2d", 2, [](In x) { return reshape(conv2d(reshape(x[0], {1, 1, 2, 3}), reshape(x[1], {1, 1, 2, 3}), {.padding = Padding::same}), {2, 3}); }},
    {"conv1d", 2, [](In x) { return reshape(conv1d(reshape(x[0], {1, 2, 3}), reshape(x[1], {2, 1, 3}), {.padding = 1, .groups = 2}), {2, 3}); }},
    {"fold", 1, [](In x) { return reshape(record(cards::Fold{{}, {.length = 3, .count = 3}}, reshape(x[0], {2, 1, 1, 1, 1, 3})), {2, 3}); }},
    {"max_pool1d", 1, [](In x) { return x[0] - squeeze(max_pool1d(reshape(x[0], {1, 2, 3}), {.kernel = 3, .stride = 1, .padding = 1}), 0); }},
    {"avg_pool1d", 1, [](In x) { return squeeze(avg_pool1d(reshape(x[0], {1, 2, 3}), {.kernel = 3, .stride = 1, .padding = 1}), 0); }},
    {"maxout", 2, [](In x) { return x[0] - maxout(concatenate({x[0], x[1]}, 1), 2); }},
    // ---- normalisation ----
    {"batch_norm", 2, [](In x) { return batch_norm(2 * x[0] + from_values<double>({9, 0, 5, -9, 8, 0}, {2, 3}), mean(x[1], 0), sum(x[1], 0)); }},
    {"layer_norm", 1, [](In x) { return layer_norm(x[0] + arange<double>(3), Shape{3}); }},
    // ---- other shapes, other places ----
    {"reshape", 1, [](In x) { return transpose(reshape(x[0], {3, 2})); }},
    {"flatten", 1, [](In x) { return reshape(flip(flatten(x[0])), {2, 3}); }},
    {"expand_dims", 1, [](In x) { return squeeze(expand_dims(x[0], 1), 1); }},
    {"swapaxes", 1, [](In x) { return reshape(swapaxes(x[0], 0, -1), {2, 3}); }},
    {"broadcast_to", 1, [](In x) { return broadcast_to(slice(x[0], 0, 1, 2), {2, 3}); }},
    {"concatenate", 2, [](In x) { return concatenate({slice(x[0], 1, 1, 3), slice(x[1], 1, 0, 1)}, 1); }},
    {"stack", 2, [](In x) { return sum(stack({x[0], square(x[1])}, 1), 1); }},
    {"split", 1, [](In x) { const auto pieces = split(x[0], {1, 2}, 1); return pieces[0] * concatenate({pieces[1], pieces[0]}, 1); }},
    {"take", 1, [](In x) { return take(x[0], places({2, 0, -1}, {3}), 1); }},
    {"embedding", 1, [](In x) { return embedding(places({1, 0}, {2}), x[0]); }},
    {"gather", 1, [](In x) { return gather(x[0], places({2, 2, 0, 1, 0, 1}, {2, 3}), 1); }},
    {"scatter_add", 2, [](In x) { return scatter_add(x[0], places({1, 1, 0, 0, 0, 1}, {2, 3}), x[1], 0); }},
    {"flip", 1, [](In x) { return flip(x[0], {1}); }},
    {"roll", 1, [](In x) { return roll(x[0], 2, 1); }},
    {"repeat", 1, [](In x) { return repeat(slice(x[0], 0, 0, 1), 2, 0); }},
    {"tile", 1, [](In x) { return tile(slice(x[0], 1, 2, 3), {1, 3}); }},
    {"pad", 1, [](In x) { return pad(slice(x[0], 1, 0, 2), {{0, 0}, {1, 0}}); }},
    {"pad_by_reflection", 1, [](In x) { return pad(slice(x[0], 1, 1, 3), {{0, 0}, {0, 1}}, {.mode = PadMode::reflect}); }},
    {"pad_by_repetition", 1, [](In x) { return pad(slice(x[0], 1, 1, 2), {{0, 0}, {1, 1}}, {.mode = PadMode::replicate}); }},
    {"pad_in_a_circle", 1, [](In x) { return pad(slice(x[0], 1, 0, 2), {{0, 0}, {1, 0}}, {.mode = PadMode::circular}); }},
    {"tril", 1, [](In x) { return tril(x[0]); }},
    {"triu", 2, [](In x) { return x[0] + triu(x[1], 1); }},
    {"diag", 2, [](In x) { return matmul(diag(diag(x[0])), x[1]); }},
    {"trace", 2, [](In x) { return x[0] * trace(x[1]); }},
    {"glu", 2, [](In x) { return glu(concatenate({x[0], x[1]}, 0), 0); }},
    // ---- losses ----
    {"cross_entropy", 2, [](In x) { return x[0] * cross_entropy(x[1], places({2, 0}, {2})); }},
    {"cross_entropy_of_targets", 2, [](In x) { return x[0] - cross_entropy(x[0], softmax(x[1], 1)); }},
    {"binary_cross_entropy_with_logits", 2, [](In x) { return x[0] * binary_cross_entropy_with_logits(x[0], sigmoid(x[1])); }},
    {"kl_divergence", 2, [](In x) { return x[0] + kl_divergence(log_softmax(x[0], 1), softmax(x[1], 1)); }},
    {"mse_loss", 2, [](In x) { return x[0] + mse_loss(x[0], x[1]); }},
};

}  // namespace wengert::test
