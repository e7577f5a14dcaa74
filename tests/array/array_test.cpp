// Array as a value: sharing, copying, views, numbers, and access that never leaves the elements.
#include <wengert/array/array.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>

namespace {

namespace wg = wengert;
using wg::Array;
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

template <class T>
std::vector<T> listed(const Array<T>& array) {
  return {array.begin(), array.end()};
}

template <class T>
class ArrayOf : public testing::Test {};
using Elements = testing::Types<float, double, std::int64_t, bool>;
TYPED_TEST_SUITE(ArrayOf, Elements);

TYPED_TEST(ArrayOf, EveryElementTypeIsBuiltSharedAndRead) {
  using T = TypeParam;
  const auto a = Array<T>::build({2, 3}, [](std::span<T> out) {
    EXPECT_EQ(out.size(), 6u);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(i % 2);
  });
  EXPECT_EQ(a(0, 1), static_cast<T>(1));
  EXPECT_EQ(a(1, 0), static_cast<T>(1));
  EXPECT_EQ(a.values().size(), 6u);
  const Array<T> same = a, deep = a.copy();
  EXPECT_EQ(same.data(), a.data());
  EXPECT_NE(deep.data(), a.data());
  EXPECT_TRUE(std::equal(a.begin(), a.end(), deep.begin()));
  EXPECT_EQ(Array<T>(static_cast<T>(1)).item(), static_cast<T>(1));
  EXPECT_EQ(wg::ones<T>({2})(1), static_cast<T>(1));
  EXPECT_EQ(wg::zeros<T>({2})(1), T{});
}

static_assert(sizeof(Array<float>) == 16);
static_assert(std::is_nothrow_move_constructible_v<Array<float>> && std::is_nothrow_copy_constructible_v<Array<float>>);
static_assert(!std::is_constructible_v<Array<float>, Array<double>>, "the bridge between number types is cast");

TEST(Array, IsAlignedForTheWidestRegisters) {
  for (std::size_t n = 1; n < 100; n += 7) EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wg::zeros<float>({n}).data()) % 64, 0u);
}

