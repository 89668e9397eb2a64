// 3FS's USRBIO behind the face of a ring: reads land in memory shared with the daemon, and are
// copied to targets outside it. Writes take the mount's ordinary path. Thread safety: one owner
// thread. Invariants: (1) the ring asks for each read as soon as it is submitted (io_depth 0: other
// depths hold a partial batch back for ever); (2) a target inside memory() is read into directly.
// It has not been run on a real 3FS; tests use a stand-in for the library.
#pragma once

#include <expected>
#include <unordered_map>
#include <vector>

#include "headrace/base/unique_fd.h"
#include "headrace/io/queued_ring.h"
#include "headrace/shim/hf3fs.h"

namespace headrace::io {

struct UsrbioOptions {
  std::string mount = {};  // where 3FS is mounted
  std::string library = "libhf3fs_api_shared.so";
  uint64_t slot_bytes = uint64_t{1} << 20;  // longer reads go in parts
  uint64_t memory_bytes = 0;                // shared memory for targets of the caller's
};

class UsrbioRing final : public QueuedRing {
 public:
  static std::expected<std::unique_ptr<UsrbioRing>, std::string> make(const RingOptions& options,
                                                                      const UsrbioOptions& usrbio);
  ~UsrbioRing() override;
  // Shared with the daemon: what is read into it is not copied again.
  std::span<std::byte> memory() const { return memory_; }

 private:
  static constexpr size_t k_most_idle = 256;
  struct Registered {
    UniqueFd fd;  // our own: the library wants it open until it forgets it
    uint32_t uses = 0;
  };
  UsrbioRing(const RingOptions& options, const UsrbioOptions& usrbio,
             std::unique_ptr<shim::Hf3fs> library);
  std::string create(const UsrbioOptions& usrbio);  // what was refused, or ""
  void serve(size_t least, uint64_t deadline_ns) override;
  bool begin(uint32_t index);
  void reap(size_t least, uint64_t deadline_ns);
  void end(uint32_t index, int64_t raw);
  std::expected<Registered*, int> registered(const Piece& piece);

  std::unique_ptr<shim::Hf3fs> library_;
  uint64_t slot_bytes_;
  shim::Hf3fsIov iov_ = {};
  shim::Hf3fsIor ior_ = {};
  bool has_iov_ = false, has_ior_ = false;
  std::span<std::byte> memory_;
  std::span<std::byte> slots_;  // one an operation
  std::vector<Piece> pieces_;   // under way, by operation
  std::unordered_map<uint64_t, Registered> files_;
  std::vector<shim::Hf3fsCqe> completions_;
  size_t under_way_ = 0;
};

}  // namespace headrace::io
