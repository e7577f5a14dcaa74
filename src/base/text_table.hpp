// Tables as text, in columns that stand under each other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wengert::detail {

class TextTable {
 public:
  /// The first `left` columns are aligned at their left, all others at their right: they hold numbers.
  TextTable(std::vector<std::string> head, std::size_t left) : rows_{std::move(head)}, left_(left) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// A line for each row, two blanks between columns, a rule under the head.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::size_t left_;
};

/// So many decimals, whatever the locale.
std::string fixed(double number, int decimals);
/// So many significant digits, likewise: "0.731", "-12", "1.5e-07", "nan".
std::string general(double number, int digits);

}  // namespace wengert::detail
