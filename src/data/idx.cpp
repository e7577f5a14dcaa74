// The IDX format: two zero bytes, a type, a rank, one big-endian 32-bit size for each axis, the values, big-endian too.
#include <wengert/data/idx.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <wengert/base/errors.hpp>

#include "data/input.hpp"

namespace wengert::data {

namespace {

enum class Type : unsigned char { uint8 = 0x08, int8 = 0x09, int16 = 0x0B, int32 = 0x0C, float32 = 0x0D, float64 = 0x0E };

/// An IDX file's contents, not yet turned into numbers.
struct Raw {
  Type type;
  Shape shape;
  std::vector<std::byte> bytes;
  std::uint64_t start;  // of the values in the file
};

std::size_t width_of(Type type) {
  switch (type) {
    case Type::uint8:
    case Type::int8: return 1;
    case Type::int16: return 2;
    case Type::int32:
    case Type::float32: return 4;
    case Type::float64: return 8;
  }
  return 0;
}

bool is_floating(Type type) { return type == Type::float32 || type == Type::float64; }

std::string hexadecimal(unsigned value) {
  constexpr char digits[] = "0123456789ABCDEF";
  return {'0', 'x', digits[value >> 4 & 15], digits[value & 15]};
}

std::string name_of(Type type) {
  switch (type) {
    case Type::uint8: return "unsigned bytes";
    case Type::int8: return "signed bytes";
    case Type::int16: return "16-bit integers";
    case Type::int32: return "32-bit integers";
    case Type::float32: return "32-bit floating-point numbers";
    case Type::float64: return "64-bit floating-point numbers";
  }
  return {};
}

template <class U>
U big_endian(const std::byte* bytes) {
  U value = 0;
  for (std::size_t i = 0; i < sizeof(U); ++i) value = static_cast<U>(value << 8 | std::to_integer<U>(bytes[i]));
  return value;
}
template <>
std::uint8_t big_endian<std::uint8_t>(const std::byte* bytes) {
  return std::to_integer<std::uint8_t>(*bytes);
}

void read_header(Input& input, std::span<std::byte> out, const char* part) {
  const std::uint64_t at = input.offset();
  if (const std::size_t got = input.read(out); got != out.size())
    input.refuse("the header is cut off", at, std::to_string(got) + " bytes where the " + part + " should be", std::to_string(out.size()) + " are needed");
}

struct Header {
  Type type;
  Shape shape;
  std::size_t bytes;  // of all values
};

Header header_of(Input& input) {
  std::byte magic[4];
  read_header(input, magic, "magic number");
  if (magic[0] != std::byte{0} || magic[1] != std::byte{0})
    input.refuse("not an IDX file", 0, "it begins with " + hexadecimal(std::to_integer<unsigned>(magic[0])) + " " + hexadecimal(std::to_integer<unsigned>(magic[1])),
                 "an IDX file begins with two zero bytes");
  const Type type{std::to_integer<unsigned char>(magic[2])};
  const std::size_t width = width_of(type);
  if (width == 0) input.refuse("unknown type of values", 2, hexadecimal(std::to_integer<unsigned>(magic[2])), "0x08, 0x09, 0x0B, 0x0C, 0x0D or 0x0E is needed");
  const auto rank = std::to_integer<std::size_t>(magic[3]);
  if (rank == 0 || rank > Shape::max_rank)
    input.refuse("impossible number of axes", 3, std::to_string(rank), "1 to " + std::to_string(Shape::max_rank) + " are supported");
  Shape shape;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    std::byte size[4];
    read_header(input, size, "sizes");
    shape.push_back(big_endian<std::uint32_t>(size));
  }
  std::size_t elements = 0;
  try {
    elements = shape.elements();
  } catch (const ShapeError&) {
    input.refuse("too many values", 4, "sizes " + to_string(shape), "their product must fit into memory");
  }
  return {type, shape, elements * width};  // cannot wrap around: elements() leaves room for the widest value
}

Raw raw_idx(std::string_view who, const std::string& path) {
  Input input(who, path);
  const Header header = header_of(input);
  Raw raw{header.type, header.shape, {}, input.offset()};
  const auto refuse_length = [&](const std::string& problem, const std::string& given) {
    input.refuse(problem, input.offset(), given, "shape " + to_string(header.shape) + " of " + name_of(header.type) + " needs " + std::to_string(header.bytes) + " bytes after the header");
  };
  if (header.bytes > input.most_left())
    refuse_length("values are missing", (input.is_packed() ? "at most " : "") + std::to_string(input.most_left()) + " bytes are left");
  // How much a gzipped file holds is known only at its end: memory grows with what has been read, not with what is declared.
  while (raw.bytes.size() < header.bytes) {
    const std::size_t have = raw.bytes.size();
    const std::size_t goal = input.is_packed() ? std::min(header.bytes, std::max<std::size_t>(2 * have, 1 << 20)) : header.bytes;
    raw.bytes.resize(goal);
    const std::size_t got = input.read(std::span(raw.bytes).subspan(have));
    if (got != goal - have) refuse_length("values are missing", std::to_string(have + got) + " bytes are there");
  }
  std::byte beyond[1];
  if (input.read(beyond) != 0) refuse_length("the file is longer than its header says", "there are more bytes");
  return raw;
}

// The numbers as T, through `value_at`; T must hold each of them.
template <class T, class U, class F>
void convert(const Raw& raw, std::span<T> out, const F& value_of) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(value_of(big_endian<U>(raw.bytes.data() + i * sizeof(U))));
}

