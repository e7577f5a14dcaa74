// Which build of the kernels runs: what the machine can, what the environment asks for.
#include "array/simd.hpp"

#include <cstdlib>
#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::detail {

std::atomic<std::uint8_t> chosen_simd_level{no_simd_level};

std::string_view to_string(SimdLevel level) noexcept {
  switch (level) {
    case SimdLevel::avx2: return "avx2";
    case SimdLevel::avx512: return "avx512";
    case SimdLevel::baseline: break;
  }
  return "baseline";
}

// Feature by feature, as the objects are compiled; the builtin asks the operating system as well (xgetbv).
bool is_available(SimdLevel level) noexcept {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (level) {
    case SimdLevel::avx2: return avx2;
    case SimdLevel::avx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    case SimdLevel::baseline: break;
  }
  return true;
}

namespace {

[[noreturn]] void refuse(std::string_view who, std::string_view what, std::string_view given) {
  std::string message = std::string(who) + ": " + std::string(what) + ": \"" + std::string(given) + "\"; this machine has";
  const char* separator = " ";
  for (const SimdLevel level : simd_levels) {
    if (!is_available(level)) continue;
    message += separator + std::string(to_string(level));
    separator = ", ";
  }
  throw ValueError(message);
}

SimdLevel wanted_level() {
  const char* const name = std::getenv("WENGERT_SIMD");  // NOLINT(concurrency-mt-unsafe): nothing here writes the environment
  if (name == nullptr || *name == '\0') {
    SimdLevel best = SimdLevel::baseline;
    for (const SimdLevel level : simd_levels)
      if (is_available(level)) best = level;
    return best;
  }
  for (const SimdLevel level : simd_levels) {
    if (to_string(level) != name) continue;
    if (!is_available(level)) refuse("WENGERT_SIMD", "not available on this machine", name);
    return level;
  }
  refuse("WENGERT_SIMD", "no such level", name);
}

}  // namespace

SimdLevel choose_simd_level() {
  const SimdLevel level = wanted_level();
  chosen_simd_level.store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
  return level;
}

void force_simd_level(SimdLevel level) {
  if (!is_available(level)) refuse("force_simd_level", "not available on this machine", to_string(level));
  chosen_simd_level.store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
}

}  // namespace wengert::detail
