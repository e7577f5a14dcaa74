// The house itself, read as text: includes go one way, xtensor stays behind its fence, rules stand where they belong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path house = WENGERT_SOURCE_DIR;

struct Source {
  fs::path path;     // relative to the top folder
  std::string text;  // as it stands
  std::string code;  // without comments; string literals are left alone

  std::string room() const {  // "ops" for include/wengert/ops/... and for src/ops/...; empty for the umbrella headers
    auto part = path.begin();
    const bool is_public = *part++ == "include";
    if (is_public) ++part;
    return std::next(part) == path.end() ? std::string() : part->string();
  }
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string without_comments(const std::string& text) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        code += text[i++];
      } else if (text[i] == quote || text[i] == '\n') {
        quote = 0;
      }
    } else if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size() - 1);
    } else if (text.compare(i, 2, "/*") == 0) {
      i = std::min(text.find("*/", i + 2), text.size() - 2) + 1;
      continue;
    } else if (text[i] == '"') {
      quote = '"';
    } else if (text[i] == '\'' && (i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0)) {
      quote = '\'';  // not the separator in 1'000'000
    }
    code += text[i];
  }
  return code;
}

bool is_source(const fs::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp"; }

std::vector<Source> sources_under(std::initializer_list<const char*> folders) {
  std::vector<Source> found;
  for (const auto* folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(house / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      auto text = contents(entry.path());
      auto code = without_comments(text);
      found.push_back({fs::relative(entry.path(), house), std::move(text), std::move(code)});
    }
  }
  std::sort(found.begin(), found.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return found;
}

const std::vector<Source>& library() {
  static const auto all = sources_under({"include", "src"});
  return all;
}

struct Include {
  std::string target;  // what stands between the brackets or the quotes
  std::size_t line;
};

std::vector<Include> includes(const Source& source) {
  static const std::regex directive(R"(^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"])");
  std::vector<Include> found;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < source.code.size();) {
    ++number;
    const auto end = std::min(source.code.find('\n', begin), source.code.size());
    const auto line = source.code.substr(begin, end - begin);
    std::smatch match;
    if (std::regex_search(line, match, directive)) found.push_back({match[1], number});
    begin = end + 1;
  }
  return found;
}

std::string place(const Source& source, std::size_t line) { return source.path.string() + ":" + std::to_string(line); }

// What each room may include, itself apart: the one-way street of docs/design.md.
const std::map<std::string, std::set<std::string>>& street() {
  static const std::map<std::string, std::set<std::string>> rooms = {
      {"base", {}},
      {"array", {"base"}},
      {"graph", {"base", "array"}},
      {"ops", {"base", "array", "graph"}},
      {"nn", {"base", "array", "graph", "ops"}},
      {"optim", {"base", "array", "graph"}},
      {"check", {"base", "array", "graph", "ops"}},
      {"transform", {"base", "array", "graph", "ops"}},
      {"viz", {"base", "array", "graph"}},
      {"data", {"base", "array"}},
  };
  return rooms;
}

// The room of an include, both of <wengert/ops/linalg.hpp> and of "ops/product.hpp"; empty when it is not of the house.
std::string room_of(const std::string& target) {
  static const std::regex form(R"(^(?:wengert/)?([a-z]+)/[a-z0-9_/]+\.hpp$)");
  std::smatch match;
  if (!std::regex_match(target, match, form)) return {};
  return street().count(match[1]) != 0 || target.rfind("wengert/", 0) == 0 ? std::string(match[1]) : std::string();
}

TEST(House, HasARoomForEverySource) {
  for (const auto& source : library())
    EXPECT_TRUE(source.room().empty() || street().count(source.room()) == 1) << source.path << " is in no room of the street";
}

TEST(House, IncludesGoOneWay) {
  std::size_t seen = 0;
  for (const auto& source : library()) {
    const auto room = source.room();
    if (room.empty() || street().count(room) == 0) continue;
    for (const auto& include : includes(source)) {
      const auto other = room_of(include.target);
      if (other.empty() || other == room) continue;
      ++seen;
      EXPECT_EQ(street().at(room).count(other), 1u) << place(source, include.line) << ": " << room << " must not know " << other;
    }
  }
  EXPECT_GT(seen, 0u);
}

