// IDX files, the format of MNIST and its kin: plain or gzipped, told apart by their first bytes.
#pragma once

#include <cstdint>
#include <string>

#include <wengert/array/array.hpp>
#include <wengert/base/export.hpp>
#include <wengert/data/dataset.hpp>

namespace wengert::data {

/// The array in an IDX file, its values as they are; T is float, double or int64. Integers of every IDX type become any T,
/// floating-point numbers become float or double. Throws FileError, naming file, offset and reason, for whatever is not a
/// whole and well-formed IDX file, or holds numbers that T cannot.
template <Element T = float>
Array<T> load_idx(const std::string& path);

/// The labels in an IDX file: integers of any type, one axis. Throws FileError.
WENGERT_API Array<std::int64_t> load_idx_labels(const std::string& path);

struct IdxDatasetOptions {
  double divisor = 255;  ///< what pixels are divided by
  bool flatten = true;   ///< samples become rows, (60000, 28, 28) becomes (60000, 784)
};

/// Images and labels of two IDX files. Throws FileError, also where their numbers differ; ValueError for a divisor that is 0 or not finite.
template <Real T = float>
Dataset<T> load_idx_dataset(const std::string& images, const std::string& labels, const IdxDatasetOptions& options = {});

extern template WENGERT_API Array<float> load_idx<float>(const std::string&);
extern template WENGERT_API Array<double> load_idx<double>(const std::string&);
extern template WENGERT_API Array<std::int64_t> load_idx<std::int64_t>(const std::string&);
extern template WENGERT_API Dataset<float> load_idx_dataset<float>(const std::string&, const std::string&, const IdxDatasetOptions&);
extern template WENGERT_API Dataset<double> load_idx_dataset<double>(const std::string&, const std::string&, const IdxDatasetOptions&);

}  // namespace wengert::data
