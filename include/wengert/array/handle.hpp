// The untyped part of an Array: 16 bytes that are a number, or a counted reference to a block, or nothing. The tape
// stores values and cotangents as handles, whatever their number type.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <wengert/array/shape.hpp>
#include <wengert/base/export.hpp>

namespace wengert::detail {

/// A counted stretch of memory and its shape. `owner` is another block where this one is only another view of its elements.
struct Block {
  std::atomic<std::uint32_t> count;
  std::uint16_t bytes_per_element;
  std::atomic<std::uint16_t> charges;  // slots of tapes that hold this block and count its bytes
  void* data;
  Block* owner;           // null: the memory is this block's own
  std::size_t elements;
  std::size_t bytes;      // as asked of the pool
  Shape shape;
};

/// A block of its own memory, count 1, contents arbitrary. Throws ShapeError for an impossible shape, std::bad_alloc.
WENGERT_API Block* new_block(const Shape& shape, std::size_t bytes_per_element);
/// Another shape for the same elements, count 1; `block` is counted once more.
WENGERT_API Block* new_view(Block* block, const Shape& shape);
WENGERT_API void drop_block(Block* block) noexcept;  // when its count has reached 0
WENGERT_API const Shape& scalar_shape() noexcept;

class Handle {
 public:
  constexpr Handle() noexcept = default;
  template <class T>
  static Handle number(T value) noexcept {
    static_assert(sizeof(T) <= sizeof(bits_));
    Handle handle;
    handle.block_ = number_tag();
    std::memcpy(handle.bits_.bytes, &value, sizeof(T));
    return handle;
  }
  static Handle adopt(Block* block) noexcept {
    Handle handle;
    handle.block_ = block;
    return handle;
  }
  Handle(const Handle& other) noexcept : block_(other.block_), bits_(other.bits_) {
    if (is_block()) block_->count.fetch_add(1, std::memory_order_relaxed);
  }
  Handle(Handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)), bits_(other.bits_) {}
  Handle& operator=(const Handle& other) noexcept {
    Handle copy(other);
    swap(copy);
    return *this;
  }
  Handle& operator=(Handle&& other) noexcept {
    Handle moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Handle() { release(); }

  void swap(Handle& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(bits_, other.bits_);
  }
  void reset() noexcept {
    release();
    block_ = nullptr;
  }

  /// Makes a handle that is nothing, or a number, this number.
  template <class T>
  void set_number(T value) noexcept {
    block_ = number_tag();
    std::memcpy(bits_.bytes, &value, sizeof(T));
  }

  /// Makes a handle that is nothing, or a number, nothing.
  void forget_number() noexcept { block_ = nullptr; }

  bool is_nothing() const noexcept { return block_ == nullptr; }
  bool is_number() const noexcept { return block_ == number_tag(); }
  bool is_block() const noexcept { return reinterpret_cast<std::uintptr_t>(block_) > 1; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

  /// The number of a number handle.
  template <class T>
  T as() const noexcept {
    T value;
    std::memcpy(&value, bits_.bytes, sizeof(T));
    return value;
  }
  Block* block() const noexcept { return block_; }
  /// True when nobody else holds these elements, so that they may be written.
  bool is_unique() const noexcept {
    return is_block() && block_->count.load(std::memory_order_acquire) == 1 &&
           (block_->owner == nullptr || block_->owner->count.load(std::memory_order_acquire) == 1);
  }
  const Shape& shape() const noexcept { return is_block() ? block_->shape : scalar_shape(); }
  std::size_t elements() const noexcept { return is_block() ? block_->elements : (is_number() ? 1 : 0); }
  const void* address() const noexcept {
    if (is_block()) return block_->data;
    // Where the number is, unless seen by g++ 12's bounds warnings: they would count its eight bytes against every caller's
    // loop. An asm on the pointer itself would hide also that what is written there is this object's.
    std::uintptr_t zero = 0;
    asm("" : "+r"(zero));
    return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(bits_.bytes) ^ zero);
  }

 private:
  static Block* number_tag() noexcept { return std::bit_cast<Block*>(std::uintptr_t{1}); }
  void release() noexcept {
    if (is_block() && block_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) drop_block(block_);
  }

  Block* block_ = nullptr;
  // A number is read and written in its place, through data(). Bytes may be; of an integer the optimizer would be free to
  // assume that nobody does. memcpy moves them in one register, which g++ 12 does not do for an array.
  struct Bits {
    alignas(8) unsigned char bytes[8] = {};
    constexpr Bits() noexcept = default;
    Bits(const Bits& other) noexcept { std::memcpy(bytes, other.bytes, sizeof(bytes)); }
    Bits& operator=(const Bits& other) noexcept {
      std::memcpy(bytes, other.bytes, sizeof(bytes));
      return *this;
    }
    ~Bits() = default;
  };
  Bits bits_;
};

}  // namespace wengert::detail
