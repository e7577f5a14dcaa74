// What the workloads are given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <wengert/core.hpp>

namespace bench {

/// Numbers in [-1, 1) that repeat after 1009 elements, so that no two neighbouring rows are alike and none is zero.
inline wengert::Array<float> waves(const wengert::Shape& shape) {
  return wengert::Array<float>::build(shape, [](std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (static_cast<float>(i % 1009) + 0.5F) / 504.5F - 1;
  });
}

inline wengert::Array<std::int64_t> labels(std::size_t examples, std::size_t classes) {
  return wengert::Array<std::int64_t>::build({examples}, [&](std::span<std::int64_t> out) {
    for (std::size_t i = 0; i < examples; ++i) out[i] = static_cast<std::int64_t>(i % classes);
  });
}

}  // namespace bench
