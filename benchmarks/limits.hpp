// What each row of the table cannot do without, by hand: the same products, or loops over exactly the bytes that have to move.
// Nothing of wengert is included here, so nothing of it can slow a limit down.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace limits {

/// One pass of a workload, forward and backward. Memory is taken, and its pages are touched, when the Step is made.
using Step = std::function<void()>;

/// A network of fully connected layers: sizes[0] numbers go in.
struct Network {
  std::vector<int> sizes;
  int batch;
};

/// y = tanh(y * c + x) and back, in two loops without a graph.
Step scalar_chain(std::size_t rounds);

/// The products of a training step alone: forward, for each weight's gradient and for each hidden layer's.
Step products(const Network& network, int threads);
/// One pass over what a step of gradient descent with relu has to touch besides: each layer's values, the parameters, the gradients of both.
Step pass_over(const Network& network);

/// Three products of square matrices: C, and the gradients of A and B.
Step square_products(int side, int threads);

/// A pass forward, reading an array and writing one, and a pass backward, doing the same.
Step forward_and_backward(std::size_t elements);
/// A pass forward, reading an array, and a pass backward, reading it again and writing one.
Step read_and_pass(std::size_t elements);
/// A pass forward, reading an array, and a pass backward, writing one.
Step read_and_write(std::size_t elements);
/// Reads a matrix and writes one, then reads one for its column sum.
Step row_added_and_summed(std::size_t rows, std::size_t columns);
/// One pass over four arrays: reads parameters, gradients and both averages, writes all but the gradients.
Step four_arrays(std::size_t elements, int threads);

}  // namespace limits
