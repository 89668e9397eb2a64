// Setup in fio's order of stepping down: deferred task run first, then cooperative, then what is
// older.
#include "headrace/io/uring_setup.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include "headrace/base/error.h"
#include "headrace/base/unique_fd.h"
#include "headrace/io/ring.h"

namespace headrace::io {
namespace {

constexpr uint32_t k_most_entries = 32768;
constexpr unsigned k_sqpoll_idle_ms = 100;

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

// liburing maps and unmaps a ring's queues by system calls that ThreadSanitizer does not see; to it
// a thread whose ring lies where another's lay would race with that one. An address comes back from
// the kernel only after it was given back, and this says so.
[[maybe_unused]] char queue_memory;
void note_mapped() {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(&queue_memory);
#endif
}
void note_unmapped() {
#ifdef __SANITIZE_THREAD__
  __tsan_release(&queue_memory);
#endif
}

// A submission thread of the kernel's own excludes what the submitting thread would do.
unsigned flags_of(const FlagStep& step, const UringWish& wish) {
  unsigned flags = step.flags;
  if (wish.sqpoll) {
    flags &= ~(IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
    flags |= IORING_SETUP_SQPOLL;
  }
  return wish.iopoll_on != nullptr ? flags | IORING_SETUP_IOPOLL : flags;
}

int set_up_step(const UringWish& wish, const FlagStep& step, UringSetup& setup) {
  const uint32_t depth = std::clamp(wish.depth, 1u, k_most_entries);
  io_uring_params params = {};
  params.flags = flags_of(step, wish);
  params.cq_entries = 2 * depth;  // each operation, and a request to cancel it
  params.sq_thread_idle = k_sqpoll_idle_ms;
  setup.ring = {};
  const int result = ::io_uring_queue_init_params(depth, &setup.ring, &params);
  if (result < 0) return -result;
  note_mapped();
  setup.depth = std::min(depth, params.sq_entries);
  setup.sqpoll = wish.sqpoll;
  setup.iopoll = wish.iopoll_on != nullptr;
  if (step.not_granted[0] != 0)
    setup.not_granted = fmt::format("the kernel lacks {}", step.not_granted);
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

// A polled ring reads direct files only, and a device without queues for polling says so only now.
std::string refused_poll(::io_uring& ring, const File& file) {
  if (!file.direct()) return "polling needs direct I/O: " + file.why_not_direct();
  const std::unique_ptr<void, decltype(&std::free)> block(
      std::aligned_alloc(k_target_alignment, k_target_alignment), std::free);
  ::io_uring_prep_read(::io_uring_get_sqe(&ring), file.fd_direct(), block.get(), k_target_alignment,
                       0);
  const int result = complete_one(ring);
  if (result >= 0) return "";
  return fmt::format(
      "a polled read of {}: {} (the device needs queues for polling, as the module "
      "option nvme.poll_queues gives)",
      file.path(), text_of_errno(-result));
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

std::string refused(const UringWish& wish, UringSetup& setup) {
  if ((setup.ring.features & IORING_FEAT_EXT_ARG) == 0) {
    return "io_uring cannot wait with a deadline (the kernel is older than 5.11)";
  }
  ::io_uring_register_ring_fd(&setup.ring);  // saves a look-up per call; a refusal changes nothing
  ::io_uring_ring_dontfork(&setup.ring);
  return setup.iopoll ? refused_poll(setup.ring, *wish.iopoll_on) : refused_use(setup.ring);
}

std::expected<UringSetup, std::string> set_up_exactly(const UringWish& wish) {
  UringSetup setup;
  int error_number = EINVAL;
  for (const FlagStep& step : k_steps) {
    error_number = set_up_step(wish, step, setup);
    if (error_number != EINVAL) break;
  }
  if (error_number != 0) return std::unexpected(sentence("io_uring_setup", error_number));
  const std::string refusal = refused(wish, setup);
  if (refusal.empty()) return setup;
  tear_down_uring(setup.ring);
  return std::unexpected(refusal);
}

}  // namespace

void tear_down_uring(::io_uring& ring) {
  note_unmapped();
  ::io_uring_queue_exit(&ring);
}

std::expected<UringSetup, std::string> set_up_uring(const UringWish& wish) {
  auto setup = set_up_exactly(wish);
  if (setup || (!wish.sqpoll && wish.iopoll_on == nullptr)) return setup;
  UringWish less = wish;
  if (wish.iopoll_on != nullptr) {
    less.iopoll_on = nullptr;
  } else {
    less.sqpoll = false;
  }
  auto plainer = set_up_uring(less);
  if (!plainer) return plainer;
  const std::string why =
      fmt::format("without {}: {}", wish.iopoll_on ? "iopoll" : "sqpoll", setup.error());
  plainer->not_granted += plainer->not_granted.empty() ? why : "; " + why;
  return plainer;
}

}  // namespace headrace::io
