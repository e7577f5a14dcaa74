// The elementwise driver: from arrays and their shapes to tiles, whatever the broadcast, on as many threads as pay.
#pragma once

#include <cstddef>
#include <span>

#include <wengert/array/array.hpp>
#include <wengert/array/handle.hpp>
#include <wengert/array/shape.hpp>
#include <wengert/array/tiles.hpp>
#include <wengert/base/export.hpp>

namespace wengert::detail {

/// out = apply(in...), out dense and of shape `shape`, to which every input can be stretched. `card` may be null for a card
/// without attributes of the library's own. Inputs may be numbers.
template <Real T>
WENGERT_API void forward_elementwise(const ElementwiseLoops<T>& loops, const void* card, std::span<const Handle* const> in, const Shape& shape, T* out);

/// out = join(g, slope<i>(in..., y)), or out += the same; out dense and of shape `shape`, that of the forward pass's output,
/// also where input i was stretched to it (see sum_to in array/reduce.hpp). g is of that shape, or a number standing for all of
/// it; out may be g's own memory. An input is null, and y is null, where the card does not keep it.
template <Real T>
WENGERT_API void backward_elementwise(const ElementwiseLoops<T>& loops, const void* card, std::size_t i, const Handle& g, std::span<const Handle* const> in,
                          const Handle* y, const Shape& shape, T* out, bool accumulate);

}  // namespace wengert::detail
