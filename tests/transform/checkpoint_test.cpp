// checkpoint: the same bits from less memory, whatever is kept, nested, differentiated again, consumed or not, and after failures.
#include <wengert/transform/checkpoint.hpp>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/cumulative.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/transform/gradient.hpp>
#include <wengert/transform/products.hpp>

namespace wengert::test {

namespace {

using Layers = std::vector<Parameter<float>>;

Array<float> random(const Shape& shape, std::uint64_t seed, float scale = 1) {
  RandomEngine engine(seed);
  return Array<float>::build(shape, [&](std::span<float> out) {
    engine.fill_normal(out);
    for (float& x : out) x *= scale;
  });
}

Layers layers(std::size_t count, std::size_t width) {
  Layers list;
  for (std::size_t k = 0; k < count; ++k) list.emplace_back("w" + std::to_string(k), random({width, width}, k + 1, 0.3F));
  return list;
}

/// The layers [from, to) of a deep network.
Var<float> run(const Layers& list, Var<float> h, std::size_t from, std::size_t to) {
  for (std::size_t k = from; k < to; ++k) h = tanh(matmul(h, list[k]) + 0.1F);
  return h;
}

/// The same, halved again and again: each half a checkpoint, down to `leaf` layers.
Var<float> run_halved(const Layers& list, const Var<float>& h, std::size_t from, std::size_t to, std::size_t leaf) {
  if (to - from <= leaf) return run(list, h, from, to);
  const std::size_t middle = (from + to) / 2;
  const auto half = checkpoint([&](const Var<float>& x) { return run_halved(list, x, from, middle, leaf); }, h);
  return checkpoint([&](const Var<float>& x) { return run_halved(list, x, middle, to, leaf); }, half);
}

template <Real T>
void expect_same_bits(const Array<T>& a, const Array<T>& b) {
  ASSERT_EQ(a.shape(), b.shape());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)), 0);
}

struct Outcome {
  std::vector<Array<float>> gradients;
  std::size_t peak = 0;
};

/// The gradients of a network's sum by all of its layers and its input.
template <class Network>
Outcome run_of(const Layers& list, const Array<float>& x0, Network network) {
  Tape tape;
  const auto x = tape.variable(x0);
  const Gradients g = tape.backward(sum(network(x)));
  Outcome done;
  for (const auto& w : list) done.gradients.push_back(g[w]);
  done.gradients.push_back(g[x]);
  done.peak = tape.peak_bytes();
  return done;
}

void expect_same(const Outcome& a, const Outcome& b) {
  for (std::size_t k = 0; k < a.gradients.size(); ++k) expect_same_bits(a.gradients[k], b.gradients[k]);
}

}  // namespace

TEST(Checkpoint, GivesTheSameBitsFromLessMemory) {
  const auto list = layers(100, 12);
  const auto x = random({64, 12}, 200);
  const Outcome plain = run_of(list, x, [&](auto h) { return run(list, h, 0, 100); });
  const Outcome tens = run_of(list, x, [&](auto h) {
    for (std::size_t k = 0; k < 100; k += 10) h = checkpoint([&](const auto& in) { return run(list, in, k, k + 10); }, h);
    return h;
  });
  expect_same(plain, tens);
  EXPECT_LT(tens.peak, plain.peak / 4);
  const Outcome halved = run_of(list, x, [&](const auto& h) { return run_halved(list, h, 0, 100, 2); });
  expect_same(plain, halved);
  EXPECT_LT(halved.peak, plain.peak / 7);
}

TEST(Checkpoint, KeepsWhatItIsToldTo) {
  const auto list = layers(8, 12);
  const auto x = random({64, 12}, 200);
  const auto network = [&](const auto& in) {
    auto h = in;
    for (std::size_t k = 0; k < 8; ++k) {
      h = tanh(matmul(h, list[k]) + 0.1F);
      if (k == 3) h.named("middle");
    }
    return h;
  };
  const Outcome plain = run_of(list, x, network);
  std::vector<std::size_t> saved;
  for (const Keep keep : {Keep::nothing, Keep::named, Keep::products}) {
    const Outcome kept = run_of(list, x, [&](const auto& h) { return checkpoint({.keep = keep}, network, h); });
    expect_same(plain, kept);
    Tape tape;
    const auto y = checkpoint({.keep = keep}, network, tape.constant(x) * 1.0F);
    saved.push_back(tape.saved_bytes());
  }
  const std::size_t layer = 64 * 12 * sizeof(float);
  EXPECT_EQ(saved[1] - saved[0], layer);
  EXPECT_EQ(saved[2] - saved[0], 8 * layer);
}

