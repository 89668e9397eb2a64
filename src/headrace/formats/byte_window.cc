// A step behind the window's end moves it there whole; what it held is read anew, never moved.
#include "headrace/formats/byte_window.h"

#include <algorithm>

namespace headrace::formats {

std::expected<std::span<const std::byte>, ScanFailure> ByteWindow::at(uint64_t offset_bytes,
                                                                      uint64_t size_bytes) {
  if (offset_bytes > source_.size_bytes || size_bytes > source_.size_bytes - offset_bytes) {
    return std::unexpected(ScanFailure{fmt::format("{} bytes are wanted there, but the file has {}",
                                                   size_bytes, source_.size_bytes),
                                       offset_bytes});
  }
  const bool here =
      offset_bytes >= begin_bytes_ && offset_bytes + size_bytes <= begin_bytes_ + filled_bytes_;
  if (!here) {
    const uint64_t wanted = std::max(size_bytes, window_bytes_);
    const uint64_t count = std::min(wanted, source_.size_bytes - offset_bytes);
    if (bytes_.size() < count) bytes_.resize(count);
    filled_bytes_ = 0;
    if (auto read = read_fully(source_, std::span(bytes_).first(count), offset_bytes); !read) {
      return std::unexpected(read.error());
    }
    begin_bytes_ = offset_bytes;
    filled_bytes_ = count;
  }
  return std::span<const std::byte>(bytes_).subspan(offset_bytes - begin_bytes_, size_bytes);
}

}  // namespace headrace::formats
