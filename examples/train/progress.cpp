// A progress bar on a terminal.
#include "progress.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace demo {

namespace {

constexpr std::chrono::milliseconds between_drawings{100};

bool stdout_is_a_terminal() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

}  // namespace

Progress::Progress(std::string label, std::size_t total)
    : label_(std::move(label)), total_(total), start_(Clock::now()), drawn_(start_), on_terminal_(stdout_is_a_terminal()) {
  if (on_terminal_) draw(start_);
}

Progress::~Progress() {
  if (!on_terminal_) return;
  std::fputs("\r\033[K", stdout);
  std::fflush(stdout);
}

void Progress::advance(std::size_t count) {
  done_ += count;
  const auto now = Clock::now();
  if (!on_terminal_ || now - drawn_ < between_drawings) return;
  draw(now);
}

void Progress::draw(Clock::time_point now) {
  drawn_ = now;
  constexpr std::size_t width = 28;
  const double share = total_ == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(total_);
  const auto filled = static_cast<std::size_t>(share * width);
  std::string bar(filled, '=');
  if (filled < width) bar += '>';
  bar.resize(width, ' ');
  std::printf("\r%s [%s] %3.0f %%", label_.c_str(), bar.c_str(), 100 * share);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (done_ > 0 && seconds > 0) {
    const double rate = static_cast<double>(done_) / seconds;
    std::printf("  %.0f images/s  %.0f s left", rate, static_cast<double>(total_ - done_) / rate);
  }
  std::fputs("\033[K", stdout);
  std::fflush(stdout);
}

}  // namespace demo
