// A program may have types of its own by the names of our cards, before our headers come.
struct Add {};
class Exp;
enum class Sign { plus };
using Log = int;

#include <gtest/gtest.h>

#include <wengert/core.hpp>

TEST(Names, OfCardsAreFreeForUsers) {
  wengert::Tape tape;
  const auto x = tape.variable(0.0);
  EXPECT_EQ(tape.backward(wengert::exp(x + 0.0) * 2.0)[x].item(), 2);
}
