// Results for eyes and for programs.
#include "report.hpp"

#include <cblas.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace bench {

namespace {

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values.at(half) : (values.at(half - 1) + values.at(half)) / 2;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown";
}

/// Four digits, or - where there is no number.
std::string text(std::optional<double> number) {
  if (!number) return "-";
  char digits[32];
  std::snprintf(digits, sizeof(digits), *number >= 100 ? "%.0f" : *number >= 10 ? "%.2f" : "%.3f", *number);
  return digits;
}

std::string text(const Goal& goal, const std::string& unit) {
  std::string both;
  char words[64];
  if (std::isfinite(goal.value)) std::snprintf(words, sizeof(words), "<= %g %s", goal.value, unit.c_str()), both = words;
  if (std::isfinite(goal.ratio)) std::snprintf(words, sizeof(words), "%s<= %g x", both.empty() ? "" : ", ", goal.ratio), both += words;
  return both;
}

}  // namespace

double Result::median() const { return median_of(runs.ours); }

std::optional<double> Result::limit() const { return runs.limit.empty() ? std::nullopt : std::optional(median_of(runs.limit)); }

std::optional<double> Result::ratio() const {
  const auto least = limit();
  if (!least) return std::nullopt;
  if (*least == 0) return median() == 0 ? std::optional(1.0) : std::nullopt;
  return median() / *least;
}

std::optional<double> Result::peer_ratio() const { return runs.peer.empty() ? std::nullopt : std::optional(median_of(runs.peer) / median()); }

bool Result::is_reached() const { return median() <= goal.value && (!std::isfinite(goal.ratio) || ratio().value_or(goal.ratio) <= goal.ratio); }

double load_now() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : std::nan("");
}

std::string machine_line() {
  return processor() + "; " + openblas_get_config() + ", kernel " + openblas_get_corename() + "; load " + text(load_now());
}

void print_head(bool with_peer) {
  std::printf("%-18s %7s %12s %12s %7s  %-18s %-8s%s\n", "id", "threads", "median", "limit", "ratio", "goal", "reached", with_peer ? "     peer  peer/ours" : "");
  std::fflush(stdout);
}

void print(const Result& result, bool with_peer) {
  const std::string unit = ' ' + result.name.unit;
  std::printf("%-18s %7d %12s %12s %7s  %-18s %-8s", result.name.id.c_str(), result.name.threads, (text(result.median()) + unit).c_str(),
              result.limit() ? (text(result.limit()) + unit).c_str() : "-", text(result.ratio()).c_str(), text(result.goal, result.name.unit).c_str(), result.is_reached() ? "yes" : "NO");
  if (with_peer && result.peer_ratio()) std::printf(" %8s %10s", text(median_of(result.runs.peer)).c_str(), text(result.peer_ratio()).c_str());
  std::printf("\n");
  std::fflush(stdout);
}

void write_json(const std::filesystem::path& file, const std::vector<Result>& results) {
  const auto or_null = [](std::optional<double> number) { return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr); };
  auto all = nlohmann::ordered_json::array();
  for (const Result& result : results) {
    nlohmann::ordered_json row{{"id", result.name.id}, {"threads", result.name.threads}, {"unit", result.name.unit}, {"median", result.median()}};
    row["limit"] = or_null(result.limit());
    row["ratio"] = or_null(result.ratio());
    row["runs"] = result.runs.ours;
    row["limit_runs"] = result.runs.limit;
    row["goal"] = text(result.goal, result.name.unit);
    row["reached"] = result.is_reached();
    if (!result.runs.peer.empty()) {
      row["peer"] = median_of(result.runs.peer);
      row["peer_runs"] = result.runs.peer;
    }
    row["core"] = processor();
    row["blas"] = std::string(openblas_get_corename());
    row["load"] = result.load;
    all.push_back(std::move(row));
  }
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file);
  out << all.dump(2) << '\n';
  out.close();
  if (!out) throw std::runtime_error("bench: cannot be written: " + file.string());
}

}  // namespace bench
