// Running another program on a text, and writing what it made to a file.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wengert::viz::detail {

/// A program that draws: how it is called, and where users get it.
struct Program {
  const char* name;     // as it is looked for in PATH
  const char* product;  // "Graphviz"
  const char* package;  // Debian's
};

/// What the program prints when it is given `input`. No shell is involved and no file name is handed over. FileError in `who`'s name when
/// it is not installed, fails, or prints nothing.
std::string output_of(std::string_view who, const Program& program, std::initializer_list<const char*> arguments, std::string_view input);

/// Writes the file as a whole. FileError in `who`'s name.
void write_file(std::string_view who, const std::filesystem::path& file, std::string_view content);

}  // namespace wengert::viz::detail
