// Setup in fio's order of stepping down: deferred task run first, then cooperative, then what is
// older.
#include "headrace/io/uring_setup.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/unique_fd.h"

namespace headrace::io {
namespace {

constexpr uint32_t k_most_entries = 32768;
constexpr uint64_t k_least_registered_bytes = uint64_t{1} << 20;

struct FlagStep {
  unsigned flags;
  const char* not_granted;
};
constexpr unsigned k_oldest = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
constexpr unsigned k_coop =
    k_oldest | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
constexpr std::array k_steps = {
    // Without TASKRUN_FLAG a deferred ring never shows completions to a peek (liburing 2.3).
    FlagStep{k_coop | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, ""},
    FlagStep{k_coop | IORING_SETUP_SINGLE_ISSUER, "deferred task run (Linux 6.1)"},
    FlagStep{k_coop, "a single issuer (Linux 6.0)"},
    FlagStep{k_oldest, "cooperative task run (Linux 5.19)"},
};

std::string sentence(const char* call, int error_number) {
  const char* cause = "";
  if (error_number == EPERM) {
    cause = " (a seccomp filter, as in containers, or the sysctl kernel.io_uring_disabled)";
  }
  if (error_number == ENOSYS) cause = " (the kernel is older than 5.1 or built without it)";
  if (error_number == ENOMEM) cause = " (locked memory: raise ulimit -l)";
  return fmt::format("{}: {}{}", call, text_of_errno(error_number), cause);
}

int set_up_step(uint32_t depth, const FlagStep& step, UringSetup& setup) {
  io_uring_params params = {};
  params.flags = step.flags;
  params.cq_entries = depth;
  setup.ring = {};
  const int result = ::io_uring_queue_init_params(depth, &setup.ring, &params);
  if (result < 0) return -result;
  setup.depth = std::min(depth, params.sq_entries);
  setup.not_granted = step.not_granted;
  return 0;
}

// Sends what is queued and takes one completion: its result, or -errno of the system call.
int complete_one(::io_uring& ring) {
  io_uring_cqe* entry = nullptr;
  __kernel_timespec patience = {.tv_sec = 5, .tv_nsec = 0};
  const int result = ::io_uring_submit_and_wait_timeout(&ring, &entry, 1, &patience, nullptr);
  if (entry == nullptr) return result < 0 ? result : -ETIME;
  const int value = entry->res;
  ::io_uring_cqe_seen(&ring, entry);
  return value;
}

// Some filters allow the setup and refuse the use: only a completed read proves a ring.
std::string refused_use(::io_uring& ring) {
  ::io_uring_prep_nop(::io_uring_get_sqe(&ring));
  if (const int result = complete_one(ring); result < 0) return sentence("io_uring_enter", -result);
  const UniqueFd fd(::memfd_create("headrace-probe", MFD_CLOEXEC));
  char byte = 7;
  if (!fd || ::write(fd.get(), &byte, 1) != 1) return "";
  byte = 0;
  ::io_uring_prep_read(::io_uring_get_sqe(&ring), fd.get(), &byte, 1, 0);
  const int result = complete_one(ring);
  if (result < 0) return sentence("a read by io_uring", -result);
  return result == 1 && byte == 7 ? "" : "a read by io_uring brought other bytes";
}

}  // namespace

std::expected<UringSetup, std::string> set_up_uring(uint32_t depth) {
  UringSetup setup;
  int error_number = EINVAL;
  for (const FlagStep& step : k_steps) {
    error_number = set_up_step(std::clamp(depth, 1u, k_most_entries), step, setup);
    if (error_number != EINVAL) break;
  }
  if (error_number != 0) return std::unexpected(sentence("io_uring_setup", error_number));
  std::string refusal;
  if ((setup.ring.features & IORING_FEAT_EXT_ARG) == 0) {
    refusal = "io_uring cannot wait with a deadline (the kernel is older than 5.11)";
  } else {
    ::io_uring_register_ring_fd(
        &setup.ring);  // saves a look-up per call; a refusal changes nothing
    ::io_uring_ring_dontfork(&setup.ring);
    refusal = refused_use(setup.ring);
  }
  if (refusal.empty()) return setup;
  ::io_uring_queue_exit(&setup.ring);
  return std::unexpected(refusal);
}

uint64_t register_buffers(::io_uring& ring, std::span<std::byte> arena, int& refusal) {
  refusal = 0;
  std::vector<iovec> buffers;
  for (uint64_t size = arena.size(); size > 0; size /= 2) {
    buffers.clear();
    for (uint64_t offset = 0; offset < size; offset += k_buffer_bytes) {
      buffers.push_back({arena.data() + offset, std::min(size - offset, k_buffer_bytes)});
    }
    const auto count = static_cast<unsigned>(buffers.size());
    const int result = ::io_uring_register_buffers(&ring, buffers.data(), count);
    if (result == 0) return size;
    if (refusal == 0) refusal = -result;
    if (result != -ENOMEM || size / 2 < k_least_registered_bytes) break;
  }
  return 0;
}

}  // namespace headrace::io
