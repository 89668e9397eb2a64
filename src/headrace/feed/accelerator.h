// The emulated accelerator: a step is a time that the consumer's thread sleeps, or, for batches on
// a device, a time that a stream of the device is busy, while the thread goes on. Thread safety:
// one thread. Ends before the batches' loader.
#pragma once

#include <atomic>
#include <memory>

#include "headrace/base/clock.h"
#include "headrace/device/stream.h"
#include "headrace/loader/batches.h"
#include "headrace/observe/trace.h"

namespace headrace::feed {

class Accelerator {
 public:
  // Reads what `batches` gives from now on, on a stream of its own if they lie on a device.
  // `trace` has a row of its steps, where it is not null. Throws Error.
  Accelerator(loader::Batches& batches, Clock& clock, uint64_t step_ns,
              observe::Trace* trace = nullptr);

  // Whether a step's batch must be held until its step was given to a stream.
  bool has_stream() const { return stream_ != nullptr; }
  void step();    // throws Error
  void finish();  // until all steps are done; throws Error
  double busy_s() const { return static_cast<double>(busy_ns_.load()) * 1e-9; }

 private:
  void compute();  // in the thread that is busy

  Clock& clock_;
  uint64_t step_ns_;
  const device::Device* device_;
  std::atomic<uint64_t> busy_ns_{0};
  observe::Tracer tracer_;
  std::unique_ptr<device::Stream> stream_;  // last: it ends with the steps that it still has
};

}  // namespace headrace::feed
