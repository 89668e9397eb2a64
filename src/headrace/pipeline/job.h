// One job as headrace.toml describes it: data set, order, batch, loader, fields, emulated device.
// Thread safety: a value. Invariant: parse_job(write_job(job)) == job; docs/job.md lists every key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/ops/image.h"
#include "headrace/order/batches.h"
#include "headrace/order/order.h"
#include "headrace/pipeline/on_error.h"

namespace headrace::pipeline {

enum class Cache { automatic, page, ram, map, direct };
enum class Engine { automatic, uring, threads, psync };  // name_of() is what rings take
const char* name_of(Engine engine);

struct DatasetJob {
  std::vector<std::string> paths = {};  // several: one data set, as on several devices
  Cache cache = Cache::automatic;
  uint64_t sequence_tokens = 0;  // of a sample of token files
  uint64_t part = 0;
  uint64_t parts = 1;
  bool operator==(const DatasetJob&) const = default;
};
// A data set that is mixed with others by weight, in place of [dataset]'s path.
struct BlendJob {
  std::vector<std::string> paths = {};
  double weight = 0;      // 0, which all or none have: as many as it has samples
  std::string name = {};  // in reports; "" = the path
  bool operator==(const BlendJob&) const = default;
};
struct OrderJob {
  std::optional<order::Shuffle> shuffle = {};  // absent: copies where there are some, else global
  uint64_t seed = 0;
  uint64_t window_samples = 8192;
  uint64_t epochs = 1;  // 0 = without end
  // megatron: how many are wanted in all; a blend: how many an epoch has. 0 = what there is.
  uint64_t samples = 0;
  bool operator==(const OrderJob&) const = default;
};
struct BatchJob {
  uint64_t size = 256;
  order::LastBatch last = order::LastBatch::short_;
  uint64_t rank = 0;
  uint64_t world_size = 1;
  bool operator==(const BatchJob&) const = default;
};
struct LoaderJob {
  uint64_t workers = 0;  // 0 = one a core
  uint64_t prefetch_batches = 3;
  uint64_t held_batches = 1;
  Engine engine = Engine::automatic;
  uint64_t depth = 64;
  uint64_t read_ahead_bytes = uint64_t{64} << 20;
  OnError on_error = OnError::fail;
  uint64_t skipped_count_max = 100;
  bool verify_checksums = true;
  bool operator==(const LoaderJob&) const = default;
};

enum class WorkloadName { none, unet3d, resnet50, cosmoflow };
enum class Accelerator { h100, a100 };
enum class ReadTo { host, device };
inline constexpr std::string_view k_host_device = "cpu";
struct DeviceJob {
  std::string name = std::string(k_host_device);  // where batches go: or "cuda", "cuda:1"
  ReadTo read_to = ReadTo::host;
  double step_ms = 0;
  uint64_t accelerators = 1;
  WorkloadName workload = WorkloadName::none;
  Accelerator accelerator = Accelerator::h100;
  uint64_t steps = 0;  // 0 = until the epochs end
  bool operator==(const DeviceJob&) const = default;
};

// image: a picture. integer: decimal text, or an image folder's class. bytes: cut or padded with
// zeros to `shape`. raw: exactly `shape` little-endian elements of `type`. tokens, labels,
// positions, boundaries: what ops/tokens.h makes of a packed sequence. text:
// its token ids. array: numbers of `type` and `shape`, however they are stored (ops/array.h).
// strings: a list of them.
enum class FieldKind {
  image,
  integer,
  bytes,
  raw,
  tokens,
  labels,
  positions,
  boundaries,
  text,
  array,
  strings
};
// A leading dimension that differs from sample to sample: filled up to max_length, with a tensor of
// lengths beside it; or all samples' elements one behind the other, with where each begins.
enum class Ragged { none, pad, offsets };
enum class Missing { error, skip, fill };  // what becomes of a sample that lacks the field
enum class Normalize { none, imagenet, custom };
enum class Place { cpu, gpu, automatic };
struct FieldJob {
  std::string name = {};
  std::string from = {};  // extensions by preference: "jpg|jpeg|png"; "" = the name
  FieldKind kind = FieldKind::image;
  std::optional<ops::Type> type = {};  // absent: float32, int64, uint8, uint8
  std::vector<uint64_t> shape = {};    // bytes and raw
  ops::Crop crop = ops::Crop::random_resized;
  std::vector<uint64_t> size = {224, 224};  // height, width
  uint64_t resize = 256;                    // center: of the shorter side, before the cut
  std::array<double, 2> scale = {0.08, 1};
  std::array<double, 2> ratio = {3.0 / 4, 4.0 / 3};
  double flip = 0;
  Normalize normalize = Normalize::none;
  std::array<double, 3> mean = {0, 0, 0};
  std::array<double, 3> deviation = {1, 1, 1};
  ops::Layout layout = ops::Layout::chw;
  ops::Decode decode = ops::Decode::exact;
  bool dct_scaling = true;
  Place decompress = Place::cpu;         // raw
  std::vector<uint64_t> end_token = {};  // of a document; at most one
  std::string tokenizer = {};            // text: the path of a tokenizer.json
  std::string pad_token = {};            // text: "" = the id 0
  bool special_tokens = true;
  bool cut = true;
  Ragged ragged = Ragged::none;
  uint64_t max_length = 0;  // of the ragged dimension
  Missing missing = Missing::error;
  double fill = 0;
  std::string member = {};  // of a JSON object
  bool operator==(const FieldJob&) const = default;
};

struct Job {
  DatasetJob dataset = {};
  OrderJob order = {};
  BatchJob batch = {};
  LoaderJob loader = {};
  DeviceJob device = {};
  std::vector<BlendJob> blend = {};
  std::vector<FieldJob> fields = {};
  bool operator==(const Job&) const = default;
};

// Of each [[blend]], in their order; {} where they have none of their own.
std::vector<double> weights_of(const Job& job);
// Wherever the job's data lies: the data set's paths, or those of all in the blend.
std::vector<std::string> data_paths(const Job& job);
std::string path_text(const std::vector<std::string>& paths);  // for people: "a", or "a, b"

// Both throw Error: file:line:column, the key, and what was expected or the nearest known key.
// `preset = "imagenet"` stands for that preset's fields.
// Keys that the text lacks stay as they are in `base`: that is how a command line changes a job.
Job parse_job(std::string_view text, const std::string& name, Job base = {});
Job load_job(Files& files, const std::string& path);
// TOML that gives the same job again: what `tune` writes and reports quote.
std::string write_job(const Job& job);
std::string toml_text(std::string_view text);  // in quotes, whatever is in it

}  // namespace headrace::pipeline
