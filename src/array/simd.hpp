// Which of the three builds of the kernels runs: asked of the machine once, at first use.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <wengert/base/export.hpp>

namespace wengert::detail {

/// The instruction sets that the kernels are compiled for. avx2 has FMA besides; avx512 is F, CD, DQ, BW and VL.
enum class SimdLevel : std::uint8_t { baseline, avx2, avx512 };
inline constexpr std::array simd_levels{SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512};

WENGERT_API std::string_view to_string(SimdLevel level) noexcept;
/// Whether this machine, and its operating system, run that level.
WENGERT_API bool is_available(SimdLevel level) noexcept;
/// From now on all kernels are those of that level; for tests. ValueError when the machine cannot.
WENGERT_API void force_simd_level(SimdLevel level);

inline constexpr std::uint8_t no_simd_level = 0xFF;
extern WENGERT_API std::atomic<std::uint8_t> chosen_simd_level;
/// Chooses the best level there is, or the one that the environment variable WENGERT_SIMD names. ValueError when that is unknown or not available.
WENGERT_API SimdLevel choose_simd_level();

/// The level of all kernels. The first call throws ValueError for a WENGERT_SIMD that cannot be followed, and so does every further one.
inline SimdLevel simd_level() {
  const std::uint8_t chosen = chosen_simd_level.load(std::memory_order_relaxed);
  if (chosen != no_simd_level) [[likely]] return static_cast<SimdLevel>(chosen);
  return choose_simd_level();
}

/// A table for each level.
template <class Table>
using TablePerLevel = std::array<const Table*, simd_levels.size()>;

template <class Table>
const Table& at_level(const TablePerLevel<Table>& tables) {
  return *tables[static_cast<std::size_t>(simd_level())];
}

}  // namespace wengert::detail
