// What the job leaves open.
#include "headrace/loader/configure.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/loader/device_loader.h"
#include "headrace/memory/available.h"
#include "headrace/observe/machine.h"
#include "headrace/storage/page_cache.h"

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

bool fits(const formats::Dataset& dataset, const Host& host) {
  return dataset.size_bytes() <= host.available_bytes / 2;
}

bool lies_in_memory(std::span<const std::string> paths) {
  return paths.size() <= k_mapped_files_max &&
         std::ranges::all_of(paths,
                             [](const auto& path) { return storage::is_mapped_safely(path); }) &&
         storage::sample_pages(real_files(), paths).is_in_memory();
}

std::vector<std::string> paths_of(const formats::Dataset& dataset) {
  std::vector<std::string> paths;
  const uint64_t count = std::min<uint64_t>(dataset.file_count(), k_mapped_files_max + 1);
  for (uint64_t index = 0; index < count; ++index) paths.push_back(dataset.file(index).path);
  return paths;
}

// Tokens are small samples of large files: their pages are best used where they lie.
bool maps_by_itself(const pipeline::Job& job, const formats::Dataset& dataset, const Host& host) {
  if (dataset.in_pieces()) return true;
  if (!fits(dataset, host)) return false;
  if (dataset.tokens()) return true;
  // A file that is cut short fails samples of a read, but the process of a map.
  const bool may_map = job.loader.engine == pipeline::Engine::automatic &&
                       job.loader.on_error == pipeline::OnError::fail;
  return may_map && lies_in_memory(paths_of(dataset));
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

namespace {

// Each part's own run of samples where the data set is divided among nodes.
std::vector<order::BlendPart> blend_of(const pipeline::Job& job, const formats::Dataset& dataset) {
  const std::vector<uint64_t> firsts = dataset.first_samples_of_parts();
  std::vector<order::BlendPart> parts;
  for (size_t index = 0; index < job.blend.size(); ++index) {
    const pipeline::BlendJob& blend = job.blend[index];
    const uint64_t whole = firsts.at(index + 1) - firsts[index];
    const uint64_t count = whole / job.dataset.parts;
    if (count == 0) {
      throw Error({.code = Code::invalid_argument,
                   .action = "cannot divide the data set",
                   .object = pipeline::path_text(blend.paths),
                   .cause = fmt::format("{} samples into {} parts", whole, job.dataset.parts),
                   .hint = "lower dataset.parts"});
    }
    parts.push_back({.first_sample = firsts[index] + job.dataset.part * count,
                     .sample_count = count,
                     .weight = blend.weight > 0 ? blend.weight : static_cast<double>(count)});
  }
  return parts;
}

uint64_t blend_samples_of(const pipeline::Job& job, std::span<const order::BlendPart> parts) {
  if (job.order.shuffle == order::Shuffle::megatron) {
    return order::gpt_blend_sizes(pipeline::weights_of(job), job.order.samples).sample_count;
  }
  if (job.order.samples > 0) return job.order.samples;
  uint64_t count = 0;
  for (const order::BlendPart& part : parts) count += part.sample_count;
  return count;
}

order::Shuffle shuffle_of(const pipeline::Job& job, const formats::Dataset& dataset) {
  if (dataset.copies().count > 1) return order::Shuffle::copies;
  return job.order.shuffle.value_or(order::Shuffle::global);
}

// Batches that the trainer holds, one that waits for it and one that is being copied.
std::optional<DeviceOptions> device_of(const pipeline::Job& job) {
  if (job.device.name == pipeline::k_host_device) return std::nullopt;
  return DeviceOptions{
      .device = device::parse_device(job.device.name, device::local_rank_of_environment()),
      .slot_count = static_cast<uint32_t>(job.loader.held_batches) + 2,
      .reads_there = job.device.read_to == pipeline::ReadTo::device};
}

}  // namespace

Options configure(const pipeline::Job& job, const formats::Dataset& dataset, const Host& host) {
  const Disks disks = disks_of(dataset);
  const bool is_open = job.dataset.cache == pipeline::Cache::automatic;
  const pipeline::Cache cache =
      is_open && maps_by_itself(job, dataset, host) ? pipeline::Cache::map : job.dataset.cache;
  const auto count = [](uint64_t value) { return static_cast<uint32_t>(value); };
  std::vector<order::BlendPart> blend = blend_of(job, dataset);
  const uint64_t blend_samples = blend.empty() ? 0 : blend_samples_of(job, blend);
  return {.batch_size = count(job.batch.size),
          .workers = job.loader.workers == 0 ? host.cores : count(job.loader.workers),
          .prefetch_batches = count(job.loader.prefetch_batches),
          .lease_count = count(job.loader.held_batches),
          .read_buffer_bytes = job.loader.read_ahead_bytes / 4096 * 4096,
          .caching = choose_caching(cache, dataset.size_bytes(), host.available_bytes),
          .in_memory = cache == pipeline::Cache::ram || cache == pipeline::Cache::map,
          .mapped = cache == pipeline::Cache::map,
          .fetches = cache == pipeline::Cache::map && !fits(dataset, host),
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
          .shuffle = shuffle_of(job, dataset),
          .window_samples = job.order.window_samples,
          .blend = std::move(blend),
          .blend_samples = blend_samples,
          .device = device_of(job)};
}

std::unique_ptr<Batches> make_batches(const pipeline::Plan& plan, const formats::Dataset& dataset,
                                      const Options& options) {
  if (!options.device) return std::make_unique<Loader>(plan, dataset, options);
  return std::make_unique<DeviceLoader>(plan, dataset, options, *options.device);
}

order::State state_of(const Options& options, uint64_t fingerprint, uint64_t plan_hash) {
  const bool window = options.shuffle == order::Shuffle::window;
  // Another part has other samples at the same positions.
  const uint64_t part_salt = options.part << 32 | options.part_count;
  if (options.part_count != 1) fingerprint = mix64(fingerprint, part_salt);
  for (const order::BlendPart& part : options.blend) {
    fingerprint =
        mix64(mix64(fingerprint, std::bit_cast<uint64_t>(part.weight)), part.sample_count);
  }
  if (!options.blend.empty()) fingerprint = mix64(fingerprint, options.blend_samples);
  return {.fingerprint = fingerprint,
          .plan_hash = plan_hash,
          .shuffle = options.shuffle,
          .window_samples = window ? options.window_samples : 0,
          .seed = options.seed,
          .epoch = options.first_epoch,
          .position = options.first_position};
}

}  // namespace headrace::loader
