// The random engine: counter-based (Philox 4x32-10), so that its state is three plain numbers, a stream can be split
// into independent ones, and large fills give the same numbers on every machine and with any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include <wengert/base/export.hpp>

namespace wengert {

namespace detail {

/// Philox 4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0], b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
  }
  return counter;
}

[[noreturn]] WENGERT_API void refuse_below_zero();

}  // namespace detail

/// A stream of random numbers, chosen by its seed. Also a standard uniform random bit generator. A copy continues with the
/// same numbers; split() gives another stream. Used by one thread at a time.
class WENGERT_API RandomEngine {
 public:
  using result_type = std::uint64_t;

  /// All there is to know of an engine, to be saved and restored.
  struct State {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    std::uint64_t position = 0;  ///< how many 64-bit words were drawn
    friend bool operator==(const State&, const State&) = default;
  };

  explicit RandomEngine(std::uint64_t seed) noexcept : RandomEngine(State{seed, 0, 0}) {}

  static RandomEngine from_state(const State& state) noexcept { return RandomEngine(state); }
  State state() const noexcept { return state_; }
  friend bool operator==(const RandomEngine& a, const RandomEngine& b) noexcept { return a.state_ == b.state_; }

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }
  /// The next 64 random bits.
  result_type operator()() noexcept {
    if (state_.position % 2 == 0) compute_block();
    return block_[state_.position++ % 2];
  }
  void discard(std::uint64_t words) noexcept;

  /// An engine with a stream of its own, independent of this one's; this one moves on by two words.
  RandomEngine split() noexcept {
    const auto seed = (*this)(), stream = (*this)();
    return RandomEngine(State{seed, stream, 0});
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  /// Uniform in {0, ..., n - 1}, without bias. Throws ValueError for n = 0.
  std::uint64_t below(std::uint64_t n) {
    if (n == 0) detail::refuse_below_zero();
    // Lemire's method: the high half of x * n, where x is drawn anew in the few cases that would make some results likelier.
    __extension__ using Product = unsigned __int128;
    Product product = static_cast<Product>((*this)()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t unfair = -n % n;
      while (static_cast<std::uint64_t>(product) < unfair) product = static_cast<Product>((*this)()) * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }
  /// Puts the items into a random order, each order being equally likely.
  template <class T>
  void shuffle(std::span<T> items) {
    using std::swap;
    for (std::size_t left = items.size(); left > 1; --left) swap(items[left - 1], items[below(left)]);
  }

  /// Fills `out` with numbers uniform in [low, high); with `low` alone where they are equal. Throws ValueError for low > high
  /// or a range that is not finite. Fills begin at a whole block of four 32-bit words and use one (float) or two (double) a number.
  void fill_uniform(std::span<float> out, float low = 0, float high = 1);
  void fill_uniform(std::span<double> out, double low = 0, double high = 1);
  /// Fills `out` with numbers of the normal distribution. Throws ValueError for a negative stddev or one that is not finite.
  void fill_normal(std::span<float> out, float mean = 0, float stddev = 1);
  void fill_normal(std::span<double> out, double mean = 0, double stddev = 1);

 private:
  explicit RandomEngine(const State& state) noexcept : state_(state) {
    if (state_.position % 2 != 0) compute_block();
  }
  void compute_block() noexcept;

  State state_;
  std::array<std::uint64_t, 2> block_{};  // the block of the position, where half of it is left
};

}  // namespace wengert
