// The table that is printed and the file that is written.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "row.hpp"

namespace bench {

struct Result {
  Name name;
  Goal goal;
  Runs runs;
  double load;  ///< the machine's load average when the row began

  double median() const;
  std::optional<double> limit() const;
  std::optional<double> ratio() const;
  /// How many times as long the peer takes.
  std::optional<double> peer_ratio() const;
  bool is_reached() const;
};

/// The load average of the last minute.
double load_now();

/// The processor, OpenBLAS's kernel and the load, in one line.
std::string machine_line();

void print_head(bool with_peer);
void print(const Result& result, bool with_peer);

/// Writes all results as an array of objects.
void write_json(const std::filesystem::path& file, const std::vector<Result>& results);

}  // namespace bench
