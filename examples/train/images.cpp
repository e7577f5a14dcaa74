// Where the images are: Debian's package dataset-fashion-mnist, or the UCI digits in data/digits.
#include "images.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <wengert/base/errors.hpp>
#include <wengert/base/random.hpp>
#include <wengert/data/idx.hpp>

namespace demo {

namespace {

namespace fs = std::filesystem;
namespace wg = wengert;

constexpr std::array fashion_files{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
constexpr std::array digit_files{"digits-images-idx3-ubyte.gz", "digits-labels-idx1-ubyte.gz"};

template <class Files>
bool has_all(const fs::path& folder, const Files& files) {
  std::error_code ignored;
  for (const auto* file : files)
    if (!fs::exists(folder / file, ignored)) return false;
  return true;
}

/// What an environment variable says; empty where it says nothing.
fs::path from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? fs::path(value) : fs::path();
}

/// The folder with the four files; empty if there is none. WENGERT_FASHION_MNIST goes before Debian's place.
fs::path fashion_folder() {
  const fs::path chosen = from_environment("WENGERT_FASHION_MNIST");
  const fs::path folder = chosen.empty() ? fs::path("/usr/share/datasets/fashion-mnist") : chosen;
  return has_all(folder, fashion_files) ? folder : fs::path();
}

/// data/digits of the source tree that this program was built from, or beside the program.
fs::path digits_folder() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& data : {fs::path(WENGERT_DATA_DIR), program / "data", program / ".." / "data", program / ".." / "share" / "wengert" / "data"})
    if (has_all(data / "digits", digit_files)) return data / "digits";
  throw wg::FileError(std::string("train: the UCI digits were not found: no data/digits in ") + WENGERT_DATA_DIR + " or beside the program; keep the folder data with the source");
}

Images fashion_mnist(const fs::path& folder) {
  const auto path = [&](std::size_t i) { return (folder / fashion_files[i]).string(); };
  Images images{.description = "",
                .train = wg::data::load_idx_dataset<float>(path(0), path(1)),
                .test = wg::data::load_idx_dataset<float>(path(2), path(3)),
                .classes = {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
                .height = 28,
                .width = 28,
                .usual_epochs = 12};
  images.description = "Fashion-MNIST (" + folder.string() + ")";
  return images;
}

Images digits() {
  const fs::path folder = digits_folder();
  constexpr double brightest = 16;
  const auto all = wg::data::load_idx_dataset<float>((folder / digit_files[0]).string(), (folder / digit_files[1]).string(), {.divisor = brightest});
  // The same test images whatever the seed of the training.
  wg::RandomEngine engine(0);
  auto [train, test] = wg::data::split(all, {.first = 0.8}, engine);
  return {.description = "UCI optical digits (" + folder.string() + ")",
          .train = std::move(train),
          .test = std::move(test),
          .classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
          .height = 8,
          .width = 8,
          .usual_epochs = 40};
}

}  // namespace

Images load_images(DataChoice choice) {
  const fs::path fashion = choice == DataChoice::digits ? fs::path() : fashion_folder();
  if (!fashion.empty()) return fashion_mnist(fashion);
  if (choice == DataChoice::fashion_mnist)
    throw wg::FileError("train: Fashion-MNIST was not found; on Debian: apt install dataset-fashion-mnist; elsewhere name the folder of its four files in WENGERT_FASHION_MNIST");
  Images images = digits();
  if (choice == DataChoice::automatic) images.description += ", as Fashion-MNIST is not installed";
  return images;
}

}  // namespace demo
