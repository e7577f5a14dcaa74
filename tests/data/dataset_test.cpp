// Data sets, splits and batches: every row once, the right label beside it, the same order for the same seed.
#include <wengert/data/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

namespace {

namespace wg = wengert;
using wg::data::batches;
using wg::data::Dataset;
using wg::data::split;

/// Sample i is {i, -i} and its label 10 i, so that each row tells whether it stayed together.
Dataset<float> numbered(std::size_t count) {
  return {wg::Array<float>::build({count, 2},
                                  [](std::span<float> out) {
                                    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (i % 2 == 0 ? 1.f : -1.f) * static_cast<float>(i / 2);
                                  }),
          wg::Array<std::int64_t>::build({count}, [](std::span<std::int64_t> out) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = 10 * static_cast<std::int64_t>(i);
          })};
}

/// The numbers of the rows, each checked to be whole.
std::vector<int> rows_of(const Dataset<float>& part) {
  std::vector<int> rows;
  for (std::size_t i = 0; i < part.size(); ++i) {
    rows.push_back(static_cast<int>(part.x(i, 0)));
    EXPECT_EQ(part.x(i, 1), -part.x(i, 0));
    EXPECT_EQ(part.y(i), 10 * rows.back());
  }
  return rows;
}

void append(std::vector<int>& all, const std::vector<int>& more) { all.insert(all.end(), more.begin(), more.end()); }

