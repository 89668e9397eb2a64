// What the job leaves open.
#include "headrace/loader/configure.h"

#include <algorithm>
#include <cmath>

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

Options configure(const pipeline::Job& job, const formats::Dataset& dataset, const Host& host) {
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
