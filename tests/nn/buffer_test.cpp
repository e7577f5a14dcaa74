// Buffers: handles as parameters are, never learned.
#include <wengert/nn/buffer.hpp>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

#include "support/refusal.hpp"

namespace {

namespace wg = wengert;
using wg::nn::Buffer;
using wg::test::mentions;
using wg::test::refusal;

TEST(Buffer, IsSharedByItsCopiesAndNotByItsClones) {
  const Buffer<double> buffer("running_mean", wg::zeros<double>({2}));
  const Buffer<double> copy = buffer, clone = buffer.clone();
  copy.assign(wg::from_values<double>({1, 2}, {2}));
  EXPECT_EQ(buffer.value()(1), 2);
  EXPECT_EQ(clone.value()(1), 0);
  EXPECT_TRUE(copy == buffer);
  EXPECT_FALSE(clone == buffer);
  EXPECT_EQ(clone.name(), "running_mean");
}

TEST(Buffer, LeavesArraysAloneThatWereReadFromIt) {
  const Buffer<float> buffer("b", wg::ones<float>({3}));
  const auto before = buffer.value();
  buffer.assign(wg::zeros<float>({3}));
  EXPECT_EQ(before(0), 1.F);
}

TEST(Buffer, RefusesAnotherShapeAndKeepsItsValue) {
  const Buffer<double> buffer("0.running_mean", wg::ones<double>({2}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { buffer.assign(wg::zeros<double>({3})); }), {"0.running_mean", "(3,)", "(2,)"}));
  EXPECT_TRUE(mentions(refusal<wg::ShapeError>([&] { buffer.assign({}); }), {"nothing", "(2,)"}));
  EXPECT_EQ(buffer.value()(1), 1);
  EXPECT_TRUE(mentions(refusal<wg::ValueError>([] { Buffer<double>("empty", {}); }), {"buffer", "empty"}));
}

}  // namespace