std::vector<int> sorted(std::vector<int> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<int> up_to(int count) {
  std::vector<int> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

template <class Range>
std::vector<int> all_rows(const Range& range) {
  std::vector<int> rows;
  for (const auto& batch : range) append(rows, rows_of(batch));
  return rows;
}

TEST(Dataset, NeedsARowOfEachForEverySample) {
  EXPECT_THROW(Dataset<float>(wg::zeros<float>({3, 2}), wg::zeros<std::int64_t>({4})), wg::ShapeError);
  EXPECT_THROW(Dataset<float>(wg::Array<float>(1.f), wg::zeros<std::int64_t>({1})), wg::ShapeError);
  EXPECT_THROW(Dataset<float>(wg::zeros<float>({1}), wg::Array<std::int64_t>(std::int64_t{1})), wg::ShapeError);
  EXPECT_THROW(Dataset<float>(wg::Array<float>(), wg::Array<std::int64_t>()), wg::ShapeError);
  EXPECT_EQ(Dataset<float>().size(), 0u);
  EXPECT_EQ(Dataset<float>(wg::zeros<float>({0, 7}), wg::zeros<std::int64_t>({0})).size(), 0u);
}

TEST(Dataset, TargetsMayBeNumbersToo) {
  const Dataset<double, double> regression{wg::zeros<double>({3, 2}), wg::ones<double>({3, 4})};
  EXPECT_EQ(regression.subset({2, 0}).y.shape(), (wg::Shape{2, 4}));
  const Dataset deduced(wg::zeros<float>({3}), wg::ones<float>({3}));
  static_assert(std::is_same_v<decltype(deduced), const Dataset<float, float>>);
}

TEST(Dataset, SubsetAndSliceKeepRowsTogether) {
  const auto all = numbered(6);
  EXPECT_EQ(rows_of(all.subset({5, 0, 0, 3})), (std::vector<int>{5, 0, 0, 3}));
  EXPECT_EQ(rows_of(all.slice(2, 5)), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(all.slice(6, 6).size(), 0u);
  EXPECT_EQ(all.subset({}).x.shape(), (wg::Shape{0, 2}));
  EXPECT_EQ(Dataset<float>().slice(0, 0).size(), 0u);
  EXPECT_THROW((void)all.subset({6}), wg::ShapeError);
  EXPECT_THROW((void)all.slice(3, 2), wg::ShapeError);
  EXPECT_THROW((void)all.slice(3, 7), wg::ShapeError);
}

TEST(Dataset, SubsetCopesWithManyAxesAndEmptyRows) {
  const Dataset<float> images{wg::arange<float>(24).reshaped({2, 3, 1, 4}), wg::arange<std::int64_t>(2)};
  EXPECT_EQ(images.subset({1}).x.shape(), (wg::Shape{1, 3, 1, 4}));
  EXPECT_EQ(images.subset({1}).x(0, 0, 0, 0), 12.f);
  const Dataset<float> hollow{wg::zeros<float>({3, 0}), wg::arange<std::int64_t>(3)};
  EXPECT_EQ(hollow.subset({2, 1}).y(0), 2);
}

TEST(Split, SharesOutEveryRowOnce) {
  const auto all = numbered(103);
  wg::RandomEngine engine(4);
  auto [first, second] = split(all, {.first = 0.8}, engine);
  EXPECT_EQ(first.size(), 82u);  // 82.4
  EXPECT_EQ(second.size(), 21u);
  auto rows = rows_of(first);
  EXPECT_NE(rows, sorted(rows));
  append(rows, rows_of(second));
  EXPECT_EQ(sorted(rows), up_to(103));
}

TEST(Split, IsTheSameForTheSameSeed) {
  const auto all = numbered(50);
  wg::RandomEngine a(4), b(4), c(5);
  const auto rows = rows_of(split(all, {.first = 0.5}, a).first);
  EXPECT_EQ(rows, rows_of(split(all, {.first = 0.5}, b).first));
  EXPECT_NE(rows, rows_of(split(all, {.first = 0.5}, c).first));
  EXPECT_NE(rows, rows_of(split(all, {.first = 0.5}, a).first));  // the engine has moved on
}

TEST(Split, LeavesNeitherPartEmpty) {
  wg::RandomEngine engine(1);
  EXPECT_EQ(split(numbered(10), {.first = 0.999}, engine).second.size(), 1u);
  EXPECT_EQ(split(numbered(10), {.first = 1e-9}, engine).first.size(), 1u);
  EXPECT_EQ(split(numbered(2), {.first = 0.9}, engine).first.size(), 1u);
  EXPECT_THROW((void)split(numbered(1), {.first = 0.5}, engine), wg::ValueError);
  EXPECT_THROW((void)split(Dataset<float>(), {.first = 0.5}, engine), wg::ValueError);
}

TEST(Split, RefusesAShareThatIsNone) {
  wg::RandomEngine engine(1);
  for (const double share : {0.0, 1.0, -0.1, 1.1, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_THROW((void)split(numbered(10), {.first = share}, engine), wg::ValueError) << share;
}

TEST(Batches, ComeInOrderWithAShortLastOne) {
  const auto all = numbered(10);
  std::vector<std::size_t> sizes;
  for (const auto& batch : batches(all, {.size = 4})) sizes.push_back(batch.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2}));
  EXPECT_EQ(batches(all, {.size = 4}).size(), 3u);
  EXPECT_EQ(all_rows(batches(all, {.size = 4})), up_to(10));
  EXPECT_EQ(all_rows(batches(all, {.size = 5})), up_to(10));
  EXPECT_EQ(all_rows(batches(all, {.size = 1})), up_to(10));
  EXPECT_EQ(all_rows(batches(all, {.size = 1000})), up_to(10));
  EXPECT_EQ(all_rows(batches(all, {.size = std::numeric_limits<std::size_t>::max()})), up_to(10));
  EXPECT_EQ(batches(all, {.size = std::numeric_limits<std::size_t>::max()}).size(), 1u);
}

TEST(Batches, OfNothingAreNone) {
  wg::RandomEngine engine(1);
  EXPECT_TRUE(all_rows(batches(numbered(0), {.size = 4})).empty());
  EXPECT_TRUE(all_rows(batches(Dataset<float>(), {.size = 4, .shuffle = true}, engine)).empty());
  EXPECT_EQ(batches(numbered(0), {.size = 4}).size(), 0u);
}

TEST(Batches, ShuffleAnewEachTime) {
  const auto all = numbered(100);
  wg::RandomEngine engine(3);
  const auto shuffled = batches(all, {.size = 7, .shuffle = true}, engine);
  const auto first = all_rows(shuffled), second = all_rows(shuffled);
  EXPECT_EQ(sorted(first), up_to(100));
  EXPECT_EQ(sorted(second), up_to(100));
  EXPECT_NE(first, up_to(100));
  EXPECT_NE(first, second);
}

TEST(Batches, AreReproducibleFromTheSeed) {
  const auto all = numbered(100);
  wg::RandomEngine a(3), b(3);
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_EQ(all_rows(batches(all, {.size = 7, .shuffle = true}, a)), all_rows(batches(all, {.size = 32, .shuffle = true}, b)));
  EXPECT_EQ(a, b);
}

TEST(Batches, DrawTheirWholeOrderAtTheBeginning) {
  const auto all = numbered(100);
  wg::RandomEngine a(3), b(3);
  std::vector<int> disturbed;
  for (const auto& batch : batches(all, {.size = 7, .shuffle = true}, a)) {
    append(disturbed, rows_of(batch));
    (void)a();  // as a dropout layer does
  }
  EXPECT_EQ(disturbed, all_rows(batches(all, {.size = 7, .shuffle = true}, b)));
}

TEST(Batches, WithoutShufflingDrawNothing) {
  const auto all = numbered(10);
  wg::RandomEngine engine(3);
  EXPECT_EQ(all_rows(batches(all, {.size = 4}, engine)), up_to(10));
  EXPECT_EQ(engine, wg::RandomEngine(3));
}

TEST(Batches, OneThatIsKeptStaysAsItWas) {
  const auto all = numbered(10);
  std::vector<Dataset<float>> kept;
  for (const auto& batch : batches(all, {.size = 3})) kept.push_back(batch);
  EXPECT_EQ(rows_of(kept[0]), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(rows_of(kept[3]), (std::vector<int>{9}));
}

TEST(Batches, OutliveTheDataSetTheyWereMadeOf) {
  const auto range = batches(numbered(10), {.size = 3});
  EXPECT_EQ(all_rows(range), up_to(10));
}

TEST(Batches, RefuseSizeZeroAndShufflingWithoutAnEngine) {
  wg::RandomEngine engine(1);
  EXPECT_THROW((void)batches(numbered(3), {.size = 0}), wg::ValueError);
  EXPECT_THROW((void)batches(numbered(3), {.size = 0, .shuffle = true}, engine), wg::ValueError);
  EXPECT_THROW((void)batches(numbered(3), {.size = 1, .shuffle = true}), wg::ValueError);
}

TEST(Batches, TakeNoFreshMemoryOnceWarm) {
  const auto all = numbered(1000);
  wg::RandomEngine engine(1);
  const auto epoch = [&] { (void)all_rows(batches(all, {.size = 128, .shuffle = true}, engine)); };
  epoch();
  const auto warm = wg::memory_use();
  for (int i = 0; i < 5; ++i) epoch();
  const auto later = wg::memory_use();
  EXPECT_EQ(warm.live, later.live);
  EXPECT_EQ(warm.cached, later.cached);
}

TEST(BatchesThreads, LargeRowsAreGatheredByAllThreadsAlike) {
  const auto x = wg::arange<float>(64 * 16384).reshaped({64, 16384});
  const Dataset<float> all{x, wg::arange<std::int64_t>(64)};
  wg::RandomEngine a(2), b(2);
  const auto before = wg::threads();
  wg::set_threads(4);
  std::vector<float> many;
  for (const auto& batch : batches(all, {.size = 60, .shuffle = true}, a)) many.insert(many.end(), batch.x.begin(), batch.x.end());
  wg::set_threads(1);
  std::vector<float> one;
  for (const auto& batch : batches(all, {.size = 60, .shuffle = true}, b)) one.insert(one.end(), batch.x.begin(), batch.x.end());
  wg::set_threads(before);
  EXPECT_EQ(many, one);
}

}  // namespace
