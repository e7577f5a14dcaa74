// What a layer is told beside its input.
#include <wengert/nn/context.hpp>

#include <string>

#include <wengert/base/errors.hpp>

namespace wengert::nn {

RandomEngine& Context::engine(std::string_view who) const {
  if (engine_ == nullptr)
    throw ValueError(std::string(who) + ": training draws random numbers, but no engine was given: net(x, Mode::train); give one: net(x, {Mode::train, engine})");
  return *engine_;
}

}  // namespace wengert::nn
