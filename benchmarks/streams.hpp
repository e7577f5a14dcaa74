// What the limits are made of: memory, a second thread, and loops that do nothing but move their bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace limits {

/// Floats whose pages have been touched, huge ones where the system gives them. No two large arrays start at the same place of a page:
/// streams that walk in step through the same sets of a cache are in each other's way.
class Floats {
 public:
  explicit Floats(std::size_t count, float value = 0.5F);
  float* data() const { return values_; }
  std::size_t size() const { return count_; }

 private:
  struct Delete {
    void operator()(void* memory) const;
  };
  std::unique_ptr<void, Delete> memory_;
  float* values_;
  std::size_t count_;
};

/// A second thread for as long as this lives, and work split between both: each takes part after part, so that the first does not
/// wait while the second wakes.
class TwoThreads {
 public:
  TwoThreads() : second_([this] { serve(); }) {}
  TwoThreads(const TwoThreads&) = delete;
  TwoThreads& operator=(const TwoThreads&) = delete;
  ~TwoThreads();

  /// Calls work(start, length) for parts that make up [0, count), each `part` long but the last.
  void split(std::size_t count, std::size_t part, const std::function<void(std::size_t, std::size_t)>& work);

 private:
  void call();
  void take_parts();
  void serve();

  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t count_ = 0, part_ = 1;
  alignas(64) std::atomic<std::size_t> next_{0};
  alignas(64) std::atomic<std::uint32_t> called_{0};
  alignas(64) std::atomic<std::uint32_t> answered_{0};
  std::atomic<bool> ended_{false};
  std::thread second_;  // last: it uses all of the above
};

/// Whether a store goes through the caches or past them. What is quicker depends on the sizes of arrays and caches.
enum class Store { cached, streamed };

/// Reads x, writes y.
void pass(const float* x, float* y, std::size_t n, Store store);
/// Reads x, writes y; both are matrices, and `row` stays in the first cache.
void add_row(const float* x, const float* row, float* y, std::size_t rows, std::size_t columns, Store store);
/// Writes y.
void write(float* y, std::size_t n, float value, Store store);
/// Reads x.
float read(const float* x, std::size_t n);
/// Reads x; `sums` stay in the first cache.
void add_up_columns(const float* x, float* sums, std::size_t rows, std::size_t columns);
/// Reads p and g, writes p.
void descend(float* p, const float* g, std::size_t n);
/// Reads y and dy, writes dy.
void mask(const float* y, float* dy, std::size_t n);
/// Reads p, g, m and v, writes p, m and v.
void adam(float* p, const float* g, float* m, float* v, std::size_t n);

}  // namespace limits
