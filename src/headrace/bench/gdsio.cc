// Files marked and opened, lanes for all threads of all jobs, one run for each I/O size, one line.
#include "headrace/bench/gdsio.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"
#include "headrace/bench/load.h"
#include "headrace/bench/target.h"

namespace headrace::bench {
namespace {

constexpr char k_mark[] = "user.headrace.gdsio";  // on files that this made and may overwrite
constexpr uint64_t k_sizes_max = 4096;
constexpr uint64_t k_unaligned_bytes = 513;  // off every sector and page

void refuse_gpu(const GdsioOptions& options) {
  if (options.transfer == GdsioTransfer::cpu_only) return;
  const bool driver = std::filesystem::exists("/proc/driver/nvidia/version");
  throw Error({.code = Code::invalid_argument,
               .action = "cannot run",
               .object = fmt::format("-x {} ({})", static_cast<int>(options.transfer),
                                     name_of(options.transfer)),
               .cause = driver ? "it needs a GPU's memory, which this build does not fill"
                               : "it needs a GPU, and no NVIDIA driver is loaded here",
               .hint = "-x 1 (CPUONLY) reads the same storage into host memory"});
}

[[noreturn]] void refuse_file(const std::string& path, std::string cause, std::string hint) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot run gdsio on",
               .object = path,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

// Makes the file, or takes it when it bears the mark; gives it the wanted size.
void prepare_to_write(const std::string& path, uint64_t end_bytes) {
  auto fd = real_files().open(path, O_RDWR | O_CREAT | O_EXCL);
  if (fd) {
    // Where there are no such attributes, the file can be written this once and not again.
    (void)::fsetxattr(fd->get(), k_mark, "1", 1, 0);
  } else if (fd.error() == EEXIST) {
    fd = real_files().open(path, O_RDWR);
    char mark = 0;
    if (!fd) throw_errno(fd.error(), "cannot open", path);
    if (::fgetxattr(fd->get(), k_mark, &mark, 1) != 1) {
      refuse_file(path, "it was there before, and headrace gdsio did not make it",
                  "name a new file, or remove this one");
    }
  } else {
    throw_errno(fd.error(), "cannot make", path);
  }
  if (::ftruncate(fd->get(), static_cast<off_t>(end_bytes)) != 0) {
    throw_errno(errno, "cannot make room in", path);
  }
}

std::vector<uint64_t> sizes_of(const GdsioSizes& range) {
  std::vector<uint64_t> sizes;
  for (uint64_t size = range.least_bytes; size <= range.most_bytes; size += range.step_bytes) {
    sizes.push_back(size);
    if (range.step_bytes == 0 || sizes.size() == k_sizes_max) break;
  }
  return sizes;
}

// The files of all jobs and what each thread does with them.
class Jobs {
 public:
  Jobs(const GdsioOptions& options, bool writable) : options_(options), writable_(writable) {
    for (const GdsioJob& job : options.jobs) {
      first_lane_.push_back(lanes_.size());
      if (!job.file.empty()) {
        add_lanes(open(job.file), job.threads);
        continue;
      }
      for (uint32_t index = 0; index < job.threads; ++index) {
        add_lanes(open(fmt::format("{}/gdsio.{}", job.folder, index)), 1);
      }
    }
    first_lane_.push_back(lanes_.size());
  }

  const std::vector<Lane>& lanes() const { return lanes_; }
  // The lanes of job `index` are first_lane(index) .. first_lane(index + 1) - 1.
  size_t first_lane(size_t index) const { return first_lane_[index]; }

 private:
  const io::File& open(const std::string& path) {
    const uint64_t end_bytes = options_.start_bytes + options_.size_bytes;
    if (writable_) prepare_to_write(path, end_bytes);
    files_.push_back(io::File::open(real_files(), path,
                                    options_.buffered ? io::Caching::page : io::Caching::direct,
                                    writable_ ? io::Access::write : io::Access::read));
    if (files_.back()->size_bytes() < end_bytes || files_.back()->size_bytes() == 0) {
      refuse_file(
          path,
          fmt::format("it has {} bytes, and {} are wanted", files_.back()->size_bytes(), end_bytes),
          "write it first with -I 1");
    }
    return *files_.back();
  }

  void add_lanes(const io::File& file, uint32_t threads) {
    const uint64_t size_bytes =
        options_.size_bytes > 0
            ? options_.size_bytes
            : file.size_bytes() - std::min(options_.start_bytes, file.size_bytes());
    const uint64_t block_bytes = options_.io_size.most_bytes;
    const uint64_t each_bytes = size_bytes / threads / block_bytes * block_bytes;
    if (each_bytes == 0) {
      refuse_file(file.path(),
                  fmt::format("{} bytes are less than an I/O of {} for {}", size_bytes, block_bytes,
                              counted(threads, "thread")),
                  "a larger -s, a smaller -i or fewer threads (-w)");
    }
    for (uint32_t index = 0; index < threads; ++index) {
      lanes_.push_back({.file = &file,
                        .start_bytes = options_.start_bytes + index * each_bytes,
                        .size_bytes = each_bytes});
    }
  }

  const GdsioOptions& options_;
  bool writable_;
  std::vector<std::unique_ptr<io::File>> files_;
  std::vector<Lane> lanes_;
  std::vector<size_t> first_lane_;
};

// One line's worth: all sizes, one after the other, each over its part of every lane.
class Pass {
 public:
  Pass(const GdsioOptions& options, const GdsioSeams& seams, GdsioType type, bool check)
      : options_(options), seams_(seams), type_(type), check_(check) {}

