// Everything of the library that works without xtensor.
#pragma once

#include <wengert/base/errors.hpp>
#include <wengert/base/export.hpp>
#include <wengert/base/random.hpp>
#include <wengert/base/threads.hpp>

#include <wengert/array/array.hpp>
#include <wengert/array/memory.hpp>
#include <wengert/array/shape.hpp>
#include <wengert/array/windows.hpp>

#include <wengert/graph/card.hpp>
#include <wengert/graph/derivatives.hpp>
#include <wengert/graph/elementwise.hpp>
#include <wengert/graph/gradients.hpp>
#include <wengert/graph/inspect.hpp>
#include <wengert/graph/parameter.hpp>
#include <wengert/graph/profile.hpp>
#include <wengert/graph/record.hpp>
#include <wengert/graph/segment.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/use.hpp>
#include <wengert/graph/var.hpp>

#include <wengert/ops/activation.hpp>
#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/cast.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/convolution.hpp>
#include <wengert/ops/cumulative.hpp>
#include <wengert/ops/decomposition.hpp>
#include <wengert/ops/einsum.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/embedding.hpp>
#include <wengert/ops/linalg.hpp>
#include <wengert/ops/norm.hpp>
#include <wengert/ops/order.hpp>
#include <wengert/ops/pooling.hpp>
#include <wengert/ops/rearrange.hpp>
#include <wengert/ops/reduce.hpp>
#include <wengert/ops/select.hpp>
#include <wengert/ops/shape.hpp>
#include <wengert/ops/softmax.hpp>
#include <wengert/ops/solve.hpp>

#include <wengert/nn/activations.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/buffer.hpp>
#include <wengert/nn/context.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/init.hpp>
#include <wengert/nn/layer.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/losses.hpp>
#include <wengert/nn/margin_losses.hpp>
#include <wengert/nn/metrics.hpp>
#include <wengert/nn/normalization.hpp>
#include <wengert/nn/penalties.hpp>
#include <wengert/nn/regression_losses.hpp>
#include <wengert/nn/sequential.hpp>

#include <wengert/optim/adam.hpp>
#include <wengert/optim/gradient_descent.hpp>
#include <wengert/optim/optimizer.hpp>

#include <wengert/check/check_gradients.hpp>

#include <wengert/transform/argument.hpp>
#include <wengert/transform/batch.hpp>
#include <wengert/transform/checkpoint.hpp>
#include <wengert/transform/function.hpp>
#include <wengert/transform/gradient.hpp>
#include <wengert/transform/jacobian.hpp>
#include <wengert/transform/place.hpp>
#include <wengert/transform/products.hpp>

#include <wengert/data/dataset.hpp>
#include <wengert/data/idx.hpp>

#include <wengert/viz/frames.hpp>
#include <wengert/viz/graph.hpp>
#include <wengert/viz/plot.hpp>
