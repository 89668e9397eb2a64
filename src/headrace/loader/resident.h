// All files of a data set as memory, so that a sample's bytes are an address: read once, in
// parallel, on huge pages where there are any; or mapped, page by page as samples want them.
// Thread safety: const once made. Invariants: (1) memory is that of all files, each rounded up to 4
// KiB, and is refused before it is taken when it does not fit; maps take none; (2) what could not
// be read fails its own samples and no others. A mapped file that another process cuts short ends
// the process, as every map does: data sets are replaced, not rewritten.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/mapped_file.h"
#include "headrace/loader/options.h"
#include "headrace/memory/arena.h"

namespace headrace::loader {

struct ResidentOptions {
  std::string path = {};  // of the data set, for messages
  bool mapped = false;
  bool fetches = false;  // pages of the map come by fetch(): the kernel brings no others
  Files* files = &real_files();
  MakeRing make_ring = io::make_ring;
  std::string engine = "auto";
  uint32_t threads = 2;
  uint64_t available_bytes = ~uint64_t{0};  // what may be taken
  // Bytes so far and of all, ten times a second and at the end, on the constructor's thread;
  // false = stop, which throws Error (interrupted).
  std::function<bool(uint64_t done_bytes, uint64_t total_bytes)> on_progress = {};
};

// As a loader of these options would be given it; without progress.
ResidentOptions resident_options(const formats::Dataset& dataset, const Options& options);

class Resident {
 public:
  // Throws Error: does not fit (with the numbers), stopped.
  Resident(const formats::Dataset& dataset, const ResidentOptions& options);

  // The extent's bytes; nothing when they lie beyond what was read.
  std::span<const std::byte> bytes(uint64_t file_index, const formats::FieldExtent& extent) const {
    const std::span<const std::byte> file = files_[file_index].bytes;
    if (extent.offset_bytes > file.size() ||
        extent.length_bytes > file.size() - extent.offset_bytes) {
      return {};
    }
    return {file.data() + extent.offset_bytes, extent.length_bytes};
  }
  // Asks for the pages of a map, and does not wait for them.
  void fetch(uint64_t file_index, const formats::FieldExtent& extent) const;
  // Why the rest of a file is missing: an errno, or 0 where the file was shorter than said.
  int error_number(uint64_t file_index) const { return files_[file_index].error_number; }
  uint64_t read_bytes() const { return read_bytes_; }
  size_t memory_bytes() const { return arena_ ? arena_->bytes().size() : 0; }

 private:
  struct File {
    std::span<const std::byte> bytes = {};  // without what could not be read
    int error_number = 0;
  };
  struct Work;

  void map_all(const formats::Dataset& dataset, const ResidentOptions& options);
  void read_all(const formats::Dataset& dataset, const ResidentOptions& options);

  std::optional<memory::Arena> arena_;
  std::vector<formats::MappedFile> maps_;
  std::vector<File> files_;
  uint64_t read_bytes_ = 0;
};

}  // namespace headrace::loader
