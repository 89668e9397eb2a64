// Which share of a field's rows a device makes where both it and the host may: so that neither
// waits for the other. Thread safety: one thread; the shares themselves are read by any.
#pragma once

#include "headrace/loader/deferred.h"
#include "headrace/loader/stats.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

// Seconds a row by all workers together, and by the device; 0 = not known yet.
struct RowCosts {
  double host_s = 0;
  double device_s = 0;
};

// Rows go by the rates. Each side keeps some, or its cost could not be seen to fall again. Halfway
// from the share before: a batch's costs are noisy.
uint32_t balanced_share(uint32_t before, const RowCosts& costs);

// What a batch that is done cost the device; `given_s`: what giving it its work took that thread,
// which is the cost where it is more.
struct DeviceCost {
  StageSums sums = {};
  double given_s = 0;
};

class DeviceShares {
 public:
  DeviceShares(const pipeline::Plan& plan, Deferral& deferral) : plan_(plan), deferral_(deferral) {}
  // Sets the shares of batches to come.
  void note(const DeviceCost& cost, const Stats& stats);

 private:
  // Of a row, since it was last asked; 0 where the workers made none.
  double host_row_s(const Stats& stats);

  const pipeline::Plan& plan_;
  Deferral& deferral_;
  uint64_t ops_ns_ = 0, row_count_ = 0;  // when last looked at
};

}  // namespace headrace::loader
