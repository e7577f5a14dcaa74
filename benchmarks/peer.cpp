// The other library's program, asked.
#include "peer.hpp"

#include <stdexcept>

namespace bench {

// At its best settings: its OpenMP threads sleep where they would spin against those of its BLAS (a factor of two to five at two
// threads), and its allocator keeps pages from step to step (a factor of two to three on large arrays).
Peer::Peer(const std::filesystem::path& program)
    : process_({"env", "OMP_WAIT_POLICY=passive", "MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=17179869184", program.string()}) {}

double Peer::seconds_per_step(const Name& row) {
  const std::string question = row.id + ' ' + std::to_string(row.threads);
  process_.write_line(question);
  std::string answer;
  if (!process_.read_line(answer)) throw std::runtime_error("peer: ended without an answer to: " + question);
  return std::stod(answer);
}

}  // namespace bench
