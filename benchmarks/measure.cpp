// Timing in turns. Google Benchmark finds how many steps make a run and times it.
#include "measure.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include <wengert/base/threads.hpp>

namespace bench {

namespace {

constexpr double shortest_run = 0.1;  // seconds

/// Prints nothing, keeps the seconds of a step in the last run of each.
class Gatherer final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) seconds_per_step[run.run_name.function_name] = run.real_accumulated_time / static_cast<double>(run.iterations);
  }

  std::map<std::string, double> seconds_per_step;
};

void add_to_turn(const std::string& name, const Step& step, bool rest_before) {
  const auto run = [&step, rest_before](benchmark::State& state) {
    // OpenBLAS's own threads, which the limits use, still spin for some 30 ms when their work is done.
    if (rest_before) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    step();  // what the other one has left in the caches is not this one's fault
    for ([[maybe_unused]] auto _ : state) step();
  };
  benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->MinTime(shortest_run);
}

}  // namespace

double seconds_in(const std::string& unit) {
  static const std::map<std::string, double> seconds{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
  const auto found = seconds.find(unit);
  return found != seconds.end() ? found->second : 0;
}

Runs measure(const Row& row, int repetitions, Peer* peer) {
  if (row.count) return row.count(repetitions);
  const bool several_threads = row.name.threads > 1;
  wengert::set_threads(static_cast<std::size_t>(row.name.threads));
  const Step ours = row.contest.ours();
  const std::vector<Step> limits = row.contest.limit();
  add_to_turn("ours", ours, several_threads);
  for (std::size_t i = 0; i < limits.size(); ++i) add_to_turn("limit " + std::to_string(i), limits[i], several_threads);

  // Strictly in turns: whatever slows the machine down for a while meets all. Google Benchmark's own random interleaving may
  // run one of them several times in a row, and finds out only once how many steps make a run.
  Runs runs;
  const double unit = seconds_in(row.name.unit), part = unit * row.contest.parts;
  for (int i = 0; i < repetitions; ++i) {
    Gatherer gathered;
    benchmark::RunSpecifiedBenchmarks(&gathered, "all");
    runs.ours.push_back(gathered.seconds_per_step["ours"] / part);
    runs.limit.push_back(0);
    for (const auto& [name, seconds] : gathered.seconds_per_step)
      if (name != "ours") runs.limit.back() += seconds / part;
    if (peer == nullptr) continue;
    if (const double seconds = peer->seconds_per_step(row.name); seconds > 0) runs.peer.push_back(seconds / part);
  }
  benchmark::ClearRegisteredBenchmarks();
  return runs;
}

}  // namespace bench
