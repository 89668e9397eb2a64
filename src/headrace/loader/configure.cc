// What the job leaves open.
#include "headrace/loader/configure.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "headrace/base/hash.h"
#include "headrace/memory/available.h"
#include "headrace/observe/machine.h"

namespace headrace::loader {

Host this_host() {
  return {.cores = static_cast<uint32_t>(std::max(1.0, std::ceil(observe::usable_cores()))),
          .available_bytes = memory::available_bytes().size_bytes};
}

io::Caching choose_caching(pipeline::Cache wish, uint64_t dataset_bytes, uint64_t available_bytes) {
  if (wish == pipeline::Cache::direct) return io::Caching::direct;
  if (wish != pipeline::Cache::automatic) return io::Caching::page;
  return dataset_bytes <= available_bytes / 2 ? io::Caching::page : io::Caching::direct;
}

// Tokens are small samples of large files: their pages are best used where they lie.
pipeline::Cache choose_cache(pipeline::Cache wish, const formats::Dataset& dataset,
                             const Host& host) {
  const bool fits = dataset.size_bytes() <= host.available_bytes / 2;
  const bool maps = dataset.in_pieces() || (dataset.tokens() && fits);
  return wish == pipeline::Cache::automatic && maps ? pipeline::Cache::map : wish;
}

// Where each data set of several begins says which disks there are; a folder whose shards lie on
// several is found out as its files are opened.
Disks disks_of(const formats::Dataset& dataset, const std::string& root) {
  std::set<uint64_t> numbers;
  std::set<std::optional<uint32_t>> nodes;
  std::vector<uint64_t> firsts = dataset.first_samples_of_parts();
  if (firsts.empty()) firsts = {0, dataset.sample_count()};
  for (size_t part = 0; part + 1 < firsts.size(); ++part) {
    if (firsts[part] == firsts[part + 1]) continue;
    const uint32_t file_index = dataset.in_pieces() ? dataset.file_of_pieces(firsts[part])
                                                    : dataset.locate(firsts[part]).file_index;
    const uint64_t disk = storage::disk_of_path(dataset.file(file_index).path);
    numbers.insert(disk);
    nodes.insert(storage::numa_node_of(disk, root));
  }
  return {.count = static_cast<uint32_t>(std::max<size_t>(1, numbers.size())),
          .node = nodes.size() == 1 ? *nodes.begin() : std::nullopt};
}

Options configure(const pipeline::Job& job, const formats::Dataset& dataset, const Host& host) {
  const Disks disks = disks_of(dataset);
  const pipeline::Cache cache = choose_cache(job.dataset.cache, dataset, host);
  const auto count = [](uint64_t value) { return static_cast<uint32_t>(value); };
  return {.batch_size = count(job.batch.size),
          .workers = job.loader.workers == 0 ? host.cores : count(job.loader.workers),
          .prefetch_batches = count(job.loader.prefetch_batches),
          .lease_count = count(job.loader.held_batches),
          .read_buffer_bytes = job.loader.read_ahead_bytes / 4096 * 4096,
          .caching = choose_caching(cache, dataset.size_bytes(), host.available_bytes),
          .in_memory = cache == pipeline::Cache::ram || cache == pipeline::Cache::map,
          .mapped = cache == pipeline::Cache::map,
          .engine = name_of(job.loader.engine),
          .depth = count(job.loader.depth),
          .disk_count = disks.count,
          .numa_node = disks.node,
          .on_error = job.loader.on_error,
          .skip_count_max = job.loader.skipped_count_max,
          .verify_checksums = job.loader.verify_checksums,
          .seed = job.order.seed,
          .epoch_count = job.order.epochs,
          .part = job.dataset.part,
          .part_count = job.dataset.parts,
          .rank = job.batch.rank,
          .world_size = job.batch.world_size,
          .last_batch = job.batch.last,
          .shuffle = job.order.shuffle,
          .window_samples = job.order.window_samples};
}

order::State state_of(const Options& options, uint64_t fingerprint, uint64_t plan_hash) {
  const bool window = options.shuffle == order::Shuffle::window;
  // Another part has other samples at the same positions.
  const uint64_t part_salt = options.part << 32 | options.part_count;
  return {.fingerprint = options.part_count == 1 ? fingerprint : mix64(fingerprint, part_salt),
          .plan_hash = plan_hash,
          .shuffle = options.shuffle,
          .window_samples = window ? options.window_samples : 0,
          .seed = options.seed,
          .epoch = options.first_epoch,
          .position = options.first_position};
}

}  // namespace headrace::loader
