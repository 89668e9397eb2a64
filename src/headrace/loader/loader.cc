// The consumer's side, and the threads' birth and end.
#include "headrace/loader/loader.h"

#include <algorithm>
#include <utility>

#include "headrace/base/clock.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/core.h"
#include "headrace/loader/feeder.h"
#include "headrace/loader/worker.h"
#include "headrace/storage/numa.h"

namespace headrace::loader {
namespace {

void run_feeder(Core& core) {
  try {
    core.profiler.name_this_thread("headrace feeder");
    if (core.options.numa_node) storage::run_on_node(*core.options.numa_node);
    Feeder(core, BatchSource(core.dataset, core.options)).run();
  } catch (const Error& error) {
    core.fail(error);
  } catch (const std::exception& exception) {
    core.fail(Error({.action = "cannot go on reading", .cause = exception.what()}));
  }
}

}  // namespace

Loader::Loader(const pipeline::Plan& plan, const formats::Dataset& dataset, const Options& options)
    : core_(new Core(plan, dataset, options)),
      state_(state_of(options, dataset.fingerprint(), plan.hash)) {
  threads_.emplace_back([this] { run_feeder(*core_); });
  for (uint32_t worker = 0; worker < core_->options.workers; ++worker) {
    threads_.emplace_back([this, worker] { Worker(*core_, worker).run(); });
  }
}

Loader::~Loader() { close(); }
void Loader::LetGo::operator()(Core* core) const { core->let_go(); }

void Loader::close() {
  core_->stopping.store(true, std::memory_order_release);
  core_->feeder_signal.ring();
  core_->batch_signal.ring();
  if (!threads_.empty())
    threads_.front().join();  // first: it pushes to the queue that is closed next
  core_->queue.close();
  threads_.clear();
  for (uint32_t slot = 0; slot < core_->slots.count(); ++slot) core_->trace_life(slot);
}

std::expected<Batch, NoBatch> Loader::next_until(uint64_t deadline_ns) {
  ConsumerStats& stats = core_->stats.consumer;
  if (waiting_since_ns_ == 0) {
    waiting_since_ns_ = steady_now_ns();
    stats.bump(stats.queued_entries_sum, std::min(core_->queue.size(), queue_capacity()));
    stats.bump(stats.ready_batches_sum, ready_batches());
  }
  const auto slot_index = [&] {
    const observe::Scope scope(core_->profiler, core_->consumer_tracer, "wait");
    return core_->wait_for(next_sequence_, deadline_ns);
  }();
  if (!slot_index) return std::unexpected(slot_index.error());
  ++next_sequence_;
  Slot& slot = core_->slots.at(*slot_index);
  Batch batch = core_->lend(*slot_index);
  if (slot.has_failures.load() && core_->options.on_error == pipeline::OnError::fail) {
    core_->fail(core_->error_of(slot));  // and every later next() says the same
    throw core_->error_of(slot);
  }
  state_.epoch = slot.epoch_after;
  state_.position = slot.position_after;
  core_->note_parts(slot);
  stats.note_batch(slot.row_count, steady_now_ns() - std::exchange(waiting_since_ns_, 0));
  return batch;
}

order::State Loader::state() const { return state_; }
const pipeline::Plan& Loader::plan() const { return core_->plan; }
const Stats& Loader::stats() const { return core_->stats; }
const ConsumerStats& Loader::consumer() const { return core_->stats.consumer; }
io::RingInfo Loader::ring_info() const { return core_->ring_info(); }
uint64_t Loader::queued_entries() const { return core_->queue.size(); }
uint64_t Loader::queue_capacity() const { return 4 * uint64_t{core_->options.workers}; }
uint32_t Loader::prefetch_batches() const { return core_->options.prefetch_batches; }
std::vector<Skipped> Loader::skipped() const { return core_->skipped(); }

uint32_t Loader::ready_batches() const {
  uint32_t count = 0;
  for (const auto& finished : core_->finished) {
    if (finished.load(std::memory_order_relaxed) != 0) ++count;
  }
  return count;
}

std::span<std::byte> Loader::batch_memory() const { return core_->slots.arena().bytes(); }

std::span<std::byte> Loader::deferred_memory() const {
  const auto& arena = core_->slots.deferred_arena();
  return arena ? arena->bytes() : std::span<std::byte>();
}

size_t Loader::memory_bytes() const {
  return core_->slots.arena().bytes().size() + deferred_memory().size() +
         core_->buffer.arena().bytes().size() +
         (core_->own_resident ? core_->own_resident->memory_bytes() : 0);
}

}  // namespace headrace::loader