template <Element T>
Array<T> numbers(std::string_view who, const std::string& path, const Raw& raw) {
  const auto refuse = [&](std::uint64_t at, const std::string& given, const std::string& needed) {
    throw FileError(std::string(who) + ": values of another type: " + path + " at byte " + std::to_string(at) + ": " + given + "; " + needed);
  };
  if (std::integral<T> && is_floating(raw.type)) refuse(2, name_of(raw.type), "integers are needed here");
  return Array<T>::build(raw.shape, [&](std::span<T> out) {
    switch (raw.type) {
      case Type::uint8: return convert<T, std::uint8_t>(raw, out, [](auto u) { return u; });
      case Type::int8: return convert<T, std::uint8_t>(raw, out, [](auto u) { return static_cast<std::int8_t>(u); });
      case Type::int16: return convert<T, std::uint16_t>(raw, out, [](auto u) { return static_cast<std::int16_t>(u); });
      case Type::int32: return convert<T, std::uint32_t>(raw, out, [](auto u) { return static_cast<std::int32_t>(u); });
      case Type::float32: return convert<T, std::uint32_t>(raw, out, [](auto u) { return std::bit_cast<float>(u); });
      case Type::float64:
        return convert<T, std::uint64_t>(raw, out, [&](auto u) {
          const auto value = std::bit_cast<double>(u);
          if (std::isfinite(value) && std::abs(value) > static_cast<double>(std::numeric_limits<T>::max()))
            refuse(raw.start, "a number too large: " + std::to_string(value), "load them as double");
          return value;
        });
    }
  });
}

Array<std::int64_t> labels_of(std::string_view who, const std::string& path) {
  const Raw raw = raw_idx(who, path);
  if (raw.shape.rank() != 1)
    throw FileError(std::string(who) + ": labels need one axis: " + path + " at byte 3: shape " + to_string(raw.shape) + "; one label for each sample is needed");
  return numbers<std::int64_t>(who, path, raw);
}

}  // namespace

template <Element T>
Array<T> load_idx(const std::string& path) {
  return numbers<T>("load_idx", path, raw_idx("load_idx", path));
}

Array<std::int64_t> load_idx_labels(const std::string& path) { return labels_of("load_idx_labels", path); }

template <Real T>
Dataset<T> load_idx_dataset(const std::string& images, const std::string& labels, const IdxDatasetOptions& options) {
  constexpr std::string_view who = "load_idx_dataset";
  if (!std::isfinite(options.divisor) || options.divisor == 0)
    throw ValueError(std::string(who) + ": pixels cannot be divided: divisor " + std::to_string(options.divisor) + "; a finite number other than 0 is needed");
  const auto y = labels_of(who, labels);
  auto x = numbers<T>(who, images, raw_idx(who, images));
  const Shape shape = x.shape();
  if (shape[0] != y.size())
    throw FileError(std::string(who) + ": images and labels differ in number: " + images + " at byte 4: " + std::to_string(shape[0]) + " images, " + labels + " at byte 4: " +
                    std::to_string(y.size()) + " labels; one label for each image is needed");
  for (auto& pixel : x.writable()) pixel /= static_cast<T>(options.divisor);
  if (options.flatten) {
    std::size_t row = 1;
    for (std::size_t axis = 1; axis < shape.rank(); ++axis) row *= shape[axis];
    x = x.reshaped({shape[0], row});
  }
  return {std::move(x), y};
}

template WENGERT_API Array<float> load_idx<float>(const std::string&);
template WENGERT_API Array<double> load_idx<double>(const std::string&);
template WENGERT_API Array<std::int64_t> load_idx<std::int64_t>(const std::string&);
template WENGERT_API Dataset<float> load_idx_dataset<float>(const std::string&, const std::string&, const IdxDatasetOptions&);
template WENGERT_API Dataset<double> load_idx_dataset<double>(const std::string&, const std::string&, const IdxDatasetOptions&);

}  // namespace wengert::data
