// The words of a verdict: the numbers behind it, and what to try next with the figure that speaks
// for it. Thread safety: pure functions on values.
#pragma once

#include <string>
#include <vector>

#include "headrace/observe/supply.h"
#include "headrace/observe/verdict.h"

namespace headrace::observe {

std::vector<std::string> evidence_lines(const Evidence& evidence,
                                        const std::vector<Supply>& supplies,
                                        const Verdict& verdict);
std::vector<std::string> advice_lines(const Evidence& evidence, const std::vector<Supply>& supplies,
                                      const Verdict& verdict);

std::string seconds_text(double seconds);         // "1.20 s"; "0 s" for what is not positive
std::string bytes_rate_text(double bytes_per_s);  // "227 MiB/s"
std::string rate_text(double samples_per_s);      // "1,540 samples/s"
std::string percent_text(double share);           // "0.4 %", "23 %"; "?" when below 0

// Batches that ride out the slowest of a thousand: ceil((p99.9 - p50) x batches/s) + 2.
uint64_t prefetch_for_bursts(const Evidence& evidence, double demand_per_s);

}  // namespace headrace::observe
