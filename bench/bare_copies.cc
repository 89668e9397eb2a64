// memcpy in a loop, with the next rows on their way.
#include "bare_copies.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "headrace/memory/arena.h"

namespace headrace::bench {
namespace {

constexpr size_t k_rows_ahead = 2;
constexpr size_t k_rows_a_look = 256;  // at the clock

void prefetch(const std::byte* row, size_t row_bytes) {
  for (size_t at = 0; at < row_bytes; at += 64) __builtin_prefetch(row + at, 0, 1);
}

class Copier {
 public:
  Copier(const std::vector<const std::byte*>& rows, const CopyOptions& options, size_t first)
      : rows_(rows), options_(options), next_(first), target_({options.target_bytes}) {}

  uint64_t run_until(double end_s) {
    uint64_t count = 0;
    for (; now_s() < end_s; count += k_rows_a_look) {
      for (size_t row = 0; row < k_rows_a_look; ++row) copy_one();
    }
    return count;
  }

 private:
  void copy_one() {
    prefetch(rows_[(next_ + k_rows_ahead) % rows_.size()], options_.row_bytes);
    if (at_bytes_ + options_.row_bytes > options_.target_bytes) at_bytes_ = 0;
    std::memcpy(target_.bytes().data() + at_bytes_, rows_[next_ % rows_.size()],
                options_.row_bytes);
    at_bytes_ += options_.row_bytes;
    ++next_;
  }

  const std::vector<const std::byte*>& rows_;
  const CopyOptions& options_;
  size_t next_, at_bytes_ = 0;
  memory::Arena target_;
};

}  // namespace

std::vector<const std::byte*> shuffled_rows(const formats::Dataset& dataset,
                                            const loader::Resident& resident, size_t field) {
  std::vector<const std::byte*> rows;
  for (uint64_t sample = 0; sample < dataset.sample_count(); ++sample) {
    const formats::Location location = dataset.locate(sample);
    rows.push_back(resident.bytes(location.file_index, location.field(field)).data());
  }
  std::ranges::shuffle(rows, std::mt19937_64(1));
  return rows;
}

Sample copy_rows(const std::vector<const std::byte*>& rows, const CopyOptions& options) {
  std::vector<Copier> copiers;
  for (uint32_t thread = 0; thread < options.threads; ++thread) {
    copiers.emplace_back(rows, options, thread * rows.size() / options.threads);
  }
  std::atomic<uint64_t> count{0};
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  {
    std::vector<std::jthread> threads;
    for (Copier& copier : copiers) {
      threads.emplace_back([&] { count += copier.run_until(begin_s + options.seconds); });
    }
  }
  return {.items = static_cast<double>(count.load()),
          .wall_s = now_s() - begin_s,
          .cpu_s = process_cpu_s() - begin_cpu_s};
}

}  // namespace headrace::bench
