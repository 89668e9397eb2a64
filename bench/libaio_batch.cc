// The system calls themselves: the library of the same name adds nothing to them.
#include "libaio_batch.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sys/syscall.h>

#include <cerrno>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/files.h"
#include "headrace/memory/arena.h"
#include "headrace/order/permutation.h"

namespace headrace::bench {
namespace {

class Context {
 public:
  explicit Context(uint32_t depth) {
    if (::syscall(SYS_io_setup, depth, &context_) != 0) throw_errno(errno, "cannot set up", "AIO");
  }
  Context(Context&&) = delete;
  ~Context() { ::syscall(SYS_io_destroy, context_); }
  void submit(std::vector<iocb*>& requests) const {
    for (size_t sent = 0; sent < requests.size();) {
      const long count =
          ::syscall(SYS_io_submit, context_, requests.size() - sent, requests.data() + sent);
      if (count <= 0) throw_errno(count < 0 ? errno : EAGAIN, "cannot submit", "AIO");
      sent += static_cast<size_t>(count);
    }
  }
  void wait_for(std::vector<io_event>& events) const {
    const auto count = static_cast<long>(events.size());
    if (::syscall(SYS_io_getevents, context_, count, count, events.data(), nullptr) != count) {
      throw_errno(errno, "cannot wait for", "AIO");
    }
  }

 private:
  aio_context_t context_ = 0;
};

iocb request_of(int fd, std::span<std::byte> target, uint64_t offset_bytes) {
  iocb request = {};
  request.aio_lio_opcode = IOCB_CMD_PREAD;
  request.aio_fildes = static_cast<uint32_t>(fd);
  request.aio_buf = reinterpret_cast<uintptr_t>(target.data());
  request.aio_nbytes = target.size();
  request.aio_offset = static_cast<int64_t>(offset_bytes);
  return request;
}

}  // namespace

Sample read_by_libaio(const LibaioOptions& options) {
  const auto fd = real_files().open(options.path, O_RDONLY | (options.direct ? O_DIRECT : 0));
  if (!fd) throw_errno(fd.error(), "cannot open", options.path);
  const uint64_t blocks = real_files().stat(fd->get())->size_bytes / options.block_bytes;
  const order::Permutation order(blocks, options.seed);
  const memory::Arena arena({.size_bytes = options.batch * options.block_bytes});
  const Context context(options.batch);
  (void)::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_DONTNEED);
  std::vector<iocb> requests(options.batch);
  std::vector<iocb*> pointers(options.batch);
  std::vector<io_event> events(options.batch);
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  uint64_t position = 0;
  for (; position + options.batch <= blocks && now_s() - begin_s < options.seconds;
       position += options.batch) {
    for (uint32_t index = 0; index < options.batch; ++index) {
      const auto target = arena.bytes().subspan(index * options.block_bytes, options.block_bytes);
      requests[index] =
          request_of(fd->get(), target, order.at(position + index) * options.block_bytes);
      pointers[index] = &requests[index];
    }
    context.submit(pointers);
    context.wait_for(events);
    for (const io_event& event : events) {
      if (event.res == static_cast<int64_t>(options.block_bytes)) continue;
      throw_errno(event.res < 0 ? static_cast<int>(-event.res) : EIO, "cannot read", options.path);
    }
  }
  return {.items = static_cast<double>(position * options.block_bytes),
          .wall_s = now_s() - begin_s,
          .cpu_s = process_cpu_s() - begin_cpu_s};
}

}  // namespace headrace::bench
