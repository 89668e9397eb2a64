// The members of a zip archive, by its directory at the end. APPNOTE.TXT of PKWARE, also Zip64.
// Thread safety: pure. Invariants: 1. members lie within the file and say the same of themselves in
// their own header; 2. only stored and deflated ones are taken, none encrypted.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"

namespace headrace::formats {

struct ZipMember {
  std::string name;
  bool is_deflated = false;
  uint32_t crc = 0;           // of the member, unpacked
  uint64_t offset_bytes = 0;  // of its bytes within the file
  uint64_t packed_bytes = 0;
  uint64_t size_bytes = 0;
};

std::expected<std::vector<ZipMember>, ScanFailure> read_zip_directory(const ByteSource& source);

}  // namespace headrace::formats
