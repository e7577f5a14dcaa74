// Blocks and the arrays made of them: everything about Array that is not worth inlining into users' programs.
#include <wengert/array/array.hpp>

#include <new>
#include <type_traits>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>

#include "array/ranges.hpp"

namespace wengert {

namespace detail {

Block* new_block(const Shape& shape, std::size_t bytes_per_element) {
  const std::size_t elements = shape.elements();
  const std::size_t bytes = elements * bytes_per_element;
  void* const data = take_memory(bytes);
  try {
    return new (take_memory(sizeof(Block))) Block{1, static_cast<std::uint16_t>(bytes_per_element), 0, data, nullptr, elements, bytes, shape};
  } catch (...) {
    give_memory(data, bytes);
    throw;
  }
}

Block* new_view(Block* block, const Shape& shape) {
  Block* const owner = block->owner != nullptr ? block->owner : block;
  Block* const view = new (take_memory(sizeof(Block))) Block{1, block->bytes_per_element, 0, block->data, owner, block->elements, block->bytes, shape};
  owner->count.fetch_add(1, std::memory_order_relaxed);
  return view;
}

void drop_block(Block* block) noexcept {
  if (Block* const owner = block->owner; owner == nullptr) {
    give_memory(block->data, block->bytes);
  } else if (owner->count.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    drop_block(owner);  // an owner owns its own memory: this goes one step deep, never further
  }
  block->~Block();
  give_memory(block, sizeof(Block));
}

const Shape& scalar_shape() noexcept {
  static const Shape shape{};
  return shape;
}

namespace {
constexpr const char* holds_nothing = ": the array holds nothing: it was default-constructed or moved from; an array is needed";
}  // namespace

void refuse_item(const Shape& shape, std::size_t elements) {
  if (shape.empty() && elements == 0) throw ShapeError(std::string("item") + holds_nothing);
  throw ShapeError("item: not one number: shape " + to_string(shape) + "; an array of exactly one element is needed");
}

void refuse_reshaped(const Shape& from, std::size_t elements, const Shape& to) {
  if (from.empty() && elements == 0) throw ShapeError(std::string("reshaped") + holds_nothing);
  throw ShapeError("reshaped: sizes differ: " + to_string(from) + " has " + std::to_string(elements) + " elements, " + to_string(to) + " has " + std::to_string(to.elements()) +
                   "; they must be equal");
}

void refuse_index(const Shape& shape, std::initializer_list<std::size_t> index) {
  Shape given;
  for (const auto i : index) given.push_back(i);
  throw ShapeError("index: outside of the array: " + to_string(given) + " in shape " + to_string(shape) +
                   "; one index per axis, each from 0 to the extent less 1");
}

void check_value_count(std::size_t given, const Shape& shape) {
  if (given != shape.elements())
    throw ShapeError("from_values: the number of values is not the shape's: " + std::to_string(given) + " values for shape " + to_string(shape) + "; " +
                     std::to_string(shape.elements()) + " are needed");
}

template <Real To, Element From>
Array<To> converted(const Array<From>& x) {
  if (x.is_nothing()) throw GraphError(std::string("cast") + holds_nothing);
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    return Array<To>::build(x.shape(), [&](std::span<To> out) {
      in_ranges(out.size(), 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) out[i] = static_cast<To>(x.data()[i]);
      });
    });
  }
}

template Array<float> converted(const Array<float>&);
template Array<float> converted(const Array<double>&);
template Array<float> converted(const Array<std::int64_t>&);
template Array<float> converted(const Array<bool>&);
template Array<double> converted(const Array<float>&);
template Array<double> converted(const Array<double>&);
template Array<double> converted(const Array<std::int64_t>&);
template Array<double> converted(const Array<bool>&);

}  // namespace detail

template class Array<float>;
template class Array<double>;
template class Array<std::int64_t>;
template class Array<bool>;

}  // namespace wengert
