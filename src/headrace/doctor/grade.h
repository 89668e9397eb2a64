// The one place where a judgement becomes ok, note, warn or fail. Thread safety: pure functions.
// Invariant: nothing is a failure unless the probe stayed below what the path should carry.
#pragma once

#include "headrace/doctor/check.h"
#include "headrace/doctor/expectation.h"

namespace headrace::doctor {

enum class Level { ok, note, warn, fail };
const char* name_of(Level level);

// How the probe stands beside the expectation. unknown: no probe, no expectation, or the page cache
// gave the bytes.
enum class Standing { unknown, met, below };
Standing standing_of(const std::optional<Probe>& probe, const Expectation& expectation);

Level grade(Weight weight, Standing standing);

}  // namespace headrace::doctor
