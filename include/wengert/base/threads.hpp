// How many threads the library may use, and the one pool on which all of its work is split.
#pragma once

#include <cstddef>
#include <type_traits>

#include <wengert/base/export.hpp>

namespace wengert {

/// Sets how many threads a large operation may use, products included; 1 is serial. Elementwise results and reductions
/// do not depend on it; products are the same from run to run at one count. Throws ValueError for 0.
WENGERT_API void set_threads(std::size_t count);

/// The number that set_threads chose; at first the processors that this process may run on.
WENGERT_API std::size_t threads() noexcept;

namespace detail {

/// Calls work(context, i) once for each i in [0, blocks), on several threads where that pays. Returns when all are done;
/// the first exception is rethrown. When the pool is busy with another caller's work the blocks run here, one after another.
WENGERT_API void run_blocks(std::size_t blocks, void (*work)(void* context, std::size_t block), void* context);

/// The same for any callable taking a block's number.
template <class F>
void parallel(std::size_t blocks, F&& f) {
  if (blocks == 1) return f(std::size_t{0});
  run_blocks(blocks, [](void* context, std::size_t block) { (*static_cast<std::remove_reference_t<F>*>(context))(block); }, &f);
}

}  // namespace detail
}  // namespace wengert