TEST(House, ShowsItselfToItsRoomsRoomByRoom) {
  for (const auto& source : library())
    if (!source.room().empty()) {
      for (const auto& include : includes(source))
        EXPECT_FALSE(include.target == "wengert/wengert.hpp" || include.target == "wengert/core.hpp")
            << place(source, include.line) << ": a room includes the headers it uses, not the umbrella";
    }
}

TEST(House, NamesItsPrivateFilesFromTheTop) {
  // "ops/x.hpp" and not "x.hpp", so that a reader, and the tests above, see the room.
  for (const auto& source : library())
    for (const auto& include : includes(source))
      if (source.code.find('"' + include.target + '"') != std::string::npos) {
        EXPECT_TRUE(fs::exists(house / "src" / include.target)) << place(source, include.line) << ": \"" << include.target << "\" is no file under src/";
      }
}

TEST(House, KeepsXtensorBehindOneHeader) {
  const std::regex xtensor(R"(^(xtensor|xtl|xtensor-blas)/)");
  for (const auto& source : library())
    for (const auto& include : includes(source))
      EXPECT_TRUE(!std::regex_search(include.target, xtensor) || source.path == fs::path("include/wengert/array/xtensor.hpp"))
          << place(source, include.line) << ": only <wengert/array/xtensor.hpp> includes xtensor";
}

TEST(House, ReachesXtensorOnlyFromTheUmbrellaAndFromOutside) {
  for (const auto& source : library())
    for (const auto& include : includes(source))
      EXPECT_TRUE(include.target != "wengert/array/xtensor.hpp" || source.path == fs::path("include/wengert/wengert.hpp") ||
                  source.path.string().rfind("include/wengert/array/xtensor", 0) == 0)
          << place(source, include.line) << ": <wengert/core.hpp> and all below it do without xtensor";
}

TEST(House, UsesSimdBatchesInKernelUnitsOnly) {
  for (const auto& source : library())
    for (const auto& include : includes(source))
      EXPECT_TRUE(include.target.rfind("xsimd/", 0) != 0 || source.path.string().find("/kernels/") != std::string::npos)
          << place(source, include.line) << ": xsimd belongs into src/<room>/kernels, which are compiled once per instruction set";
}

TEST(House, CallsBlasFromTheArrayRoomOnly) {
  for (const auto& source : library())
    for (const auto& include : includes(source))
      EXPECT_TRUE(include.target.find("cblas") == std::string::npos || source.path.string().rfind("src/array/", 0) == 0)
          << place(source, include.line) << ": BLAS is called in src/array only";
}

TEST(House, WritesNoPullbackInLayersAndOptimizers) {
  const std::regex rule(R"(\b(pullbacks?|with_gradient|Elementwise)\b)");
  for (const auto& source : library()) {
    if (source.room() != "nn" && source.room() != "optim") continue;
    std::smatch match;
    EXPECT_FALSE(std::regex_search(source.code, match, rule)) << source.path << ": \"" << match.str() << "\": layers are composed of operations, which have the rules";
  }
}

TEST(House, OpensEveryFileWithItsPlace) {
  for (const auto& source : library()) EXPECT_EQ(source.text.rfind("// ", 0), 0u) << source.path << " does not open with one sentence on its place in the house";
}

TEST(House, GuardsEveryHeaderOnce) {
  for (const auto& source : library())
    EXPECT_TRUE(source.path.extension() != ".hpp" || source.code.find("#pragma once") != std::string::npos) << source.path;
}

