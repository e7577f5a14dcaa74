// Loads a plugin and the library by name, unloads them, loads them again: each time they must work, and leave nothing running.
#include <dlfcn.h>

#include <cstdio>

namespace {

double run_once(const char* path) {
  void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::printf("%s\n", dlerror());
    return -1;
  }
  auto* run = reinterpret_cast<double (*)()>(dlsym(plugin, "plugin_run"));
  const double result = run != nullptr ? run() : -1;
  dlclose(plugin);
  return result;
}

}  // namespace

int main(int, char** arguments) {
  const double first = run_once(arguments[1]);
  for (int round = 0; round < 3; ++round) {
    void* library = dlopen(arguments[2], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      std::printf("%s\n", dlerror());
      return 1;
    }
    dlclose(library);
    const double again = run_once(arguments[1]);
    if (again != first) {
      std::printf("round %d: %.17g, at first %.17g\n", round, again, first);
      return 1;
    }
  }
  std::printf("%.17g each time\n", first);
  return first > 0 ? 0 : 1;
}
