// The circle of blocks.
#include "headrace/loader/read_buffer.h"

#include "headrace/base/check.h"

namespace headrace::loader {

ReadBuffer::ReadBuffer(const ReadBufferOptions& options)
    : arena_({.size_bytes = options.size_bytes}),
      alignment_bytes_(options.alignment_bytes),
      blocks_(options.block_count_max) {
  HR_CHECK(arena_.bytes().size() % alignment_bytes_ == 0, "size {}", arena_.bytes().size());
}

std::optional<Block> ReadBuffer::take(size_t size_bytes) {
  const size_t circle_bytes = arena_.bytes().size();
  const size_t wanted = (size_bytes + alignment_bytes_ - 1) / alignment_bytes_ * alignment_bytes_;
  if (tail_ - head_ == blocks_.size() || wanted > circle_bytes) return std::nullopt;
  if (head_ == tail_)
    head_bytes_ = tail_bytes_ = 0;  // empty: begin at the front, so that any size fits
  uint64_t begin = tail_bytes_;
  const uint64_t to_the_end = circle_bytes - begin % circle_bytes;
  if (to_the_end < wanted) begin += to_the_end;
  if (begin + wanted - head_bytes_ > circle_bytes) return std::nullopt;
  const auto index = static_cast<uint32_t>(tail_ % blocks_.size());
  blocks_[index].end = begin + wanted;
  blocks_[index].in_use.store(true, std::memory_order_relaxed);
  tail_bytes_ = begin + wanted;
  ++tail_;
  return Block{index, arena_.bytes().subspan(begin % circle_bytes, wanted)};
}

uint32_t ReadBuffer::reclaim() {
  uint32_t freed_count = 0;
  while (head_ < tail_) {
    const Used& oldest = blocks_[head_ % blocks_.size()];
    if (oldest.in_use.load(std::memory_order_acquire)) break;
    head_bytes_ = oldest.end;
    ++head_;
    ++freed_count;
  }
  return freed_count;
}

}  // namespace headrace::loader
