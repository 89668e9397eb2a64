// Any bytes as an index: once with the checksums believed wrong, once mended, all records read.
#include <cstring>

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace {

using namespace headrace::formats;

void read_all(std::span<const std::byte> bytes, BodyCheck check) {
  const auto index = Index::over(bytes, check);
  if (!index) return;
  uint64_t sum = 0;
  for (uint64_t i = 0; i < index->sample_count(); ++i) {
    sum += index->holds(i);
    for (const FieldExtent& field : index->fields(i)) sum += field.offset_bytes;
    sum += index->path_at(index->header_offset_bytes(i)).size();
  }
  volatile uint64_t kept = sum;
  (void)kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint64_t> aligned(size / 8 + 1);
  if (size > 0) std::memcpy(aligned.data(), data, size);
  const auto bytes = std::as_writable_bytes(std::span(aligned)).first(size);
  read_all(bytes, BodyCheck::full);
  if (size < 96) return 0;
  std::memcpy(bytes.data(), "HRINDEX\0\2\0\0\0", 12);
  const uint64_t names = headrace::load_le<uint32_t>(bytes.data() + 28) % 64 * 8;
  headrace::store_le(bytes.data() + 28, static_cast<uint32_t>(names));
  if (names > size - 96) return 0;
  headrace::Xxh3Stream hash;
  hash.update(bytes.first(88));
  hash.update(bytes.subspan(96, names));
  headrace::store_le(bytes.data() + 88, hash.digest());
  read_all(bytes, BodyCheck::when_used);
  return 0;
}
