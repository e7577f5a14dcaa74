// The random engine's fills. Each number is a function of its place in the stream alone, and is computed with nothing but
// + - * / and sqrt: the mathematical library's functions differ in the last bit from machine to machine.
#include <wengert/base/random.hpp>

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include <wengert/base/errors.hpp>
#include <wengert/base/threads.hpp>

namespace wengert {

namespace {

constexpr std::array<std::uint32_t, 2> halves(std::uint64_t word) noexcept {
  return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}

std::array<std::uint32_t, 4> block_at(const RandomEngine::State& state, std::uint64_t block) noexcept {
  const auto b = halves(block), s = halves(state.stream);
  return detail::philox({b[0], b[1], s[0], s[1]}, halves(state.seed));
}

// ---- many blocks at once ----

constexpr std::size_t group_blocks = 4;
constexpr std::size_t group_words = 4 * group_blocks;

/// The words of two blocks on their way through the rounds: 64-bit lanes of which only the lower half counts.
struct Lanes {
  __m128i c0, c1, c2, c3;

  void mix(__m128i key0, __m128i key1) noexcept {
    const __m128i a = _mm_mul_epu32(c0, _mm_set1_epi64x(0xD2511F53)), b = _mm_mul_epu32(c2, _mm_set1_epi64x(0xCD9E8D57));
    c0 = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(b, 32), c1), key0);
    c1 = b;
    c2 = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(a, 32), c3), key1);
    c3 = a;
  }
  void store(std::uint32_t* out) const noexcept {
    const __m128i first = _mm_unpacklo_epi32(c0, c1), second = _mm_unpackhi_epi32(c0, c1);
    const __m128i first_end = _mm_unpacklo_epi32(c2, c3), second_end = _mm_unpackhi_epi32(c2, c3);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_unpacklo_epi64(first, first_end));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 4), _mm_unpacklo_epi64(second, second_end));
  }
};

/// Four neighbouring blocks, as block_at gives them one after another; in two pairs, as each round waits for its products.
void four_blocks(const RandomEngine::State& state, std::uint64_t first, std::uint32_t* out) noexcept {
  const auto all = [](std::uint64_t word) { return _mm_set1_epi64x(static_cast<long long>(word)); };
  const auto counters = [&](std::uint64_t block) {
    const __m128i two = _mm_set_epi64x(static_cast<long long>(block + 1), static_cast<long long>(block));
    return Lanes{two, _mm_srli_epi64(two, 32), all(state.stream), all(state.stream >> 32)};
  };
  Lanes a = counters(first), b = counters(first + 2);
  __m128i key0 = all(state.seed), key1 = all(state.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    a.mix(key0, key1);
    b.mix(key0, key1);
    key0 = _mm_add_epi32(key0, _mm_set1_epi64x(0x9E3779B9));
    key1 = _mm_add_epi32(key1, _mm_set1_epi64x(0xBB67AE85));
  }
  a.store(out);
  b.store(out + 8);
}

/// Has every group of words turned into the numbers of its stretch of `out`, on all threads, and moves the state past them.
/// transform(words, numbers) makes group_words words into as many floats, or half as many doubles.
template <class T, class F>
void fill(RandomEngine::State& state, std::span<T> out, const F& transform) {
  constexpr std::size_t group = group_words * sizeof(std::uint32_t) / sizeof(T);
  constexpr std::size_t stretch = 1024 * group;
  const std::uint64_t first = state.position / 2 + state.position % 2;
  const RandomEngine::State start = state;
  detail::parallel((out.size() + stretch - 1) / stretch, [&](std::size_t part) {
    const std::size_t end = std::min(out.size(), (part + 1) * stretch);
    for (std::size_t i = part * stretch; i < end; i += group) {
      std::uint32_t words[group_words];
      four_blocks(start, first + i / group * group_blocks, words);
      if (end - i >= group) {
        transform(words, out.data() + i);
      } else {
        T rest[group];
        transform(words, rest);
        std::copy(rest, rest + (end - i), out.data() + i);
      }
    }
  });
  constexpr std::size_t numbers_per_block = group / group_blocks;
  state.position = 2 * (first + (out.size() + numbers_per_block - 1) / numbers_per_block);
}

std::uint64_t long_word(const std::uint32_t* words) noexcept { return words[0] | std::uint64_t{words[1]} << 32; }

// ---- the uniform distribution ----

template <class T>
T below_one(const std::uint32_t* words, std::size_t i) noexcept;
template <>
float below_one<float>(const std::uint32_t* words, std::size_t i) noexcept {
  return static_cast<float>(static_cast<std::int32_t>(words[i] >> 8)) * 0x1p-24f;
}
template <>
double below_one<double>(const std::uint32_t* words, std::size_t i) noexcept {
  return static_cast<double>(static_cast<std::int64_t>(long_word(words + 2 * i) >> 11)) * 0x1p-53;
}

