// Raw reads of regular files, and gzip on top of them.
#include "data/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <new>
#include <system_error>

#include <wengert/base/errors.hpp>

namespace wengert::data {

namespace {

constexpr std::uint64_t most_packing = 1032;  // deflate: 258 bytes out of two bits
constexpr std::byte gzip_magic[] = {std::byte{0x1f}, std::byte{0x8b}};

std::string system_reason() { return std::generic_category().message(errno); }

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

struct Input::Unpacking {
  z_stream stream{};
  std::array<std::byte, 64 * 1024> packed;
  bool within_member = true;

  Unpacking() {
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: gzip and nothing else
  }
  Unpacking(const Unpacking&) = delete;
  Unpacking& operator=(const Unpacking&) = delete;
  ~Unpacking() { inflateEnd(&stream); }
};

Input::Input(std::string_view who, const std::string& path) : who_(who), path_(path.c_str()) {  // a message ends at a zero byte
  struct Closer {  // as the destructor does not run for a constructor that throws
    int& file;
    bool keep = false;
    ~Closer() {
      if (!keep && file >= 0) ::close(file);
    }
  } closer{file_};
  const auto refuse_file = [&](const std::string& problem, const std::string& reason) {
    throw FileError(who_ + ": " + problem + ": " + path_ + ": " + reason + "; a readable file is needed");
  };
  if (path_.size() != path.size()) refuse_file("file cannot be opened", "its name holds a zero byte");
  file_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file_ < 0) refuse_file("file cannot be opened", system_reason());
  struct stat status {};
  if (::fstat(file_, &status) != 0) refuse_file("file cannot be examined", system_reason());
  if (!S_ISREG(status.st_mode)) refuse_file("not a regular file", kind_of(status.st_mode));
  size_ = static_cast<std::uint64_t>(status.st_size);

  std::byte magic[2];
  if (size_ >= 2 && read_file(magic) == 2 && std::equal(magic, magic + 2, gzip_magic)) unpacking_ = std::make_unique<Unpacking>();
  if (::lseek(file_, 0, SEEK_SET) != 0) refuse_file("file cannot be read", system_reason());
  raw_ = 0;
  closer.keep = true;
}

Input::~Input() { ::close(file_); }

void Input::refuse(const std::string& problem, std::uint64_t at, const std::string& given, const std::string& needed) const {
  throw FileError(who_ + ": " + problem + ": " + path_ + " at " + (is_packed() ? "unpacked " : "") + "byte " + std::to_string(at) + ": " + given + "; " + needed);
}

std::uint64_t Input::most_left() const noexcept {
  const std::uint64_t left = size_ - std::min(size_, raw_);
  if (!is_packed()) return left;
  const std::uint64_t packed = left + unpacking_->stream.avail_in + 64 * 1024;  // and what the unpacker holds back in its window
  return packed > std::numeric_limits<std::uint64_t>::max() / most_packing ? std::numeric_limits<std::uint64_t>::max() : packed * most_packing;
}

std::size_t Input::read_file(std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::read(file_, out.data() + filled, out.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw FileError(who_ + ": file cannot be read: " + path_ + " at byte " + std::to_string(raw_) + ": " + system_reason() + "; a readable file is needed");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    raw_ += static_cast<std::uint64_t>(got);
  }
  return filled;
}

bool Input::has_packed_bytes() {
  auto& u = *unpacking_;
  if (u.stream.avail_in != 0) return true;
  u.stream.next_in = reinterpret_cast<Bytef*>(u.packed.data());
  u.stream.avail_in = static_cast<uInt>(read_file(u.packed));
  return u.stream.avail_in != 0;
}

std::size_t Input::read_packed(std::span<std::byte> out) {
  auto& u = *unpacking_;
  const auto refuse_packed = [&](const std::string& problem, const std::string& given) {
    throw FileError(who_ + ": " + problem + ": " + path_ + " at packed byte " + std::to_string(raw_ - u.stream.avail_in) + ": " + given + "; a whole gzip file is needed");
  };
  std::size_t filled = 0;
  while (filled < out.size()) {
    const bool more = has_packed_bytes();
    if (!u.within_member) {
      if (!more) break;
      // zlib tells another member's header from garbage, but not by a message of its own.
      if (std::to_integer<Bytef>(gzip_magic[0]) != *u.stream.next_in) refuse_packed("gzip: garbage after the end", "no gzip member begins there");
      inflateReset(&u.stream);
      u.within_member = true;
    }
    if (!more) refuse_packed("gzip: cut off", "the stream goes on past the end of the file");
    const auto room = static_cast<uInt>(std::min<std::size_t>(out.size() - filled, std::numeric_limits<uInt>::max()));
    u.stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    u.stream.avail_out = room;
    const int result = inflate(&u.stream, Z_NO_FLUSH);
    filled += room - u.stream.avail_out;
    if (result == Z_STREAM_END) {
      u.within_member = false;
    } else if (result == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {  // the latter: nothing to do before there is more input
      refuse_packed("gzip: damaged", u.stream.msg != nullptr ? u.stream.msg : "unreadable stream");
    }
  }
  return filled;
}

std::size_t Input::read(std::span<std::byte> out) {
  const std::size_t got = is_packed() ? read_packed(out) : read_file(out);
  offset_ += got;
  return got;
}

}  // namespace wengert::data
