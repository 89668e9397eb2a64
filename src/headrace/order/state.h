// Where a run stands, in terms that no number of ranks, workers or rows a batch enters: written to
// checkpoints. Thread safety: a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "headrace/order/epoch_order.h"

namespace headrace::order {

struct State {
  uint64_t fingerprint = 0;  // of the data set
  uint64_t plan_hash = 0;    // of everything else that decides a batch's bytes
  Shuffle shuffle = Shuffle::global;
  uint64_t window_samples = 0;  // 0 unless shuffle is window
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t position =
      0;  // in the global order of the epoch: samples consumed by all ranks together

  bool operator==(const State&) const = default;
};

// One JSON object, one line. 64-bit hashes are strings of 16 hexadecimal digits, since many JSON
// readers keep 53 bits.
std::string to_json(const State& state);
// Strict: unknown, missing or doubled keys and wrong types throw Error, which names `source` and
// the key.
State from_json(std::string_view text, const std::string& source);

// Throws Error that names each thing in which `saved` differs from the run that would go on from
// it. Of `run`, epoch and position do not count; of `saved`, position may be at most
// `sample_count`.
void check_resumable(const State& saved, const State& run, uint64_t sample_count);

// The same place with position < sample_count: the end of an epoch is the beginning of the next.
State normalized(State state, uint64_t sample_count);

}  // namespace headrace::order
