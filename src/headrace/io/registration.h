// An arena's buffers registered once with io_uring, for any number of rings to take over: locked
// memory is charged once, and the kernel pins the pages once (IORING_REGISTER_CLONE_BUFFERS, Linux
// 6.12). Thread safety: const after make(). Invariant: it outlives no arena; rings may outlive it.
#pragma once

#include <liburing.h>

#include <expected>
#include <memory>
#include <span>
#include <string>

namespace headrace::io {

class Registration {
 public:
  // The error is one sentence: what was refused.
  static std::expected<std::unique_ptr<Registration>, std::string> make(std::span<std::byte> arena);
  ~Registration();
  Registration(Registration&&) = delete;

  std::span<std::byte> bytes() const { return bytes_; }  // as much as could be registered
  // Gives `ring` the same buffers: 0, or an errno.
  int clone_to(::io_uring& ring) const;

 private:
  Registration() = default;

  ::io_uring ring_ = {};  // holds the registration, and is never used to read
  std::span<std::byte> bytes_;
};

// How many bytes from the start of `arena` were registered as fixed buffers of k_buffer_bytes each,
// the last one shorter. When the whole is refused, halves are tried down to one mebibyte; `refusal`
// gets the first errno.
inline constexpr uint64_t k_buffer_bytes = uint64_t{1} << 30;
uint64_t register_buffers(::io_uring& ring, std::span<std::byte> arena, int& refusal);

}  // namespace headrace::io
