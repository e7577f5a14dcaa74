// A progress bar on a terminal; nothing where the output goes to a file or another program.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace demo {

class Progress {
 public:
  Progress(std::string label, std::size_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Leaves an empty line, whatever happened.
  ~Progress();

  /// So many more are done.
  void advance(std::size_t count);

 private:
  using Clock = std::chrono::steady_clock;

  void draw(Clock::time_point now);

  std::string label_;
  std::size_t total_, done_ = 0;
  Clock::time_point start_, drawn_;
  bool on_terminal_;
};

}  // namespace demo
