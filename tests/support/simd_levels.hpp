// Tests that run once per instruction set: what this machine cannot run shows up as skipped.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "array/simd.hpp"

namespace wengert::test {

class AtEachSimdLevel : public testing::TestWithParam<detail::SimdLevel> {
 protected:
  void SetUp() override {
    if (!detail::is_available(GetParam())) GTEST_SKIP() << "this machine does not run " << detail::to_string(GetParam());
    before_ = detail::simd_level();
    detail::force_simd_level(GetParam());
  }
  void TearDown() override {
    if (detail::is_available(GetParam())) detail::force_simd_level(before_);
  }

 private:
  detail::SimdLevel before_ = detail::SimdLevel::baseline;
};

inline const auto all_simd_levels = testing::ValuesIn(detail::simd_levels);
inline std::string simd_level_name(const testing::TestParamInfo<detail::SimdLevel>& info) { return std::string(detail::to_string(info.param)); }

}  // namespace wengert::test