template <class T>
void write_uniform(RandomEngine::State& state, std::span<T> out, T low, T high) {
  const T width = high - low;
  if (!(low <= high) || !std::isfinite(width))
    throw ValueError("fill_uniform: not a range: " + std::to_string(low) + " to " + std::to_string(high) + "; low <= high and a finite difference are needed");
  const T last = low < high ? std::nextafter(high, low) : low;  // where rounding would reach `high`
  fill(state, out, [=](const std::uint32_t* words, T* numbers) {
    for (std::size_t i = 0; i < group_words * sizeof(std::uint32_t) / sizeof(T); ++i) {
      const T number = low + width * below_one<T>(words, i);
      numbers[i] = number < last ? number : last;
    }
  });
}

// ---- the normal distribution ----

/// log x for normal x > 0: the exponent, and the series of the inverse hyperbolic tangent for a mantissa in [sqrt 1/2, sqrt 2).
double logarithm(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x) - std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  const auto exponent = static_cast<double>(static_cast<std::int64_t>(bits) >> 52);
  const double mantissa = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFF) + std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1));
  const double s = (mantissa - 1) / (mantissa + 1), t = s * s;
  double sum = 0;
  for (int k = 21; k >= 3; k -= 2) sum = (sum + 1.0 / k) * t;
  return exponent * 0x1.62e42fefa39efp-1 + 2 * (s + s * sum);
}

struct Point {
  double x, y;
};

/// The point of the unit circle at `turns` in [0, 1): Taylor series within an eighth of a turn around the nearest quarter.
Point on_circle(double turns) noexcept {
  const auto quarter = static_cast<int>(4 * turns + 0.5);
  const double a = (turns - 0.25 * quarter) * 0x1.921fb54442d18p+2, t = a * a;
  double sine = 1, cosine = 1;
  for (int k = 16; k >= 2; k -= 2) {
    sine = 1 - sine * t * (1.0 / (k * (k + 1)));
    cosine = 1 - cosine * t * (1.0 / (k * (k - 1)));
  }
  sine *= a;
  switch (quarter % 4) {
    case 0: return {cosine, sine};
    case 1: return {-sine, cosine};
    case 2: return {-cosine, -sine};
    default: return {sine, -cosine};
  }
}

/// Two independent normal numbers (Box and Muller) of one uniform in (0, 1) and one in [0, 1).
Point normal_pair(double u, double turns) noexcept {
  const double radius = std::sqrt(-2 * logarithm(u));
  const Point p = on_circle(turns);
  return {radius * p.x, radius * p.y};
}

template <class T>
void write_normal(RandomEngine::State& state, std::span<T> out, T mean, T stddev) {
  if (!std::isfinite(mean) || !std::isfinite(stddev) || stddev < 0)
    throw ValueError("fill_normal: not a normal distribution: mean " + std::to_string(mean) + ", stddev " + std::to_string(stddev) +
                     "; both must be finite and stddev 0 or more");
  const auto scaled = [=](double z) { return static_cast<T>(mean + stddev * z); };
  fill(state, out, [=](const std::uint32_t* words, T* numbers) {
    for (std::size_t i = 0; i < group_words * sizeof(std::uint32_t) / sizeof(T); i += 2) {
      Point p;
      if constexpr (sizeof(T) == sizeof(float))
        p = normal_pair((words[i] + 0.5) * 0x1p-32, words[i + 1] * 0x1p-32);
      else
        p = normal_pair((static_cast<double>(long_word(words + 2 * i) >> 12) + 0.5) * 0x1p-52, static_cast<double>(long_word(words + 2 * i + 2) >> 11) * 0x1p-53);
      numbers[i] = scaled(p.x);
      numbers[i + 1] = scaled(p.y);
    }
  });
}

}  // namespace

void detail::refuse_below_zero() { throw ValueError("RandomEngine::below: no number is below 0: n = 0; n must be 1 or more"); }

void RandomEngine::compute_block() noexcept {
  const auto words = block_at(state_, state_.position / 2);
  block_ = {long_word(&words[0]), long_word(&words[2])};
}

void RandomEngine::discard(std::uint64_t words) noexcept {
  state_.position += words;
  if (state_.position % 2 != 0) compute_block();
}

void RandomEngine::fill_uniform(std::span<float> out, float low, float high) { write_uniform(state_, out, low, high); }
void RandomEngine::fill_uniform(std::span<double> out, double low, double high) { write_uniform(state_, out, low, high); }
void RandomEngine::fill_normal(std::span<float> out, float mean, float stddev) { write_normal(state_, out, mean, stddev); }
void RandomEngine::fill_normal(std::span<double> out, double mean, double stddev) { write_normal(state_, out, mean, stddev); }

}  // namespace wengert
