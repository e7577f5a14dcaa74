// The networks of the table.
#pragma once

#include <cstddef>
#include <vector>

#include <wengert/core.hpp>

namespace bench {

/// Layers of these sizes, sizes[0] numbers going in, with an activation behind each but the last one.
template <class Activation>
wengert::nn::Sequential<float> network(const std::vector<std::size_t>& sizes) {
  namespace wg = wengert;
  wg::RandomEngine engine(1);
  wg::nn::Sequential<float> net;
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    // Of a variance that keeps the size of values from layer to layer: none becomes so small that arithmetic is slow.
    net.add(wg::nn::Linear<float>(wg::init::glorot_normal<float>({sizes[l - 1], sizes[l]}, engine)));
    if (l + 1 < sizes.size()) net.add(Activation{});
  }
  return net;
}

}  // namespace bench