TEST(House, HoldsEveryPublicHeaderOfARoomInTheUmbrella) {
  std::set<std::string> reached;
  std::vector<std::string> waiting{"wengert/wengert.hpp"};
  while (!waiting.empty()) {
    const auto header = waiting.back();
    waiting.pop_back();
    if (!reached.insert(header).second) continue;
    for (const auto& source : library())
      if (source.path == fs::path("include") / header)
        for (const auto& include : includes(source))
          if (include.target.rfind("wengert/", 0) == 0) waiting.push_back(include.target);
  }
  for (const auto& source : library()) {
    if (*source.path.begin() != "include") continue;
    const auto header = fs::relative(source.path, "include").string();
    // The umbrella must not ask its users for GoogleTest.
    EXPECT_TRUE(reached.count(header) != 0 || header == "wengert/check/gtest.hpp") << header << " is not reached from <wengert/wengert.hpp>";
  }
}

// ---- documentation ----

TEST(House, DocumentsEveryPublicName) {
  // What stands together without a blank line shares the comment above it; an options' struct may explain its members instead; one
  // comment serves all overloads of a header. Left out: namespace detail, lists of cards, forward declarations.
  const std::regex type(R"re(^(?:class|struct|enum class|concept|using) (?:WENGERT_API )?(\w+)[^;]*(?:\{|$|=))re");
  const std::regex function(R"re(^(?!return|namespace|template|static_assert|extern)\w[\w:<>,&* ]*?(?:^|[ &*])(operator[^\s(]+|\w+)\()re");
  std::size_t seen = 0;
  for (const auto& source : library()) {
    if (*source.path.begin() != "include") continue;
    std::map<std::string, bool> documented;
    std::string open_struct, line;
    bool group_has_doc = false, inside_detail = false;
    for (std::istringstream lines(source.text); std::getline(lines, line);) {
      if (line.rfind("namespace", 0) == 0 && line.find("detail") != std::string::npos) inside_detail = true;
      if (line.rfind("}  // namespace", 0) == 0 && line.find("detail") != std::string::npos) inside_detail = false;
      if (inside_detail || line.find("CardList<") != std::string::npos || line.find("family_of(") != std::string::npos) continue;
      if (line.empty()) group_has_doc = false;
      if (line.rfind("///", 0) == 0) group_has_doc = true;
      if (!open_struct.empty() && line.find("///") != std::string::npos) documented[open_struct] = true;
      if (line.rfind("};", 0) == 0) open_struct.clear();
      std::smatch match;
      if (std::regex_search(line, match, type)) {
        open_struct = match[1];
      } else if (!std::regex_search(line, match, function)) {
        continue;
      }
      ++seen;
      documented[match[1]] |= group_has_doc;
    }
    for (const auto& [name, is_documented] : documented) EXPECT_TRUE(is_documented) << source.path << ": " << name << " has no doc comment";
  }
  EXPECT_GT(seen, 150u);
}

// ---- cards ----

struct Card {
  std::string structure;  // the name of its struct
  std::string name;       // what it calls itself in errors and tests
  std::string doc;        // the doc comment above it, empty where there is none
  std::string place;
};

