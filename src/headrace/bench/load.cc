// Lanes start together, keep their rings full until time, blocks or patience are used up, and wait
// for what is in flight.
#include "headrace/bench/load.h"

#include <barrier>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"
#include "headrace/bench/table.h"
#include "headrace/order/permutation.h"

namespace headrace::bench {
namespace {

// Where the next block of a lane lies.
class Blocks {
 public:
  Blocks(const Lane& lane, const LoadOptions& options, uint64_t lane_index)
      : lane_(lane),
        block_bytes_(options.block_bytes),
        count_(lane.size_bytes / options.block_bytes),
        random_(options.pattern == Pattern::random),
        seed_(mix64(options.seed, lane_index)),
        begin_(options.from_start ? 0 : seed_ % count_),
        left_(options.passes == k_without_end ? k_without_end : options.passes * count_),
        permutation_(count_, seed_) {}
  bool more() const { return left_ > 0; }
  uint64_t next() {
    --left_;
    const uint64_t at = position_++;
    if (!random_) return offset_of((begin_ + at) % count_);
    if (at > 0 && at % count_ == 0) permutation_ = order::Permutation(count_, mix64(seed_, at));
    return offset_of(permutation_.at(at % count_));
  }

 private:
  uint64_t offset_of(uint64_t block) const { return lane_.start_bytes + block * block_bytes_; }

  Lane lane_;
  uint64_t block_bytes_;
  uint64_t count_;
  bool random_;
  uint64_t seed_;
  uint64_t begin_;
  uint64_t left_;
  uint64_t position_ = 0;
  order::Permutation permutation_;
};

// A direct read of a block off the grid brings whole sectors on both sides.
uint64_t slot_bytes_for(const Lane& lane, uint64_t block_bytes) {
  constexpr uint64_t k_grid = io::k_target_alignment;
  const bool aligned = lane.start_bytes % k_grid == 0 && block_bytes % k_grid == 0;
  return (block_bytes + k_grid - 1) / k_grid * k_grid + (aligned ? 0 : k_grid);
}

// What a lane leaves when its thread has ended.
struct LaneResult {
  uint64_t operations = 0;
  uint64_t ended_ns = 0;
  observe::Histogram latency = {};
  io::RingInfo ring = {};
  std::exception_ptr failure = {};
};

// One lane's ring and memory; made and used by the lane's own thread.
class LaneLoad {
 public:
  LaneLoad(const Lane& lane, const LoadOptions& options, uint64_t lane_index)
      : lane_(lane),
        options_(options),
        blocks_(lane, options, lane_index),
        slot_bytes_(slot_bytes_for(lane, options.block_bytes)),
        memory_(slot_bytes_ * options.depth * options.turns, options.device),
        ring_(memory_.make_ring(parse_engine(options.engine), options.depth, *lane.file)),
        offsets_(options.depth),
        turns_(options.depth),
        done_(options.depth) {
    for (uint32_t tag = 0; tag < options.depth; ++tag) free_.push_back(tag);
    reads_.reserve(options.depth);
    writes_.reserve(options.depth);
    if (options.direction == Direction::write) fill_with_noise();
  }

  // Ends early when any lane has failed.
  void run(const std::atomic<bool>& failed, LaneResult& result) {
    const uint64_t begin_ns = steady_now_ns();
    const uint64_t end_ns =
        options_.duration_ns == k_without_end ? k_without_end : begin_ns + options_.duration_ns;
    // A few at a time: one system call serves several, and the device never runs dry.
    const size_t least = std::clamp<size_t>(options_.depth / 4, 1, 8);
    while (blocks_.more() && steady_now_ns() < end_ns && !options_.stop.stop_requested() &&
           !failed.load(std::memory_order_relaxed)) {
      submit();
      take(ring_->wait(done_, least, io::k_no_deadline));
    }
    while (ring_->in_flight() > 0) take(ring_->wait(done_, done_.size(), io::k_no_deadline));
    result.ended_ns = steady_now_ns();
    result.operations = operations_;
    result.latency.merge(latency_);
    result.ring = ring_->info();
  }

 private:
  std::span<std::byte> slot(uint64_t tag) const {
    return memory_.bytes().subspan((tag * options_.turns + turns_[tag]) * slot_bytes_, slot_bytes_);
  }

  void fill_with_noise() {
    const auto bytes = memory_.bytes();
    for (uint64_t at = 0; at + 8 <= bytes.size(); at += 8) {
      const uint64_t word = mix64(options_.seed, at);
      std::memcpy(bytes.data() + at, &word, 8);
    }
  }

  void submit() {
    reads_.clear();
    writes_.clear();
    for (; !free_.empty() && blocks_.more(); free_.pop_back()) {
      const uint64_t tag = free_.back();
      offsets_[tag] = blocks_.next();
      turns_[tag] = (turns_[tag] + 1) % options_.turns;
      if (options_.direction == Direction::read) {
        reads_.push_back({.file = lane_.file,
                          .offset_bytes = offsets_[tag],
                          .length_bytes = options_.block_bytes,
                          .target = slot(tag),
                          .tag = tag});
      } else {
        const auto block = slot(tag).first(options_.block_bytes);
        if (options_.fill) options_.fill(offsets_[tag], block);
        writes_.push_back(
            {.file = lane_.file, .offset_bytes = offsets_[tag], .source = block, .tag = tag});
      }
    }
    const size_t wished = reads_.size() + writes_.size();
    const size_t taken = reads_.empty() ? ring_->submit(std::span<const io::Write>(writes_))
                                        : ring_->submit(std::span<const io::Read>(reads_));
    HR_CHECK(taken == wished, "taken {}, wished {}", taken, wished);
  }

