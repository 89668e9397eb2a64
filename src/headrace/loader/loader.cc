// The consumer's side, and the threads' birth and end.
#include "headrace/loader/loader.h"

#include <algorithm>
#include <utility>

#include "headrace/base/clock.h"
#include "headrace/base/endian.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/core.h"
#include "headrace/loader/feeder.h"
#include "headrace/loader/worker.h"
#include "headrace/storage/numa.h"

namespace headrace::loader {
namespace {

void bump(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

void run_feeder(Core& core) {
  try {
    if (core.options.numa_node) storage::run_on_node(*core.options.numa_node);
    Feeder(core, BatchSource(core.dataset, core.options)).run();
  } catch (const Error& error) {
    core.fail(error);
  } catch (const std::exception& exception) {
    core.fail(Error({.action = "cannot go on reading", .cause = exception.what()}));
  }
}

// Rows; their offsets and the end; or what the last offset says.
uint64_t leading_length(const Slot& slot, const pipeline::Plan& plan,
                        const pipeline::FieldPlan& field) {
  if (!field.moves_together()) return slot.row_count + uint64_t{field.becomes_offsets};
  const pipeline::FieldPlan& offsets = plan.fields[field.lengths_field];
  const size_t at = offsets.slot_offset_bytes + slot.row_count * offsets.row_bytes;
  return load_le<uint64_t>(slot.bytes.data() + at);
}

}  // namespace

Batch::Batch(Batch&& other) noexcept
    : core_(std::exchange(other.core_, nullptr)), slot_index_(other.slot_index_) {}

Batch& Batch::operator=(Batch&& other) noexcept {
  std::swap(core_, other.core_);
  std::swap(slot_index_, other.slot_index_);
  return *this;
}

Batch::~Batch() {
  if (core_ == nullptr) return;
  core_->slots.end_lease(slot_index_);
  core_->feeder_signal.ring();
  core_->let_go();
}

uint64_t Batch::sequence() const { return core_->slots.at(slot_index_).sequence; }
uint64_t Batch::epoch() const { return core_->slots.at(slot_index_).epoch; }
uint32_t Batch::row_count() const { return core_->slots.at(slot_index_).row_count; }
std::span<const uint64_t> Batch::ids() const {
  const Slot& slot = core_->slots.at(slot_index_);
  return std::span(slot.ids).first(slot.row_count);
}
std::span<const std::byte> Batch::bytes() const { return core_->slots.at(slot_index_).bytes; }
size_t Batch::tensor_count() const { return core_->plan.fields.size(); }

Tensor Batch::tensor(size_t index) const {
  const pipeline::FieldPlan& field = core_->plan.fields.at(index);
  const Slot& slot = core_->slots.at(slot_index_);
  const uint64_t leading = leading_length(slot, core_->plan, field);
  const uint64_t step_bytes =
      field.moves_together() ? field.row_bytes / field.spec.shape[0] : field.row_bytes;
  return {.name = field.name,
          .type = field.spec.type,
          .shape = field.tensor_shape(leading),
          .bytes = slot.bytes.subspan(field.slot_offset_bytes, leading * step_bytes)};
}

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
}

std::optional<Batch> Loader::next() {
  auto batch = next_until(k_for_ever);
  if (!batch) return std::nullopt;
  return std::move(*batch);
}

std::expected<Batch, NoBatch> Loader::next_until(uint64_t deadline_ns) {
  ConsumerStats& stats = core_->stats.consumer;
  if (waiting_since_ns_ == 0) {
    waiting_since_ns_ = steady_now_ns();
    bump(stats.queued_entries_sum, std::min(core_->queue.size(), queue_capacity()));
    bump(stats.ready_batches_sum, ready_batches());
  }
  const auto slot_index = core_->wait_for(next_sequence_, deadline_ns);
  if (!slot_index) return std::unexpected(slot_index.error());
  ++next_sequence_;
  Slot& slot = core_->slots.at(*slot_index);
  core_->slots.note_leased();
  core_->share();
  Batch batch(core_.get(), *slot_index);
  if (slot.has_failures.load() && core_->options.on_error == pipeline::OnError::fail) {
    core_->fail(core_->error_of(slot));  // and every later next() says the same
    throw core_->error_of(slot);
  }
  state_.epoch = slot.epoch_after;
  state_.position = slot.position_after;
  const uint64_t wait_ns = steady_now_ns() - std::exchange(waiting_since_ns_, 0);
  bump(stats.batch_count, 1);
  bump(stats.sample_count, slot.row_count);
  core_->note_parts(slot);
  bump(stats.wait_ns, wait_ns);
  stats.wait_latency_ns.add(wait_ns);
  return batch;
}

order::State Loader::state() const { return state_; }
const Stats& Loader::stats() const { return core_->stats; }
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

size_t Loader::memory_bytes() const {
  return core_->slots.arena().bytes().size() + core_->buffer.arena().bytes().size() +
         (core_->own_resident ? core_->own_resident->memory_bytes() : 0);
}

}  // namespace headrace::loader
