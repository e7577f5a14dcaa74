// What a call that must be refused says.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace wengert::test {

/// The message of the E that f() throws; a failure where it throws nothing, or something else.
template <class E, class F>
std::string refusal(F&& f) {
  try {
    std::forward<F>(f)();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another kind of error: " << error.what();
    return {};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// Whether the text contains each of the parts.
inline testing::AssertionResult mentions(std::string_view text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    if (text.find(part) == std::string_view::npos) return testing::AssertionFailure() << "\"" << part << "\" is not in \"" << text << "\"";
  return testing::AssertionSuccess();
}

}  // namespace wengert::test
