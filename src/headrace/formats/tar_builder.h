// For tests: archives in memory, also malformed ones, and their place on disk.
// Thread safety: values.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar.h"

namespace headrace::formats {

class TarBuilder {
 public:
  TarBuilder() = default;
  TarBuilder(TarBuilder&&) = delete;  // its writer has its address
  TarBuilder& add(std::string_view name, std::string_view data) {
    writer_.append(name, bytes_of(data));
    return *this;
  }
  // A member whose header is taken as it is: any type, any name, any claimed size.
  TarBuilder& add_raw(std::string_view name, std::string_view data, char type,
                      uint64_t claimed_bytes) {
    append(make_tar_header(name, claimed_bytes, type));
    append(bytes_of(data));
    archive_.resize(padded_to_blocks(archive_.size()), '\0');
    return *this;
  }
  TarBuilder& add_raw(std::string_view name, std::string_view data, char type = '0') {
    return add_raw(name, data, type, data.size());
  }
  std::string finished() {
    writer_.finish();
    return archive_;
  }
  const std::string& unfinished() const { return archive_; }

 private:
  void append(std::span<const std::byte> bytes) {
    archive_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  std::string archive_;
  TarWriter writer_{[this](std::span<const std::byte> bytes) { append(bytes); }};
};

}  // namespace headrace::formats
