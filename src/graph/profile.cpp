// Measuring operations, and the table of what was measured.
#include <wengert/graph/profile.hpp>

#include <algorithm>
#include <ostream>

#include <wengert/base/errors.hpp>

#include "base/text_table.hpp"
#include "graph/tape_state.hpp"

namespace wengert {

using detail::TapeState;

Profile::Profile(Tape& tape) : data_(std::make_shared<detail::ProfileData>()) {
  TapeState& state = TapeState::of_tape(tape, "Profile");
  if (state.profile != nullptr) throw GraphError("Profile: the tape has a profile already; one at a time can be attached");
  data_->tape = &state;
  state.profile = data_;
  state.note_watched();
}

Profile::~Profile() {
  if (data_->tape == nullptr) return;
  data_->tape->profile = nullptr;
  data_->tape->note_watched();
}

std::vector<ProfileRow> Profile::rows() const {
  std::vector<ProfileRow> sorted;
  for (const auto& [operation, row] : data_->rows) sorted.push_back(row);
  std::stable_sort(sorted.begin(), sorted.end(), [](const ProfileRow& a, const ProfileRow& b) { return a.seconds() > b.seconds(); });
  return sorted;
}

ProfileRow Profile::total() const {
  ProfileRow sum{.operation = "total"};
  for (const auto& [operation, row] : data_->rows) {
    sum.count += row.count;
    sum.forward_seconds += row.forward_seconds;
    sum.backward_seconds += row.backward_seconds;
    sum.bytes += row.bytes;
  }
  return sum;
}

void Profile::clear() { data_->rows.clear(); }

void Profile::print(std::ostream& out) const { out << to_string(*this); }

std::string to_string(const Profile& profile) {
  detail::TextTable table({"operation", "count", "forward ms", "backward ms", "share", "bytes"}, 1);
  const ProfileRow total = profile.total();
  const auto add = [&](const ProfileRow& row) {
    const double share = total.seconds() > 0 ? 100 * row.seconds() / total.seconds() : 0;
    table.add({row.operation, std::to_string(row.count), detail::fixed(1e3 * row.forward_seconds, 3), detail::fixed(1e3 * row.backward_seconds, 3), detail::fixed(share, 1) + " %",
               std::to_string(row.bytes)});
  };
  for (const ProfileRow& row : profile.rows()) add(row);
  add(total);
  return table.text();
}

namespace detail {

ProfileRow& ProfileData::row(std::string_view operation) {
  auto found = rows.find(operation);
  if (found == rows.end()) found = rows.emplace(operation, ProfileRow{.operation = std::string(operation)}).first;
  return found->second;
}

void Stopwatch::made(TapeState& tape, std::string_view operation, const Handle& value, NumberType type) const {
  if (tape.profile == nullptr || start_ == std::chrono::steady_clock::time_point()) return;  // attached within the operation
  const double taken = seconds();
  ProfileRow& row = tape.profile->row(operation);
  ++row.count;
  row.forward_seconds += taken;
  const bool is_view = value.is_block() && value.block()->owner != nullptr;
  if (!is_view) row.bytes += value.elements() * (type == NumberType::float32 ? sizeof(float) : sizeof(double));
}

void Stopwatch::pulled(TapeState& tape, std::string_view operation) const {
  if (tape.profile == nullptr || start_ == std::chrono::steady_clock::time_point()) return;
  const double taken = seconds();
  tape.profile->row(operation).backward_seconds += taken;
}

}  // namespace detail

}  // namespace wengert
