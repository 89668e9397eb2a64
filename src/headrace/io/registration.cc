// A ring of its own holds the registration: one that reads is bound to its thread, and the kernel
// lets no other thread clone from it.
#include "headrace/io/registration.h"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/io/uring_setup.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_least_registered_bytes = uint64_t{1} << 20;
constexpr unsigned k_clone_buffers = 30;  // IORING_REGISTER_CLONE_BUFFERS; older headers lack it

struct CloneBuffers {  // io_uring_clone_buffers
  uint32_t source_fd;
  uint32_t flags;
  uint32_t source_offset;
  uint32_t target_offset;
  uint32_t count;  // 0 = all
  uint32_t pad[3];
};

}  // namespace

std::expected<std::unique_ptr<Registration>, std::string> Registration::make(
    std::span<std::byte> arena) {
  std::unique_ptr<Registration> made(new Registration);
  const int result = ::io_uring_queue_init(1, &made->ring_, 0);
  if (result < 0) {
    made->ring_.ring_fd = -1;
    return std::unexpected("io_uring_setup: " + text_of_errno(-result));
  }
  ::io_uring_ring_dontfork(&made->ring_);
  int refusal = 0;
  made->bytes_ = arena.first(register_buffers(made->ring_, arena, refusal));
  if (!made->bytes_.empty()) return made;
  return std::unexpected("registering buffers: " + text_of_errno(refusal));
}

Registration::~Registration() {
  if (ring_.ring_fd >= 0) tear_down_uring(ring_);
}

int Registration::clone_to(::io_uring& ring) const {
  CloneBuffers clone = {.source_fd = static_cast<uint32_t>(ring_.ring_fd)};
  const int result =
      ::io_uring_register(static_cast<unsigned>(ring.ring_fd), k_clone_buffers, &clone, 1);
  return result < 0 ? -result : 0;
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
