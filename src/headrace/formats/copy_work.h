// The parts of a file turned into one TFRecord and its index, on several threads.
// Thread safety: run() is called once; RecordParts is used by one thread at a time.
// Invariants: 1. records come in the file's order, so the copy does not depend on the threads;
// 2. a thread whose turn it is not holds at most k_copy_held_bytes of records before it waits.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/formats/copy_index.h"

namespace headrace::formats {

inline constexpr size_t k_copy_held_bytes = size_t{32} << 20;

struct CopyWorkOptions {
  uint32_t threads = 1;
  // How far into the file its parts were read; may throw, which ends the work.
  std::function<void(uint64_t at_bytes)> tell = {};
};

class CopyWork {
 public:
  CopyWork(RecordParts& parts, AtomicFile& file, CopyIndex& index, CopyWorkOptions options)
      : parts_(parts), file_(file), index_(index), options_(std::move(options)) {}
  // What is wrong with the file, if anything. Throws what `tell` and the files throw.
  std::optional<ScanFailure> run();

 private:
  struct Part {
    uint64_t number = 0;
    std::unique_ptr<RecordReader> reader;
  };
  struct Held {
    std::vector<std::byte> bytes;
    RecordPlaces places;
  };

  void run_thread() noexcept;
  std::optional<Part> take();
  void copy(const Part& part, Held& held);
  bool is_turn(const Part& part);
  bool wait_for_turn(const Part& part);  // false: the work ends
  bool write(const Part& part, Held& held);
  void end(std::optional<ScanFailure> failure, std::exception_ptr thrown);

  RecordParts& parts_;
  AtomicFile& file_;  // this and the index belong to the thread whose turn it is
  CopyIndex& index_;
  CopyWorkOptions options_;
  std::mutex parts_mutex_;  // guards parts_ and the next
  uint64_t taken_count_ = 0;
  std::mutex mutex_;  // guards what follows
  std::condition_variable turned_;
  uint64_t turn_ = 0;  // the part that may be written
  bool ended_ = false;
  std::optional<ScanFailure> failure_;
  std::exception_ptr thrown_;
};

}  // namespace headrace::formats
