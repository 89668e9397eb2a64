// Reads by the best host ring into slots, copies by a stream for each slot.
#include "headrace/io/bounce.h"

#include <cerrno>

#include "headrace/io/psync.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_look_ns = 100'000;  // at reads, while copies are under way as well

}  // namespace

std::expected<std::unique_ptr<Ring>, std::string> BounceRing::make(
    const RingOptions& options, const CuFileOptions& cufile,
    std::unique_ptr<shim::CudaDriver> driver) {
  std::unique_ptr<BounceRing> ring(new BounceRing(options, cufile, std::move(driver)));
  for (const Slot& slot : ring->slots_) {
    if (slot.stream == nullptr) return std::unexpected("cuStreamCreate: no stream is to be had");
  }
  return ring;
}

BounceRing::BounceRing(const RingOptions& options, const CuFileOptions& cufile,
                       std::unique_ptr<shim::CudaDriver> driver)
    : QueuedRing(options, {.engine = "bounce"}),
      driver_(std::move(driver)),
      arena_({.size_bytes = cufile.slot_count * cufile.slot_bytes}),
      slots_(cufile.slot_count),
      free_(cufile.slot_count),
      host_(make_ring({.depth = cufile.slot_count, .arena = arena_.bytes()})),
      done_(cufile.slot_count),
      arrivals_(cufile.slot_count) {
  for (uint32_t number = 0; number < slots_.size(); ++number) {
    slots_[number] = {
        .bytes = arena_.bytes().subspan(number * cufile.slot_bytes, cufile.slot_bytes),
        .number = number,
        .arrivals = &arrivals_};
    driver_->stream_create(&slots_[number].stream, 1);
    free_.push(number);
  }
  const RingInfo host = host_->info();
  info_.registered = host.registered;
  info_.registered_bytes = host.registered_bytes;
  info_.why_not_better =
      fmt::format("copies from {} slots that {} fills", slots_.size(), host.engine);
}

BounceRing::~BounceRing() {
  host_.reset();
  for (const Slot& slot : slots_) {
    if (slot.stream == nullptr) continue;
    driver_->stream_synchronize(slot.stream);
    driver_->stream_destroy(slot.stream);
  }
}

void BounceRing::serve(size_t least, uint64_t deadline_ns) {
  while (!pending_.empty() && !free_.empty()) begin(pending_.pop());
  const size_t before = operations_.deliverable();
  const auto may_wait = [&] { return operations_.deliverable() - before < least; };
  if (host_->in_flight() > 0) {
    const uint64_t look_ns = std::min(deadline_ns, steady_now_ns() + k_look_ns);
    const size_t count =
        host_->wait(done_, may_wait() ? 1 : 0, copying_ > 0 ? look_ns : deadline_ns);
    for (const Done& done : std::span(done_).first(count)) copy(slots_[done.tag], done);
  }
  while (copying_ > 0) {
    const bool patient = may_wait() && host_->in_flight() == 0;
    const auto number = arrivals_.next(patient ? deadline_ns : 0);
    if (!number) return;
    --copying_;
    free(slots_[*number]);
  }
}

void BounceRing::begin(uint32_t index) {
  const Piece piece = operations_[index].attempt.next();
  if (piece.action == Action::sync) return take(index, serve_piece(piece));
  if (piece.action == Action::write) return take(index, -ENOTSUP);
  Slot& slot = slots_[free_.pop()];
  slot.index = index;
  const Read read{.file = piece.file,
                  .offset_bytes = piece.offset_bytes,
                  .length_bytes = std::min<uint64_t>(piece.target.size(),
                                                     slot.bytes.size() - k_target_alignment),
                  .target = slot.bytes,
                  .tag = slot.number};
  HR_CHECK(host_->submit({&read, 1}) == 1);
}

void BounceRing::copy(Slot& slot, const Done& done) {
  slot.result = done.result;
  if (done.result <= 0) return free(slot);
  const Piece piece = operations_[slot.index].attempt.next();
  const auto device = reinterpret_cast<unsigned long long>(piece.target.data());
  const auto size = static_cast<size_t>(done.result);
  if (driver_->copy_to_device(device, done.data, size, slot.stream) != 0) {
    slot.result = -EIO;
    return free(slot);
  }
  ++copying_;
  if (driver_->launch_host(slot.stream, copied, &slot) == 0) return;
  driver_->stream_synchronize(slot.stream);
  --copying_;
  free(slot);
}

void BounceRing::copied(void* slot) {
  const auto* one = static_cast<const Slot*>(slot);
  one->arrivals->note(one->number);
}

void BounceRing::free(Slot& slot) {
  free_.push(slot.number);
  take(slot.index, slot.result);
}

}  // namespace headrace::io
