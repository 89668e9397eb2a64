// Direct reads as a loader's are: of 1 MiB, 16 at a time, or of samples all over the file, 64 at a
// time.
#include "headrace/pack/store_rate.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/io/ring.h"
#include "headrace/memory/arena.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_probe_bytes = uint64_t{64} << 20, k_read_bytes = uint64_t{1} << 20;
constexpr uint32_t k_depth = 16, k_random_depth = 64;
constexpr uint64_t k_page_bytes = 4096, k_random_reads_most = 4096;
constexpr uint64_t k_random_bytes = uint64_t{32} << 20;  // a pass

UniqueFd make_probe(Files& files, const std::string& folder, std::span<const std::byte> bytes) {
  const std::string path = folder + "/headrace-probe.partial";
  auto fd = files.open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (!fd) throw_errno(fd.error(), "cannot measure the store of", folder);
  if (const auto removed = files.remove(path); !removed) {
    throw_errno(removed.error(), "cannot remove", path);
  }
  std::vector<std::byte> block(k_read_bytes);
  for (size_t at = 0; at < block.size(); ++at) block[at] = bytes[at % bytes.size()];
  for (uint64_t at = 0; at < k_probe_bytes;) {
    const std::span<const std::byte> piece = block;
    const auto written = files.write_at(fd->get(), piece, at);
    if (!written) throw_errno(written.error(), "cannot measure the store of", folder);
    at += piece.size();
  }
  if (const auto synced = files.sync(fd->get()); !synced) {
    throw_errno(synced.error(), "cannot measure the store of", folder);
  }
  (void)::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_DONTNEED);
  return std::move(*fd);
}

struct Pattern {
  uint64_t read_bytes = k_read_bytes;
  uint64_t read_count = k_probe_bytes / k_read_bytes;
  uint32_t depth = k_depth;
  bool random = false;
};

uint64_t offset_of(const Pattern& pattern, uint64_t number) {
  if (!pattern.random) return number * pattern.read_bytes;
  const uint64_t places = (k_probe_bytes - pattern.read_bytes) / k_page_bytes;
  return mix64(number) % places * k_page_bytes;
}

double pass_seconds(const io::File& file, std::span<std::byte> memory, const Pattern& pattern) {
  const auto ring = io::make_ring({.depth = pattern.depth, .arena = memory});
  const uint64_t target_bytes = memory.size() / pattern.depth, begin_ns = steady_now_ns();
  std::vector<io::Done> done(pattern.depth);
  for (uint64_t asked = 0, left = pattern.read_count; left > 0;) {
    while (asked < pattern.read_count && ring->in_flight() < pattern.depth) {
      // Which target a read gets does not matter: nobody looks at the bytes.
      const io::Read read{
          .file = &file,
          .offset_bytes = offset_of(pattern, asked),
          .length_bytes = pattern.read_bytes,
          .target = memory.subspan(asked % pattern.depth * target_bytes, target_bytes),
          .tag = asked};
      asked += ring->submit(std::span(&read, 1));
    }
    const size_t count = ring->wait(done, 1, io::k_no_deadline);
    for (const io::Done& one : std::span(done).first(count)) {
      if (one.result < 0) {
        throw_errno(static_cast<int>(-one.result), "cannot measure the store of", file.path());
      }
    }
    left -= count;
  }
  return static_cast<double>(steady_now_ns() - begin_ns) * 1e-9;
}

// Of one read.
double seconds_of(const io::File& file, const Pattern& pattern) {
  const uint64_t target_bytes =
      (io::target_bytes_for(file, 0, pattern.read_bytes) + io::k_target_alignment - 1) /
      io::k_target_alignment * io::k_target_alignment;
  const memory::Arena arena({.size_bytes = target_bytes * pattern.depth});
  const auto memory = arena.bytes().first(target_bytes * pattern.depth);
  std::array<double, 5> seconds;
  for (double& one : seconds) one = pass_seconds(file, memory, pattern);
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2] / static_cast<double>(pattern.read_count);
}

}  // namespace

StoreRate store_rate(Files& files, const std::string& folder, std::span<const std::byte> bytes,
                     uint64_t sample_bytes) {
  HR_CHECK(!bytes.empty(), "nothing to write into {}", folder);
  const UniqueFd probe = make_probe(files, folder, bytes);
  const auto file =
      io::File::open(files, fmt::format("/proc/self/fd/{}", probe.get()), io::Caching::direct);
  const auto random = [](uint64_t read_bytes) {
    return Pattern{.read_bytes = read_bytes,
                   .read_count = std::min(k_random_reads_most, k_random_bytes / read_bytes),
                   .depth = k_random_depth,
                   .random = true};
  };
  const uint64_t pages = std::clamp(sample_bytes / k_page_bytes, uint64_t{8}, uint64_t{256});
  const Pattern whole = random(pages * k_page_bytes), part = random(pages / 4 * k_page_bytes);
  const double whole_seconds = seconds_of(*file, whole), part_seconds = seconds_of(*file, part);
  const double further_bytes = static_cast<double>(whole.read_bytes - part.read_bytes);
  // Where smaller reads take as long, a byte less saves nothing.
  const double further_seconds = std::max(whole_seconds - part_seconds, 1e-12);
  return {.bytes_per_second = static_cast<double>(k_read_bytes) / seconds_of(*file, {}),
          .random_reads_per_second = 1 / whole_seconds,
          .random_read_bytes = whole.read_bytes,
          .further_bytes_per_second = further_bytes / further_seconds,
          .direct = file->direct()};
}

}  // namespace headrace::pack