TEST(Checkpoint, CallsTheFunctionOnceSoThatMasksAndAveragesAreTheSame) {
  const auto x = random({16, 4}, 1);
  const auto run_with = [&](bool with_checkpoint) {
    RandomEngine engine(7);
    nn::BatchNorm<float> norm(4);
    const nn::Dropout<float> dropout({.drop_probability = 0.5});
    int calls = 0;
    const auto part = [&](const Var<float>& in) {
      ++calls;
      return dropout(norm(tanh(in), {Mode::train, engine}), {Mode::train, engine});
    };
    Tape tape;
    const auto leaf = tape.variable(x);
    const auto y = with_checkpoint ? checkpoint(part, leaf) : part(leaf);
    const auto g = tape.backward(sum(y * y));
    EXPECT_EQ(calls, 1);
    return std::tuple(g[leaf], norm.running_mean().copy(), engine());
  };
  const auto [plain, plain_mean, plain_next] = run_with(false);
  const auto [again, again_mean, again_next] = run_with(true);
  expect_same_bits(plain, again);
  expect_same_bits(plain_mean, again_mean);
  EXPECT_EQ(plain_next, again_next);
}

TEST(Checkpoint, CanCaptureVarsParametersAndArrays) {
  Parameter<double> w("w", from_values<double>({2, 3}, {2}));
  Tape tape;
  const auto x = tape.variable(from_values<double>({1, 2}, {2})), captured = tape.variable(from_values<double>({3, 4}, {2}));
  const auto middle = exp(captured);
  const auto array = from_values<double>({5, 6}, {2});
  const auto f = [&](const auto& v) { return sum(tanh(v * w) * middle * array); };
  const auto want = tape.backward(f(x), {.keep_tape = true});
  const auto got = tape.backward(checkpoint(f, x));
  expect_same_bits(got[x], want[x]);
  expect_same_bits(got[w], want[w]);
  expect_same_bits(got[captured], want[captured]);
}

TEST(Checkpoint, WorksForSeveralArgumentsAndResultsThatStay) {
  Tape tape;
  const auto a = tape.variable(random({3}, 1)), b = tape.variable(random({3}, 2));
  Var<float> inside;
  const auto f = [&](const auto& p, const auto& q) {
    inside = exp(p) * q;
    return square(inside);
  };
  const auto y = checkpoint(f, a, b);
  const auto beside = sum(y) + sum(inside);  // what was made within is used outside, too
  const auto g = tape.backward(beside);
  const auto want = [&] {
    Tape plain;
    const auto pa = plain.variable(a.value()), pb = plain.variable(b.value());
    const auto in = exp(pa) * pb;
    const auto all = plain.backward(sum(square(in)) + sum(in));
    return std::pair(all[pa], all[pb]);
  }();
  expect_same_bits(g[a], want.first);
  expect_same_bits(g[b], want.second);
}

TEST(Checkpoint, IsDifferentiatedAgain) {
  const auto cube = [](const auto& v) { return sum(v * v * v * exp(v)); };
  const auto x0 = from_values<double>({0.5, 2}, {2});
  const auto checkpointed = [&](const auto& v) { return checkpoint(cube, v); };
  expect_same_bits(grad(checkpointed)(x0), grad(cube)(x0));
  const auto v = from_values<double>({1, -1}, {2});
  expect_same_bits(hvp(checkpointed, x0, v), hvp(cube, x0, v));
  expect_same_bits(jvp(checkpointed, x0, v), jvp(cube, x0, v));
  // and a transform within a checkpoint
  const auto slope = [&](const auto& u) { return sum(square(grad(cube)(u))); };
  expect_same_bits(grad([&](const auto& u) { return checkpoint(slope, u); })(x0), grad(slope)(x0));
  // nested
  const auto twice = [&](const auto& u) { return checkpoint([&](const auto& t) { return checkpoint(cube, t * t) * 2.0; }, u); };
  const auto plain = [&](const auto& u) { return cube(u * u) * 2.0; };
  expect_same_bits(grad(twice)(x0), grad(plain)(x0));
  expect_same_bits(hvp(twice, x0, v), hvp(plain, x0, v));
}

