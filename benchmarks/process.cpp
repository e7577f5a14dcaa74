// Other programs, by posix_spawn.
#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

void check(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
  int ends[2];  // for reading, for writing
  Pipe() { check(pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno, "pipe"); }
};

}  // namespace

Process::Process(const Command& command) : name_(command.front()) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const Pipe to, from;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from.ends[1], STDOUT_FILENO);
  const int error = posix_spawnp(&id_, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to.ends[0]);
  close(from.ends[1]);
  input_ = fdopen(to.ends[1], "w");
  output_ = fdopen(from.ends[0], "r");
  if (error != 0) {
    std::fclose(input_);
    std::fclose(output_);
    check(error, name_);
  }
}

Process::~Process() {
  if (id_ != 0) wait();
}

int Process::wait() noexcept {
  std::fclose(input_);
  std::fclose(output_);
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
  return status;
}

void Process::write_line(const std::string& line) {
  std::fprintf(input_, "%s\n", line.c_str());
  std::fflush(input_);
}

bool Process::read_line(std::string& line) {
  line.clear();
  for (int c; (c = std::fgetc(output_)) != EOF; line += static_cast<char>(c))
    if (c == '\n') return true;
  return !line.empty();
}

void Process::finish() {
  if (const int status = wait(); status != 0)
    throw std::runtime_error(name_ + (WIFEXITED(status) ? " ended with " + std::to_string(WEXITSTATUS(status)) : " was ended by signal " + std::to_string(WTERMSIG(status))));
}

std::vector<std::string> output_of(const Command& command) {
  Process process(command);
  std::vector<std::string> lines;
  for (std::string line; process.read_line(line);) lines.push_back(line);
  process.finish();
  return lines;
}

double seconds_to_run(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(output_of(command));  // read to its end: a program whose output nobody takes may be ended by that
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace bench
