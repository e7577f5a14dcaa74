// Numbers and names as pictures show them.
#include "viz/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace wengert::viz::detail {

std::string short_number(double number) {
  if (number == 0) return "0";  // -0 too
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, 3).ptr;
  return {text, end};
}

namespace {

constexpr std::size_t most_rows = 4, most_columns = 4;

std::string row_text(const double* row, std::size_t columns) {
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text.append(i == 0 ? "" : "  ").append(short_number(row[i]));
  return text;
}

}  // namespace

std::vector<std::string> summary(const Array<double>& array) {
  const Shape& shape = array.shape();
  if (array.size() == 0) return {"empty"};
  const std::size_t columns = shape.empty() ? 1 : shape.back(), rows = array.size() / columns;
  if (columns <= most_columns && rows <= most_rows) {
    std::vector<std::string> lines;
    for (std::size_t row = 0; row < rows; ++row) lines.push_back(row_text(array.data() + row * columns, columns));
    return lines;
  }
  double total = 0;
  double least = array.data()[0], largest = least;
  for (const double x : array) {
    total += x;
    // A NaN anywhere shows in all three.
    least = std::isnan(x) || x < least ? x : least;
    largest = std::isnan(x) || x > largest ? x : largest;
  }
  const double mean = total / static_cast<double>(array.size());
  if (std::isnan(mean)) return {"mean nan"};
  return {"mean " + short_number(mean), short_number(least) + " \xE2\x80\xA6 " + short_number(largest)};
}

std::string shown_name(std::string_view name, std::size_t longest) {
  std::string text;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < name.size();) {
    if (++characters > longest) return text + "\xE2\x80\xA6";  // an ellipsis
    const auto first = static_cast<unsigned char>(name[i]);
    std::size_t length = 1;
    if (first >= 0xC2 && first < 0xE0) length = 2;
    if (first >= 0xE0 && first < 0xF0) length = 3;
    if (first >= 0xF0 && first < 0xF5) length = 4;
    bool valid = (first < 0x80 || length > 1) && i + length <= name.size();
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t k = 1; valid && k < length; ++k) {
      const auto next = static_cast<unsigned char>(name[i + k]);
      valid = (next & 0xC0U) == 0x80U;
      code = code << 6U | (next & 0x3FU);
    }
    valid = valid && (length < 3 || code >= 0x800) && (length < 4 || (code >= 0x10000 && code <= 0x10FFFF)) && !(code >= 0xD800 && code <= 0xDFFF) &&
            code != 0xFFFE && code != 0xFFFF;  // what XML does not allow either
    if (!valid) {
      text += "\xEF\xBF\xBD";  // the replacement character
      ++i;
    } else {
      if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
        text += ' ';
      } else {
        text.append(name.substr(i, length));
      }
      i += length;
    }
  }
  return text;
}

}  // namespace wengert::viz::detail
