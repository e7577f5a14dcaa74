// Measuring a row.
#pragma once

#include <string>

#include "peer.hpp"
#include "row.hpp"

namespace bench {

/// Seconds in a unit of time; 0 for what is no unit of time.
double seconds_in(const std::string& unit);

/// Runs the row `repetitions` times: where it has a limit to be timed, and a peer, all of them in turns.
Runs measure(const Row& row, int repetitions, Peer* peer);

}  // namespace bench
