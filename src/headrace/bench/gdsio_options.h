// What gdsio is told, by its own flags or its own config files.
// Thread safety: pure but for reading the config file. Invariants: (1) hostile text ends in an
// Error that names flag or line; (2) every size is checked: threads 1..1024, no zero, no overflow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::bench {

// -I and -x, by their numbers.
enum class GdsioType { read, write, random_read, random_write };
enum class GdsioTransfer {
  gpud,
  cpu_only,
  cpu_gpu,
  cpu_async_gpu,
  cpu_cached_gpu,
  async,
  gpu_batch,
  gpu_batch_stream
};
// As the result line has them: "RANDREAD", "CPUONLY".
const char* name_of(GdsioType type);
const char* name_of(GdsioTransfer transfer);
inline bool is_write(GdsioType type) {
  return type == GdsioType::write || type == GdsioType::random_write;
}
inline bool is_random(GdsioType type) {
  return type == GdsioType::random_read || type == GdsioType::random_write;
}

// One file for all threads, or a folder with a file for each.
struct GdsioJob {
  std::string file = {};
  std::string folder = {};
  uint32_t threads = 1;
};

struct GdsioSizes {
  uint64_t least_bytes = uint64_t{1} << 20;
  uint64_t most_bytes = uint64_t{1} << 20;
  uint64_t step_bytes = 0;
};

struct GdsioOptions {
  std::vector<GdsioJob> jobs = {};
  GdsioType type = GdsioType::read;
  GdsioTransfer transfer = GdsioTransfer::gpud;
  uint64_t size_bytes = 0;  // of each file; 0 = as large as it is
  uint64_t start_bytes = 0;
  GdsioSizes io_size = {};
  uint64_t duration_s = 0;  // 0 = until all was moved once
  uint64_t seed = 0;
  bool verify = false;
  bool unaligned = false;  // random offsets off the 4 KiB grid
  bool refill = false;     // new random bytes for each write
  bool buffered = false;   // no O_DIRECT
  bool per_job = false;
  bool help = false;
  std::vector<std::string> warnings = {};  // flags and keys that change nothing here
};

// The words after "gdsio". A single word without a dash is a config file. Throws Error.
GdsioOptions parse_gdsio(std::span<const std::string> words);
// `name` is for messages. Throws Error.
GdsioOptions parse_gdsio_config(std::string_view text, const std::string& name);
std::string gdsio_help();

}  // namespace headrace::bench
