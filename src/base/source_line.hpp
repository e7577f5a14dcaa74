// Which line of the program called the library: the call stack as numbers, which costs little, and later as text.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace wengert::detail {

/// The program counters of the callers outside of this library, innermost first; zeros behind the last.
using CallStack = std::array<std::uintptr_t, 16>;

/// The stack of the calling thread; all zeros where the library was built without the means.
CallStack call_stack() noexcept;

/// The user's line among them, the first that is of no header of ours, of the standard library's or of xtensor's: "train.cpp:12 (in train_step)".
/// Where the program has no debug information: "a line of train_step; compile the program with -g to see the line". Empty where there is no stack.
std::string source_line(const CallStack& stack);

}  // namespace wengert::detail