TEST(Checkpoint, CanBeWalkedMoreThanOnce) {
  Tape tape;
  const auto x = tape.variable(random({4}, 1));
  const auto y = sum(checkpoint([](const auto& v) { return exp(tanh(v) * v); }, x));
  const auto saved = tape.saved_bytes();
  const auto first = tape.backward(y, {.keep_tape = true});
  EXPECT_EQ(tape.saved_bytes(), saved) << "what was computed again is gone";
  const auto second = tape.backward(y);
  expect_same_bits(first[x], second[x]);
  EXPECT_THROW(static_cast<void>(tape.backward(y)), GraphError);
  EXPECT_EQ(tape.saved_bytes(), 0u) << "nothing is held any more";
}

TEST(Checkpoint, ThatIsReachedOnlyInPartStaysWhole) {
  Tape tape;
  const auto x = tape.variable(random({4}, 1));
  Var<float> other;
  const auto y = checkpoint(
      [&](const auto& v) {
        const auto shared = exp(v);
        other = tanh(shared) * shared;
        return sin(shared) * shared;
      },
      x);
  const auto by_other = tape.backward(sum(other), {.keep_tape = true})[x];
  const auto by_y = tape.backward(sum(y))[x];
  Tape plain;
  const auto p = plain.variable(x.value());
  const auto shared = exp(p);
  expect_same_bits(by_y, plain.backward(sum(sin(shared) * shared), {.keep_tape = true})[p]);
  expect_same_bits(by_other, plain.backward(sum(tanh(shared) * shared))[p]);
}

TEST(Checkpoint, HoldsTemporariesThatNobodyElseNames) {
  const auto list = layers(2, 5);
  const auto x = random({7, 5}, 9);
  const Outcome plain = run_of(list, x, [&](const auto& h) { return run(list, exp(h), 0, 2); });
  const Outcome held = run_of(list, x, [&](const auto& h) { return checkpoint([&](Var<float> in) { return run(list, std::move(in), 0, 2); }, exp(h)); });
  expect_same(plain, held);
}

TEST(Checkpoint, DoesNotWriteOverWhatItStartsFrom) {
  const auto f = [](Var<float> in) {
    in = std::move(in) + 1.0F;  // in place, if nobody else needed it
    in = tanh(std::move(in));
    return sum(std::move(in) * 3.0F);
  };
  const auto run_with = [&](auto part) {
    Tape tape;
    const auto x = tape.variable(random({5}, 4));
    auto start = x * 2.0F;
    return tape.backward(part(std::move(start)))[x];
  };
  const auto nested = [&](Var<float> in) { return checkpoint([&](Var<float> v) { return checkpoint(f, std::move(v)); }, std::move(in)); };
  const auto plain = run_with(f);
  expect_same_bits(plain, run_with([&](Var<float> in) { return checkpoint(f, std::move(in)); }));
  expect_same_bits(plain, run_with(nested));
}

TEST(Checkpoint, BalancesWhatItHoldsWhereGradientsAreTakenWithinNestedOnes) {
  const auto w = random({3, 3}, 5);
  const auto network = [&](auto around) {
    Tape tape;
    const auto x = tape.variable(random({3, 3}, 6));
    const auto inner = [&](const auto& u, const auto& a) { return tape.gradient(sum(tanh(matmul(u, a)) * u), u); };
    const auto outer = [&](const auto& v) {
      const auto a = exp(matmul(v, w) * 0.1F), b = sin(a);
      return around(inner, b, a) * 2.0F;
    };
    const auto y = sum(square(around(outer, x)));
    static_cast<void>(tape.backward(y, {.keep_tape = true}));
    return tape.backward(y)[x];
  };
  const auto plain = network([](const auto& f, const auto&... v) { return f(v...); });
  expect_same_bits(plain, network([](const auto& f, const auto&... v) { return checkpoint(f, v...); }));
}

