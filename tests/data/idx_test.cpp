// IDX files: what is read of good ones, and that every kind of bad one ends in a FileError that says where and why.
#include <wengert/data/idx.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/array/memory.hpp>
#include <wengert/base/errors.hpp>

namespace {

namespace wg = wengert;
namespace fs = std::filesystem;
using wg::data::load_idx;
using wg::data::load_idx_dataset;
using wg::data::load_idx_labels;

/// A folder of its own for each test.
class Idx : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "wengert_idx_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& bytes, const std::string& name = "file") const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  fs::path folder_;
};

template <class U>
std::string big_endian(U value) {
  std::string bytes(sizeof(U), '\0');
  std::memcpy(bytes.data(), &value, sizeof(U));
  return {bytes.rbegin(), bytes.rend()};
}

std::string header(unsigned char type, const std::vector<std::uint32_t>& sizes) {
  std::string bytes{'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const auto size : sizes) bytes += big_endian(size);
  return bytes;
}

template <class U>
std::string idx(unsigned char type, const std::vector<std::uint32_t>& sizes, const std::vector<U>& values) {
  std::string bytes = header(type, sizes);
  for (const auto value : values) bytes += big_endian(value);
  return bytes;
}

/// One gzip member.
std::string packed(const std::string& bytes, int level = 9) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// The message of the FileError that f throws; empty if it throws none.
template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const wg::FileError& error) {
    return error.what();
  }
  return {};
}

std::string refusal_of(const std::string& path) {
  return refusal([&] { (void)load_idx(path); });
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// ---- good files ----

const std::string six_bytes = idx<std::uint8_t>(0x08, {2, 3}, {0, 1, 2, 127, 128, 255});

TEST_F(Idx, ReadsUnsignedBytesAsAnyType) {
  const auto f = load_idx(file(six_bytes));
  EXPECT_EQ(f.shape(), (wg::Shape{2, 3}));
  EXPECT_EQ(f(1, 1), 128.f);
  EXPECT_EQ(f(1, 2), 255.f);
  EXPECT_EQ(load_idx<double>(path("file"))(1, 0), 127.0);
  EXPECT_EQ(load_idx<std::int64_t>(path("file"))(0, 2), 2);
}

TEST_F(Idx, ReadsEveryTypeOfTheFormat) {
  EXPECT_EQ(load_idx<std::int64_t>(file(idx<std::int8_t>(0x09, {3}, {-128, -1, 127})))(0), -128);
  EXPECT_EQ(load_idx<std::int64_t>(file(idx<std::int16_t>(0x0B, {2}, {-32768, 32767})))(0), -32768);
  EXPECT_EQ(load_idx<double>(file(idx<std::int32_t>(0x0C, {2}, {std::numeric_limits<std::int32_t>::min(), 7})))(0), -2147483648.0);
  EXPECT_EQ(load_idx(file(idx<float>(0x0D, {2}, {-1.5f, 0.1f})))(1), 0.1f);
  const auto d = load_idx<double>(file(idx<double>(0x0E, {3}, {0.1, std::numeric_limits<double>::infinity(), std::nan("")})));
  EXPECT_EQ(d(0), 0.1);
  EXPECT_TRUE(std::isinf(d(1)) && std::isnan(d(2)));
  EXPECT_TRUE(std::isinf(load_idx<float>(path("file"))(1)));
}

TEST_F(Idx, ReadsEmptyArraysAndSixteenAxes) {
  EXPECT_EQ(load_idx(file(header(0x08, {0, 28, 28}))).shape(), (wg::Shape{0, 28, 28}));
  EXPECT_EQ(load_idx(file(packed(header(0x08, {0})))).size(), 0u);
  const auto deep = load_idx(file(idx<std::uint8_t>(0x08, std::vector<std::uint32_t>(16, 1), {9})));
  EXPECT_EQ(deep.rank(), 16u);
  EXPECT_EQ(deep.item(), 9.f);
}

TEST_F(Idx, ReadsGzipOfOneMemberAndOfSeveral) {
  EXPECT_EQ(load_idx(file(packed(six_bytes)))(1, 2), 255.f);
  for (std::size_t cut = 0; cut <= six_bytes.size(); ++cut) {  // members may begin anywhere, and may be empty
    const auto a = load_idx(file(packed(six_bytes.substr(0, cut)) + packed("") + packed(six_bytes.substr(cut))));
    EXPECT_EQ(a(1, 2), 255.f) << cut;
  }
}

TEST_F(Idx, ReadsLargeFilesPackedAndPlainAlike) {
  std::vector<std::uint8_t> values(5'000'000);  // more than the steps in which a packed file is read
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i * i >> 7);
  const auto bytes = idx<std::uint8_t>(0x08, {5000, 1000}, values);
  const auto plain = load_idx(file(bytes, "plain")), unpacked = load_idx(file(packed(bytes, 1), "packed"));
  ASSERT_EQ(plain.size(), values.size());
  bool equal = true;
  for (std::size_t i = 0; i < values.size(); ++i) equal = equal && plain.data()[i] == values[i] && unpacked.data()[i] == values[i];
  EXPECT_TRUE(equal);
}

