// What the tests of pictures share: a folder of their own, and a world without programs that draw.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace wengert::test {

/// A folder for one test.
class InAFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "wengert_viz_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  std::string content(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

 private:
  std::filesystem::path folder_;
};

/// As long as it lives no program is found.
class WithoutPrograms {
 public:
  explicit WithoutPrograms(const std::filesystem::path& empty_folder) : before_(std::getenv("PATH")) { setenv("PATH", empty_folder.c_str(), 1); }
  WithoutPrograms(const WithoutPrograms&) = delete;
  WithoutPrograms& operator=(const WithoutPrograms&) = delete;
  ~WithoutPrograms() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

inline bool has_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  const std::string folders = path != nullptr ? path : "";
  for (std::size_t start = 0; start <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', start), folders.size());
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::path(folders.substr(start, end - start)) / name, ignored)) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace wengert::test
