// What all data sets share, whatever their number types: the checks, the random orders, the copying of rows.
#include <wengert/data/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

namespace wengert::data::detail {

namespace {
constexpr std::size_t bytes_per_block = 256 * 1024;  // what one thread copies in the time that it takes to wake another
}

void check_dataset(const Shape& x, const Shape& y) {
  if (x.rank() == 0 || y.rank() == 0 || x[0] != y[0])
    throw ShapeError("Dataset: samples and labels do not match: " + to_string(x) + " and " + to_string(y) + "; both need one row for each sample");
}

void check_rows(std::span<const std::size_t> rows, std::size_t count) {
  for (const auto row : rows)
    if (row >= count) throw ShapeError("Dataset::subset: no such sample: " + std::to_string(row) + " of " + std::to_string(count) + "; numbers must be below " + std::to_string(count));
}

void check_slice(std::size_t start, std::size_t stop, std::size_t count) {
  if (start > stop || stop > count)
    throw ShapeError("Dataset::slice: no such samples: " + std::to_string(start) + " to " + std::to_string(stop) + " of " + std::to_string(count) +
                     "; start <= stop <= " + std::to_string(count) + " is needed");
}

void check_batches(std::size_t size, bool shuffle, const RandomEngine* engine) {
  if (size == 0) throw ValueError("batches: a batch has no samples: size 0; 1 or more are needed");
  if (shuffle && engine == nullptr) throw ValueError("batches: shuffling without an engine: shuffle = true; a RandomEngine must be given");
}

std::size_t first_part(std::size_t count, double fraction) {
  if (!(fraction > 0 && fraction < 1)) throw ValueError("split: the first part's share is not between 0 and 1: " + std::to_string(fraction) + "; 0 < first < 1 is needed");
  if (count < 2) throw ValueError("split: too few samples: " + std::to_string(count) + "; two parts need at least 2");
  const auto rows = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(count)));
  return std::clamp<std::size_t>(rows, 1, count - 1);
}

Rows permutation(std::size_t count, RandomEngine& engine) {
  Rows rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  engine.shuffle(std::span(rows));
  return rows;
}

void copy_rows(const void* from, void* to, std::size_t row_bytes, std::span<const std::size_t> rows) {
  if (row_bytes == 0 || rows.empty()) return;
  const std::size_t rows_per_block = std::max<std::size_t>(bytes_per_block / row_bytes, 1);
  wengert::detail::parallel((rows.size() + rows_per_block - 1) / rows_per_block, [&](std::size_t block) {
    const std::size_t end = std::min(rows.size(), (block + 1) * rows_per_block);
    for (std::size_t i = block * rows_per_block; i < end; ++i)
      std::memcpy(static_cast<char*>(to) + i * row_bytes, static_cast<const char*>(from) + rows[i] * row_bytes, row_bytes);
  });
}

}  // namespace wengert::data::detail
