// Measures every row of the table beside its limit, prints them and writes them down. scripts/bench.sh builds and runs this.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "measure.hpp"
#include "peer.hpp"
#include "report.hpp"
#include "row.hpp"

namespace {

struct Options {
  std::vector<std::string> rows;
  int repetitions = 11;
  std::filesystem::path output = "bench-output", package, peer;
};

std::vector<bench::Row> chosen_rows(const Options& options) {
  std::vector<bench::Row> all = bench::step_rows();
  for (auto&& more : {bench::array_rows(), bench::counted_rows(options.package)}) all.insert(all.end(), more.begin(), more.end());
  if (options.rows.empty()) return all;
  for (const std::string& id : options.rows) {
    if (std::any_of(all.begin(), all.end(), [&](const bench::Row& row) { return row.name.id == id; })) continue;
    std::string known;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (i == 0 || all[i].name.id != all[i - 1].name.id) known += (i == 0 ? "" : ", ") + all[i].name.id;
    throw CLI::ValidationError("--rows", '"' + id + "\" is none of " + known);
  }
  std::erase_if(all, [&](const bench::Row& row) { return std::find(options.rows.begin(), options.rows.end(), row.name.id) == options.rows.end(); });
  return all;
}

void run(const Options& options, const std::vector<bench::Row>& rows) {
  const auto peer = options.peer.empty() ? nullptr : std::make_unique<bench::Peer>(options.peer);
  std::printf("%s\n", bench::machine_line().c_str());
  bench::print_head(peer != nullptr);
  const auto file = options.output / "results.json";
  bench::write_json(file, {});  // so that a folder that cannot be written shows now, not after everything was measured
  std::vector<bench::Result> results;
  for (const bench::Row& row : rows) {
    const double load = bench::load_now();
    results.push_back({row.name, row.goal, bench::measure(row, options.repetitions, peer.get()), load});
    bench::print(results.back(), peer != nullptr);
  }
  bench::write_json(file, results);
  std::printf("%s\n", file.c_str());
}

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app("Times every row of the table in docs/performance.md in turns with its limit.", "bench");
  app.add_option("--rows", options.rows, "Only these rows, by id; all of them without it")->delimiter(',')->type_name("ID,ID,...");
  app.add_option("--repetitions", options.repetitions, "Runs of each row, of which the median counts")->check(CLI::Range(1, 1000))->type_name("N")->default_str("11");
  const CLI::Validator named([](std::string& folder) { return folder.empty() ? std::string("a folder must have a name") : std::string(); }, "");
  app.add_option("--output", options.output, "Folder for results.json; made if it is not there")->check(named)->type_name("FOLDER")->default_str("bench-output");
  app.add_option("--package", options.package, "Where wengert is installed, for the row hello, which is left out without it")->type_name("FOLDER");
  app.add_option("--peer-program", options.peer, "A program as benchmarks/peer/torch.cpp to measure beside ours")->type_name("FILE");
  std::signal(SIGPIPE, SIG_IGN);
  try {
    app.parse(count, words);
    run(options, chosen_rows(options));
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
  } catch (const CLI::ParseError& error) {
    std::cerr << "bench: " << error.what() << "\nRun with --help for all options.\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
}
