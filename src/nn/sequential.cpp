// Layers one after the other, and the walks over their members.
#include <wengert/nn/sequential.hpp>

#include <algorithm>
#include <string>

namespace wengert::nn {

namespace {

template <class Handle>
void add_once(std::vector<Handle>& list, const Handle& handle) {
  if (std::find(list.begin(), list.end(), handle) == list.end()) list.push_back(handle);
}

template <Real T>
class Listing final : public Members<T> {
 public:
  Parameters<T> parameters;
  std::vector<Buffer<T>> buffers;

 private:
  void visit(const std::string&, Parameter<T>& parameter) override { add_once(parameters, parameter); }
  void visit(const std::string&, Buffer<T>& buffer) override { add_once(buffers, buffer); }
};

/// Names each member by its path; one that is met again keeps its first name.
template <Real T>
class Naming final : public Members<T> {
 private:
  void visit(const std::string& path, Parameter<T>& parameter) override { name(path, parameter, parameters_); }
  void visit(const std::string& path, Buffer<T>& buffer) override { name(path, buffer, buffers_); }

  template <class Handle>
  void name(const std::string& path, Handle& handle, std::vector<Handle>& seen) {
    if (std::find(seen.begin(), seen.end(), handle) != seen.end()) return;
    seen.push_back(handle);
    handle.rename(path);
  }

  Parameters<T> parameters_;
  std::vector<Buffer<T>> buffers_;
};

/// Puts a clone in the place of each member; the same clone where the same member is met again.
template <Real T>
class Cloning final : public Members<T> {
 private:
  void visit(const std::string&, Parameter<T>& parameter) override { replace(parameter, parameters_); }
  void visit(const std::string&, Buffer<T>& buffer) override { replace(buffer, buffers_); }

  template <class Handle>
  void replace(Handle& handle, std::vector<std::pair<Handle, Handle>>& done) {
    auto known = std::find_if(done.begin(), done.end(), [&](const auto& pair) { return pair.first == handle; });
    if (known == done.end()) known = done.insert(done.end(), {handle, handle.clone()});
    handle = known->second;
  }

  std::vector<std::pair<Parameter<T>, Parameter<T>>> parameters_;
  std::vector<std::pair<Buffer<T>, Buffer<T>>> buffers_;
};

}  // namespace

template <Real T>
Sequential<T>::Sequential(const Sequential& other) : on_output_(other.on_output_) {
  layers_.reserve(other.layers_.size());
  for (const auto& layer : other.layers_) layers_.push_back(layer->copy());
}

template <Real T>
Var<T> Sequential<T>::operator()(Var<T> x, const Context& context) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = (*layers_[i])(std::move(x), context);
    if (on_output_ != nullptr) on_output_->var(i, x);
  }
  return x;
}

template <Real T>
Array<T> Sequential<T>::operator()(Array<T> x, const Context& context) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = (*layers_[i])(std::move(x), context);
    if (on_output_ != nullptr && on_output_->array) on_output_->array(i, x);
  }
  return x;
}

template <Real T>
Parameters<T> Sequential<T>::parameters() const {
  Listing<T> listing;
  Sequential(*this).members(listing);
  return std::move(listing.parameters);
}

template <Real T>
std::vector<Buffer<T>> Sequential<T>::buffers() const {
  Listing<T> listing;
  Sequential(*this).members(listing);
  return std::move(listing.buffers);
}

template <Real T>
Sequential<T> Sequential<T>::clone() const {
  Sequential other(*this);
  Cloning<T> cloning;
  other.members(cloning);
  return other;
}

template <Real T>
void Sequential<T>::members(Members<T>& all) {
  for (std::size_t i = 0; i < layers_.size(); ++i) all(std::to_string(i), *layers_[i]);
}

template <Real T>
void Sequential<T>::name_members() {
  Naming<T> naming;
  members(naming);
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace wengert::nn
