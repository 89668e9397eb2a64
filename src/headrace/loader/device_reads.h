// Raw rows read from storage into the device's memory, past the host's where cuFile truly can, else
// by the bounce ring: whichever of the ways that work here is measured faster on the data set.
// Thread safety: one thread makes reads and ends them; why_not() and is_wanted() are const.
// Invariants: 1. read() returns when every row is there or has failed; 2. memory is a batch of one
// field, taken at birth; 3. no byte of a row is seen by the host, so nothing here is verified.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "headrace/device/memory.h"
#include "headrace/device/stream.h"
#include "headrace/io/cufile.h"
#include "headrace/loader/core.h"
#include "headrace/storage/open_files.h"

namespace headrace::loader {

// Why rows of this plan cannot be read past the host; "" where they can.
std::string why_not_read_there(const pipeline::Plan& plan, const formats::Dataset& dataset,
                               const Options& options);

class DeviceReads {
 public:
  DeviceReads(const device::Device& device, const Core& core, const DeviceOptions& on);
  ~DeviceReads();

  // Of the rows that are left to the device: each is read, or `failed` is told. Throws Error where
  // no way works.
  void read(Core& core, Slot& batch, uint32_t field_index,
            const std::function<void(uint32_t row, const RowFailure&)>& failed);
  // Puts them into their places, in the stream's order.
  void place(const Slot& batch, uint32_t field_index, shim::CuAddress rows, device::Stream& stream);
  // What was chosen and how fast each way was; "" before the first batch.
  const std::string& choice() const { return choice_; }

 private:
  struct Way {
    std::string engine;
    std::unique_ptr<io::Ring> ring;
    double bytes_per_second = 0;
    std::string why_not;
  };
  void choose(Core& core);
  Way try_way(const Core& core, const std::string& engine, uint64_t first_sample);
  double measured(const Core& core, io::Ring& ring, uint64_t first_sample);
  io::Read read_of(const formats::FieldExtent& extent, const io::File* file, uint32_t row) const;

  const device::Device& device_;
  const DeviceOptions on_;
  uint32_t field_index_;  // of the largest raw rows, which are measured
  size_t stride_bytes_;
  device::DeviceMemory room_;
  shim::CuAddress begin_;  // of the rows in it; drivers promise 256 bytes of alignment, no sector
  device::Event placed_;   // what was read before lies in its place
  storage::OpenFiles files_;
  std::unique_ptr<io::Ring> ring_;
  std::string choice_;
  std::vector<io::Done> done_;
};

}  // namespace headrace::loader
