// The one place that knows GCC's libbacktrace. Without it (WENGERT_HAS_BACKTRACE is not defined) there are no lines.
#include "base/source_line.hpp"

#ifdef WENGERT_HAS_BACKTRACE

#include <backtrace.h>
#include <cxxabi.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace wengert::detail {

namespace {

/// A frame of the stack as text; a frame of a function that was inlined is one of its own.
struct Frame {
  std::string file;      // empty without debug information
  int line = 0;
  std::string function;  // mangled
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Whether a file is one of our headers, .../wengert/<room>/x.hpp, or one of the packages whose templates we call.
bool is_of_a_header(std::string_view file) {
  static constexpr std::string_view rooms[] = {"base", "array", "graph", "ops", "nn", "optim", "transform", "check", "data", "io", "train", "viz"};
  if (file.ends_with(".hpp")) {
    const std::size_t name = file.rfind('/');
    const std::size_t room = name == std::string_view::npos || name == 0 ? std::string_view::npos : file.rfind('/', name - 1);
    if (room != std::string_view::npos && file.substr(0, room).ends_with("wengert") && std::find(std::begin(rooms), std::end(rooms), file.substr(room + 1, name - room - 1)) != std::end(rooms))
      return true;
    if (contains(file, "/xtensor/") || contains(file, "/xtl/") || contains(file, "/xsimd/")) return true;
  }
  return contains(file, "/include/c++/") || contains(file, "/c++/v1/");
}

/// The same of a function, where there is no file to be had.
bool is_of_a_header_function(std::string_view mangled) {
  for (const std::string_view start : {"_ZN7wengert", "_ZNK7wengert", "_ZNO7wengert", "_ZNSt", "_ZNKSt", "_ZSt", "_ZN2xt", "_ZNK2xt"})
    if (mangled.starts_with(start)) return true;
  return false;
}

/// "train_step" of "void (anonymous namespace)::train_step(wengert::Tape&)".
std::string short_name(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 ? demangled.get() : mangled;
  constexpr std::string_view anonymous = "(anonymous namespace)::";
  for (std::size_t at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous)) name.erase(at, anonymous.size());
  name.resize(std::min(name.find('('), name.size()));
  std::size_t depth = 0, start = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {  // the return type of a template stands before a blank
    if (name[i] == '<') ++depth;
    if (name[i] == '>' && depth > 0) --depth;
    if (name[i] == ' ' && depth == 0) start = i + 1;
  }
  return name.substr(start);
}

/// Reads debug information when it is first asked for a frame; lives as long as the program.
backtrace_state* state() noexcept {
  static backtrace_state* const made = backtrace_create_state(nullptr, 1, [](void*, const char*, int) {}, nullptr);
  return made;
}

void ignore(void*, const char*, int) {}

/// Where this library's own code lies.
struct Range {
  std::uintptr_t begin = 0, end = 0;
};

const Range& own_code() noexcept {
  static const Range range = [] {
    Range own;
    dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void* found) {
          const auto here = reinterpret_cast<std::uintptr_t>(&call_stack);
          for (int i = 0; i < object->dlpi_phnum; ++i) {
            const auto& part = object->dlpi_phdr[i];
            const std::uintptr_t begin = object->dlpi_addr + part.p_vaddr;
            if (part.p_type != PT_LOAD || here < begin || here >= begin + part.p_memsz) continue;
            *static_cast<Range*>(found) = {begin, begin + part.p_memsz};
            return 1;
          }
          return 0;
        },
        &own);
    return own;
  }();
  return range;
}

/// The frames of one program counter, functions that were inlined into others first.
std::vector<Frame> frames_of(std::uintptr_t counter) {
  std::vector<Frame> frames;
  backtrace_pcinfo(
      state(), counter,
      [](void* to, std::uintptr_t, const char* file, int line, const char* function) {
        static_cast<std::vector<Frame>*>(to)->push_back({file != nullptr ? file : "", line, function != nullptr ? function : ""});
        return 0;
      },
      ignore, &frames);
  if (frames.empty()) frames.emplace_back();
  if (frames.back().function.empty()) {
    backtrace_syminfo(
        state(), counter,
        [](void* to, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) {
          if (symbol != nullptr) *static_cast<std::string*>(to) = symbol;
        },
        ignore, &frames.back().function);
  }
  return frames;
}

}  // namespace

CallStack call_stack() noexcept {
  struct Walk {
    CallStack found{};
    std::size_t count = 0;
    Range own = own_code();
  } walk;
  if (state() == nullptr) return walk.found;
  backtrace_simple(
      state(), 0,
      [](void* data, std::uintptr_t counter) {
        auto& to = *static_cast<Walk*>(data);
        if (counter < to.own.begin || counter >= to.own.end) to.found[to.count++] = counter;
        return to.count == to.found.size() ? 1 : 0;
      },
      ignore, &walk);
  return walk.found;
}

std::string source_line(const CallStack& stack) {
  if (stack[0] == 0) return {};
  for (const std::uintptr_t counter : stack) {
    if (counter == 0) break;
    for (const Frame& frame : frames_of(counter)) {
      const bool is_known = !frame.file.empty();
      if (is_known ? is_of_a_header(frame.file) : is_of_a_header_function(frame.function)) continue;
      const std::string function = short_name(frame.function);
      if (is_known) return frame.file + ":" + std::to_string(frame.line) + (function.empty() ? "" : " (in " + function + ")");
      return (function.empty() ? "a line that is not known" : "a line of " + function) + "; compile the program with -g to see the line";
    }
  }
  return {};
}

}  // namespace wengert::detail

#else

namespace wengert::detail {

CallStack call_stack() noexcept { return {}; }
std::string source_line(const CallStack&) { return {}; }

}  // namespace wengert::detail

#endif
