// Direct reads of 1 MiB, 16 at a time, as a loader's large reads are.
#include "headrace/pack/store_rate.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/io/ring.h"
#include "headrace/memory/arena.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_probe_bytes = uint64_t{64} << 20, k_read_bytes = uint64_t{1} << 20;
constexpr uint32_t k_depth = 16;

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

double pass_seconds(const io::File& file, std::span<std::byte> memory) {
  const auto ring = io::make_ring({.depth = k_depth, .arena = memory});
  const uint64_t target_bytes = memory.size() / k_depth, begin_ns = steady_now_ns();
  std::array<io::Done, k_depth> done;
  for (uint64_t asked = 0, left = k_probe_bytes / k_read_bytes; left > 0;) {
    const uint64_t end = k_probe_bytes / k_read_bytes;
    while (asked < end && ring->in_flight() < k_depth) {
      // Which target a read gets does not matter: nobody looks at the bytes.
      const io::Read read{.file = &file,
                          .offset_bytes = asked * k_read_bytes,
                          .length_bytes = k_read_bytes,
                          .target = memory.subspan(asked % k_depth * target_bytes, target_bytes),
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

}  // namespace

StoreRate store_rate(Files& files, const std::string& folder, std::span<const std::byte> bytes) {
  HR_CHECK(!bytes.empty(), "nothing to write into {}", folder);
  const UniqueFd probe = make_probe(files, folder, bytes);
  const auto file =
      io::File::open(files, fmt::format("/proc/self/fd/{}", probe.get()), io::Caching::direct);
  const uint64_t target_bytes =
      (io::target_bytes_for(*file, 0, k_read_bytes) + io::k_target_alignment - 1) /
      io::k_target_alignment * io::k_target_alignment;
  const memory::Arena arena({.size_bytes = target_bytes * k_depth});
  std::array<double, 5> seconds;
  for (double& one : seconds)
    one = pass_seconds(*file, arena.bytes().first(target_bytes * k_depth));
  std::ranges::sort(seconds);
  return {.bytes_per_second = static_cast<double>(k_probe_bytes) / seconds[seconds.size() / 2],
          .direct = file->direct()};
}

}  // namespace headrace::pack
