// A sweep as text for a terminal and as JSON in the one form of all benchmarks.
// Thread safety: pure functions. Invariant: the JSON keys are a public interface; io_text_test.cc
// holds them to a golden text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "headrace/bench/io_sweep.h"

namespace headrace::bench {

std::string io_text(const IoReport& report);
nlohmann::ordered_json io_document(const IoReport& report);

// Parts that the page says in the same words.
// "direct runs bypass the page cache; before buffered ones the file's pages were dropped".
std::string cold_text(const IoReport& report);
// "1.77 GB/s": of 10^9 bytes, as devices are sold.
std::string gb_rate_text(double bytes_per_s);
// "uring, direct, depth 32: 1.77 GB/s, p99 1.20 ms, 0.12 CPU s/GB".
std::string best_text(const IoReport& report);
std::string knee_text(const IoReport& report, const Knee& knee);

}  // namespace headrace::bench