TEST(Checkpoint, HoldsDirectionalDerivativesOfEveryKind) {
  const auto x0 = from_values<double>({1, 2, 3}, {3}), v = from_values<double>({1, -1, 2}, {3});
  const auto slope = [&](const auto& u) { return jvp([](const auto& t) { return prod(t) + logsumexp(t, 0) + sum(tanh(t)); }, u, v); };
  expect_same_bits(grad([&](const auto& u) { return checkpoint(slope, u); })(x0), grad(slope)(x0));
}

TEST(Checkpoint, ThatIsConsumedIsNotComputedAgain) {
  Parameter<float> w("w", random({3, 3}, 7));
  Tape tape;
  const auto x = tape.variable(random({3, 3}, 8));
  const auto part = [&](const auto& v) { return checkpoint([](const auto& u) { return tanh(u); }, matmul(v, w)); };
  const auto first = tape.backward(sum(checkpoint(part, exp(x))));
  const auto second = tape.backward(sum(checkpoint(part, exp(x))));
  expect_same_bits(first[x], second[x]);
  expect_same_bits(jvp([](const auto& v) { return sin(v); }, x, random({3, 3}, 9)).value(), jvp([](const auto& v) { return sin(v); }, x.value(), random({3, 3}, 9)));
}

TEST(Checkpoint, HoldsTheNumberThatAParameterWas) {
  Parameter<double> b("b", Array<double>(0.5));
  const auto run_with = [&](auto part) {
    b.assign(Array<double>(0.5));
    Tape tape;
    const auto x = tape.variable(from_values<double>({0.3}, {1}));
    const auto before = sum(x + b), y = sum(part(x));
    static_cast<void>(tape.backward(before));
    b.assign(Array<double>(-3.0));
    static_cast<void>(x + b);
    return tape.backward(y)[x];
  };
  const auto f = [&](const auto& v) { return tanh(v + b) * 1.0; };
  expect_same_bits(run_with(f), run_with([&](const auto& v) { return checkpoint(f, v); }));
}

TEST(Checkpoint, OfALiteralIsTheFunction) { EXPECT_EQ(checkpoint([](const auto& v) { return v * 2.0; }, Var<double>(3.0)).item(), 6); }

TEST(Checkpoint, LeavesTheTapeAsItWasWhenTheFunctionThrows) {
  Tape tape;
  const auto x = tape.variable(random({4}, 1));
  const auto before = tape.size();
  const auto saved = tape.saved_bytes();
  EXPECT_THROW(static_cast<void>(checkpoint(
                   [](const auto& v) -> Var<float> {
                     const auto y = checkpoint([](const auto& u) { return exp(u) * u; }, v);
                     throw std::runtime_error("mine");
                   },
                   x)),
               std::runtime_error);
  EXPECT_EQ(tape.size(), before);
  EXPECT_EQ(tape.saved_bytes(), saved);
  EXPECT_EQ(tape.backward(sum(x * 2.0F))[x](0), 2.0F);
}

TEST(Checkpoint, OfArraysOrOnAQuietTapeIsTheFunction) {
  const auto f = [](const auto& v) { return exp(v); };
  expect_same_bits(checkpoint(f, random({3}, 1)), exp(random({3}, 1)));
  Tape quiet{{.recording = Recording::off}};
  expect_same_bits(checkpoint(f, quiet.variable(random({3}, 1))).value(), exp(random({3}, 1)));
}

TEST(Checkpoint, GoesThroughNumbersCastsAndCardsOfManyKinds) {
  const auto f = [](const auto& v) {
    const auto wide = cast<double>(v);
    const auto number = sum(wide) * 0.5 + 1.0;
    return sum(cast<float>(softmax(wide * number, 0) * number)) * 2.0F;
  };
  const auto x = random({5}, 3);
  expect_same_bits(grad([&](const auto& v) { return checkpoint(f, v); })(x), grad(f)(x));
}

TEST(Checkpoint, IsForgottenByClear) {
  Tape tape;
  for (int step = 0; step < 3; ++step) {
    const auto x = tape.variable(random({4}, 1));
    const auto g = tape.backward(sum(checkpoint([](const auto& v) { return exp(v) * v; }, x)));
    EXPECT_GT(g[x].size(), 0u);
    tape.clear();
  }
  EXPECT_EQ(tape.saved_bytes(), 0u);
}

}  // namespace wengert::test