TEST_F(Idx, LabelsAreIntegersAlongOneAxis) {
  EXPECT_EQ(load_idx_labels(file(idx<std::uint8_t>(0x08, {3}, {7, 0, 9})))(2), 9);
  EXPECT_EQ(load_idx_labels(file(idx<std::int32_t>(0x0C, {1}, {100000})))(0), 100000);
  EXPECT_TRUE(mentions(refusal([&] { (void)load_idx_labels(file(idx<float>(0x0D, {1}, {1.f}))); }), "integers are needed"));
  EXPECT_TRUE(mentions(refusal([&] { (void)load_idx_labels(file(six_bytes)); }), "one axis"));
  EXPECT_TRUE(mentions(refusal([&] { (void)load_idx<std::int64_t>(file(idx<double>(0x0E, {1}, {1.0}))); }), "integers are needed"));
}

TEST_F(Idx, ADataSetIsScaledAndFlattened) {
  const auto images = file(idx<std::uint8_t>(0x08, {2, 1, 2}, {0, 51, 102, 255}), "images"), labels = file(idx<std::uint8_t>(0x08, {2}, {4, 5}), "labels");
  const auto all = load_idx_dataset(images, labels);
  EXPECT_EQ(all.x.shape(), (wg::Shape{2, 2}));
  EXPECT_EQ(all.x(0, 1), 0.2f);
  EXPECT_EQ(all.x(1, 1), 1.f);
  EXPECT_EQ(all.y(1), 5);
  const auto raw = load_idx_dataset<double>(images, labels, {.divisor = 1, .flatten = false});
  EXPECT_EQ(raw.x.shape(), (wg::Shape{2, 1, 2}));
  EXPECT_EQ(raw.x(1, 0, 0), 102.0);
  for (const double divisor : {0.0, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_THROW((void)load_idx_dataset(images, labels, {.divisor = divisor}), wg::ValueError);
}

TEST_F(Idx, ADataSetNeedsAsManyLabelsAsImages) {
  const auto images = file(idx<std::uint8_t>(0x08, {2, 1, 1}, {1, 2}), "images"), labels = file(idx<std::uint8_t>(0x08, {3}, {4, 5, 6}), "labels");
  const auto message = refusal([&] { (void)load_idx_dataset(images, labels); });
  EXPECT_TRUE(mentions(message, "2 images") && mentions(message, "3 labels") && mentions(message, images) && mentions(message, labels)) << message;
}

// ---- bad files ----

TEST_F(Idx, AMessageNamesFunctionFileOffsetAndReason) {
  const auto message = refusal_of(file(six_bytes.substr(0, 15)));
  EXPECT_TRUE(mentions(message, "load_idx: ") && mentions(message, path("file")) && mentions(message, "byte 12") && mentions(message, "3 bytes are left") && mentions(message, "needs 6 bytes")) << message;
}

TEST_F(Idx, RefusesAFileCutAtAnyByte) {
  for (std::size_t cut = 0; cut < six_bytes.size(); ++cut) EXPECT_FALSE(refusal_of(file(six_bytes.substr(0, cut))).empty()) << cut;
}

TEST_F(Idx, RefusesAGzipFileCutAtAnyByte) {
  const auto bytes = packed(six_bytes), two = packed(six_bytes.substr(0, 9)) + packed(six_bytes.substr(9));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(refusal_of(file(bytes.substr(0, cut))).empty()) << cut;
  for (std::size_t cut = 0; cut < two.size(); ++cut) EXPECT_FALSE(refusal_of(file(two.substr(0, cut))).empty()) << cut;
}

TEST_F(Idx, NoSingleChangedByteOfAGzipFileDoesHarm) {
  const auto bytes = packed(six_bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      const auto name = file(changed);
      try {
        const auto a = load_idx(name);  // the header's time and origin, and unused bits, are nobody's business
        EXPECT_EQ(a(1, 1), 128.f) << i;
        EXPECT_EQ(a(1, 2), 255.f) << i;
      } catch (const wg::FileError&) {
      }
    }
  }
}

TEST_F(Idx, NoSingleChangedByteOfAPlainHeaderDoesHarm) {
  for (std::size_t i = 0; i < 12; ++i) {
    for (int value = 0; value < 256; value += i < 4 ? 1 : 15) {
      auto changed = six_bytes;
      changed[i] = static_cast<char>(value);
      const auto name = file(changed);
      try {
        const auto a = load_idx(name);
        EXPECT_EQ(a.size(), 6u) << i << " " << value;
      } catch (const wg::FileError&) {
      }
    }
  }
}

TEST_F(Idx, RefusesAWrongMagicNumberTypeOrRank) {
  EXPECT_TRUE(mentions(refusal_of(file("PNG..............")), "not an IDX file"));
  EXPECT_TRUE(mentions(refusal_of(file(idx<std::uint8_t>(0x07, {1}, {1}))), "0x07"));
  EXPECT_TRUE(mentions(refusal_of(file(idx<std::uint8_t>(0x0A, {1}, {1}))), "byte 2"));
  EXPECT_TRUE(mentions(refusal_of(file(header(0x08, {}))), "number of axes"));
  EXPECT_TRUE(mentions(refusal_of(file(header(0x08, std::vector<std::uint32_t>(17, 1)) + "x")), "17"));
  EXPECT_TRUE(mentions(refusal_of(file(std::string("\0\0\x08\xff", 4) + std::string(2000, '\1'))), "255"));
}

TEST_F(Idx, RefusesSizesThatOverflowOrExceedTheFile) {
  const std::uint32_t most = 0xFFFFFFFF;
  for (const bool pack : {false, true}) {
    const auto refuses = [&](const std::string& bytes) { return !refusal_of(file(pack ? packed(bytes) : bytes)).empty(); };
    EXPECT_TRUE(refuses(header(0x08, {most, most, most, most}) + "x"));
    EXPECT_TRUE(refuses(header(0x0E, {most, most}) + "x"));
    EXPECT_TRUE(refuses(header(0x08, {0, most, most, most})));
    EXPECT_TRUE(refuses(header(0x0E, {0x20000000, 8}) + "x"));
    EXPECT_TRUE(refuses(header(0x08, {most}) + "x"));
    EXPECT_TRUE(refuses(header(0x08, {2}) + "x"));
  }
}

TEST_F(Idx, AskForNoMemoryBeforeTheSizesAreChecked) {
  wg::release_cached_memory();
  const auto before = wg::memory_use();
  EXPECT_FALSE(refusal_of(file(header(0x08, {65536, 32768}) + "few")).empty());
  EXPECT_FALSE(refusal_of(file(packed(header(0x08, {65536, 32768}) + "few"))).empty());
  const auto after = wg::memory_use();
  EXPECT_EQ(before.live + before.cached, after.live + after.cached);
}

TEST_F(Idx, RefusesWhatFollowsTheValues) {
  EXPECT_TRUE(mentions(refusal_of(file(six_bytes + "x")), "longer"));
  EXPECT_TRUE(mentions(refusal_of(file(packed(six_bytes + "x"))), "longer"));
  EXPECT_TRUE(mentions(refusal_of(file(packed(six_bytes) + packed("x"))), "longer"));
}

TEST_F(Idx, RefusesGarbageAfterTheEndOfAGzipFile) {
  EXPECT_TRUE(mentions(refusal_of(file(packed(six_bytes) + "garbage")), "garbage"));
  EXPECT_TRUE(mentions(refusal_of(file(packed(six_bytes) + std::string(512, '\0'))), "garbage"));
  EXPECT_FALSE(refusal_of(file(packed(six_bytes) + "\x1f")).empty());
  EXPECT_FALSE(refusal_of(file(packed(six_bytes) + "\x1fgarbage")).empty());
  EXPECT_FALSE(refusal_of(file(packed(six_bytes) + "\x1f\x8b\x08")).empty());
}

TEST_F(Idx, RefusesABadChecksumOrLength) {
  auto bytes = packed(six_bytes);
  bytes[bytes.size() - 8] = static_cast<char>(bytes[bytes.size() - 8] ^ 1);
  EXPECT_TRUE(mentions(refusal_of(file(bytes)), "data check"));
  bytes = packed(six_bytes);
  bytes.back() = 1;
  EXPECT_TRUE(mentions(refusal_of(file(bytes)), "length check"));
}

TEST_F(Idx, ABombIsStoppedAtTheDeclaredSize) {
  const auto bomb = packed(six_bytes + std::string(16 << 20, '\0'));  // 16 MiB in 16 KiB
  ASSERT_LT(bomb.size(), 20'000u);
  EXPECT_TRUE(mentions(refusal_of(file(bomb)), "longer"));
  // Declares what such a file might hold, and holds less.
  EXPECT_TRUE(mentions(refusal_of(file(packed(header(0x08, {16 << 20}) + std::string(1 << 20, '\0')))), "missing"));
}

TEST_F(Idx, ReadsOfAllThatIsNoRegularFileEndAtOnce) {
  EXPECT_TRUE(mentions(refusal_of(folder_.string()), "folder"));
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(mentions(refusal_of(path("pipe")), "pipe"));
  EXPECT_TRUE(mentions(refusal_of("/dev/zero"), "device"));
  EXPECT_TRUE(mentions(refusal_of(path("missing")), "missing"));
  EXPECT_TRUE(mentions(refusal_of(""), "cannot be opened"));
  EXPECT_TRUE(mentions(refusal_of(file(six_bytes) + std::string("\0x", 2)), "zero byte"));
  fs::create_symlink(path("loop"), path("loop"));
  EXPECT_FALSE(refusal_of(path("loop")).empty());
  fs::create_symlink(path("file"), path("link"));
  EXPECT_EQ(load_idx(path("link")).size(), 6u);
  EXPECT_FALSE(refusal_of("/proc/self/mem").empty());  // a regular file by its looks
}

TEST_F(Idx, RefusesAFileThatMayNotBeRead) {
  const auto name = file(six_bytes);
  ASSERT_EQ(chmod(name.c_str(), 0), 0);
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may read everything";
  EXPECT_TRUE(mentions(refusal_of(name), "Permission denied"));
}

TEST_F(Idx, LeavesNoFileOpen) {
  const auto lowest_free = [] {
    const int file = dup(0);
    close(file);
    return file;
  };
  const int before = lowest_free();
  (void)load_idx(file(six_bytes));
  (void)refusal_of(file(packed(six_bytes).substr(0, 20)));
  (void)refusal_of(folder_.string());
  (void)refusal_of(file("bad"));
  EXPECT_EQ(lowest_free(), before);
}

TEST_F(Idx, RefusesANumberThatTheTypeCannotHold) {
  const auto name = file(idx<double>(0x0E, {2}, {1.0, 1e300}));
  EXPECT_TRUE(mentions(refusal_of(name), "too large"));
  EXPECT_EQ(load_idx<double>(name)(1), 1e300);
}

// ---- real data ----

TEST(IdxData, TheDigitsBesideTheCodeAreWhole) {
  const std::string folder = WENGERT_SOURCE_DIR "/data/digits/";
  const auto all = load_idx_dataset(folder + "digits-images-idx3-ubyte.gz", folder + "digits-labels-idx1-ubyte.gz", {.divisor = 16});
  EXPECT_EQ(all.x.shape(), (wg::Shape{1797, 64}));
  EXPECT_EQ(*std::max_element(all.x.begin(), all.x.end()), 1.f);
  const std::vector<int> published{178, 182, 177, 183, 181, 182, 181, 179, 174, 180};
  std::vector<int> counts(10);
  for (const auto label : all.y) ++counts.at(static_cast<std::size_t>(label));
  EXPECT_EQ(counts, published);
}

struct Published {
  const char* folder;
  const char* part;
  std::size_t count;
  double mean;
  std::vector<std::int64_t> first_labels;
};

class RealIdx : public testing::TestWithParam<Published> {};

TEST_P(RealIdx, AgreesWithWhatIsPublished) {
  const auto& published = GetParam();
  const std::string stem = std::string(WENGERT_SHARED_DIR) + "/data/" + published.folder + "/" + published.part;
  if (!fs::exists(stem + "-images-idx3-ubyte.gz")) GTEST_SKIP() << "no such file: " << stem << "-images-idx3-ubyte.gz";
  const auto all = load_idx_dataset(stem + "-images-idx3-ubyte.gz", stem + "-labels-idx1-ubyte.gz");
  EXPECT_EQ(all.x.shape(), (wg::Shape{published.count, 784}));
  double sum = 0;
  for (const auto pixel : all.x) sum += static_cast<double>(pixel);
  EXPECT_NEAR(sum / static_cast<double>(all.x.size()), published.mean, 1e-3);
  for (std::size_t i = 0; i < published.first_labels.size(); ++i) EXPECT_EQ(all.y(i), published.first_labels[i]);
}

INSTANTIATE_TEST_SUITE_P(Sets, RealIdx,
                         testing::Values(Published{"mnist", "train", 60000, 0.1307, {5, 0, 4, 1, 9}}, Published{"mnist", "t10k", 10000, 0.1325, {7, 2, 1, 0, 4}},
                                         Published{"fashion-mnist", "train", 60000, 0.2860, {9, 0, 0, 3, 0}},
                                         Published{"fashion-mnist", "t10k", 10000, 0.2868, {9, 2, 1, 1, 6}}),
                         [](const testing::TestParamInfo<Published>& set) {
                           std::string name = std::string(set.param.folder) + "_" + set.param.part;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
