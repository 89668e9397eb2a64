// Finding out what a path is, and making scratch files.
#include "headrace/bench/target.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"

namespace headrace::bench {
namespace {

constexpr uint64_t k_fill_bytes = uint64_t{4} << 20;
constexpr int k_names_tried = 100;

std::byte pattern_at(uint64_t offset_bytes) {
  return static_cast<std::byte>(mix64(offset_bytes / 8) >> (offset_bytes % 8 * 8));
}

// Open, and without a name: nothing is left when the process ends, not even by SIGKILL.
UniqueFd make_nameless(const std::string& folder) {
  for (int attempt = 0;; ++attempt) {
    const std::string path = fmt::format("{}/headrace-bench-{}-{}", folder, ::getpid(), attempt);
    auto fd = real_files().open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!fd && fd.error() == EEXIST && attempt < k_names_tried) continue;
    if (!fd) throw_errno(fd.error(), "cannot make a scratch file in", folder);
    if (const auto removed = real_files().remove(path); !removed) {
      throw_errno(removed.error(), "cannot remove", path);
    }
    return std::move(*fd);
  }
}

void fill(int fd, const TargetOptions& options) {
  std::vector<std::byte> block(k_fill_bytes);
  for (uint64_t offset = 0; offset < options.size_bytes; offset += k_fill_bytes) {
    if (options.stop.stop_requested()) {
      throw Error({.code = Code::interrupted,
                   .action = "stopped while filling the scratch file in",
                   .object = options.path,
                   .offset_bytes = offset});
    }
    const auto piece =
        std::span(block).first(std::min<uint64_t>(k_fill_bytes, options.size_bytes - offset));
    fill_pattern(offset, piece);
    const auto written = real_files().write_at(fd, piece, offset);
    if (!written)
      throw_errno(written.error(), "cannot fill a scratch file in", options.path, offset);
    if (options.on_filled) options.on_filled(offset + piece.size());
  }
  if (const auto synced = real_files().sync(fd); !synced) {
    throw_errno(synced.error(), "cannot fill a scratch file in", options.path);
  }
}

[[noreturn]] void refuse(const std::string& path, const char* action, const char* cause) {
  throw Error({.code = Code::invalid_argument,
               .action = action,
               .object = path,
               .cause = cause,
               .hint = "name a folder, where a scratch file of its own is made and removed"});
}

}  // namespace

Target Target::open(const TargetOptions& options) {
  struct stat found = {};
  if (::stat(options.path.c_str(), &found) != 0) {
    throw_errno(errno, "cannot measure", options.path);
  }
  Target target;
  target.name_ = target.path_ = options.path;
  if (S_ISDIR(found.st_mode)) {
    target.kind_ = "scratch file";
    target.scratch_ = make_nameless(options.path);
    target.path_ = fmt::format("/proc/{}/fd/{}", ::getpid(), target.scratch_.get());
    fill(target.scratch_.get(), options);
    return target;
  }
  if (!S_ISREG(found.st_mode) && !S_ISBLK(found.st_mode)) {
    refuse(options.path, "cannot measure", "it is neither a file, a folder nor a block device");
  }
  target.kind_ = S_ISREG(found.st_mode) ? "file" : "block device";
  if (options.writable) {
    refuse(options.path, "will not write to",
           S_ISREG(found.st_mode) ? "it was there before this benchmark" : "it is a block device");
  }
  return target;
}

std::unique_ptr<io::File> Target::open_file(io::Caching caching, bool writable) const {
  return io::File::open(real_files(), path_, caching,
                        writable ? io::Access::write : io::Access::read);
}

double Target::drop_pages() const {
  const auto fd = real_files().open(path_, O_RDONLY);
  const auto stat = fd ? real_files().stat(fd->get()) : std::unexpected(fd.error());
  if (!stat) throw_errno(stat.error(), "cannot open", name_);
  // Dirty pages stay, so they are written first; a file that cannot be synced has none of ours.
  (void)real_files().sync(fd->get());
  (void)::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_DONTNEED);
  if (stat->size_bytes == 0) return -1;
  void* mapped = ::mmap(nullptr, stat->size_bytes, PROT_READ, MAP_SHARED, fd->get(), 0);
  if (mapped == MAP_FAILED) return -1;
  const auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((stat->size_bytes + page_bytes - 1) / page_bytes);
  const bool told = ::mincore(mapped, stat->size_bytes, pages.data()) == 0;
  ::munmap(mapped, stat->size_bytes);
  if (!told) return -1;
  const auto stayed = std::ranges::count_if(pages, [](unsigned char page) { return page & 1; });
  return static_cast<double>(stayed) / static_cast<double>(pages.size());
}

void fill_pattern(uint64_t offset_bytes, std::span<std::byte> block) {
  uint64_t at = 0;
  for (; at < block.size() && (offset_bytes + at) % 8 != 0; ++at) {
    block[at] = pattern_at(offset_bytes + at);
  }
  for (; at + 8 <= block.size(); at += 8) {
    const uint64_t word = mix64((offset_bytes + at) / 8);
    std::memcpy(block.data() + at, &word, 8);
  }
  for (; at < block.size(); ++at) block[at] = pattern_at(offset_bytes + at);
}

std::optional<uint64_t> wrong_in_pattern(uint64_t offset_bytes, std::span<const std::byte> block) {
  std::vector<std::byte> expected(block.size());
  fill_pattern(offset_bytes, expected);
  if (std::memcmp(expected.data(), block.data(), block.size()) == 0) return std::nullopt;
  const auto wrong = std::ranges::mismatch(block, expected).in1 - block.begin();
  return offset_bytes + static_cast<uint64_t>(wrong);
}

}  // namespace headrace::bench
