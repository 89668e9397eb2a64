// The reading loop: blocks at random places, a new one for each that completes.
#include "headrace/doctor/probe.h"

#include <algorithm>
#include <array>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/base/random.h"
#include "headrace/memory/arena.h"
#include "headrace/observe/histogram.h"
#include "headrace/observe/process.h"

namespace headrace::doctor {
namespace {

// Direct reads of odd ends bring whole sectors: room for one before and one behind.
constexpr uint64_t k_skew_bytes = 2 * io::k_target_alignment;

uint64_t rounded_up(uint64_t value, uint64_t step) { return (value + step - 1) / step * step; }

double cpu_seconds() {
  const observe::ProcessUsage usage = observe::read_process_usage();
  return usage.cpu_user_s + usage.cpu_system_s;
}

class Run {
 public:
  Run(const SampleFiles& sample, const ProbeOptions& options)
      : options_(options),
        slot_bytes_(rounded_up(options.block_bytes, io::k_target_alignment) + k_skew_bytes),
        arena_({.size_bytes = slot_bytes_ * options.depth}),
        ring_(options.make_ring(
            {.engine = options.engine, .depth = options.depth, .arena = arena_.bytes()})),
        draws_({.seed = options.clock->now_ns()}) {
    for (const SampleFile& file : sample.files) {
      files_.push_back(io::File::open(*options.files, file.path, options.caching));
    }
    reads_.resize(std::min(options.depth, ring_->info().depth));
    HR_CHECK(!files_.empty() && !reads_.empty(), "files {}, depth {}", files_.size(),
             reads_.size());
  }

  Probe result() {
    const uint64_t device_before = observe::read_process_io().read_bytes;
    const double cpu_before = cpu_seconds();
    const uint64_t start_ns = options_.clock->now_ns();
    for (uint64_t tag = 0; tag < reads_.size(); ++tag) start(tag);
    loop(start_ns);
    probe_.seconds = static_cast<double>(options_.clock->now_ns() - start_ns) / 1e9;
    probe_.cpu_seconds = cpu_seconds() - cpu_before;
    probe_.device_bytes = observe::read_process_io().read_bytes - device_before;
    describe();
    return std::move(probe_);
  }

 private:
  void loop(uint64_t start_ns) {
    while (ring_->in_flight() > 0) {
      const uint64_t done_ns = options_.clock->now_ns() - start_ns;
      // Late enough for a link to have come up to speed, early enough for reads to be in flight.
      if (!probe_.under_load && done_ns * 10 >= options_.duration_ns * 9) {
        probe_.under_load = true;
        if (options_.under_load) options_.under_load();
      }
      if (options_.stop.stop_requested()) {
        probe_.stopped = true;
        return;
      }
      take(done_ns >= options_.duration_ns || !probe_.failure.empty());
      if (options_.progress) options_.progress(std::min(done_ns, options_.duration_ns));
    }
  }
  void take(bool ending) {
    constexpr uint64_t k_patience_ns = 200'000'000;  // so that a stop is seen on a dead server
    const size_t count = ring_->wait(done_, 1, options_.clock->now_ns() + k_patience_ns);
    for (const io::Done& done : std::span(done_).first(count)) {
      note(done);
      if (!ending) start(done.tag);
    }
  }
  void note(const io::Done& done) {
    const io::Read& read = reads_[done.tag];
    if (done.result < 0) {
      if (probe_.failure.empty()) {
        probe_.failure = fmt::format("{} at byte {}: {}", read.file->path(), read.offset_bytes,
                                     text_of_errno(static_cast<int>(-done.result)));
      }
      return;
    }
    ++probe_.read_count;
    probe_.read_bytes += static_cast<uint64_t>(done.result);
    latency_.add(done.latency_ns);
  }
  void start(uint64_t tag) {
    const io::File& file = *files_[draws_.below(static_cast<uint32_t>(files_.size()))];
    const uint64_t length = std::min(options_.block_bytes, file.size_bytes());
    const uint64_t place_count = (file.size_bytes() - length) / io::k_target_alignment + 1;
    const auto most = static_cast<uint32_t>(std::min<uint64_t>(place_count, ~uint32_t{0}));
    reads_[tag] = {.file = &file,
                   .offset_bytes = uint64_t{draws_.below(most)} * io::k_target_alignment,
                   .length_bytes = length,
                   .target = arena_.bytes().subspan(tag * slot_bytes_, slot_bytes_),
                   .tag = tag};
    HR_CHECK(ring_->submit({&reads_[tag], 1}) == 1, "in flight {}", ring_->in_flight());
  }
  void describe() {
    const auto direct = [](const auto& file) { return file->direct(); };
    const auto buffered = std::ranges::find_if_not(files_, direct);
    probe_.direct = buffered == files_.end();
    if (!probe_.direct) {
      probe_.why_buffered =
          (*buffered)->latched() ? "a direct read was refused" : (*buffered)->why_not_direct();
    }
    probe_.block_bytes = options_.block_bytes;
    probe_.depth = static_cast<uint32_t>(reads_.size());
    probe_.latency_p50_ns = latency_.percentile_ns(0.5);
    probe_.latency_p99_ns = latency_.percentile_ns(0.99);
    probe_.ring = ring_->info();
    probe_.arena_bytes = arena_.bytes().size();
  }

  const ProbeOptions& options_;
  const uint64_t slot_bytes_;
  memory::Arena arena_;
  std::vector<std::unique_ptr<io::File>> files_;
  std::vector<io::Read> reads_;  // by tag
  std::array<io::Done, 64> done_ = {};
  observe::Histogram latency_;
  Probe probe_;
  std::unique_ptr<io::Ring> ring_;  // ends before the memory that it reads into
  Draws draws_;
};

}  // namespace

Probe run_probe(const SampleFiles& sample, const ProbeOptions& options) {
  return Run(sample, options).result();
}

}  // namespace headrace::doctor