  void take(size_t count) {
    for (const io::Done& done : std::span(done_).first(count)) {
      if (done.result != static_cast<int64_t>(options_.block_bytes)) refuse(done);
      latency_.add(done.latency_ns);
      if (options_.check)
        check(offsets_[done.tag], memory_.seen({done.data, options_.block_bytes}));
      free_.push_back(static_cast<uint32_t>(done.tag));
    }
    operations_ += count;
    if (options_.on_moved && count > 0) options_.on_moved(count * options_.block_bytes);
  }

  void check(uint64_t offset_bytes, std::span<const std::byte> block) const {
    const auto wrong = options_.check(offset_bytes, block);
    if (!wrong) return;
    throw Error({.code = Code::corrupt,
                 .action = "verification failed in",
                 .object = lane_.file->path(),
                 .offset_bytes = *wrong,
                 .cause = "other bytes came than should be there"});
  }

  [[noreturn]] void refuse(const io::Done& done) const {
    const std::string action = fmt::format("cannot {}", name_of(options_.direction));
    if (done.result < 0) {
      throw_errno(static_cast<int>(-done.result), action, lane_.file->path(), offsets_[done.tag]);
    }
    throw Error({.action = action,
                 .object = lane_.file->path(),
                 .offset_bytes = offsets_[done.tag],
                 .cause = fmt::format("{} of {} bytes came: the file is shorter than it was",
                                      done.result, options_.block_bytes)});
  }

  Lane lane_;
  const LoadOptions& options_;
  Blocks blocks_;
  uint64_t slot_bytes_;
  LaneMemory memory_;
  std::unique_ptr<io::Ring> ring_;
  std::vector<uint64_t> offsets_;  // by tag
  std::vector<uint32_t> turns_;    // by tag
  std::vector<uint32_t> free_;     // tags
  std::vector<io::Read> reads_;
  std::vector<io::Write> writes_;
  std::vector<io::Done> done_;
  uint64_t operations_ = 0;
  observe::Histogram latency_;
};

// Where the threads of a run meet: all made, started, ended, and may go.
class Run {
 public:
  Run(std::span<const Lane> lanes, const LoadOptions& options)
      : lanes_(lanes),
        options_(options),
        results_(lanes.size()),
        meeting_(static_cast<ptrdiff_t>(lanes.size() + 1)) {}

  LoadResult run() {
    std::vector<std::jthread> threads;
    for (size_t index = 0; index < lanes_.size(); ++index) {
      threads.emplace_back([this, index] { serve(index); });
    }
    meeting_.arrive_and_wait();
    const uint64_t begin_ns = steady_now_ns();
    const double begin_cpu_s = process_cpu_s();
    meeting_.arrive_and_wait();
    meeting_.arrive_and_wait();
    const double cpu_s = process_cpu_s() - begin_cpu_s;
    meeting_.arrive_and_wait();
    threads.clear();
    return summed(begin_ns, cpu_s);
  }

 private:
  // A ring ends in the thread that made it, after the processor time was read.
  void serve(size_t index) {
    std::optional<LaneLoad> load;
    attempt(index, [&] { load.emplace(lanes_[index], options_, index); });
    meeting_.arrive_and_wait();
    meeting_.arrive_and_wait();
    if (load) attempt(index, [&] { load->run(failed_, results_[index]); });
    meeting_.arrive_and_wait();
    meeting_.arrive_and_wait();
  }

  void attempt(size_t index, const std::function<void()>& step) {
    try {
      step();
    } catch (...) {
      results_[index].failure = std::current_exception();
      failed_ = true;
    }
  }

  LoadResult summed(uint64_t begin_ns, double cpu_s) const {
    LoadResult sum{.cpu_s = cpu_s};
    uint64_t ended_ns = begin_ns;
    for (const LaneResult& result : results_) {
      if (result.failure) std::rethrow_exception(result.failure);
      sum.lanes.push_back({.operations = result.operations,
                           .bytes = result.operations * options_.block_bytes,
                           .latency_sum_ns = result.latency.sum_ns()});
      sum.operations += result.operations;
      sum.latency->merge(result.latency);
      ended_ns = std::max(ended_ns, result.ended_ns);
    }
    sum.bytes = sum.operations * options_.block_bytes;
    sum.wall_s = static_cast<double>(ended_ns - begin_ns) * 1e-9;
    sum.ring = results_.front().ring;
    return sum;
  }

  std::span<const Lane> lanes_;
  const LoadOptions& options_;
  std::vector<LaneResult> results_;
  std::atomic<bool> failed_{false};
  std::barrier<> meeting_;
};

}  // namespace

const char* name_of(Pattern pattern) {
  return pattern == Pattern::sequential ? "sequential" : "random";
}
const char* name_of(Direction direction) { return direction == Direction::read ? "read" : "write"; }

std::vector<Lane> lanes_of(const io::File& file, uint32_t count, uint64_t block_bytes) {
  const uint64_t blocks_each = file.size_bytes() / block_bytes / count;
  if (blocks_each == 0) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot measure",
                 .object = file.path(),
                 .cause = fmt::format("{} bytes are less than a block of {} for {}",
                                      file.size_bytes(), block_bytes, counted(count, "thread")),
                 .hint = "a larger file, smaller blocks or fewer threads"});
  }
  std::vector<Lane> lanes;
  for (uint32_t index = 0; index < count; ++index) {
    lanes.push_back({.file = &file,
                     .start_bytes = index * blocks_each * block_bytes,
                     .size_bytes = blocks_each * block_bytes});
  }
  return lanes;
}

LoadResult run_load(std::span<const Lane> lanes, const LoadOptions& options) {
  HR_CHECK(options.duration_ns != k_without_end || options.passes != k_without_end);
  HR_CHECK(!options.device || options.direction == Direction::read);
  return Run(lanes, options).run();
}

}  // namespace headrace::bench
