// Running another program on a text, and writing what it made to a file.
#include "viz/program.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include <wengert/base/errors.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace wengert::viz::detail {

namespace {

[[noreturn]] void fail(std::string_view who, const std::string& what) { throw FileError(std::string(who) + ": " + what); }

/// A file in memory: unlike a pipe it neither blocks nor raises SIGPIPE when the program stops reading.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view who) : descriptor_(memfd_create("wengert", MFD_CLOEXEC)) {
    if (descriptor_ < 0) fail(who, std::string("no file in memory could be made: ") + std::strerror(errno) + "; are too many files open?");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  int descriptor() const noexcept { return descriptor_; }

  void write(std::string_view who, std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(who, std::string("a file in memory could not be written: ") + std::strerror(errno) + "; is memory short?");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    lseek(descriptor_, 0, SEEK_SET);
  }

  std::string contents() const {
    std::string text;
    char part[4096];
    lseek(descriptor_, 0, SEEK_SET);
    for (;;) {
      const ssize_t got = read(descriptor_, part, sizeof part);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(part, static_cast<std::size_t>(got));
    }
  }

 private:
  int descriptor_;
};

struct Redirections {
  posix_spawn_file_actions_t actions;
  Redirections() { posix_spawn_file_actions_init(&actions); }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;
  ~Redirections() { posix_spawn_file_actions_destroy(&actions); }
};

}  // namespace

std::string output_of(std::string_view who, const Program& program, std::initializer_list<const char*> arguments, std::string_view input) {
  MemoryFile in(who), out(who), complaints(who);
  in.write(who, input);
  Redirections to;
  posix_spawn_file_actions_adddup2(&to.actions, in.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&to.actions, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&to.actions, complaints.descriptor(), STDERR_FILENO);

  std::vector<char*> words{const_cast<char*>(program.name)};  // NOLINT: the interface is C's, and changes nothing
  for (const char* argument : arguments) words.push_back(const_cast<char*>(argument));
  words.push_back(nullptr);
  pid_t child = 0;
  const int refused = posix_spawnp(&child, program.name, &to.actions, nullptr, words.data(), environ);
  const auto not_there = [&] {
    fail(who, std::string(program.product) + " is needed for this form: its program \"" + program.name + "\" was not found; on Debian: apt install " + program.package);
  };
  if (refused == ENOENT) not_there();
  if (refused != 0) fail(who, std::string("the program \"") + program.name + "\" could not be started: " + std::strerror(refused) + "; it must be allowed to run");

  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int command_not_found = 127;  // what a spawn reports that failed after the fork
  if (WIFEXITED(status) && WEXITSTATUS(status) == command_not_found) not_there();
  std::string made = out.contents();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || made.empty()) {
    constexpr std::size_t enough = 400;
    fail(who, std::string("the program \"") + program.name + "\" failed: " + complaints.contents().substr(0, enough) + "; a picture was expected");
  }
  return made;
}

void write_file(std::string_view who, const std::filesystem::path& file, std::string_view content) {
  errno = 0;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) fail(who, "the file could not be written: " + file.string() + (errno != 0 ? std::string(" (") + std::strerror(errno) + ")" : std::string()) + "; its folder must exist and be writable");
}

}  // namespace wengert::viz::detail
