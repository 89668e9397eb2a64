// What a loader needs to know besides the plan and the data set: bounds, policy, and the seams that
// tests use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/device/device.h"
#include "headrace/io/cufile.h"
#include "headrace/io/ring.h"
#include "headrace/kernels/image.h"
#include "headrace/observe/trace.h"
#include "headrace/order/batches.h"
#include "headrace/order/blend.h"
#include "headrace/order/order.h"
#include "headrace/pipeline/on_error.h"
#include "headrace/storage/block_device.h"

namespace headrace::loader {

struct Deferral;
class Resident;
using MakeRing = std::function<std::unique_ptr<io::Ring>(const io::RingOptions&)>;

// Why next_until() gave no batch.
enum class NoBatch { end, not_yet };

// Where batches go, in place of host memory.
struct DeviceOptions {
  device::DeviceOptions device = {};
  uint32_t slot_count = 3;  // batches on the device: the consumer's, the next, one being copied
  uint64_t decode_bytes = uint64_t{256} << 20;  // for pictures on the device, before they are rows
  bool reads_there = false;                     // raw rows are read into its memory, not the host's
  std::string cufile = "libcufile.so.0";
  bool cufile_copies = io::cufile_is_compatible();  // through the host itself
  std::string nvjpeg = {};                          // the library; "" = what is installed
  std::string nvcomp = "libnvcomp.so.5";
  std::span<const std::byte> kernels = kernels::image();
};

struct Options {
  uint32_t batch_size = 256;  // rows a batch, on this rank
  uint32_t workers = 1;
  uint32_t prefetch_batches = 3;   // whole or in the making, ahead of the consumer
  uint32_t lease_count = 1;        // batches that the consumer holds, besides those
  uint32_t read_count_max = 4096;  // reads under way or waiting for a worker
  size_t read_buffer_bytes = 64 << 20;
  io::Caching caching = io::Caching::page;
  bool in_memory = false;              // serve from memory, read once before the first batch
  bool mapped = false;                 // in_memory, but mapped instead of read
  bool fetches = false;                // mapped, and more than memory holds
  const Resident* resident = nullptr;  // what holds it; null = the loader makes its own
  const Deferral* deferral = nullptr;  // rows that a device makes; null = none
  std::string engine = "auto";
  uint32_t depth = 64;                     // reads in flight of each disk
  uint32_t disk_count = 1;                 // that the data set lies on, as far as is known
  std::optional<uint32_t> numa_node = {};  // of all of them: the reading thread runs there
  pipeline::OnError on_error = pipeline::OnError::fail;
  uint64_t skip_count_max = 100;
  bool verify_checksums = true;
  observe::Trace* trace = nullptr;  // null = none
  bool profile = false;  // workers keep Laps: a clock reading for each part of each sample
  uint64_t seed = 0;
  uint64_t first_epoch = 0;
  uint64_t epoch_count = 1;     // 0 = without end
  uint64_t first_position = 0;  // of the global order, in first_epoch: where a resumed run begins
  uint64_t part = 0;            // of the data set; ranks share this part
  uint64_t part_count = 1;
  uint64_t rank = 0;
  uint64_t world_size = 1;
  order::LastBatch last_batch = order::LastBatch::short_;
  order::Shuffle shuffle = order::Shuffle::global;
  uint64_t window_samples = 8192;
  // Of a blend: the data set's parts, of which samples are mixed by weight. {} = no blend.
  std::vector<order::BlendPart> blend = {};
  uint64_t blend_samples = 0;  // an epoch of it
  std::optional<DeviceOptions> device = {};
  Files* files = &real_files();
  MakeRing make_ring = io::make_ring;
  std::function<uint64_t(const io::File&)> disk_of = storage::disk_of_file;
  std::function<std::string(const io::File&)> disk_name = storage::name_of_disk_of;
};

// Rows that were left out, for the report; at most as many as skip_count_max.
struct Skipped {
  uint64_t sample_id = 0;
  uint64_t file_index = 0;
  uint64_t offset_bytes = 0;
  const char* what = "";
  int error_number = 0;
  uint32_t field_index = 0;
};

}  // namespace headrace::loader