// A card is a struct of the ops room with a constant called `name`, a text.
std::vector<Card> cards() {
  static const std::regex opening(R"(^struct (?:WENGERT_API )?(\w+)[^;]*\{)");
  static const std::regex naming(R"re(^  static constexpr std::string_view name = "([^"]+)";)re");
  std::vector<Card> found;
  for (const auto& source : library()) {
    if (source.room() != "ops") continue;
    Card open;
    std::string doc, line;
    std::size_t number = 0;
    for (std::istringstream lines(source.text); std::getline(lines, line);) {
      ++number;
      std::smatch match;
      if (line.rfind("/// ", 0) == 0) {
        doc += line + "\n";
      } else if (std::regex_search(line, match, opening)) {
        open = {match[1], {}, doc, place(source, number)};
      } else if (std::regex_search(line, match, naming) && !open.structure.empty()) {
        open.name = match[1];
        found.push_back(open);
      }
      if (line.rfind("///", 0) != 0 && line.rfind("template", 0) != 0) doc.clear();
    }
  }
  return found;
}

TEST(Cards, OpenTheirDocWithTheFormulaAndItsDerivative) {
  const std::regex formula(R"(^/// y\b.* = )"), derivative(R"(\bd\w+(\[\w+\])? = )");
  EXPECT_GT(cards().size(), 40u) << "the cards are written in a way that this test does not see";
  for (const auto& card : cards()) {
    EXPECT_TRUE(std::regex_search(card.doc, formula)) << card.place << ": " << card.structure << ": the doc comment begins with \"/// y = \", the formula";
    EXPECT_TRUE(std::regex_search(card.doc, derivative)) << card.place << ": " << card.structure << ": the doc comment has \"dx = \", the derivative";
  }
}

TEST(Cards, CallEachNameTheirOwn) {
  std::map<std::string, std::string> places;
  for (const auto& card : cards()) {
    const auto [other, is_new] = places.emplace(card.name, card.place);
    EXPECT_TRUE(is_new) << card.place << ": \"" << card.name << "\" is also the card at " << other->second;
  }
}

TEST(Cards, HaveARowInTheTable) {
  const std::regex row(R"re(\.(?:name|card) = "([^"]+)")re");
  std::set<std::string> rows;
  for (const auto& source : sources_under({"tests/ops"}))
    for (std::sregex_iterator match(source.code.begin(), source.code.end(), row), end; match != end; ++match) rows.insert((*match)[1]);
  rows.insert("cast");  // of two number types, where a row has one: tests/ops/cast_test.cpp
  for (const auto& card : cards()) EXPECT_EQ(rows.count(card.name), 1u) << card.place << ": no row in tests/ops has .name or .card \"" << card.name << "\"";
}

TEST(Cards, AreRecordedByTheLibrary) {
  // By a public function, or by another card's pullback: a card that nothing records is dead. A card is made where it is recorded, or
  // has a name there first, `cards::Where card;`, or is known by its name alone, record_library<cards::Exp>(x), rules_of<cards::Cast, T>().
  const std::regex call(R"(\brecord(?:_\w+)?(?:<\w+>)?\((?:cards::)?(\w+)|\bcards::(\w+) card\b|\b(?:record_library|rules_of)<(?:cards::)?(\w+)[>,])");
  std::set<std::string> recorded;
  for (const auto& source : library())
    for (std::sregex_iterator match(source.code.begin(), source.code.end(), call), end; match != end; ++match) {
      for (std::size_t group = 1; group <= 3; ++group)
        if ((*match)[group].matched) recorded.insert((*match)[group]);
    }
  for (const auto& card : cards()) EXPECT_EQ(recorded.count(card.structure), 1u) << card.place << ": nothing records " << card.structure;
}

TEST(Cards, CallNothingThatABatchComputesBadly) {
  // What argument-dependent look-up finds for a batch: xsimd's reciprocal is good to 12 bits, its erf, lgamma and exp2 are worse
  // than the standard's, select is also a system call. These are measured and good to a few units of the last place.
  const std::set<std::string> good = {"abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "digamma", "erf", "erfc", "exp", "exp2", "exp_minus_abs",
                                      "expm1", "fma", "gelu_by_tanh", "lgamma", "log", "log10", "log1p", "log2", "polygamma", "pow", "sin", "sinh", "sqrt", "tan", "tanh", "times_exp_minus_abs",
                                      "times_normal_distribution", "where"};
  const std::set<std::string> language = {"constexpr", "family_of", "if", "index_of", "infinity", "quiet_NaN", "requires", "sizeof", "static_assert", "reads", "X"};
  const std::regex call(R"(\b([A-Za-z_]\w*)(?:<\w+>)?\()"), own(R"(\bX (\w+)\()");
  std::size_t seen = 0;
  const auto files = sources_under({"src/ops/cards"});
  std::set<std::string> theirs;
  for (const auto& source : files)
    for (std::sregex_iterator match(source.code.begin(), source.code.end(), own), end; match != end; ++match) theirs.insert((*match)[1]);
  for (const auto& source : files)
    for (std::sregex_iterator match(source.code.begin(), source.code.end(), call), end; match != end; ++match) {
      const auto name = (*match)[1].str();
      ++seen;
      EXPECT_TRUE(good.count(name) + language.count(name) + theirs.count(name) > 0) << source.path << " calls " << name << ", which a card must not";
    }
  EXPECT_GT(seen, 100u);
}

}  // namespace
