// Properties of random cases, by RapidCheck: what fails is shrunk and printed together with the seed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace wengert::test {

/// Tries a property, a callable with RC_ASSERTs, on so many random cases: others for each part of a test, the same in each run. RC_PARAMS="seed=N"
/// in the environment makes others. False where it fails. Inside of RC_ASSERT(a || b) the || evaluates both sides: compute a bool first.
template <class P>
bool expect_property(std::uint64_t part, int cases, P&& property) {
  ::setenv("RC_PARAMS", "seed=20120307", 0);
  auto params = rc::detail::configuration().testParams;
  const auto seed = params.seed;
  params.seed += part;
  params.maxSuccess = cases;
  params.maxSize = rc::kNominalSize;
  const auto result = rc::detail::checkTestable(std::forward<P>(property), rc::detail::TestMetadata{}, params);
  if (result.template is<rc::detail::SuccessResult>()) return true;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  ADD_FAILURE() << text.str() << "\nwith RC_PARAMS=\"seed=" << seed << "\"";
  return false;
}

/// RapidCheck draws small numbers first; these are of their whole range from the first case on.
template <class T>
T pick(T first, T last) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(first, last + 1));
}

/// RC_ASSERT with gtest's words.
inline void require(const testing::AssertionResult& result) {
  if (!result) RC_FAIL(std::string(result.message()));
}

}  // namespace wengert::test
