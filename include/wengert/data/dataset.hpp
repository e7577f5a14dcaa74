// Data sets in memory: samples with their labels or targets, cut into parts and into batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include <wengert/array/array.hpp>
#include <wengert/array/memory.hpp>
#include <wengert/base/export.hpp>
#include <wengert/base/random.hpp>

namespace wengert::data {

namespace detail {

/// Row numbers; their memory comes from the pool, as that of the batches does.
using Rows = std::vector<std::size_t, wengert::detail::PoolAllocator<std::size_t>>;

WENGERT_API void check_dataset(const Shape& x, const Shape& y);
WENGERT_API void check_rows(std::span<const std::size_t> rows, std::size_t count);
WENGERT_API void check_slice(std::size_t start, std::size_t stop, std::size_t count);
WENGERT_API void check_batches(std::size_t size, bool shuffle, const RandomEngine* engine);
/// How many of `count` rows the first part has. Throws ValueError.
WENGERT_API std::size_t first_part(std::size_t count, double fraction);
/// The numbers below `count` in a random order.
WENGERT_API Rows permutation(std::size_t count, RandomEngine& engine);
/// Copies these rows, each `row_bytes` long, one after another.
WENGERT_API void copy_rows(const void* from, void* to, std::size_t row_bytes, std::span<const std::size_t> rows);

inline Shape with_rows(Shape shape, std::size_t rows) {
  shape[0] = rows;
  return shape;
}
template <class T>
std::size_t row_bytes(const Array<T>& array) {
  std::size_t bytes = sizeof(T);
  for (std::size_t axis = 1; axis < array.rank(); ++axis) bytes *= array.shape()[axis];
  return bytes;
}
template <class T>
Array<T> gathered(const Array<T>& array, std::span<const std::size_t> rows) {
  return Array<T>::build(with_rows(array.shape(), rows.size()), [&](std::span<T> out) { copy_rows(array.data(), out.data(), row_bytes(array), rows); });
}
template <class T>
Array<T> cut(const Array<T>& array, std::size_t start, std::size_t stop) {
  const std::size_t row = row_bytes(array) / sizeof(T);
  return Array<T>::build(with_rows(array.shape(), stop - start),
                         [&](std::span<T> out) { wengert::detail::copy_elements(std::span<const T>(array.data() + start * row, out.size()), out); });
}

}  // namespace detail

/// Samples and what is to be learned of each: integer labels, or targets of type Y. Both have one row (axis 0) a sample.
/// Copies share the elements.
template <Real T, Element Y = std::int64_t>
struct Dataset {
  Array<T> x;
  Array<Y> y;

  /// No samples at all.
  Dataset() = default;
  /// Throws ShapeError where the two differ in the number of their rows, or are numbers.
  Dataset(Array<T> samples, Array<Y> labels) : x(std::move(samples)), y(std::move(labels)) { detail::check_dataset(x.shape(), y.shape()); }

  /// The number of samples.
  std::size_t size() const noexcept { return x.rank() == 0 ? 0 : x.shape()[0]; }

  /// The samples of these numbers, in this order. Throws ShapeError for a number that is none.
  Dataset subset(std::span<const std::size_t> rows) const {
    detail::check_rows(rows, size());
    return {detail::gathered(x, rows), detail::gathered(y, rows)};
  }
  Dataset subset(std::initializer_list<std::size_t> rows) const { return subset(std::span<const std::size_t>(rows.begin(), rows.size())); }
  /// The samples from `start` to before `stop`. Throws ShapeError where there are none such.
  Dataset slice(std::size_t start, std::size_t stop) const {
    detail::check_slice(start, stop, size());
    return start == stop && x.is_nothing() ? Dataset() : Dataset{detail::cut(x, start, stop), detail::cut(y, start, stop)};
  }
};

struct SplitOptions {
  double first = 0.8;  ///< the first part's share of the rows
};

/// Two data sets that share out all rows at random, each row being in one of them. The first has the given share, rounded to
/// a whole number of rows, and neither is empty. Throws ValueError for a share outside of (0, 1) or fewer than 2 rows.
template <Real T, Element Y>
std::pair<Dataset<T, Y>, Dataset<T, Y>> split(const Dataset<T, Y>& all, const SplitOptions& options, RandomEngine& engine) {
  const std::size_t count = detail::first_part(all.size(), options.first);
  const detail::Rows rows = detail::permutation(all.size(), engine);
  return {all.subset(std::span(rows).first(count)), all.subset(std::span(rows).subspan(count))};
}

struct BatchOptions {
  std::size_t size = 32;  ///< samples in a batch; the last one has what is left
  bool shuffle = false;   ///< a new random order each time the loop begins
};

/// The batches of a data set, for a loop: each is a Dataset of `size` samples, the last one shorter where they do not divide.
template <Real T, Element Y>
class Batches {
 public:
  struct End {};

  /// Holds one batch, which the next step replaces; whoever kept a copy of its arrays keeps them.
  class Iterator {
   public:
    using value_type = Dataset<T, Y>;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    const Dataset<T, Y>& operator*() const noexcept { return batch_; }
    const Dataset<T, Y>* operator->() const noexcept { return &batch_; }
    Iterator& operator++() {
      start_ += batch_.size();
      load();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& i, End) noexcept { return i.start_ == i.all_.size(); }

   private:
    friend class Batches;
    Iterator(const Dataset<T, Y>& all, std::size_t size, detail::Rows rows) : all_(all), size_(size), rows_(std::move(rows)) { load(); }
    void load() {
      batch_ = {};  // first, so that its memory serves the next one
      const std::size_t stop = size_ < all_.size() - start_ ? start_ + size_ : all_.size();
      if (start_ == stop) return;
      batch_ = rows_.empty() ? all_.slice(start_, stop) : all_.subset(std::span(rows_).subspan(start_, stop - start_));
    }

    Dataset<T, Y> all_;
    std::size_t size_;
    detail::Rows rows_;  // empty: in order
    std::size_t start_ = 0;
    Dataset<T, Y> batch_;
  };

  Batches(Dataset<T, Y> all, const BatchOptions& options, RandomEngine* engine) : all_(std::move(all)), options_(options), engine_(engine) {
    detail::check_batches(options.size, options.shuffle, engine);
  }

  Iterator begin() const { return Iterator(all_, options_.size, options_.shuffle ? detail::permutation(all_.size(), *engine_) : detail::Rows()); }
  End end() const noexcept { return {}; }
  /// How many batches a loop sees.
  std::size_t size() const noexcept { return all_.size() / options_.size + (all_.size() % options_.size != 0); }

 private:
  Dataset<T, Y> all_;
  BatchOptions options_;
  RandomEngine* engine_;
};

/// The batches of `all`; the engine, from which each loop draws its order, must outlive them. Throws ValueError for size 0.
template <Real T, Element Y>
Batches<T, Y> batches(const Dataset<T, Y>& all, const BatchOptions& options, RandomEngine& engine) {
  return {all, options, &engine};
}
/// The batches in order. Throws ValueError for size 0, or where they are to be shuffled.
template <Real T, Element Y>
Batches<T, Y> batches(const Dataset<T, Y>& all, const BatchOptions& options) {
  return {all, options, nullptr};
}

}  // namespace wengert::data
