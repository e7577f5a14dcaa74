// Shapes: what they hold, what they refuse, and arithmetic that never wraps around.
#include <wengert/array/shape.hpp>

#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/base/errors.hpp>

namespace {

namespace wg = wengert;
using wg::Axes;
using wg::Shape;

template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const wg::ShapeError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Shape of_ones(std::size_t rank) {
  Shape shape;
  for (std::size_t i = 0; i < rank; ++i) shape.push_back(1);
  return shape;
}

TEST(Shape, HoldsExtentsOfAnyIntegerType) {
  const int n = 2;
  const std::size_t m = 3;
  const std::int64_t k = 4;
  const Shape shape{n, m, k, 5u};
  EXPECT_EQ(shape.rank(), 4u);
  EXPECT_EQ(shape[0], 2u);
  EXPECT_EQ(shape.back(), 5u);
  EXPECT_EQ(std::vector<std::size_t>(shape.begin(), shape.end()), (std::vector<std::size_t>{2, 3, 4, 5}));
}

TEST(Shape, IsMadeOfAnyRangeOfExtents) {
  const std::vector<long> extents{7, 8};
  EXPECT_EQ(Shape(extents.begin(), extents.end()), (Shape{7, 8}));
  const std::size_t array[] = {1, 2, 3};
  EXPECT_EQ(Shape(array, array + 3), (Shape{1, 2, 3}));
  EXPECT_EQ(Shape(array, array), Shape{});
}

TEST(Shape, ComparesByRankAndExtents) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2, 3}), (Shape{2, 3, 1}));
  EXPECT_NE(Shape{}, Shape{1});
  Shape shrunk{2, 3};
  shrunk.erase(1);
  EXPECT_EQ(shrunk, Shape{2});  // what stood behind the last axis is forgotten
}

TEST(Shape, CopiesAreIndependent) {
  Shape a{2, 3};
  Shape b = a;
  b[0] = 9;
  EXPECT_EQ(a, (Shape{2, 3}));
  b = a;
  const Shape& self = b;
  b = self;
  EXPECT_EQ(b, a);
}

TEST(Shape, AxesMayBeInsertedAndErasedAnywhere) {
  Shape shape{2, 3};
  shape.insert(0, 1);
  EXPECT_EQ(shape, (Shape{1, 2, 3}));
  shape.insert(3, 4);
  EXPECT_EQ(shape, (Shape{1, 2, 3, 4}));
  shape.insert(2, 9);
  EXPECT_EQ(shape, (Shape{1, 2, 9, 3, 4}));
  shape.erase(2);
  shape.erase(3);
  shape.erase(0);
  EXPECT_EQ(shape, (Shape{2, 3}));
}

TEST(Shape, HasAtMostSixteenAxes) {
  Shape shape = of_ones(16);
  EXPECT_EQ(shape.rank(), 16u);
  EXPECT_EQ(shape.elements(), 1u);
  EXPECT_TRUE(mentions(refusal([&] { shape.push_back(1); }), "17"));
  EXPECT_TRUE(mentions(refusal([&] { shape.insert(0, 1); }), "17"));
  EXPECT_EQ(shape.rank(), 16u);
  EXPECT_TRUE(mentions(refusal([] { (void)Shape{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; }), "at most 16"));
  const std::vector<int> many(40, 1);
  EXPECT_TRUE(mentions(refusal([&] { (void)Shape(many.begin(), many.end()); }), "too many axes"));
}

TEST(Shape, RefusesNegativeExtents) {
  EXPECT_TRUE(mentions(refusal([] { (void)Shape{2, -3}; }), "-3"));
  const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(mentions(refusal([&] { (void)Shape{lowest}; }), "negative"));
}

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape{}.elements(), 1u);
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24u);
  EXPECT_EQ((Shape{2, 0, 4}).elements(), 0u);
  EXPECT_EQ((Shape{std::size_t{1} << 40, 1 << 10}).elements(), std::size_t{1} << 50);
}

TEST(Shape, RefusesMoreElementsThanCanBeAddressed) {
  const std::size_t half = std::size_t{1} << 62;
  EXPECT_TRUE(mentions(refusal([&] { (void)Shape{half, 8}.elements(); }), "(4611686018427387904, 8)"));
  EXPECT_THROW((void)Shape{half}.elements(), wg::ShapeError);
  EXPECT_THROW((void)(Shape{std::size_t{1} << 32, std::size_t{1} << 32}.elements()), wg::ShapeError);
  EXPECT_THROW((void)Shape{SIZE_MAX}.elements(), wg::ShapeError);
  EXPECT_THROW((void)(Shape{SIZE_MAX, SIZE_MAX}.elements()), wg::ShapeError);
  EXPECT_THROW((void)(Shape{half, 8, 0}.elements()), wg::ShapeError);
  EXPECT_THROW((void)(Shape{0, half, 8}.elements()), wg::ShapeError);
}

TEST(Shape, IsWrittenAsTheFieldDoes) {
  EXPECT_EQ(wg::to_string(Shape{}), "()");
  EXPECT_EQ(wg::to_string(Shape{4}), "(4,)");
  EXPECT_EQ(wg::to_string(Shape{2, 3}), "(2, 3)");
  std::ostringstream out;
  out << Shape{2, 0, 3};
  EXPECT_EQ(out.str(), "(2, 0, 3)");
}

