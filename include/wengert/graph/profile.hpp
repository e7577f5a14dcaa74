// Where the time of a step goes, operation by operation.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <wengert/base/export.hpp>
#include <wengert/graph/tape.hpp>

namespace wengert {

namespace detail {
struct ProfileData;
}

/// What one operation took, all its uses together.
struct ProfileRow {
  std::string operation;        ///< the card's name
  std::size_t count = 0;        ///< how often it was recorded, or evaluated on a tape that records nothing
  double forward_seconds = 0;   ///< in forward passes
  double backward_seconds = 0;  ///< in backward passes
  std::size_t bytes = 0;        ///< of the values that it made

  double seconds() const noexcept { return forward_seconds + backward_seconds; }
};

/// Measures the operations of a tape for as long as it lives, step after step: Profile profile(tape); ...; profile.print(std::cout).
/// A recorded gradient is made of operations, which count as forward passes. Used by the tape's own thread; may outlive the tape.
/// Measuring takes some tens of nanoseconds per operation; a tape without a profile measures nothing.
class WENGERT_API Profile {
 public:
  /// GraphError when the tape has a profile already.
  explicit Profile(Tape& tape);
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  ~Profile();

  /// One row for each operation, what took longest first.
  std::vector<ProfileRow> rows() const;
  /// The sum of all rows; its operation is "total".
  ProfileRow total() const;
  /// Forgets what was measured so far.
  void clear();
  /// The rows and their total as a table, as to_string(profile) has it.
  void print(std::ostream& out) const;

 private:
  std::shared_ptr<detail::ProfileData> data_;
};

/// The table of a profile: operation, count, times in milliseconds and as a share of all, bytes.
WENGERT_API std::string to_string(const Profile& profile);

}  // namespace wengert
