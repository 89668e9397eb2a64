// A job and a data set as a loader's options: what "auto" and 0 stand for on this machine is
// decided here. Thread safety: a pure function of its arguments.
#pragma once

#include "headrace/formats/dataset.h"
#include "headrace/loader/options.h"
#include "headrace/loader/snapshot.h"
#include "headrace/pipeline/job.h"

namespace headrace::loader {

// What the machine offers.
struct Host {
  uint32_t cores = 1;
  uint64_t available_bytes = 0;
};
Host this_host();

// cache = "auto": the page cache where the data set fits in half of the available memory, else
// direct reads. configure() maps what lies in the page cache already.
io::Caching choose_caching(pipeline::Cache wish, uint64_t dataset_bytes, uint64_t available_bytes);

// Whether files are best mapped: few enough to map each at the start (and far from the kernel's
// limit of 65,530 maps), local, and in the page cache. Mapped, they save the kernel's copy; where
// pages would have to come from a disk, a ring asks for many at a time and a map for one.
inline constexpr uint64_t k_mapped_files_max = 4096;
bool lies_in_memory(std::span<const std::string> paths);

// The disks that a data set lies on, and the NUMA node if they all share one.
struct Disks {
  uint32_t count = 1;
  std::optional<uint32_t> node = {};
};
Disks disks_of(const formats::Dataset& dataset, const std::string& root = "");

Options configure(const pipeline::Job& job, const formats::Dataset& dataset, const Host& host);

// Batches where the options want them. Borrows the plan and the data set. Throws Error.
std::unique_ptr<Batches> make_batches(const pipeline::Plan& plan, const formats::Dataset& dataset,
                                      const Options& options);

// Shuffle, window, seed and place as the loader of these options begins with.
order::State state_of(const Options& options, uint64_t fingerprint, uint64_t plan_hash);

}  // namespace headrace::loader
