// Everything: the library, and its arrays from and to xtensor expressions.
#pragma once

#include <wengert/core.hpp>

#include <wengert/array/xtensor.hpp>
