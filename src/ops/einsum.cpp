// Reading the equations of einsum.
#include <wengert/ops/einsum.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

namespace {

constexpr Label first_unnamed = 256;

[[noreturn]] void refuse(std::string_view equation, const std::string& what) { throw ShapeError("einsum: " + what + ": \"" + std::string(equation) + "\""); }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// One side of a comma: letters, and where among them an ellipsis stands.
struct Term {
  Labels letters;
  std::optional<std::size_t> ellipsis;
};

Term term_of(std::string_view equation, std::string_view text) {
  Term term;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text.substr(i, 3) == "...") {
      if (term.ellipsis) refuse(equation, "two ellipses in one term; one stands for all axes that have no letter");
      term.ellipsis = term.letters.size();
      i += 2;
    } else if (is_letter(text[i])) {
      term.letters.push_back(text[i]);
    } else {
      refuse(equation, std::string("no letter: '") + text[i] + "'; axes are named by letters, terms parted by ',', the result follows \"->\"");
    }
  }
  return term;
}

std::vector<Term> terms_of(std::string_view equation, std::string_view text) {
  std::vector<Term> terms;
  for (std::size_t start = 0;;) {
    const std::size_t comma = text.find(',', start);
    terms.push_back(term_of(equation, text.substr(start, comma - start)));
    if (comma == std::string_view::npos) return terms;
    start = comma + 1;
  }
}

/// The labels of a term for so many axes behind its ellipsis, which are counted from the last.
Labels labels_of(const Term& term, std::size_t unnamed) {
  Labels labels = term.letters;
  Labels axes;
  for (std::size_t k = unnamed; k-- > 0;) axes.push_back(first_unnamed + static_cast<Label>(k));
  if (term.ellipsis) labels.insert(labels.begin() + static_cast<std::ptrdiff_t>(*term.ellipsis), axes.begin(), axes.end());
  return labels;
}

std::string name_of(Label label) {
  std::string name = "'";
  if (label < first_unnamed) name += static_cast<char>(label); else name += "...";
  return name += "'";
}

}  // namespace

EinsumTerms einsum_terms(std::string_view equation, std::span<const Shape> shapes) {
  const std::size_t arrow = equation.find("->");
  const std::vector<Term> inputs = terms_of(equation, equation.substr(0, arrow));
  if (inputs.size() != shapes.size())
    refuse(equation, "the number of terms is not that of the operands: " + std::to_string(inputs.size()) + " terms for " + std::to_string(shapes.size()) + " operands");

  EinsumTerms terms;
  std::map<Label, std::size_t> extents;  // 1 where all are
  std::map<Label, std::size_t> counts;
  std::size_t widest = 0;  // of the ellipses
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::size_t letters = inputs[i].letters.size(), rank = shapes[i].rank();
    if (inputs[i].ellipsis ? letters > rank : letters != rank)
      refuse(equation, "operand " + std::to_string(i) + " has the shape " + to_string(shapes[i]) + ", its term " + std::to_string(letters) + " letters; one for each axis is needed");
    const std::size_t unnamed = rank - letters;
    widest = std::max(widest, unnamed);
    terms.operands.push_back(labels_of(inputs[i], unnamed));
    for (std::size_t k = 0; k < rank; ++k) {
      const Label label = terms.operands[i][k];
      const std::size_t extent = shapes[i][k];
      for (std::size_t before = 0; before < k; ++before)
        if (terms.operands[i][before] == label && shapes[i][before] != extent)
          refuse(equation, "operand " + std::to_string(i) + " has no diagonal " + name_of(label) + ": shape " + to_string(shapes[i]) + "; these axes need one length");
      const auto [known, is_new] = extents.emplace(label, extent);
      if (!is_new && known->second == 1) known->second = extent;
      if (known->second != extent && extent != 1)
        refuse(equation, "the lengths of " + name_of(label) + " differ: " + std::to_string(known->second) + " and " + std::to_string(extent) + "; they must be equal, or 1");
      ++counts[label];
    }
  }
  if (arrow != std::string_view::npos) {
    const Term result = term_of(equation, equation.substr(arrow + 2));
    terms.result = labels_of(result, widest);
    for (std::size_t k = 0; k < terms.result.size(); ++k) {
      if (counts.count(terms.result[k]) == 0) refuse(equation, name_of(terms.result[k]) + " of the result is no axis of an operand");
      if (std::count(terms.result.begin(), terms.result.end(), terms.result[k]) > 1) refuse(equation, name_of(terms.result[k]) + " stands twice in the result; once is needed");
    }
  } else {
    terms.result = labels_of({{}, 0}, widest);
    for (const auto& [label, count] : counts)
      if (label < first_unnamed && count == 1) terms.result.push_back(label);
  }
  return terms;
}

bool contains(const Labels& labels, Label label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

EinsumPair einsum_pair(const Labels& a, const Labels& b, const Labels& needed) {
  EinsumPair pair;
  for (const Label label : a) {
    if (!contains(b, label)) {
      pair.first.push_back(label);
    } else {
      (contains(needed, label) ? pair.batch : pair.summed).push_back(label);
    }
  }
  for (const Label label : b)
    if (!contains(a, label)) pair.second.push_back(label);
  return pair;
}

EinsumNext einsum_next(std::string_view equation, const Labels& product, std::span<const Labels> left, const Labels& result) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (std::size_t place = 0; place < left.size(); ++place) {
    Labels needed = result;
    for (std::size_t other = 0; other < left.size(); ++other)
      if (other != place) needed = joined_labels(needed, left[other]);
    std::size_t axes = 0;
    for (const Label label : product) axes += contains(needed, label) ? 1 : 0;
    for (const Label label : left[place]) axes += contains(needed, label) && !contains(product, label) ? 1 : 0;
    if (axes <= Shape::max_rank) return {place, std::move(needed)};
    fewest = std::min(fewest, axes);
  }
  refuse(equation, "too many axes: a product on the way has " + std::to_string(fewest) + ", an array at most " + std::to_string(Shape::max_rank) + "; take the operands in another order, or in parts");
}

Axes einsum_order(const Labels& from, const Labels& to) {
  Axes order;
  for (const Label label : to) order.push_back(std::find(from.begin(), from.end(), label) - from.begin());
  return order;
}

void check_vectors(std::string_view who, const Shape& a, const Shape& b, bool equal_lengths) {
  if (a.rank() != 1 || b.rank() != 1) throw ShapeError(std::string(who) + ": no vectors: shapes " + to_string(a) + " and " + to_string(b) + "; one axis each is needed");
  if (equal_lengths && a != b) throw ShapeError(std::string(who) + ": the lengths differ: " + to_string(a) + " and " + to_string(b) + "; they must be equal");
}

}  // namespace wengert::detail
