// What the checker's tests share.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include <wengert/check/check_gradients.hpp>
#include <wengert/graph/record.hpp>

namespace wengert::test {

inline Array<double> values(std::initializer_list<double> list) { return from_values<double>(list, {list.size()}); }

inline bool says(const GradientReport& report, const std::string& part) { return report.message.find(part) != std::string::npos; }

/// An elementwise function of plain numbers with a slope of its own.
struct Plain : Elementwise<Plain> {
  static constexpr std::string_view name = "plain";
  static constexpr Keeps keeps = Keeps::inputs;
  static constexpr Orders orders = Orders::first;
  double (*function)(double);
  double (*its_slope)(double);
  Plain(double (*f)(double), double (*s)(double)) : function(f), its_slope(s) {}
  template <class X>
  X apply(X x) const {
    return static_cast<X>(function(static_cast<double>(x)));
  }
  template <class X>
  X slope(X x, X) const {
    return static_cast<X>(its_slope(static_cast<double>(x)));
  }
};

inline GradientReport check_plain(double (*f)(double), double (*slope)(double), double at) {
  const Plain card(f, slope);
  return check_gradients([&](auto x) { return record(card, x); }, at);
}

}  // namespace wengert::test
