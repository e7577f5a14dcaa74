// Where a tape's cards, lists and shapes lie.
#include <algorithm>
#include <new>

#include "graph/tape_state.hpp"

namespace wengert::detail {

namespace {
/// The first offset from `offset` on at which the address is aligned: a card may ask for more than the pool's 64 bytes.
std::size_t aligned(const std::byte* memory, std::size_t offset, std::size_t alignment) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  return (address + offset + alignment - 1) / alignment * alignment - address;
}
}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) give_memory(chunk.memory, chunk.bytes);
}

void* Arena::take(std::size_t bytes, std::size_t alignment) {
  for (; current_ < chunks_.size(); ++current_, offset_ = 0) {
    const std::size_t start = aligned(chunks_[current_].memory, offset_, alignment);
    if (start <= chunks_[current_].bytes && bytes <= chunks_[current_].bytes - start) {
      offset_ = start + bytes;
      return chunks_[current_].memory + start;
    }
  }
  constexpr std::size_t usual = std::size_t{16} << 10U;
  const std::size_t size = memory_class_size(std::max(bytes + alignment, usual));
  chunks_.reserve(chunks_.size() + 1);
  chunks_.push_back({static_cast<std::byte*>(take_memory(size)), size});
  current_ = chunks_.size() - 1;
  const std::size_t start = aligned(chunks_.back().memory, 0, alignment);
  offset_ = start + bytes;
  return chunks_.back().memory + start;
}

ShapeTable::~ShapeTable() {
  for (Shape* shape : slots_)
    if (shape != nullptr) give_memory(shape, sizeof(Shape));
}

namespace {

std::size_t hash_of(const Shape& shape) noexcept {
  std::size_t h = shape.rank();
  for (const auto extent : shape) h = (h ^ extent) * 0x9E3779B97F4A7C15ULL;
  return h ^ (h >> 29U);
}

}  // namespace

const Shape* ShapeTable::interned(const Shape& shape) {
  if (shape.empty()) return &scalar_shape();
  if (2 * used_ >= slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash_of(shape) & mask;
  for (; slots_[i] != nullptr; i = (i + 1) & mask)
    if (*slots_[i] == shape) return slots_[i];
  slots_[i] = new (take_memory(sizeof(Shape))) Shape(shape);
  ++used_;
  return slots_[i];
}

void ShapeTable::grow() {
  PoolVector<Shape*> wider(std::max<std::size_t>(32, 2 * slots_.size()), nullptr);
  for (Shape* shape : slots_) {
    if (shape == nullptr) continue;
    std::size_t i = hash_of(*shape) & (wider.size() - 1);
    while (wider[i] != nullptr) i = (i + 1) & (wider.size() - 1);
    wider[i] = shape;
  }
  slots_.swap(wider);
}

}  // namespace wengert::detail
