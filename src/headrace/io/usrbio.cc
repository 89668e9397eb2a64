// Preparing, submitting and reaping, with the library's own conventions for errors.
#include "headrace/io/usrbio.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "headrace/base/error.h"
#include "headrace/io/psync.h"

namespace headrace::io {
namespace {

// The library waits by the clock on the wall, and wakes each millisecond by itself.
timespec wall_time_of(uint64_t deadline_ns) {
  constexpr uint64_t k_longest_ns = 1'000'000'000;
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t steady_ns = steady_now_ns();
  const uint64_t left_ns = std::min(deadline_ns - std::min(deadline_ns, steady_ns), k_longest_ns);
  const uint64_t at_ns = static_cast<uint64_t>(now.tv_nsec) + left_ns;
  return {.tv_sec = now.tv_sec + static_cast<time_t>(at_ns / 1'000'000'000),
          .tv_nsec = static_cast<long>(at_ns % 1'000'000'000)};
}

}  // namespace

std::expected<std::unique_ptr<UsrbioRing>, std::string> UsrbioRing::make(
    const RingOptions& options, const UsrbioOptions& usrbio) {
  auto library = shim::Hf3fs::open(usrbio.library);
  if (!library) return std::unexpected(library.error());
  std::unique_ptr<UsrbioRing> ring(new UsrbioRing(options, usrbio, std::move(*library)));
  std::string refused = ring->create(usrbio);
  if (!refused.empty()) return std::unexpected(std::move(refused));
  return ring;
}

UsrbioRing::UsrbioRing(const RingOptions& options, const UsrbioOptions& usrbio,
                       std::unique_ptr<shim::Hf3fs> library)
    : QueuedRing(options, {.engine = "usrbio"}),
      library_(std::move(library)),
      slot_bytes_(usrbio.slot_bytes),
      pieces_(options.depth),
      completions_(options.depth) {}

std::string UsrbioRing::create(const UsrbioOptions& usrbio) {
  const uint64_t slots_bytes = info_.depth * slot_bytes_;
  const uint64_t size_bytes = slots_bytes + usrbio.memory_bytes;
  const char* mount = usrbio.mount.c_str();
  if (const int result = library_->iov_create(&iov_, mount, size_bytes, 0, -1); result != 0) {
    return fmt::format("hf3fs_iovcreate on {}: {} (is 3FS mounted there?)", mount,
                       text_of_errno(std::abs(result)));
  }
  has_iov_ = true;
  const auto entries = static_cast<int>(info_.depth);
  if (const int result = library_->ior_create(&ior_, mount, entries, true, 0, 0, -1, 0);
      result != 0) {
    return fmt::format("hf3fs_iorcreate4 on {}: {}", mount, text_of_errno(std::abs(result)));
  }
  has_ior_ = true;
  auto* base = reinterpret_cast<std::byte*>(iov_.base);
  slots_ = {base, slots_bytes};
  memory_ = {base + slots_bytes, usrbio.memory_bytes};
  info_.registered = true;
  info_.registered_bytes = size_bytes;
  return "";
}

UsrbioRing::~UsrbioRing() {
  while (under_way_ > 0) reap(1, k_no_deadline);  // the daemon writes until it says that it is done
  for (const auto& [key, file] : files_) library_->deregister_fd(file.fd.get());
  if (has_ior_) library_->ior_destroy(&ior_);
  if (has_iov_) library_->iov_destroy(&iov_);
}

void UsrbioRing::serve(size_t least, uint64_t deadline_ns) {
  bool any = false;
  while (!pending_.empty()) {
    const uint32_t index = pending_.pop();
    if (!begin(index)) {
      pending_.push(index);  // the library's ring is full for now
      break;
    }
    any = true;
  }
  if (any && under_way_ > 0) {
    const int result = library_->submit(&ior_);
    if (result < 0) throw_errno(-result, "cannot go on with", "hf3fs_submit_ios");
  }
  if (under_way_ > 0) reap(least, deadline_ns);
}

// False when there is no room for it.
bool UsrbioRing::begin(uint32_t index) {
  const Piece piece = operations_[index].attempt.next();
  if (piece.action != Action::read) {
    take(index, serve_piece(piece));
    return true;
  }
  const auto file = registered(piece);
  if (!file) {
    take(index, -int64_t{file.error()});
    return true;
  }
  const bool shared = piece.target.data() >= memory_.data() &&
                      piece.target.data() + piece.target.size() <= memory_.data() + memory_.size();
  std::byte* at = shared ? piece.target.data() : slots_.data() + index * slot_bytes_;
  const uint64_t size =
      std::min<uint64_t>(piece.target.size(), shared ? ~uint64_t{0} : slot_bytes_);
  const int result =
      library_->prepare(&ior_, &iov_, true, at, (*file)->fd.get(), piece.offset_bytes, size,
                        reinterpret_cast<const void*>(uintptr_t{index} + 1));
  if (result == -EAGAIN && under_way_ > 0) return false;
  if (result < 0) {
    take(index, result);
    return true;
  }
  ++(*file)->uses;
  pieces_[index] = piece;
  ++under_way_;
  return true;
}

void UsrbioRing::reap(size_t least, uint64_t deadline_ns) {
  const timespec until = wall_time_of(least == 0 ? 0 : deadline_ns);
  const int wanted = static_cast<int>(std::min(least, under_way_));
  const int count =
      library_->wait(&ior_, completions_.data(), static_cast<int>(under_way_), wanted, &until);
  if (count < 0) throw_errno(-count, "cannot go on with", "hf3fs_wait_for_ios");
  for (const shim::Hf3fsCqe& one : std::span(completions_).first(static_cast<size_t>(count))) {
    end(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(one.userdata) - 1), one.result);
  }
}

void UsrbioRing::end(uint32_t index, int64_t raw) {
  HR_CHECK(index < pieces_.size() && under_way_ > 0, "index {}", index);
  const Piece& piece = pieces_[index];
  const std::byte* slot = slots_.data() + index * slot_bytes_;
  const bool shared = piece.target.data() >= memory_.data() &&
                      piece.target.data() < memory_.data() + memory_.size();
  if (raw > 0 && !shared) std::memcpy(piece.target.data(), slot, static_cast<size_t>(raw));
  --files_.at(piece.fd_key).uses;
  --under_way_;
  take(index, raw);
}

std::expected<UsrbioRing::Registered*, int> UsrbioRing::registered(const Piece& piece) {
  if (const auto found = files_.find(piece.fd_key); found != files_.end()) return &found->second;
  if (files_.size() >= k_most_idle) {
    std::erase_if(files_, [this](const auto& one) {
      if (one.second.uses > 0) return false;
      library_->deregister_fd(one.second.fd.get());
      return true;
    });
  }
  Registered made{.fd = UniqueFd(::fcntl(piece.fd, F_DUPFD_CLOEXEC, 0))};
  if (!made.fd) return std::unexpected(errno);
  const int result = library_->register_fd(made.fd.get(), 0);
  if (result > 0) return std::unexpected(result);
  return &files_.emplace(piece.fd_key, std::move(made)).first->second;
}

}  // namespace headrace::io
