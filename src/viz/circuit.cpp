// A recorded graph as a circuit: boxes for operations, and on each line between them value over gradient.
#include "viz/circuit.hpp"

#include <algorithm>
#include <filesystem>

#include <wengert/base/errors.hpp>

#include "viz/program.hpp"
#include "viz/svg.hpp"
#include "viz/text.hpp"

namespace wengert::viz::detail {

namespace {

constexpr std::size_t most_drawn_nodes = 1000;  // beyond, Graphviz takes minutes and nobody can read the result

// One hue for each role; values and gradients in the green and red of the textbooks.
constexpr std::string_view value_colour = "#1b7837", gradient_colour = "#c0392b", line_colour = "#5f6b7a", quiet_colour = "#7b8794";

constexpr std::string_view step_fill = "#fde3df";  // of the node whose pullback a frame shows
constexpr std::string_view unseen_colour = "transparent";  // of text that has its room, and is shown in another frame

/// Whether a file of this extension is Graphviz's text, which needs no program.
bool is_text(std::string_view extension) { return extension == ".dot" || extension == ".gv"; }

struct Look {
  std::string_view shape, fill, border;
};

Look look_of(const GraphNode& node) {
  if (!node.is_leaf) return {"box", "#eef3fa", "#4a6fa5"};
  if (node.operation == "constant") return {"box", "#f4f4f2", "#9a9a94"};
  return {"box", "#fdf3dc", "#c9962b"};
}

/// Text inside of an HTML-like label.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\\': out += "&#92;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string coloured(std::string_view colour, std::string_view text) { return std::string("<FONT COLOR=\"").append(colour).append("\">").append(text).append("</FONT>"); }

std::string small(std::string_view text) {
  return std::string("<FONT POINT-SIZE=\"10\" COLOR=\"").append(quiet_colour).append("\">").append(text).append("</FONT>");
}

std::string box_label(const GraphNode& node, const std::vector<std::string>& notes, bool shows_notes) {
  // What the user called it comes first; the operation is always there.
  const std::string name = escaped(shown_name(node.name)), operation = escaped(shown_name(node.operation));
  std::string label;
  if (node.is_leaf) {
    label = name.empty() ? operation : "<B>" + name + "</B><BR/>" + small(operation);
  } else {
    label = "<B>" + operation + "</B>";
    if (!name.empty()) label += "<BR/><I>" + name + "</I>";
  }
  if (!node.shape.empty()) label += "<BR/>" + small(escaped(to_string(node.shape)));
  for (const std::string& note : notes) label += "<BR/><FONT POINT-SIZE=\"11\" COLOR=\"" + std::string(shows_notes ? gradient_colour : unseen_colour) + "\">" + escaped(note) + "</FONT>";
  return label;
}

std::string lines_of(std::vector<std::string> lines, std::size_t count, std::string_view colour) {
  lines.resize(count, " ");
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text.append(i == 0 ? "" : "<BR/>").append(escaped(lines[i]));
  return coloured(colour, text);
}

/// Value over gradient, a rule between them which continues the line. Both have the same number of text lines, so that the rule is
/// in the middle, where the line arrives.
std::string line_label(const GraphNode& node, bool is_hidden) {
  const auto value = node.value ? summary(*node.value) : std::vector<std::string>();
  const auto gradient = node.gradient ? summary(*node.gradient) : std::vector<std::string>();
  const std::size_t count = std::max<std::size_t>({value.size(), gradient.size(), 1});
  const auto row = [](const std::string& text) { return "<TR><TD>" + text + "</TD></TR>"; };
  return std::string("<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\" COLOR=\"").append(line_colour) + "\">" + row(lines_of(value, count, value_colour)) +
         "<HR/>" + row(lines_of(gradient, count, is_hidden ? unseen_colour : gradient_colour)) + "</TABLE>";
}

}  // namespace

std::string circuit_text(const std::vector<GraphNode>& graph, const Step& step) {
  std::string dot;
  dot += "digraph wengert {\n";
  dot += "  graph [rankdir=LR, bgcolor=white, nodesep=0.28, ranksep=0.16, pad=0.2, fontname=\"Helvetica\"];\n";
  dot += "  node [fontname=\"Helvetica\", fontsize=13, style=\"rounded,filled\", penwidth=1.2, margin=\"0.12,0.06\", height=0.4];\n";
  dot.append("  edge [color=\"").append(line_colour).append("\", arrowsize=0.6, penwidth=1.1];\n");
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const GraphNode& node = graph[i];
    const std::string id = std::to_string(i);
    const Look look = look_of(node);
    dot.append("  n" + id + " [shape=").append(look.shape).append(", fillcolor=\"").append(step.highlighted == i ? step_fill : look.fill).append("\", color=\"").append(look.border);
    dot.append("\", label=<" + box_label(node, i < step.notes.size() ? step.notes[i] : std::vector<std::string>(), step.highlighted == i) + ">];\n");
    dot += "  v" + id + " [shape=plain, style=\"\", label=<" + line_label(node, i < step.is_hidden.size() && step.is_hidden[i]) + ">];\n";
    dot += "  n" + id + ":e -> v" + id + ":w [arrowhead=none, weight=4];\n";
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const GraphInput& input = node.inputs[k];
      if (!input.number) {
        dot += "  v" + std::to_string(input.node) + ":e -> n" + id + ";\n";
        continue;
      }
      const std::string number = "c" + id + "_" + std::to_string(k);
      dot.append("  " + number + " [shape=plain, style=\"\", fontcolor=\"").append(value_colour).append("\", label=\"" + short_number(*input.number) + "\"];\n");
      dot += "  " + number + " -> n" + id + " [style=dashed];\n";
    }
  }
  // The result's line leads out of the picture.
  const std::string last = std::to_string(graph.size() - 1);
  dot += "  end [shape=point, style=invis, width=0.01, height=0.01, margin=0, label=\"\"];\n  v" + last + ":e -> end;\n";
  return dot += "}\n";
}

void check_extension(std::string_view who, const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension().string();
  if (!is_text(extension) && extension != ".svg" && extension != ".png")
    throw ValueError(std::string(who) + ": no such form of picture: \"" + extension + "\" of " + file + "; the extension must be .dot, .svg or .png");
}

void check_drawable(std::string_view who, const std::string& file, std::size_t nodes) {
  if (nodes > most_drawn_nodes && !is_text(std::filesystem::path(file).extension().string()))
    throw ValueError(std::string(who) + ": the graph is too large for a drawing: " + std::to_string(nodes) + " nodes; at most " + std::to_string(most_drawn_nodes) +
                     " can be drawn, .dot can be written of any");
}

void write_circuit(std::string_view who, const std::string& file, std::string_view text) {
  const std::string extension = std::filesystem::path(file).extension().string();
  std::string picture(text);
  if (!is_text(extension)) {
    constexpr Program dot{"dot", "Graphviz", "graphviz"};
    // A higher resolution makes .png readable; in .svg it would only move the drawing out of its frame.
    picture = extension == ".png" ? output_of(who, dot, {"-Tpng", "-Gdpi=144"}, text) : centred_texts(output_of(who, dot, {"-Tsvg"}, text));
  }
  write_file(who, file, picture);
}

}  // namespace wengert::viz::detail
