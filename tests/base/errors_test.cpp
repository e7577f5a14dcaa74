// The exception family as a user's catch clauses see it.
#include <wengert/base/errors.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace {

namespace wg = wengert;

template <class E>
class Errors : public testing::Test {};
using Family = testing::Types<wg::ShapeError, wg::GraphError, wg::ValueError, wg::FileError>;
TYPED_TEST_SUITE(Errors, Family);

TYPED_TEST(Errors, AreCaughtByTheirOwnNameByTheFamilysAndByTheStandards) {
  const auto raise = [] { throw TypeParam("who: what: given; right"); };
  EXPECT_THROW(raise(), TypeParam);
  EXPECT_THROW(raise(), wg::Error);
  EXPECT_THROW(raise(), std::runtime_error);
  static_assert(std::is_nothrow_copy_constructible_v<TypeParam>);
}

TYPED_TEST(Errors, CarryTheirMessageThroughACopy) {
  const TypeParam error("who: what: given; right");
  const TypeParam copy = error;
  EXPECT_STREQ(copy.what(), "who: what: given; right");
}

TEST(ErrorKinds, OfOneKindAreNotOfAnother) {
  const auto raise = [] { throw wg::ShapeError("shape"); };
  try {
    raise();
  } catch (const wg::ValueError&) {
    FAIL();
  } catch (const wg::Error& error) {
    EXPECT_STREQ(error.what(), "shape");
  }
}

}  // namespace
