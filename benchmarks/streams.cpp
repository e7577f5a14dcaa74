// The loops, each for the best instruction set that the processor has.
#include "streams.hpp"

#include <immintrin.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

namespace limits {

// ---- memory ----

Floats::Floats(std::size_t count, float value) : count_(count) {
  constexpr std::size_t line = 64, page = 4096, huge_page = 2U << 20U, stagger = 33 * line, places = 16;
  static std::size_t arrays = 0;
  const bool large = count * sizeof(float) >= huge_page / 2;
  const std::size_t alignment = large ? huge_page : page, offset = large ? arrays++ % places * stagger : 0;
  const std::size_t bytes = (offset + count * sizeof(float) + alignment - 1) / alignment * alignment;
  memory_.reset(std::aligned_alloc(alignment, bytes));
  if (memory_ == nullptr) throw std::bad_alloc();
  if (large) madvise(memory_.get(), bytes, MADV_HUGEPAGE);  // a hint: where there are none, small ones do
  values_ = static_cast<float*>(memory_.get()) + offset / sizeof(float);
  std::fill_n(values_, count, value);
}

void Floats::Delete::operator()(void* memory) const { std::free(memory); }

// ---- two threads ----

TwoThreads::~TwoThreads() {
  ended_ = true;
  call();
  second_.join();
}

void TwoThreads::split(std::size_t count, std::size_t part, const std::function<void(std::size_t, std::size_t)>& work) {
  work_ = &work;
  count_ = count;
  part_ = part;
  next_.store(0, std::memory_order_relaxed);
  call();
  take_parts();
  while (answered_.load(std::memory_order_acquire) != called_.load(std::memory_order_relaxed)) _mm_pause();
}

void TwoThreads::call() {
  called_.fetch_add(1, std::memory_order_release);
  called_.notify_one();
}

void TwoThreads::take_parts() {
  for (std::size_t start; (start = next_.fetch_add(part_, std::memory_order_relaxed)) < count_;) (*work_)(start, std::min(part_, count_ - start));
}

void TwoThreads::serve() {
  constexpr int spins = 1000;  // tens of microseconds, then sleep
  for (std::uint32_t seen = 0;;) {
    for (int i = 0; i < spins && called_.load(std::memory_order_acquire) == seen; ++i) _mm_pause();
    called_.wait(seen, std::memory_order_acquire);
    ++seen;
    if (ended_) return;
    take_parts();
    answered_.store(seen, std::memory_order_release);
  }
}

// ---- loops ----

namespace {

#define LIMITS_WIDEST [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]

constexpr std::size_t quad = 4;  // floats in a store past the caches, which goes out by whole lines whatever its width

LIMITS_WIDEST void cached_pass(const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = x[i] * 0.5F;
}

void streamed_pass(const float* x, float* y, std::size_t n) {
  const __m128 half = _mm_set1_ps(0.5F);
  for (std::size_t i = 0; i + quad <= n; i += quad) _mm_stream_ps(y + i, _mm_mul_ps(_mm_load_ps(x + i), half));
  _mm_sfence();
}

LIMITS_WIDEST void cached_add_row(const float* __restrict x, const float* __restrict row, float* __restrict y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < columns; ++j) y[r * columns + j] = x[r * columns + j] + row[j];
}

void streamed_add_row(const float* x, const float* row, float* y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j + quad <= columns; j += quad) _mm_stream_ps(y + r * columns + j, _mm_add_ps(_mm_load_ps(x + r * columns + j), _mm_load_ps(row + j)));
  _mm_sfence();
}

LIMITS_WIDEST void cached_write(float* y, std::size_t n, float value) {
  for (std::size_t i = 0; i < n; ++i) y[i] = value;
}

void streamed_write(float* y, std::size_t n, float value) {
  const __m128 four = _mm_set1_ps(value);
  for (std::size_t i = 0; i + quad <= n; i += quad) _mm_stream_ps(y + i, four);
  _mm_sfence();
}

}  // namespace

void pass(const float* x, float* y, std::size_t n, Store store) { store == Store::cached ? cached_pass(x, y, n) : streamed_pass(x, y, n); }

void add_row(const float* x, const float* row, float* y, std::size_t rows, std::size_t columns, Store store) {
  store == Store::cached ? cached_add_row(x, row, y, rows, columns) : streamed_add_row(x, row, y, rows, columns);
}

void write(float* y, std::size_t n, float value, Store store) { store == Store::cached ? cached_write(y, n, value) : streamed_write(y, n, value); }

// In four chains, so that the additions do not wait for one another.
LIMITS_WIDEST float read(const float* x, std::size_t n) {
  using Lanes [[gnu::vector_size(64)]] = float;
  constexpr std::size_t lanes = sizeof(Lanes) / sizeof(float);
  Lanes chains[4] = {};
  for (std::size_t i = 0; i + 4 * lanes <= n; i += 4 * lanes) {
    for (std::size_t c = 0; c < 4; ++c) {
      Lanes loaded;
      std::memcpy(&loaded, x + i + c * lanes, sizeof(loaded));
      chains[c] += loaded;
    }
  }
  const Lanes all = (chains[0] + chains[1]) + (chains[2] + chains[3]);
  float total = 0;
  for (std::size_t i = 0; i < lanes; ++i) total += all[i];
  return total;
}

// Four rows at a time, so that the sums are read and written a fourth as often.
LIMITS_WIDEST void add_up_columns(const float* __restrict x, float* __restrict sums, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r + 4 <= rows; r += 4) {
    const float* const a = x + r * columns;
    for (std::size_t j = 0; j < columns; ++j) sums[j] += (a[j] + a[j + columns]) + (a[j + 2 * columns] + a[j + 3 * columns]);
  }
}

LIMITS_WIDEST void descend(float* __restrict p, const float* __restrict g, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) p[i] -= 1e-3F * g[i];
}

LIMITS_WIDEST void mask(const float* __restrict y, float* __restrict dy, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) dy[i] = y[i] > 0 ? dy[i] : 0;
}

LIMITS_WIDEST void adam(float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = 0.9F * m[i] + 0.1F * g[i];
    v[i] = 0.999F * v[i] + 0.001F * (g[i] * g[i]);
    p[i] -= 1e-3F * m[i] / (std::sqrt(v[i]) + 1e-8F);
  }
}

}  // namespace limits
