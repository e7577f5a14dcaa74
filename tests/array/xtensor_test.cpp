// Arrays out of xtensor expressions and back; and xtensor itself, where C++20 breaks it.
#include <wengert/array/xtensor.hpp>

#include <cstdint>
#include <type_traits>

#include <xtensor/xfixed.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>

namespace {

namespace wg = wengert;
using wg::Array;
using wg::Shape;

// ---- the trap: an evaluated reducer of an xarray ----

TEST(Xtensor, EvaluatedReducersOfAnXarrayAreXarrays) {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}};
  static_assert(std::is_same_v<std::decay_t<decltype(xt::eval(xt::sum(a, {0})))>, xt::xarray<double>>);
  static_assert(std::is_same_v<xt::temporary_type_t<decltype(xt::sum(a, {0}))>, xt::xarray<double>>);
  auto sums = xt::eval(xt::sum(a, {0}));
  EXPECT_EQ(sums.dimension(), 1u);
  EXPECT_EQ(sums(2), 9.0);
  auto deviations = xt::eval(a - xt::mean(a, {0}));
  EXPECT_EQ(deviations(1, 2), 1.5);
  const auto chained = xt::eval(xt::amax(xt::eval(xt::sum(a, {1}))));
  EXPECT_EQ(chained(), 15.0);
}

// ---- in ----

TEST(Xtensor, ContainersBecomeArrays) {
  const xt::xarray<double> dynamic = {{1, 2, 3}, {4, 5, 6}};
  const Array<double> a = dynamic;
  EXPECT_EQ(a.shape(), (Shape{2, 3}));
  EXPECT_EQ(a(1, 2), 6.0);
  const xt::xtensor<float, 1> fixed_rank = {1, 2, 3};
  EXPECT_EQ(Array<float>(fixed_rank)(2), 3.f);
  const xt::xtensor_fixed<float, xt::xshape<2, 2>> fixed = {{1, 2}, {3, 4}};
  EXPECT_EQ(Array<float>(fixed)(1, 0), 3.f);
  const xt::xarray<bool> mask = {true, false};
  EXPECT_FALSE(Array<bool>(mask)(1));
  const xt::xarray<std::int64_t> labels = {7, 8};
  EXPECT_EQ(Array<std::int64_t>(labels)(1), 8);
}

TEST(Xtensor, LaterChangesOfTheSourceAreNotSeen) {
  xt::xarray<double> source = {1, 2};
  const Array<double> a = source, doubled = source * 2.0;
  source.fill(9);
  EXPECT_EQ(a(1), 2.0);
  EXPECT_EQ(doubled(1), 4.0);
}

TEST(Xtensor, ExpressionsAreEvaluated) {
  const xt::xarray<double> m = {{1, 2, 3}, {4, 5, 6}};
  const xt::xarray<double> row = {10, 20, 30};
  EXPECT_EQ(Array<double>(m * 2.0 + row)(1, 2), 42.0);
  EXPECT_EQ(Array<double>(xt::exp(m) / xt::exp(m))(0, 1), 1.0);
  EXPECT_EQ(Array<bool>(m > 3.0)(1, 0), true);
  const Array<double> view = xt::view(m, xt::all(), xt::range(1, 3));
  EXPECT_EQ(view.shape(), (Shape{2, 2}));
  EXPECT_EQ(view(1, 0), 5.0);
  const Array<double> transposed = xt::transpose(m);
  EXPECT_EQ(transposed.shape(), (Shape{3, 2}));
  EXPECT_EQ(transposed(2, 0), 3.0);
  EXPECT_EQ(Array<double>(xt::broadcast(row, {2, 3}))(1, 1), 20.0);
  EXPECT_EQ(Array<double>(xt::ones<double>({2, 2}))(1, 1), 1.0);
  EXPECT_EQ(Array<double>(xt::arange<double>(5))(4), 4.0);
}

TEST(Xtensor, ReducersAreEvaluated) {
  const xt::xarray<double> m = {{1, 2, 3}, {4, 5, 6}};
  const Array<double> columns = xt::sum(m, {0}), rows = xt::sum(m, {1}), all = xt::sum(m);
  EXPECT_EQ(columns.shape(), Shape{3});
  EXPECT_EQ(columns(2), 9.0);
  EXPECT_EQ(rows(1), 15.0);
  EXPECT_EQ(all.shape(), Shape{});
  EXPECT_EQ(all.item(), 21.0);
  const Array<double> centred = m - xt::mean(m, {0});
  EXPECT_EQ(centred(0, 0), -1.5);
  const Array<double> nested = xt::sum(xt::sum(m, {0}) * 2.0);
  EXPECT_EQ(nested.item(), 42.0);
}

