// A backward pass as a lecture draws it: picture by picture.
#pragma once

#include <string>
#include <vector>

#include <wengert/base/export.hpp>
#include <wengert/graph/tape.hpp>
#include <wengert/graph/var.hpp>

namespace wengert::viz {

/// Draws a backward pass from `output`, one number on a tape that retains everything ({.retain = Retain::everything}), step by step
/// as write_graph draws it at once: "f.svg" becomes f_0.svg, f_1.svg, ..., the names of which are returned. Picture 0 has the values
/// alone; in picture 1 the gradient of the output appears, 1; then each picture is one operation's step from last to first, its box
/// highlighted, with a line "upstream x local = product" for each input of an elementwise operation, and the gradients that are
/// known from then on. Each thing stays at its place through all pictures. Runs a backward pass of its own, callbacks of on_gradient included.
/// Extensions and errors are those of write_graph, .svg where the file has none; GraphError on a tape that retains what is needed alone.
template <Real T>
WENGERT_API std::vector<std::string> write_frames(const std::string& file, const Var<T>& output, Tape& tape);

}  // namespace wengert::viz
