// What each pool of threads, and the storage, could carry: the measured half of a verdict.
// Thread safety: pure functions on values. Invariant: every figure is finite; 0 or -1 means not
// known.
#pragma once

#include <string>
#include <vector>

#include "headrace/observe/verdict.h"

namespace headrace::observe {

// One suspect: a pool of threads named after the stage that takes most of it, or the storage.
struct Supply {
  std::string stage = {};
  std::string shares = {};  // "decode 71 %, resize 25 %, other 4 %"
  bool is_storage = false;
  bool is_device = false;     // what a device does for batches; `stage` says what most
  uint32_t threads = 0;       // storage: the queue depth
  double sample_s = 0;        // busy seconds of one thread a sample
  double capacity_per_s = 0;  // samples/s
  double busy_share = 0;      // of its threads; storage: in flight / depth
  double top_share = 0;       // of the pool's busy time that `stage` takes
  double input_fill = -1;
  double output_fill = -1;
  double empty_fill = k_empty;  // of the output queue, up to which it counts as empty
};

// In the order in which a sample passes them; the consumer is the demand and not among them.
std::vector<Supply> supplies_of(const Evidence& evidence);
// The least known capacity; nullptr when none is known.
const Supply* tightest_of(const std::vector<Supply>& supplies);
// The one whose queues say that it holds the others up; nullptr when none does.
const Supply* queue_suspect_of(const std::vector<Supply>& supplies);
// Samples/s that the cores carry if each one is always busy; 0 = not known.
double core_capacity_per_s(const Evidence& evidence);
// Samples/s that the consumer would take if it never waited; 0 = it does no work of its own.
double demand_per_s(const Evidence& evidence);

// a / b, or 0 where that is not a finite positive number.
double ratio(double numerator, double denominator);

}  // namespace headrace::observe
