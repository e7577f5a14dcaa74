// Mending the text of Graphviz's SVG files.
#include "viz/svg.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace wengert::viz::detail {

namespace {

constexpr std::string_view start_of_node = "<g id=\"node", end_of_group = "</g>", at_left_end = "<text text-anchor=\"start\" x=\"";

/// The middle between the leftmost and the rightmost of the points "x,y" in the outlines of a node: a polygon's points or a path's curves.
std::optional<double> middle_of(std::string_view node) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const std::string_view attribute : {std::string_view(" d=\""), std::string_view(" points=\"")}) {
    for (std::size_t at = node.find(attribute); at != std::string_view::npos; at = node.find(attribute, at)) {
      at += attribute.size();
      const std::size_t end = std::min(node.find('"', at), node.size());
      while (at < end) {
        at = std::min(node.find_first_of("-.0123456789", at), end);
        double x = 0;
        const auto [after, error] = std::from_chars(node.data() + at, node.data() + end, x);
        if (at == end || error != std::errc()) break;
        low = std::min(low, x);
        high = std::max(high, x);
        at = std::min(node.find_first_of(" \"CLM", static_cast<std::size_t>(after - node.data())), end);  // over ",y"
      }
    }
  }
  if (low > high) return std::nullopt;
  return (low + high) / 2;
}

void append_centred(std::string& out, std::string_view node) {
  const std::optional<double> middle = middle_of(node);
  if (!middle) {
    out.append(node);
    return;
  }
  char text[32];
  const std::string_view x(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, *middle, std::chars_format::fixed, 2).ptr - text));
  for (;;) {
    const std::size_t at = node.find(at_left_end);
    const std::size_t quote = at == std::string_view::npos ? at : node.find('"', at + at_left_end.size());
    if (quote == std::string_view::npos) break;
    out.append(node.substr(0, at)).append("<text text-anchor=\"middle\" x=\"").append(x);
    node.remove_prefix(quote);
  }
  out.append(node);
}

}  // namespace

std::string centred_texts(std::string_view svg) {
  std::string out;
  out.reserve(svg.size() + svg.size() / 16);
  for (;;) {
    const std::size_t start = svg.find(start_of_node);
    const std::size_t end = start == std::string_view::npos ? start : svg.find(end_of_group, start);
    if (end == std::string_view::npos) break;
    out.append(svg.substr(0, start));
    append_centred(out, svg.substr(start, end - start));
    svg.remove_prefix(end);
  }
  return out.append(svg);
}

}  // namespace wengert::viz::detail
