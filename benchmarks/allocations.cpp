// Counts calls to the allocator in steps 3 to 20 of training, batches included: malloc, calloc, realloc, aligned_alloc,
// posix_memalign, mmap and operator new, in whatever library they are made. A program of its own, because it replaces all of these.
// Usage: allocations [THREADS]. Prints one line for each network.
#include <dlfcn.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <wengert/core.hpp>

namespace {
std::atomic<long> calls{0};

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}
}  // namespace

// The C library's own entry points are used from here on, since dlsym itself may allocate.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) noexcept {
  ++calls;
  return __libc_malloc(bytes);
}
void* calloc(std::size_t n, std::size_t bytes) noexcept {
  ++calls;
  return __libc_calloc(n, bytes);
}
void* realloc(void* p, std::size_t bytes) noexcept {
  ++calls;
  return __libc_realloc(p, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  ++calls;
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t bytes) noexcept {
  ++calls;
  *out = __libc_memalign(alignment, bytes);
  return *out == nullptr ? 12 : 0;
}
void* mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
  ++calls;
  static auto* const real = next<void* (*)(void*, std::size_t, int, int, int, off_t)>("mmap");
  return real(address, bytes, protection, flags, file, offset);
}
}

void* operator new(std::size_t bytes) {
  ++calls;
  if (void* p = __libc_malloc(bytes)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++calls;
  if (void* p = __libc_memalign(static_cast<std::size_t>(alignment), bytes)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace wg = wengert;

namespace {

/// Runs 20 steps and returns the calls made in steps 3 to 20.
template <class Optimizer>
long counted(wg::nn::Sequential<float>& net, Optimizer& optimizer, std::size_t batch, std::size_t features, wg::RandomEngine& engine) {
  const std::size_t rows = batch * 20;
  const wg::data::Dataset<float> data{
      wg::Array<float>::build({rows, features}, [](std::span<float> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i % 13) / 13.F; }),
      wg::Array<std::int64_t>::build({rows}, [](std::span<std::int64_t> out) { for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::int64_t>(i % 10); })};
  wg::Tape tape;
  long before = 0;
  int step = 0;
  for (const auto& part : wg::data::batches(data, {.size = batch, .shuffle = true}, engine)) {
    if (++step == 3) before = calls;
    auto loss = wg::cross_entropy(net(tape.constant(part.x), wg::Mode::train), part.y);
    optimizer.step(tape.backward(loss));
    tape.clear();
  }
  return calls - before;
}

}  // namespace

int main(int count, char** words) {
  if (count > 1) wg::set_threads(std::strtoul(words[1], nullptr, 10));
  wg::RandomEngine engine(1);
  wg::nn::Sequential<float> small{wg::nn::Linear<float>(64, 64, engine), wg::nn::ReLU<float>{}, wg::nn::Linear<float>(64, 64, engine), wg::nn::ReLU<float>{},
                                  wg::nn::Linear<float>(64, 10, engine)};
  wg::optim::GradientDescent<float> descent(small.parameters(), {.learning_rate = 1e-3});
  const long in_small = counted(small, descent, 32, 64, engine);
  wg::nn::Sequential<float> mlp{wg::nn::Linear<float>(784, 512, engine), wg::nn::ReLU<float>{}, wg::nn::Linear<float>(512, 256, engine), wg::nn::ReLU<float>{},
                                wg::nn::Linear<float>(256, 10, engine)};
  wg::optim::Adam<float> adam(mlp.parameters(), {.learning_rate = 1e-3});
  const long in_mlp = counted(mlp, adam, 128, 784, engine);
  std::printf("small_step %ld\nmlp_step %ld\n", in_small, in_mlp);
}
