// What the source file of an elementwise family is made of: library_rules.hpp, and the operations that slopes on recorded values are
// written in.
#pragma once

#include <wengert/ops/arithmetic.hpp>
#include <wengert/ops/compare.hpp>
#include <wengert/ops/elementwise.hpp>
#include <wengert/ops/select.hpp>

#include "ops/library_rules.hpp"
