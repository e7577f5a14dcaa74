// The reference vectors: products and linear algebra.
#include "ops/vectors.hpp"

#include <string>

#include <gtest/gtest.h>

#include <wengert/nn/linear.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/einsum.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/solve.hpp>

namespace wengert::test {

namespace {

/// PyTorch's weights are (outputs, inputs), or (inputs) for one output without an axis.
Vars linear(const Call& call) {
  const V w = call.var(1);
  if (w.shape().rank() == 1) return {call.has(2, "bias") ? matmul(call.var(0), w) + call.var(2) : matmul(call.var(0), w)};
  return {call.has(2, "bias") ? wengert::linear(call.var(0), transpose(w), call.var(2)) : wengert::linear(call.var(0), transpose(w))};
}

Vars bilinear(const Call& call) {
  return {call.has(3, "bias") ? wengert::bilinear(call.var(0), call.var(1), call.var(2), call.var(3)) : wengert::bilinear(call.var(0), call.var(1), call.var(2))};
}

/// PyTorch takes a b of A's shape without its last axis for a batch of vectors, too.
Vars solved(const Call& call) {
  const V a = call.var(0), b = call.var(1);
  Shape rows = a.shape();
  rows.erase(rows.rank() - 1);
  const bool vectors = b.shape().rank() > 1 && b.shape() == rows;
  return {vectors ? squeeze(solve(a, expand_dims(b, -1)), -1) : solve(a, b)};
}

Operations operations() {
  return {
      {"matmul", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"mm", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"bmm", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"mv", binary([](const V& a, const V& b) { return matmul(a, b); })},
      {"dot", binary([](const V& a, const V& b) { return dot(a, b); })},
      {"outer", binary([](const V& a, const V& b) { return outer(a, b); })},
      {"einsum", [](const Call& call) { return Vars{einsum(call.argument(1, "equation").get<std::string>(), call.list(0))}; }},
      {"addmm", [](const Call& call) { return Vars{call.number(99, "beta", 1) * call.var(0) + call.number(99, "alpha", 1) * matmul(call.var(1), call.var(2))}; }},
      {"F.linear", linear},
      {"F.bilinear", bilinear},

      {"linalg.inv", unary([](const V& a) { return inv(a); })},
      {"linalg.solve", solved},
      {"linalg.cholesky", [](const Call& call) { return Vars{cholesky(call.var(0), {.upper = call.flag(1, "upper")})}; }},
      {"linalg.det", unary([](const V& a) { return det(a); })},
      {"linalg.det:singular", unary([](const V& a) { return det(a); })},
      {"linalg.slogdet", [](const Call& call) {
         const auto [sign, logabsdet] = slogdet(call.var(0));
         return Vars{sign, logabsdet};
       }},
  };
}

}  // namespace

TEST(ReferenceVectors, AgreeOnProducts) { compare_group("matmul", operations(), {}); }
TEST(ReferenceVectors, AgreeOnLinearAlgebra) { compare_group("linalg", operations(), {}); }

}  // namespace wengert::test
