// The fence around xtensor: the only header that includes it. What the two libraries exchange is evaluated here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include <wengert/array/array.hpp>

#include <xtensor/xexpression_traits.hpp>

// xtensor 0.24.3 completes this trait for C++17 only; in C++20 mode g++ 12 then deduces the evaluated type of a reduced
// xarray as a fixed-rank xtensor of rank 4, which reads and writes past its shape (xtensor issue 1970).
#if __cplusplus > 201703L
namespace xt::detail {
template <>
struct xtype_for_shape<svector<std::size_t, 4, std::allocator<std::size_t>, true>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
}  // namespace xt::detail
#endif

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>

static_assert(std::is_same_v<xt::temporary_type_t<xt::xarray<float>>, xt::xarray<float>>, "xtensor deduces the type of an evaluated xarray wrongly");

namespace wengert {

namespace detail {

template <Element T, class E>
Array<T> evaluated(const E& expression) {
  const Shape shape(expression.shape().begin(), expression.shape().end());
  return Array<T>::build(shape, [&](std::span<T> out) {
    if (out.empty()) return;
    auto target = xt::adapt(out.data(), out.size(), xt::no_ownership(), xt::dynamic_shape<std::size_t>(shape.begin(), shape.end()));
    xt::noalias(target) = expression;
  });
}

}  // namespace detail

template <Element T>
template <class U>
auto Array<T>::xt() const {
  auto owner = std::make_shared<const Array<U>>(*this);  // a number's element lives in the handle: the copy keeps it in place
  const U* const elements = owner->data();
  return xt::adapt_smart_ptr(elements, xt::dynamic_shape<std::size_t>(shape().begin(), shape().end()), std::move(owner));
}

}  // namespace wengert
