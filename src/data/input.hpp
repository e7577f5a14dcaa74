// Hostile files, read safely: a regular file and nothing else, plain or gzipped, every failure a FileError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wengert::data {

/// The bytes of a file from its beginning to its end, unpacked where it is gzipped.
class Input {
 public:
  /// Opens without waiting: neither a pipe nor a device holds it up. `who` is the function in whose name errors are thrown.
  Input(std::string_view who, const std::string& path);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  /// Fills `out` as far as the file goes and returns how much that was.
  std::size_t read(std::span<std::byte> out);
  std::uint64_t offset() const noexcept { return offset_; }
  /// No more than this can still be read; of a gzipped file only a bound, as of a format that packs at most 1032 to 1.
  std::uint64_t most_left() const noexcept;
  bool is_packed() const noexcept { return unpacking_ != nullptr; }
  /// FileError "who: problem: path at byte N: given; needed".
  [[noreturn]] void refuse(const std::string& problem, std::uint64_t at, const std::string& given, const std::string& needed) const;

 private:
  struct Unpacking;
  std::size_t read_file(std::span<std::byte> out);
  std::size_t read_packed(std::span<std::byte> out);
  /// Fills the unpacker's input where it is empty; false at the end of the file.
  bool has_packed_bytes();

  std::string who_;
  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0;     // of the file
  std::uint64_t raw_ = 0;      // read of the file
  std::uint64_t offset_ = 0;   // handed out
  std::unique_ptr<Unpacking> unpacking_;
};

}  // namespace wengert::data
