// Rows read from storage into the device's memory, raw ones and compressed ones, past the host's
// where cuFile truly can, else by the bounce ring: whichever of the ways that work here is measured
// faster on the data set.
// Thread safety: one thread makes reads and ends them; the functions beside it are pure.
// Invariants: 1. read() returns when every row is there, has failed or lies nowhere; 2. memory is a
// batch of each such field, taken at birth; 3. no byte of a row is seen by the host, so nothing
// here is verified.
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

// Whether the field's rows are a copy of what is stored, or are unpacked from it.
bool may_read_there(const pipeline::FieldPlan& field);
// Why rows of this plan cannot be read past the host; "" where they can.
std::string why_not_read_there(const pipeline::Plan& plan, const formats::Dataset& dataset,
                               const Options& options);

class DeviceReads {
 public:
  using OnFailure = std::function<void(const RowPlace&, const RowFailure&)>;

  DeviceReads(const device::Device& device, const Core& core, const DeviceOptions& on);
  ~DeviceReads();
  // Where place() puts the field's compressed rows; those that find no room lie nowhere.
  void unpack_from(uint32_t field_index, shim::CuAddress room, size_t room_bytes);

  // Of the rows that are left to the device: each is read, or told to have failed, or lies nowhere
  // where only the host can make it. Throws Error where no way works.
  void read(Core& core, Slot& batch, const OnFailure& failed);
  // Puts raw rows into their places in the slot, and compressed ones where they are unpacked from,
  // in the stream's order.
  void place(const pipeline::Plan& plan, Slot& batch, shim::CuAddress slot, device::Stream& stream);
  // The host reads a row's bytes after all.
  RowFailure fetch(const Core& core, const Slot& batch, const RowPlace& place,
                   std::vector<std::byte>& bytes);
  // What was chosen and how fast each way was; "" before the first batch.
  const std::string& choice() const { return choice_; }

 private:
  struct Way {
    std::string engine;
    std::unique_ptr<io::Ring> ring;
    double bytes_per_second = 0;
    std::string why_not;
  };
  struct Field {
    uint32_t index = 0;       // in the plan
    size_t stride_bytes = 0;  // of its rows, with the sectors around them
    size_t begin_bytes = 0;   // of the first one in the room
    shim::CuAddress unpacked_from = 0;
    size_t unpacked_from_bytes = 0;
  };
  void choose(Core& core);
  Way try_way(const Core& core, const std::string& engine, uint64_t first_sample);
  double measured(const Core& core, io::Ring& ring, uint64_t first_sample);
  void leave_to_host(const Core& core, Slot& batch, const Field& field) const;
  io::Read read_of(size_t field, const formats::Location& location,
                   const formats::FieldExtent& extent, uint32_t row);
  void submit(const Core& core, const Slot& batch, uint64_t& next);
  void finish(Core& core, Slot& batch, const io::Done& done, const OnFailure& failed);

  const device::Device& device_;
  const DeviceOptions on_;
  const uint32_t batch_size_;
  std::vector<Field> fields_;
  size_t largest_ = 0;  // of fields_, which is measured
  size_t room_bytes_ = 0;
  std::optional<device::DeviceMemory> room_;
  shim::CuAddress begin_ = 0;  // in it: drivers promise 256 bytes of alignment, no sector
  device::Event placed_;       // what was read before lies in its place
  storage::OpenFiles files_;
  observe::Tracer tracer_;
  std::unique_ptr<io::Ring> ring_;
  std::string choice_;
  std::vector<io::Done> done_;
};

}  // namespace headrace::loader
