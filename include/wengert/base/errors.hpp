// The exception family. Every message reads: who: what is wrong: what was given; what would be right.
#pragma once

#include <stdexcept>
#include <string>

#include <wengert/base/export.hpp>

namespace wengert {

/// What every exception of this library derives from.
class WENGERT_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;
  ~Error() override;  // out of line: one type-info object, so that `catch` works across libraries
};

/// Shapes, axes or indices that do not fit.
class WENGERT_API ShapeError : public Error {
 public:
  using Error::Error;
  ShapeError(const ShapeError&) = default;
  ShapeError& operator=(const ShapeError&) = default;
  ~ShapeError() override;
};

/// A tape, a Var or a gradient used in a way it does not allow.
class WENGERT_API GraphError : public Error {
 public:
  using Error::Error;
  GraphError(const GraphError&) = default;
  GraphError& operator=(const GraphError&) = default;
  ~GraphError() override;
};

/// An argument outside of its range.
class WENGERT_API ValueError : public Error {
 public:
  using Error::Error;
  ValueError(const ValueError&) = default;
  ValueError& operator=(const ValueError&) = default;
  ~ValueError() override;
};

/// A file that cannot be read, written or understood.
class WENGERT_API FileError : public Error {
 public:
  using Error::Error;
  FileError(const FileError&) = default;
  FileError& operator=(const FileError&) = default;
  ~FileError() override;
};

}  // namespace wengert
