// libcufile for tests: its symbols and documented quirks, over pread and host memory. Batches are
// served by a thread each, last entry first. Thread safety: as the real one: any thread.
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "headrace/shim/cufile.h"
#include "headrace/shim/stand_in.h"

using namespace headrace::shim;

namespace {

StandInFaults faults;
std::mutex buffers_mutex;
std::map<const void*, size_t> buffers;

struct Handle {
  int fd;
};
struct Batch {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<CuBatchEvent> done;
  unsigned open = 0;
  std::jthread worker;
};
constexpr CuError k_fine = {0, 0};

// A registered buffer is named by its base; a range that leaves it is refused.
bool inside(const void* base, off_t offset, size_t size) {
  const std::lock_guard lock(buffers_mutex);
  const auto found = buffers.find(base);
  return found == buffers.end() || static_cast<size_t>(offset) + size <= found->second;
}

ssize_t transfer(CuHandle handle, void* base, size_t size, off_t offset, off_t base_offset,
                 bool write) {
  const int number = ++faults.transfers;
  if (!inside(base, base_offset, size)) return -5022;
  if (number == faults.fail_nth) {
    errno = EIO;
    return faults.fail_code;
  }
  if (number == faults.short_nth) size /= 2;
  char* at = static_cast<char*>(base) + base_offset;
  const int fd = static_cast<Handle*>(handle)->fd;
  return write ? ::pwrite(fd, at, size, offset) : ::pread(fd, at, size, offset);
}

CuBatchEvent serve(const CuBatchEntry& entry) {
  const auto& range = entry.range;
  const ssize_t raw = transfer(entry.file, range.base, range.size, range.file_offset,
                               range.base_offset, entry.opcode == 1);
  if (raw >= 0) {
    return {.cookie = entry.cookie, .status = cu_complete, .result = static_cast<size_t>(raw)};
  }
  const bool invalid = raw == -1 && errno == EINVAL;
  return {.cookie = entry.cookie, .status = invalid ? cu_invalid : cu_failed, .result = 0};
}

void serve_all(Batch& batch, const std::vector<CuBatchEntry>& entries) {
  for (size_t left = entries.size(); left > 0; --left) {
    const CuBatchEvent event = serve(entries[left - 1]);
    --faults.under_way;
    const std::lock_guard lock(batch.mutex);
    batch.done.push_back(event);
    batch.changed.notify_all();
  }
}

bool take_one(std::atomic<int>& count) {
  if (count <= 0) return false;
  --count;
  return true;
}

}  // namespace

extern "C" {

StandInFaults* stand_in_faults() { return &faults; }
CuError cuFileDriverOpen() { return {faults.driver_error, 0}; }
CuError cuFileDriverClose_v2() { return k_fine; }

CuError cuFileHandleRegister(CuHandle* handle, CuDescriptor* descriptor) {
  if (faults.register_error != 0) return {faults.register_error, 0};
  *handle = new Handle{descriptor->file.fd};
  ++faults.handles;
  return k_fine;
}
void cuFileHandleDeregister(CuHandle handle) {
  delete static_cast<Handle*>(handle);
  --faults.handles;
}
CuError cuFileBufRegister(const void* base, size_t size, int) {
  if (faults.buffer_error != 0) return {faults.buffer_error, 0};
  const std::lock_guard lock(buffers_mutex);
  buffers[base] = size;
  ++faults.buffers;
  return k_fine;
}
CuError cuFileBufDeregister(const void* base) {
  const std::lock_guard lock(buffers_mutex);
  buffers.erase(base);
  --faults.buffers;
  return k_fine;
}
ssize_t cuFileRead(CuHandle handle, void* base, size_t size, off_t offset, off_t base_offset) {
  return transfer(handle, base, size, offset, base_offset, false);
}
ssize_t cuFileWrite(CuHandle handle, const void* base, size_t size, off_t offset,
                    off_t base_offset) {
  return transfer(handle, const_cast<void*>(base), size, offset, base_offset, true);
}

struct AsyncCall {
  CuHandle handle;
  void* base;
  size_t* size;
  off_t *offset, *base_offset;
  ssize_t* moved;
  bool write;
};
static CuError run_async(const AsyncCall& call) {
  *call.moved = 0;
  const ssize_t raw =
      transfer(call.handle, call.base, *call.size, *call.offset, *call.base_offset, call.write);
  if (raw < -1) return {static_cast<int>(-raw), 0};  // refused when it was submitted
  *call.moved = raw;
  return k_fine;
}
CuError cuFileReadAsync(CuHandle handle, void* base, size_t* size, off_t* offset,
                        off_t* base_offset, ssize_t* moved, CuStream) {
  return run_async({handle, base, size, offset, base_offset, moved, false});
}
CuError cuFileWriteAsync(CuHandle handle, void* base, size_t* size, off_t* offset,
                         off_t* base_offset, ssize_t* moved, CuStream) {
  return run_async({handle, base, size, offset, base_offset, moved, true});
}

CuError cuFileBatchIOSetUp(CuBatch* batch, unsigned count) {
  if (count > k_cu_batch_most) return {5022, 0};
  *batch = new Batch;
  return k_fine;
}
CuError cuFileBatchIOSubmit(CuBatch handle, unsigned count, CuBatchEntry* entries, unsigned) {
  if (take_one(faults.submit_errors)) return {5035, 0};
  auto& batch = *static_cast<Batch*>(handle);
  if (batch.open > 0) return {5037, 0};  // what is under way is never added to
  if (batch.worker.joinable()) batch.worker.join();
  for (unsigned number = 0; number < count; ++number) faults.begin();
  batch.open = count;
  std::vector<CuBatchEntry> own(entries, entries + count);
  batch.worker = std::jthread([&batch, own = std::move(own)] { serve_all(batch, own); });
  return k_fine;
}
CuError cuFileBatchIOGetStatus(CuBatch handle, unsigned least, unsigned* count,
                               CuBatchEvent* events, timespec* patience) {
  if (take_one(faults.status_errors)) return {5030, 0};
  auto& batch = *static_cast<Batch*>(handle);
  if (take_one(faults.waiting_looks)) {
    events[0] = {.cookie = nullptr, .status = cu_waiting, .result = 0};
    *count = 1;
    return k_fine;
  }
  std::unique_lock lock(batch.mutex);
  const auto time =
      std::chrono::seconds(patience->tv_sec) + std::chrono::nanoseconds(patience->tv_nsec);
  batch.changed.wait_for(lock, time, [&] { return batch.done.size() >= least; });
  const size_t most = std::min<size_t>(*count, batch.done.size());
  for (size_t number = 0; number < most; ++number) events[number] = batch.done[number];
  batch.done.erase(batch.done.begin(), batch.done.begin() + static_cast<ptrdiff_t>(most));
  batch.open -= static_cast<unsigned>(most);
  *count = static_cast<unsigned>(most);
  return k_fine;
}
CuError cuFileBatchIOCancel(CuBatch) { return k_fine; }
void cuFileBatchIODestroy(CuBatch batch) { delete static_cast<Batch*>(batch); }

}  // extern "C"
