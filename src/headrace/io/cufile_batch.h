// cuFile's batch calls behind the face of a ring: several batches in turn, each under way as a
// whole until its last entry is done. Thread safety: one owner thread. Invariants: (1) no more
// entries are under way than cuFile's pool of host buffers holds in compatibility mode; (2) a batch
// is submitted again only when all of its entries are done; (3) an entry's cookie is never null.
#pragma once

#include <vector>

#include "headrace/io/cufile_files.h"
#include "headrace/io/queued_ring.h"

namespace headrace::io {

class CuFileBatchRing final : public QueuedRing {
 public:
  static constexpr unsigned k_batch_entries = 16;

  CuFileBatchRing(const RingOptions& options, bool compatible,
                  std::unique_ptr<shim::CuFile> library);
  ~CuFileBatchRing() override;

 private:
  struct Batch {
    shim::CuBatch handle = nullptr;
    unsigned open = 0;  // entries under way
  };
  void serve(size_t least, uint64_t deadline_ns) override;
  void begin(Batch& batch);
  bool add(uint32_t index, std::vector<shim::CuBatchEntry>& entries);
  unsigned reap(Batch& batch, unsigned least, uint64_t patience_ns);
  void take_event(const shim::CuBatchEvent& event);

  std::unique_ptr<shim::CuFile> library_;
  CuFileFiles files_;
  std::vector<Batch> batches_;
  std::vector<Piece> pieces_;  // under way, by operation
  std::vector<shim::CuBatchEntry> entries_;
  uint32_t errors_ = 0;  // of status calls in a row
};

}  // namespace headrace::io
