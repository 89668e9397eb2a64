// Registering with cuFile, and taking it back.
#include "headrace/io/cufile_files.h"

#include <fcntl.h>

#include <cerrno>

namespace headrace::io {

CuFileFiles::CuFileFiles(const shim::CuFile& library, std::span<std::byte> arena)
    : library_(library), arena_(arena) {
  registered_ =
      !arena.empty() && library_.buffer_register(arena.data(), arena.size(), 0).error == 0;
}

CuFileFiles::~CuFileFiles() {
  for (auto& [key, entry] : entries_) library_.handle_deregister(entry.handle);
  if (registered_) library_.buffer_deregister(arena_.data());
}

std::expected<shim::CuHandle, int> CuFileFiles::acquire(const Piece& piece) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(piece.fd_key); found != entries_.end()) {
    ++found->second.uses;
    return found->second.handle;
  }
  if (entries_.size() >= k_most_idle) forget_idle();
  Entry entry{.fd = UniqueFd(::fcntl(piece.fd, F_DUPFD_CLOEXEC, 0)), .uses = 1};
  if (!entry.fd) return std::unexpected(errno);
  shim::CuDescriptor descriptor{
      .type = shim::k_cu_descriptor, .file = {.fd = entry.fd.get()}, .operations = nullptr};
  if (library_.handle_register(&entry.handle, &descriptor).error != 0) {
    return std::unexpected(ENOTSUP);  // this file system, or no O_DIRECT and no compatibility mode
  }
  const shim::CuHandle handle = entry.handle;
  entries_.emplace(piece.fd_key, std::move(entry));
  return handle;
}

void CuFileFiles::release(const Piece& piece) {
  const std::lock_guard lock(mutex_);
  --entries_.at(piece.fd_key).uses;
}

void CuFileFiles::forget_idle() {
  std::erase_if(entries_, [this](auto& one) {
    if (one.second.uses > 0) return false;
    library_.handle_deregister(one.second.handle);
    return true;
  });
}

CuPlace CuFileFiles::place_of(std::span<const std::byte> target) const {
  auto* at = const_cast<std::byte*>(target.data());
  const bool inside =
      registered_ && at >= arena_.data() && at + target.size() <= arena_.data() + arena_.size();
  if (!inside) return {.base = at};
  return {.base = arena_.data(), .offset_bytes = at - arena_.data()};
}

}  // namespace headrace::io
