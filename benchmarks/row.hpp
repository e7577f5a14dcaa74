// A row of the table: what is measured, and what it is measured against.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// One pass of a workload. It is made with its arrays, so that each call is the work alone.
using Step = std::function<void()>;

/// What a row is called, on how many threads it runs and what it is counted in: ns, us, ms or s for a time.
struct Name {
  std::string id;
  int threads;
  std::string unit;
};

/// At most this many times the limit, and at most so much in the row's unit.
struct Goal {
  double ratio = std::numeric_limits<double>::infinity();
  double value = std::numeric_limits<double>::infinity();
};

/// What was found: one number per run, and as many of the limit where a limit is measured; in the row's unit.
struct Runs {
  std::vector<double> ours, limit{}, peer{};
};

/// What is timed in turns: makes the steps, with all that they need.
struct Contest {
  std::function<Step()> ours;
  std::function<std::vector<Step>()> limit;  ///< several are timed one by one, and their times added
  int parts = 1;                             ///< ours has so many equal parts, and the time of one is asked for
};

struct Row {
  Name name;
  Goal goal;
  Contest contest{};                              ///< either this
  std::function<Runs(int repetitions)> count{};  ///< or this, for what Google Benchmark cannot measure
};

// The rows by subject.
std::vector<Row> step_rows();
std::vector<Row> array_rows();
/// `package` is a folder where wengert is installed.
std::vector<Row> counted_rows(const std::string& package);

}  // namespace bench