TEST(Xtensor, OneRandomExpressionIsDrawnOnce) {
  const Array<float> a = xt::random::randn<float>({3, 4});
  const Array<float> again = a;
  EXPECT_EQ(a(2, 3), again(2, 3));
  EXPECT_EQ(a.shape(), (Shape{3, 4}));
}

TEST(Xtensor, AnyLayoutBecomesRowMajor) {
  const xt::xarray<double, xt::layout_type::column_major> columns = {{1, 2, 3}, {4, 5, 6}};
  const Array<double> a = columns;
  EXPECT_EQ(a(0, 1), 2.0);
  EXPECT_EQ(a.data()[1], 2.0);
  EXPECT_EQ(Array<double>(columns + columns).data()[1], 4.0);
}

TEST(Xtensor, NumbersAreConvertedWhereAskedFor) {
  const xt::xarray<int> whole = {1, 2, 3};
  EXPECT_EQ(Array<float>(whole)(2), 3.f);
  const xt::xarray<double> d = {0.1, 0.2};
  EXPECT_EQ(Array<float>(d)(0), 0.1f);
}

TEST(Xtensor, EmptyAndDeepShapesPass) {
  const xt::xarray<double> empty = xt::zeros<double>({0, 5});
  EXPECT_EQ(Array<double>(empty).shape(), (Shape{0, 5}));
  xt::xarray<double> deep = xt::zeros<double>(std::vector<std::size_t>(16, 1));
  EXPECT_EQ(Array<double>(deep).rank(), 16u);
  deep.reshape(std::vector<std::size_t>(17, 1));
  EXPECT_THROW((void)Array<double>(deep), wg::ShapeError);
  const xt::xarray<double> number = 3.0;
  EXPECT_EQ(Array<double>(number).item(), 3.0);
}

// ---- out ----

TEST(Xtensor, AnArrayIsAnExpression) {
  const auto a = wg::from_values<double>({1, 2, 3, 4}, {2, 2});
  auto e = a.xt();
  EXPECT_EQ(e(1, 0), 3.0);
  EXPECT_EQ(e.dimension(), 2u);
  EXPECT_EQ(xt::eval(xt::sum(e))(), 10.0);
  EXPECT_EQ(xt::eval(xt::sum(e, {0}))(1), 6.0);
  const Array<double> back = e * e;
  EXPECT_EQ(back(1, 1), 16.0);
  EXPECT_EQ(&e(0, 0), a.data());  // nothing was copied
  static_assert(std::is_const_v<std::remove_reference_t<decltype(e(0, 0))>>);
}

TEST(Xtensor, AnExpressionOutlivesItsArray) {
  const auto live = wg::memory_use().live;
  {
    const auto e = [] { return wg::from_values<float>({1, 2, 3}, {3}).xt(); }();
    EXPECT_EQ(e(2), 3.f);
    const auto copy = e;
    EXPECT_EQ(copy(1), 2.f);
    const auto lazy = [] { return wg::arange<float>(1000).xt() + 1.f; }();  // xtensor takes what is temporary into itself
    const auto noise = wg::full<float>({1000}, -1);
    EXPECT_EQ(lazy(999), 1000.f);
    const auto number = [] { return Array<double>(2.5).xt(); }();
    EXPECT_EQ(number(), 2.5);
    EXPECT_EQ(number.dimension(), 0u);
    const auto moved = [](auto expression) { return expression; }(Array<double>(4.5).xt());
    EXPECT_EQ(moved(), 4.5);
    const auto view = [] { return wg::arange<float>(6).reshaped({2, 3}).xt(); }();
    EXPECT_EQ(view(1, 2), 5.f);
  }
  EXPECT_EQ(wg::memory_use().live, live);
}

TEST(Xtensor, AnArrayMayBeComputedFromItself) {
  Array<double> a = wg::arange<double>(4);
  a = a.xt() + xt::flip(a.xt(), 0);
  EXPECT_EQ(a(0), 3.0);
  EXPECT_EQ(a(3), 3.0);
}

TEST(Xtensor, EmptyArraysAndMasksGoOut) {
  EXPECT_EQ(wg::zeros<float>({0, 3}).xt().size(), 0u);
  EXPECT_TRUE(wg::ones<bool>({2}).xt()(1));
}

}  // namespace
