// cuFile's calls in stream order behind the face of a ring: operations are dealt to a few streams,
// and each stream says when it has passed one. Thread safety: one owner thread; streams report from
// a thread of the driver's. Invariant: what a call points at stays where it is until its stream has
// passed (one Call an operation, made once).
#pragma once

#include <vector>

#include "headrace/io/arrivals.h"
#include "headrace/io/cufile_files.h"
#include "headrace/io/queued_ring.h"

namespace headrace::io {

class CuFileStreamRing final : public QueuedRing {
 public:
  static constexpr uint32_t k_streams = 8;

  static std::expected<std::unique_ptr<Ring>, std::string> make(
      const RingOptions& options, std::unique_ptr<shim::CuFile> library,
      std::unique_ptr<shim::CudaDriver> driver);
  ~CuFileStreamRing() override;

 private:
  struct Call {
    size_t size = 0;
    off_t file_offset = 0;
    off_t base_offset = 0;
    ssize_t moved = 0;
    Piece piece = {};
    Arrivals* arrivals = nullptr;
    uint32_t index = 0;
  };
  CuFileStreamRing(const RingOptions& options, std::unique_ptr<shim::CuFile> library,
                   std::unique_ptr<shim::CudaDriver> driver);
  void serve(size_t least, uint64_t deadline_ns) override;
  void begin(uint32_t index);
  void end(uint32_t index);
  static void passed(void* call);

  std::unique_ptr<shim::CuFile> library_;
  std::unique_ptr<shim::CudaDriver> driver_;
  CuFileFiles files_;
  std::vector<shim::CuStream> streams_;
  size_t next_stream_ = 0;
  std::vector<Call> calls_;  // one an operation
  size_t under_way_ = 0;
  Arrivals arrivals_;
};

}  // namespace headrace::io