TEST(Axes, HoldSignedNumbers) {
  const std::size_t n = 4;
  const Axes axes{n, -1};
  EXPECT_EQ(axes.size(), 2u);
  EXPECT_EQ(axes[1], -1);
  EXPECT_EQ(axes.text(), "(4, -1)");
  EXPECT_EQ(Axes{}.text(), "()");
  EXPECT_TRUE(Axes{}.empty());
  EXPECT_EQ(Axes(Shape{2, 3})[1], 3);
  Axes full = Axes(of_ones(16));
  EXPECT_THROW(full.push_back(0), wg::ShapeError);
  EXPECT_THROW((void)(Axes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), wg::ShapeError);
}

// ---- broadcasting ----

TEST(Broadcast, StretchesOnesAndMissingAxes) {
  const auto both = [](const Shape& a, const Shape& b, const Shape& out) {
    EXPECT_EQ(wg::broadcast_shape("add", a, b), out);
    EXPECT_EQ(wg::broadcast_shape("add", b, a), out);
    EXPECT_TRUE(wg::broadcasts_to(a, out));
    EXPECT_TRUE(wg::broadcasts_to(b, out));
  };
  both({2, 3}, {2, 3}, {2, 3});
  both({2, 3}, {3}, {2, 3});
  both({2, 3}, {}, {2, 3});
  both({2, 1}, {1, 3}, {2, 3});
  both({2, 1, 4}, {5, 1, 3, 1}, {5, 2, 3, 4});
  both({0, 3}, {1, 3}, {0, 3});
  both({0}, {}, {0});
  both({4, 0}, {1}, {4, 0});
  both(of_ones(16), {7}, [] {
    Shape shape = of_ones(15);
    shape.push_back(7);
    return shape;
  }());
}

TEST(Broadcast, RefusesWhatDoesNotFit) {
  const auto message = refusal([] { (void)wg::broadcast_shape("add", {2, 3}, {4}); });
  EXPECT_EQ(message.rfind("add: ", 0), 0u);
  EXPECT_TRUE(mentions(message, "(2, 3) and (4,)")) << message;
  EXPECT_THROW((void)wg::broadcast_shape("add", {2, 3}, {2}), wg::ShapeError);
  EXPECT_THROW((void)wg::broadcast_shape("add", {0}, {2}), wg::ShapeError);
}

TEST(Broadcast, GoesOneWayOnly) {
  EXPECT_FALSE(wg::broadcasts_to({2, 3}, {3}));
  EXPECT_FALSE(wg::broadcasts_to({3}, {1}));
  EXPECT_FALSE(wg::broadcasts_to({1, 1}, {1}));
  EXPECT_FALSE(wg::broadcasts_to({2}, {0}));
  EXPECT_TRUE(wg::broadcasts_to({1}, {0}));
  EXPECT_TRUE(wg::broadcasts_to({}, {}));
}

// ---- axes ----

TEST(NormalAxis, CountsFromBothEnds) {
  EXPECT_EQ(wg::normal_axis("sum", 0, {2, 3}), 0u);
  EXPECT_EQ(wg::normal_axis("sum", 1, {2, 3}), 1u);
  EXPECT_EQ(wg::normal_axis("sum", -1, {2, 3}), 1u);
  EXPECT_EQ(wg::normal_axis("sum", -2, {2, 3}), 0u);
}

TEST(NormalAxis, RefusesWhatIsNoAxis) {
  const auto message = refusal([] { (void)wg::normal_axis("sum", 7, {2, 3}); });
  EXPECT_EQ(message.rfind("sum: ", 0), 0u);
  EXPECT_TRUE(mentions(message, "7 of shape (2, 3)") && mentions(message, "-2 to 1")) << message;
  EXPECT_THROW((void)wg::normal_axis("sum", 2, {2, 3}), wg::ShapeError);
  EXPECT_THROW((void)wg::normal_axis("sum", -3, {2, 3}), wg::ShapeError);
  EXPECT_THROW((void)wg::normal_axis("sum", std::numeric_limits<std::int64_t>::min(), {2, 3}), wg::ShapeError);
  EXPECT_TRUE(mentions(refusal([] { (void)wg::normal_axis("sum", 0, {}); }), "a number has no axes"));
}

TEST(NormalAxes, AreAscendingAndUnique) {
  const auto listed = [](const Axes& axes, const Shape& shape) {
    const Axes normal = wg::normal_axes("sum", axes, shape);
    return std::vector<std::int64_t>(normal.begin(), normal.end());
  };
  using List = std::vector<std::int64_t>;
  EXPECT_EQ(listed({-1, 0}, {2, 3, 4}), (List{0, 2}));
  EXPECT_EQ(listed({}, {2, 3, 4}), (List{0, 1, 2}));
  EXPECT_EQ(listed({}, {}), List{});
  EXPECT_TRUE(mentions(refusal([] { (void)wg::normal_axes("sum", {1, -1}, {2, 3}); }), "twice"));
  EXPECT_THROW((void)wg::normal_axes("sum", {0, 5}, {2, 3}), wg::ShapeError);
}

TEST(CheckedProduct, NeverWrapsAround) {
  EXPECT_EQ(wg::checked_product("matmul", 6, 7), 42u);
  EXPECT_EQ(wg::checked_product("matmul", 0, SIZE_MAX), 0u);
  EXPECT_EQ(wg::checked_product("matmul", SIZE_MAX, 0), 0u);
  EXPECT_TRUE(mentions(refusal([] { (void)wg::checked_product("matmul", std::size_t{1} << 62, 8); }), "matmul: "));
  EXPECT_THROW((void)wg::checked_product("matmul", SIZE_MAX, SIZE_MAX), wg::ShapeError);
}

}  // namespace
