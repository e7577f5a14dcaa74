// Another library's program. It is asked over its standard input and output, so that its threads and its BLAS are its own.
#pragma once

#include <filesystem>
#include <string>

#include "process.hpp"
#include "row.hpp"

namespace bench {

class Peer {
 public:
  explicit Peer(const std::filesystem::path& program);

  /// Seconds of a step by the mean of one run; 0 for a row that it does not have.
  double seconds_per_step(const Name& row);

 private:
  Process process_;
};

}  // namespace bench
