// headrace.toml: the one description of a job. The command, C++ and Python read the same one; reports quote it.
// Thread safety: values. Every key, its default and meaning: docs/job.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/ops/bytes.h"
#include "headrace/ops/image.h"
#include "headrace/ops/integer.h"
#include "headrace/order/batches.h"
#include "headrace/order/epoch_order.h"
#include "headrace/pipeline/on_error.h"

namespace headrace::pipeline {

enum class Cache : uint8_t { automatic, page, direct };  // automatic: page where the data fits in half of memory

struct DatasetJob {
  std::string path = {};
  Cache cache = Cache::automatic;
};
struct OrderJob {
  order::Shuffle shuffle = order::Shuffle::global;
  uint64_t seed = 0;
  uint64_t window = 8192;  // samples
  uint64_t epochs = 1;     // 0 = without end
};
struct BatchJob {
  uint64_t size = 256;
  order::LastBatch last = order::LastBatch::short_;
  uint64_t rank = 0;
  uint64_t world_size = 1;
};
struct LoaderJob {
  uint64_t workers = 0;  // 0 = the usable cores
  uint64_t prefetch = 3;
  std::string engine = "auto";
  uint64_t depth = 64;
  uint64_t read_ahead_bytes = 64 << 20;
  OnError on_error = OnError::fail;
  uint64_t max_skipped = 100;
  bool verify_checksums = true;
};
// The emulated accelerator of `headrace feed`.
struct AcceleratorJob {
  std::string workload = {};  // "unet3d", "resnet50", "cosmoflow", with "-a100" for that generation; "" = none
  double step_ms = 0;         // 0 = as fast as batches come
  uint64_t count = 1;
  uint64_t steps = 0;         // 0 = to the end of the epochs
};
struct FieldJob {
  std::string name = {};
  std::vector<std::string> from = {};  // extensions by preference
  std::variant<ops::ImageOptions, ops::IntegerOptions, ops::BytesOptions> options = {};
};

struct Job {
  DatasetJob dataset = {};
  OrderJob order = {};
  BatchJob batch = {};
  LoaderJob loader = {};
  AcceleratorJob accelerator = {};
  std::vector<FieldJob> fields = {};
};

// `name` is the text's own, for errors: "headrace.toml:7:3: ...". Throws Error: unknown key with the nearest known
// one, a wrong type, a value out of range.
Job parse_job(std::string_view text, const std::string& name);
Job load_job(Files& files, const std::string& path);
// TOML that parse_job reads back to the same job; keys at their default are left out.
std::string write_job(const Job& job);
// "imagenet", "imagenet-eval", "raw". Throws Error with the nearest name.
Job preset_job(const std::string& preset);

}  // namespace headrace::pipeline
