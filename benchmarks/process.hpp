// Other programs: run to their end, or asked line by line.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace bench {

using Command = std::vector<std::string>;  ///< a program, looked for in PATH, and its arguments

/// A running program whose standard input and output are here.
class Process {
 public:
  /// Throws std::system_error where there is no such program.
  explicit Process(const Command& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void write_line(const std::string& line);
  /// The next line of its output without its end; false when there is none any more.
  bool read_line(std::string& line);
  /// Closes its input and waits until it ends; throws std::runtime_error unless it ended with 0.
  void finish();

 private:
  int wait() noexcept;

  std::string name_;
  pid_t id_ = 0;
  std::FILE* input_ = nullptr;
  std::FILE* output_ = nullptr;
};

/// The lines that a program prints; throws std::runtime_error unless it ends with 0.
std::vector<std::string> output_of(const Command& command);

/// The seconds from a program's start to its end; throws likewise.
double seconds_to_run(const Command& command);

}  // namespace bench
