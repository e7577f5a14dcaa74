// Columns that are as wide as their widest entry.
#include "base/text_table.hpp"

#include <algorithm>
#include <charconv>

namespace wengert::detail {

namespace {

std::string converted(double number, std::chars_format format, int precision) {
  char text[512];  // 309 digits before the point are the most
  return {text, std::to_chars(text, text + sizeof text, number, format, precision).ptr};
}

/// Characters, not bytes: what continues a UTF-8 sequence takes no place.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string fixed(double number, int decimals) { return converted(number, std::chars_format::fixed, decimals); }

std::string general(double number, int digits) { return converted(number, std::chars_format::general, digits); }

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_[0].size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string out;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    std::string line;
    for (std::size_t i = 0; i < rows_[k].size(); ++i) {
      const std::string blanks(widths[i] - width_of(rows_[k][i]), ' ');
      line.append(i == 0 ? "" : "  ").append(i < left_ ? rows_[k][i] + blanks : blanks + rows_[k][i]);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (k > 0) continue;
    std::size_t whole = 2 * (widths.size() - 1);
    for (const std::size_t width : widths) whole += width;
    out += std::string(whole, '-') + "\n";
  }
  return out;
}

}  // namespace wengert::detail
