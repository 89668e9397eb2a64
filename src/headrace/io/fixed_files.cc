// Each descriptor has one place where it may be; it gets there after a few uses.
#include "headrace/io/fixed_files.h"

namespace headrace::io {

bool FixedFiles::register_table(::io_uring& ring) {
  if (::io_uring_register_files_sparse(&ring, k_count) != 0) return false;
  entries_.resize(k_count);
  return true;
}

int FixedFiles::index_of(::io_uring& ring, const Piece& piece, bool may_replace) {
  if (entries_.empty()) return -1;
  const auto index = static_cast<uint32_t>(piece.fd_key % k_count);
  Entry& entry = entries_[index];
  if (entry.fd_key == piece.fd_key) {
    entry.misses = 0;
    return static_cast<int>(index);
  }
  const bool vacant = entry.fd_key == 0;
  if (++entry.misses < (vacant ? k_uses_until_fixed : k_uses_until_replaced)) return -1;
  if (!vacant && !may_replace) return -1;
  if (::io_uring_register_files_update(&ring, index, &piece.fd, 1) != 1) {
    entry.misses = 0;
    return -1;
  }
  entry = {.fd_key = piece.fd_key};
  return static_cast<int>(index);
}

}  // namespace headrace::io
