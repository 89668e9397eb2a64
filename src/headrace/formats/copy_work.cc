// Threads take parts in order, decode them side by side and write them in turn.
#include "headrace/formats/copy_work.h"

#include <thread>

#include "headrace/formats/tfrecord_encoder.h"

namespace headrace::formats {
namespace {

constexpr size_t k_copy_write_bytes = size_t{1} << 20;
constexpr uint64_t k_parts_memory_bytes = uint64_t{2} << 30;  // of all threads, about

}  // namespace

std::optional<ScanFailure> CopyWork::run() {
  const uint64_t fitting = k_parts_memory_bytes / std::max<uint64_t>(1, parts_.part_bytes());
  {
    std::vector<std::jthread> threads;
    for (uint64_t i = 1; i < std::min<uint64_t>(options_.threads, fitting); ++i) {
      threads.emplace_back([this] { run_thread(); });
    }
    run_thread();
  }
  if (thrown_) std::rethrow_exception(thrown_);
  return failure_;
}

void CopyWork::run_thread() noexcept {
  try {
    Held held;
    while (const auto part = take()) copy(*part, held);
  } catch (...) {
    end(std::nullopt, std::current_exception());
  }
}

std::optional<CopyWork::Part> CopyWork::take() {
  const std::scoped_lock lock(parts_mutex_);
  {
    const std::scoped_lock state(mutex_);
    if (ended_) return std::nullopt;
  }
  auto reader = parts_.next_part();
  if (!reader) end(reader.error(), nullptr);
  if (!reader || !*reader) return std::nullopt;
  return Part{taken_count_++, std::move(*reader)};
}

void CopyWork::copy(const Part& part, Held& held) {
  std::vector<FieldExtent> extents;
  while (true) {
    const auto record = part.reader->next();
    if (!record) return end(record.error(), nullptr);
    if (!*record) break;
    extents.resize((*record)->size());
    const size_t begin = held.bytes.size();
    append_tfrecord({**record, part.reader->key()}, held.bytes, extents);
    held.places.add(begin, **record, extents);
    const bool may_hold = held.bytes.size() < k_copy_held_bytes && !is_turn(part);
    if (held.bytes.size() < k_copy_write_bytes || may_hold) continue;
    if (!write(part, held)) return;
  }
  if (!write(part, held)) return;
  const std::scoped_lock lock(mutex_);
  ++turn_;
  turned_.notify_all();
}

bool CopyWork::is_turn(const Part& part) {
  const std::scoped_lock lock(mutex_);
  return turn_ == part.number;
}

bool CopyWork::wait_for_turn(const Part& part) {
  std::unique_lock lock(mutex_);
  turned_.wait(lock, [&] { return ended_ || turn_ == part.number; });
  return !ended_;
}

bool CopyWork::write(const Part& part, Held& held) {
  if (!wait_for_turn(part)) return false;
  index_.add(held.places, file_.size_bytes());
  file_.append(held.bytes);
  held.bytes.clear();
  held.places.clear();
  if (!options_.tell) return true;
  const std::scoped_lock lock(parts_mutex_);
  options_.tell(parts_.at_bytes());
  return true;
}

void CopyWork::end(std::optional<ScanFailure> failure, std::exception_ptr thrown) {
  const std::scoped_lock lock(mutex_);
  if (!failure_) failure_ = std::move(failure);
  if (!thrown_) thrown_ = std::move(thrown);
  ended_ = true;
  turned_.notify_all();
}

}  // namespace headrace::formats