TEST(Array, MakersFillAsTheySay) {
  EXPECT_EQ(listed(wg::full<float>({2, 2}, 7)), std::vector<float>(4, 7.f));
  EXPECT_EQ(listed(wg::arange<double>(4)), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(wg::arange<std::int64_t>(0).shape(), Shape{0});
  EXPECT_EQ(listed(wg::from_values<double>({1, 2, 3, 4}, {2, 2})), (std::vector<double>{1, 2, 3, 4}));
  const std::vector<float> given{5, 6};
  EXPECT_EQ(listed(wg::from_values<float>(given, {1, 2})), given);
  EXPECT_EQ(wg::from_values<float>({}, {0, 3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(wg::from_values<float>({2}, {}).item(), 2.f);
  const auto message = refusal([] { (void)wg::from_values<double>({1, 2, 3}, {2, 2}); });
  EXPECT_TRUE(mentions(message, "from_values: ") && mentions(message, "3 values") && mentions(message, "4 are needed")) << message;
}

TEST(Array, ANumberIsAnArrayWithoutAxes) {
  const Array<double> a = 2.5;
  EXPECT_EQ(a.shape(), Shape{});
  EXPECT_EQ(a.rank(), 0u);
  EXPECT_EQ(a.size(), 1u);
  EXPECT_EQ(a.item(), 2.5);
  EXPECT_EQ(a(), 2.5);
  EXPECT_EQ(*a.data(), 2.5);
  const Array<double> b = a;
  EXPECT_NE(a.data(), b.data());  // it is held in the handle itself
  EXPECT_EQ(b.item(), 2.5);
  EXPECT_EQ(a.copy().item(), 2.5);
  EXPECT_EQ(Array<double>::build({}, [](std::span<double> out) { out[0] = 3; }).item(), 3.0);
}

TEST(Array, ANumberIsSeenThroughItsAddressAndItsHandleAlike) {
  // An optimizer that takes the two for different objects reads old values here.
  const Array<double> built = Array<double>::build({}, [](std::span<double> out) { out[0] = 3; });
  const Array<double> copied = built;
  EXPECT_EQ(copied.item(), 3.0);
  EXPECT_EQ(built.handle().as<double>(), 3.0);
  Array<double> a(1.0);
  const double first = *a.data();
  a = Array<double>(2.0);
  EXPECT_EQ(first + 100 * *a.data(), 201.0);
  Array<float> number(2.f);
  const Array<float> taken = std::move(number);
  EXPECT_EQ(taken.item(), 2.f);
  a.writable()[0] = 5;
  const Array<double> after = a;
  EXPECT_EQ(after.handle().as<double>(), 5.0);
}

TEST(Array, ANumberTakesNoMemory) {
  const auto before = wg::memory_use();
  std::vector<Array<double>> numbers;
  numbers.reserve(100);
  for (int i = 0; i < 100; ++i) numbers.emplace_back(static_cast<double>(i));
  EXPECT_EQ(wg::memory_use().live, before.live);
}

TEST(Array, MovedFromAndDefaultConstructedHoldNothing) {
  Array<float> a = wg::ones<float>({3});
  const float* const elements = a.data();
  Array<float> b = std::move(a);
  EXPECT_EQ(b.data(), elements);
  EXPECT_TRUE(a.is_nothing());  // NOLINT: that is the question
  EXPECT_EQ(a.size(), 0u);
  EXPECT_EQ(a.begin(), a.end());
  EXPECT_THROW((void)a.item(), wg::ShapeError);
  EXPECT_THROW((void)a(), wg::ShapeError);
  EXPECT_THROW((void)a(0), wg::ShapeError);
  a = b;
  EXPECT_EQ(a(2), 1.f);
  Array<float> number(2.f);
  const Array<float> taken = std::move(number);
  EXPECT_TRUE(number.is_nothing());  // NOLINT
  EXPECT_EQ(taken.item(), 2.f);
  EXPECT_TRUE(Array<double>().is_nothing());
  EXPECT_FALSE(wg::zeros<float>({0}).is_nothing());
  const Array<float> nothing, copied = nothing;
  EXPECT_TRUE(copied.is_nothing() && nothing.copy().is_nothing());
}

TEST(Array, AssignmentToItselfChangesNothing) {
  Array<float> a = wg::full<float>({3}, 4);
  const Array<float>& same = a;
  a = same;
  EXPECT_EQ(a(2), 4.f);
  a = std::move(const_cast<Array<float>&>(same));
  EXPECT_EQ(a(2), 4.f);
}

TEST(Array, IndicesAreChecked) {
  const auto a = wg::from_values<int64_t>({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(a(1, 2), 6);
  EXPECT_TRUE(mentions(refusal([&] { (void)a(2, 0); }), "(2, 0) in shape (2, 3)"));
  EXPECT_THROW((void)a(0, 3), wg::ShapeError);
  EXPECT_THROW((void)a(0, -1), wg::ShapeError);
  EXPECT_THROW((void)a(std::numeric_limits<std::int64_t>::min(), 0), wg::ShapeError);
  EXPECT_THROW((void)a(0), wg::ShapeError);
  EXPECT_THROW((void)a(0, 0, 0), wg::ShapeError);
  EXPECT_THROW((void)a(), wg::ShapeError);
  EXPECT_THROW((void)wg::zeros<float>({0})(0), wg::ShapeError);
  EXPECT_THROW((void)a(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), wg::ShapeError);
}

TEST(Array, AnItemIsTheOnlyElement) {
  EXPECT_EQ(wg::full<float>({1, 1, 1}, 3).item(), 3.f);
  EXPECT_TRUE(mentions(refusal([] { (void)wg::zeros<float>({2}).item(); }), "item: ") && true);
  EXPECT_THROW((void)wg::zeros<float>({0}).item(), wg::ShapeError);
}

TEST(Array, MayHaveSixteenAxesAndNoElements) {
  Shape deep;
  for (int i = 0; i < 16; ++i) deep.push_back(i % 4 == 0 ? 2 : 1);
  const auto a = wg::arange<float>(16).reshaped(deep);
  EXPECT_EQ(a.rank(), 16u);
  EXPECT_EQ(a(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), 15.f);
  const auto empty = wg::zeros<double>({0, 5});
  EXPECT_EQ(empty.size(), 0u);
  EXPECT_EQ(empty.copy().shape(), (Shape{0, 5}));
  EXPECT_EQ(empty.reshaped({5, 0, 7}).shape(), (Shape{5, 0, 7}));
}

TEST(Array, RefusesImpossibleSizesAndStaysUsable) {
  const auto live = wg::memory_use().live;
  EXPECT_THROW((void)wg::zeros<double>({std::size_t{1} << 62, 8}), wg::ShapeError);
  EXPECT_THROW((void)wg::zeros<double>({std::size_t{1} << 61}), wg::ShapeError);
  EXPECT_THROW((void)wg::zeros<double>({-1}), wg::ShapeError);
  EXPECT_THROW((void)wg::zeros<double>({std::size_t{1} << 45}), std::bad_alloc);
  EXPECT_EQ(wg::memory_use().live, live);
}

TEST(Array, AFillThatThrowsLeavesNothingBehind) {
  const auto live = wg::memory_use().live;
  EXPECT_THROW((void)Array<float>::build({100}, [](std::span<float>) { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(wg::memory_use().live, live);
}

// ---- other shapes of the same elements ----

TEST(Reshaped, SharesTheElements) {
  const auto a = wg::arange<float>(6);
  const auto b = a.reshaped({2, 3}), c = b.reshaped({3, 2}), d = c.reshaped({6});
  EXPECT_EQ(b.data(), a.data());
  EXPECT_EQ(c.data(), a.data());
  EXPECT_EQ(c(2, 1), 5.f);
  EXPECT_EQ(d.shape(), Shape{6});
  EXPECT_EQ(a.reshaped({6}).data(), a.data());
}

TEST(Reshaped, KeepsTheElementsAliveInAnyOrderOfDeath) {
  const auto live = wg::memory_use().live;
  {
    Array<float> a = wg::arange<float>(6);
    Array<float> b = a.reshaped({2, 3}), c = b.reshaped({3, 2});
    a = {};
    b = {};
    EXPECT_EQ(c(2, 1), 5.f);
    const Array<float> d = c;
    c = {};
    EXPECT_EQ(d(0, 1), 1.f);
  }
  {
    Array<float> a = wg::arange<float>(6);
    { const auto b = a.reshaped({2, 3}); }
    EXPECT_EQ(a(5), 5.f);
  }
  EXPECT_EQ(wg::memory_use().live, live);
}

TEST(Reshaped, GoesBetweenNumbersAndArraysOfOne) {
  const Array<double> number = 4.0;
  EXPECT_EQ(number.reshaped({1, 1})(0, 0), 4.0);
  EXPECT_EQ(wg::full<double>({1, 1}, 5).reshaped({}).item(), 5.0);
  EXPECT_EQ(number.reshaped({}).item(), 4.0);
}

TEST(Reshaped, TellsWhoMayWrite) {
  Array<float> a = wg::arange<float>(6);
  EXPECT_TRUE(a.handle().is_unique());
  {
    const Array<float> shared = a;
    EXPECT_FALSE(a.handle().is_unique());
  }
  {
    Array<float> view = a.reshaped({2, 3});
    EXPECT_FALSE(a.handle().is_unique());
    EXPECT_FALSE(view.handle().is_unique());
    const Array<float> again = view.reshaped({6});
    EXPECT_FALSE(again.handle().is_unique());
  }
  EXPECT_TRUE(a.handle().is_unique());
  Array<float> view = a.reshaped({2, 3});
  a = {};
  EXPECT_TRUE(view.handle().is_unique());
  const Array<float> second = view.reshaped({6});
  EXPECT_FALSE(view.handle().is_unique());
}

TEST(Handle, IsANumberABlockOrNothing) {
  using wg::detail::Handle;
  Handle nothing;
  EXPECT_TRUE(nothing.is_nothing() && !nothing.is_number() && !nothing.is_block() && !nothing);
  EXPECT_EQ(nothing.elements(), 0u);
  Handle number = Handle::number(2.5);
  EXPECT_TRUE(number.is_number() && number && !number.is_unique());
  EXPECT_EQ(number.as<double>(), 2.5);
  EXPECT_EQ(number.elements(), 1u);
  Handle block = wg::ones<float>({3}).handle();
  EXPECT_TRUE(block.is_block() && block.is_unique());
  block.swap(number);
  EXPECT_TRUE(block.is_number() && number.is_block());
  number.reset();
  EXPECT_TRUE(number.is_nothing());
}

TEST(ArrayThreads, AreSharedBetweenThreads) {
  const auto live = wg::memory_use().live;
  {
    const Array<double> shared = wg::full<double>({1000}, 3);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([shared] {
        for (int i = 0; i < 2000; ++i) {
          Array<double> mine = shared;
          const Array<double> view = mine.reshaped({10, 100});
          mine = {};
          ASSERT_EQ(view(9, 99), 3.0);
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(wg::memory_use().live, live);
}

TEST(Array, RefusesAnotherNumberOfElementsWhenReshaped) {
  EXPECT_THROW((void)wg::ones<double>({2}).reshaped({64}), wg::ShapeError);
  EXPECT_THROW((void)Array<double>(3.0).reshaped({4}), wg::ShapeError);
  EXPECT_THROW((void)wg::ones<double>({3}).reshaped({}), wg::ShapeError);
  EXPECT_THROW((void)wg::zeros<double>({0}).reshaped({}), wg::ShapeError);
  EXPECT_THROW((void)Array<double>().reshaped({}), wg::ShapeError);
  EXPECT_EQ(wg::zeros<double>({0, 3}).reshaped({2, 0}).shape(), (wg::Shape{2, 0}));
}

TEST(Array, CopiesSharedElementsBeforeTheyAreWritten) {
  const Array<double> original = wg::ones<double>({3});
  Array<double> copy = original, view = original.reshaped({3, 1});
  copy.writable()[0] = 5;
  view.writable()[1] = 7;
  EXPECT_EQ(original(0), 1.0);
  EXPECT_EQ(original(1), 1.0);
  EXPECT_EQ(copy(0), 5.0);
  EXPECT_EQ(view(1, 0), 7.0);
  const double* const place = copy.data();
  copy.writable()[0] = 6;
  EXPECT_EQ(copy.data(), place);  // its own by now
}

TEST(ArrayThreads, TheLastOwnerMayWriteAfterTheOthersLetGo) {
  for (int round = 0; round < 200; ++round) {
    Array<double> mine = wg::full<double>({100}, 1);
    std::thread reader([shared = mine]() mutable {
      double sum = 0;
      for (const double v : shared) sum += v;
      EXPECT_EQ(sum, 100.0);
      shared = {};
    });
    while (!mine.handle().is_unique()) std::this_thread::yield();
    mine.writable()[0] = 2;  // the thread sanitizer watches
    reader.join();
  }
}

}  // namespace
