// What the tests of the graph room share.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

#include <gtest/gtest.h>

constexpr std::size_t many = 1000;  // elements of an array that is worth counting
constexpr std::size_t array_bytes = many * sizeof(double);

/// How often this program has called operator new so far (it is replaced in failing_allocation_test.cpp).
std::size_t requests_for_memory() noexcept;

/// Expects an exception of this very kind whose message has this part.
template <class Error, class Call>
void expect_error(Call&& call, const std::string& part) {
  try {
    std::forward<Call>(call)();
    ADD_FAILURE() << "nothing was thrown; expected: " << part;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << "the message should contain \"" << part << "\": " << error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another kind of exception: " << error.what();
  }
}