  void run() {
    const Jobs jobs(options_, is_write(type_));
    std::vector<LaneSum> sums(jobs.lanes().size());
    const std::vector<uint64_t> sizes = sizes_of(options_.io_size);
    if (seams_.on_begin) seams_.on_begin(options_.duration_s > 0 ? 0 : wanted_bytes(jobs, 0));
    double wall_s = 0;
    for (size_t index = 0; index < sizes.size() && !seams_.stop.stop_requested(); ++index) {
      const std::vector<Lane> parts = parts_of(jobs.lanes(), index, sizes);
      if (parts.empty()) continue;
      const LoadResult result = run_load(parts, load_options(sizes[index], sizes.size()));
      for (size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += result.lanes[lane];
      wall_s += result.wall_s;
    }
    print(jobs, sums, wall_s);
  }

 private:
  LoadOptions load_options(uint64_t io_bytes, size_t size_count) const {
    LoadOptions load{.engine = "psync",
                     .block_bytes = io_bytes,
                     .pattern = is_random(type_) ? Pattern::random : Pattern::sequential,
                     .direction = is_write(type_) ? Direction::write : Direction::read,
                     .from_start = true,
                     .seed = options_.seed,
                     .stop = seams_.stop,
                     .on_moved = seams_.on_moved};
    if (options_.duration_s > 0 && !check_) {
      load.duration_ns = options_.duration_s * 1'000'000'000 / size_count;
    } else {
      load.passes = 1;
    }
    if (options_.verify) {
      load.fill = fill_pattern;
    } else if (options_.refill) {
      load.fill = [seed = options_.seed](uint64_t offset_bytes, std::span<std::byte> block) {
        fill_pattern(mix64(seed, offset_bytes) >> 8, block);
      };
    }
    if (check_) load.check = wrong_in_pattern;
    return load;
  }

  // Size `index` of all gets its share of each lane; none when a share is less than a block.
  std::vector<Lane> parts_of(const std::vector<Lane>& lanes, size_t index,
                             const std::vector<uint64_t>& sizes) const {
    std::vector<Lane> parts;
    for (Lane lane : lanes) {
      const uint64_t share = lane.size_bytes / sizes.size() / 4096 * 4096;
      if (sizes.size() > 1) {
        lane.start_bytes += share * index;
        lane.size_bytes = share;
      }
      if (options_.unaligned && is_random(type_) && lane.size_bytes > sizes[index]) {
        lane.start_bytes += k_unaligned_bytes;
        lane.size_bytes -= k_unaligned_bytes;
      }
      if (lane.size_bytes < sizes[index]) return {};
      parts.push_back(lane);
    }
    return parts;
  }

  uint64_t wanted_bytes(const Jobs& jobs, size_t first, size_t end = ~size_t{0}) const {
    uint64_t wanted = 0;
    for (size_t lane = first; lane < std::min(end, jobs.lanes().size()); ++lane) {
      wanted += jobs.lanes()[lane].size_bytes;
    }
    return wanted;
  }

  void print(const Jobs& jobs, const std::vector<LaneSum>& sums, double wall_s) const {
    const auto line = [&](size_t first, size_t end) {
      GdsioResult result{.type = type_,
                         .transfer = options_.transfer,
                         .threads = static_cast<uint32_t>(end - first),
                         .wanted_bytes = wanted_bytes(jobs, first, end),
                         .io_size = options_.io_size,
                         .wall_s = wall_s};
      for (size_t lane = first; lane < end; ++lane) {
        result.moved_bytes += sums[lane].bytes;
        result.operations += sums[lane].operations;
        result.latency_sum_ns += sums[lane].latency_sum_ns;
      }
      seams_.print(gdsio_line(result));
    };
    if (!options_.per_job) return line(0, sums.size());
    for (size_t job = 0; job < options_.jobs.size(); ++job) {
      line(jobs.first_lane(job), jobs.first_lane(job + 1));
    }
  }

  const GdsioOptions& options_;
  const GdsioSeams& seams_;
  GdsioType type_;
  bool check_;
};

}  // namespace

void run_gdsio(const GdsioOptions& options, const GdsioSeams& seams) {
  refuse_gpu(options);
  Pass(options, seams, options.type, false).run();
  if (!options.verify || seams.stop.stop_requested()) return;
  seams.print("Verifying data\n");
  Pass(options, seams, is_random(options.type) ? GdsioType::random_read : GdsioType::read, true)
      .run();
}

std::string gdsio_line(const GdsioResult& result) {
  const GdsioSizes& sizes = result.io_size;
  const std::string io_size = sizes.step_bytes == 0
                                  ? fmt::format("{}", sizes.least_bytes >> 10)
                                  : fmt::format("{}-{}-{}", sizes.least_bytes >> 10,
                                                sizes.most_bytes >> 10, sizes.step_bytes >> 10);
  const bool batch = result.transfer == GdsioTransfer::gpu_batch ||
                     result.transfer == GdsioTransfer::gpu_batch_stream;
  const std::string threads = batch ? fmt::format("Threads: 1 IoDepth: {}", result.threads)
                                    : fmt::format("Threads: {}", result.threads);
  const double wall_s = std::max(result.wall_s, 1e-9);
  return fmt::format(
      "IoType: {} XferType: {} {} DataSetSize: {}/{}(KiB) IOSize: {}(KiB) Throughput: {:.6f} "
      "GiB/sec, Avg_Latency: {:.6f} usecs ops: {} total_time {:.6f} secs\n",
      name_of(result.type), name_of(result.transfer), threads, result.moved_bytes >> 10,
      result.wanted_bytes >> 10, io_size,
      static_cast<double>(result.moved_bytes) / (1 << 30) / wall_s,
      static_cast<double>(result.latency_sum_ns) * 1e-3 /
          static_cast<double>(std::max<uint64_t>(result.operations, 1)),
      result.operations, result.wall_s);
}

}  // namespace headrace::bench
