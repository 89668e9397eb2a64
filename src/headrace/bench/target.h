// What a benchmark reads or writes: a file as it is, a block device (read only), or a scratch file
// that it makes in a folder. Thread safety: const after open. Invariants: (1) no file that was
// there before is ever written; (2) a scratch file has no name, so it is gone when the process is,
// however that ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "headrace/base/unique_fd.h"
#include "headrace/io/file.h"

namespace headrace::bench {

struct TargetOptions {
  std::string path = {};
  uint64_t size_bytes = uint64_t{1} << 30;  // of a scratch file
  bool writable = false;                    // refuses what was there before
  std::stop_token stop = {};
  std::function<void(uint64_t)> on_filled = {};  // bytes of the scratch file written so far
};

class Target {
 public:
  // Throws Error: not there, neither file, folder nor block device, not to be written, no space.
  static Target open(const TargetOptions& options);
  const std::string& name() const { return name_; }  // as it was given
  const std::string& path() const { return path_; }  // opens it; of a scratch file below /proc
  const std::string& kind() const { return kind_; }  // "file", "block device", "scratch file"
  bool is_scratch() const { return static_cast<bool>(scratch_); }
  std::unique_ptr<io::File> open_file(io::Caching caching, bool writable) const;
  // Asks the kernel to let go of the file's pages; the share that stayed in the cache all the same,
  // or -1 where that cannot be told.
  double drop_pages() const;

 private:
  std::string name_;
  std::string path_;
  std::string kind_;
  UniqueFd scratch_;
};

// The bytes of scratch files: a function of the offset alone, no two blocks alike.
void fill_pattern(uint64_t offset_bytes, std::span<std::byte> block);
// The first offset that differs.
std::optional<uint64_t> wrong_in_pattern(uint64_t offset_bytes, std::span<const std::byte> block);

}  // namespace headrace::bench
