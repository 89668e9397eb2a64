// Rows that workers left to the device, made there behind a batch's readers: pictures decoded and
// made into rows, compressed rows unpacked. What the device cannot make, the host makes after all.
// Thread safety: one thread, with the device's context. Invariants: 1. a row that neither can make
// is a failed row, as if a worker had failed; 2. memory is taken at birth; 3. batches are the same
// but for how decoders round, whatever the share.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headrace/device/slots.h"
#include "headrace/kernels/jpeg_decoder.h"
#include "headrace/kernels/launcher.h"
#include "headrace/kernels/unpacker.h"
#include "headrace/loader/core.h"
#include "headrace/loader/device_reads.h"
#include "headrace/loader/device_share.h"
#include "headrace/loader/device_stages.h"
#include "headrace/loader/unpacker.h"

namespace headrace::loader {

struct DeviceRowsOptions {
  const pipeline::Plan& plan;
  const formats::Dataset& dataset;
  const Options& loader;
  const DeviceOptions& on;
};

class DeviceRows {
 public:
  // Decides what the device makes; throws Error where a field insists on it and it cannot.
  DeviceRows(const device::Device& device, device::DeviceSlots& slots,
             const DeviceRowsOptions& options);
  // For the loader; null where the host makes all rows.
  const Deferral* deferral() const { return deferral_.is_empty() ? nullptr : &deferral_; }
  // Why fields that leave the choice are made by the host alone; "" where none is.
  const std::string& why_not() const { return why_not_; }
  // Which way rows are read into the device's memory, and why; "" where the host reads.
  std::string reading() const;
  void stop_reading() { reads_.reset(); }  // on the thread that sends

  // Starts all that brings the batch into its slot. Failed rows are left out of it, or end the run.
  // Returns the bytes that were copied. Throws Error.
  uint64_t send(Core& core, Slot& batch, uint32_t slot_index);
  // The slot's work has passed: what it cost, which sets the share of batches to come. Throws
  // Error.
  StageSums note_done(const Core& core, uint32_t slot_index);
  // Of the field's rows, of each batch; below 0 where the host makes all.
  double share_of(size_t field_index) const;

 private:
  struct Pictures {
    uint32_t field_index;
    const ops::Image* image;
    kernels::PictureFormat format;
  };
  struct Packed {
    uint32_t field_index;
    std::unique_ptr<kernels::Unpacker> unpacker;
  };
  void try_reading_there(const DeviceRowsOptions& options);
  void add_field(uint32_t field_index, const DeviceRowsOptions& options);
  void add_pictures(uint32_t field_index, const DeviceRowsOptions& options);
  void add_packed(uint32_t field_index, const DeviceRowsOptions& options);
  void take_list_memory(uint32_t batch_size);

  uint32_t piece_count(uint32_t batch_size) const;
  void trace_pieces(uint32_t slot_index, const std::vector<DevicePiece>& pieces);
  void note(uint32_t slot_index, const StageMarks::Work& work);
  void start_rows(Core& core, Slot& batch, uint32_t slot_index);
  void start_pictures(const Pictures& field, Core& core, Slot& batch, uint32_t slot_index);
  size_t take_some(const DeferredField& deferred, std::span<const uint32_t> rows);
  void make_some(const Pictures& field, Core& core, Slot& batch, uint32_t slot_index,
                 std::span<const uint32_t> rows);
  uint64_t start_packed(const Packed& field, Core& core, Slot& batch, uint32_t slot_index);
  void make_here(Core& core, Slot& batch, const RowPlace& place);
  RowFailure try_here(Core& core, const Slot& batch, const RowPlace& place);
  void read_rows(Core& core, Slot& batch);
  uint64_t copy_rows(const Core& core, const Slot& batch, uint32_t slot_index);

  const device::Device& device_;
  device::DeviceSlots& slots_;
  Deferral deferral_;
  std::string why_not_;
  const DeviceOptions on_;
  DeviceShares shares_;
  std::vector<std::atomic<double>> latest_shares_;  // a field
  std::vector<bool> is_read_there_;                 // a field, where rows are
  const shim::Nvtx& profiler_ = shim::Nvtx::of_process();
  std::unique_ptr<DeviceReads> reads_;  // from the first batch on
  std::optional<kernels::JpegDecoder> decoder_;
  std::optional<kernels::Launcher> launcher_;
  std::optional<device::DeviceMemory> pixels_, list_;
  std::optional<memory::Arena> list_arena_;  // kernels::Picture, all of a slot's side by side
  std::optional<device::PinnedRange> pinned_list_;
  std::vector<Pictures> pictures_;
  std::vector<Packed> packed_;
  std::optional<StageMarks> marks_;
  std::optional<DeviceClock> clock_;                      // with a trace
  observe::Tracer tracer_;                                // the stream's row
  std::vector<double> given_s_;                           // a slot: what giving its work took
  std::vector<std::unique_ptr<ops::Scratch>> scratches_;  // a field
  Unpacker unpacker_;
  bool has_failed_rows_ = false;
  uint64_t packed_bytes_ = 0;       // that were sent of the batch at hand
  std::vector<std::byte> fetched_;  // a row's, of those that were read there
  // Of the rows at hand.
  std::vector<uint32_t> rows_;
  std::vector<kernels::CodedPicture> coded_;
  std::vector<uint8_t> good_;
  std::vector<kernels::PackedField> fields_;
  size_t list_begin_ = 0, list_end_ = 0;  // of the slot's pictures, and how far they go
  size_t list_stride_ = 0;                // a slot
};

}  // namespace headrace::loader
