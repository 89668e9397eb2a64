// What gives batches in order, in host memory or on a device: all that a trainer's loop needs to
// know of it. Thread safety: next(), read_next_on() and state() belong to one consumer thread;
// close() and a batch's end to any.
#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "headrace/device/device.h"
#include "headrace/formats/dataset.h"
#include "headrace/loader/batch.h"
#include "headrace/loader/options.h"
#include "headrace/loader/stats.h"
#include "headrace/order/state.h"

namespace headrace::loader {

class Loader;

class Batches {
 public:
  virtual ~Batches() = default;

  // The next batch, in order; nothing after the last. Blocks; throws the Error of the sample, file,
  // device or thread that failed, when its batch's turn has come.
  std::optional<Batch> next();
  // The same, but no later than the deadline (steady_now_ns): for a consumer that must look up in
  // between. A wait in several calls counts as one.
  virtual std::expected<Batch, NoBatch> next_until(uint64_t deadline_ns) = 0;
  // Where a new loader has to begin so that it goes on after the last batch that next() gave.
  virtual order::State state() const = 0;
  // Stops and joins every thread, in the middle of an epoch too. next() gives nothing afterwards.
  virtual void close() = 0;

  virtual const Loader& loader() const = 0;  // that reads and makes the batches
  virtual const ConsumerStats& consumer() const = 0;
  // Null in host memory. `reader` is the stream that reads what next() gives from now on, as
  // Batch::read_on() says; its idle time is measured.
  virtual const device::Device* device() const { return nullptr; }
  virtual void read_next_on(shim::CuStream) {}
  virtual DeviceStats device_stats() const { return {}; }
  // Of a field's rows, which part the device made of the latest batch; below 0 where only the host
  // may make them.
  virtual double device_share(size_t) const { return -1; }
  // Why fields that leave the choice are made by the host alone; "" where none is.
  virtual const std::string& why_not_on_device() const;
};

}  // namespace headrace::loader
